"""BlazePose in ONNX: a person detector, then 33 landmarks of each person (Bazarevsky et al., arXiv 2006.10204)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fashion_gen.pose.estimator import DetectedPose, PoseEstimator
from fashion_gen.pose.onnx_net import Crop, OnnxNet
from fashion_gen.pose.weights import BLAZEPOSE_DETECTION, BLAZEPOSE_LANDMARK, locate
from fashion_gen.records import Picture, Points

_DETECT = 128
_LANDMARK = 256
_GREY = 127
_PERSON = 0.5  # least score of a detection, and least presence that the landmark net reports
_SAME = 0.5  # two detections whose hip centres are nearer than this part of the larger circle are one person
_WIDER = 1.25  # MediaPipe's enlargement of the detected circle

# BlazePose index of every OpenPose-18 keypoint; the neck has none.
_FROM_33 = (0, -1, 12, 14, 16, 11, 13, 15, 24, 26, 28, 23, 25, 27, 5, 2, 8, 7)


def _anchors() -> Points:
    """(896, 2) centres in [0, 1]: two per cell of the 16 x 16 grid, six per cell of the 8 x 8 one."""
    grids = []
    for cells, copies in ((16, 2), (8, 6)):
        y, x = np.mgrid[:cells, :cells]
        grids.append(np.repeat(np.column_stack([x.ravel(), y.ravel()]) + 0.5, copies, axis=0) / cells)
    return np.concatenate(grids)


class BlazePose(PoseEstimator):
    """Sees several people, as long as their hips are not in the same place."""

    name = "blazepose"

    def __init__(self, weights: Path) -> None:
        self._detector = OnnxNet(locate(BLAZEPOSE_DETECTION, weights))
        self._landmarker = OnnxNet(locate(BLAZEPOSE_LANDMARK, weights))
        self._anchors = _anchors()

    def estimate(self, rgb: Picture) -> tuple[DetectedPose, ...]:
        poses = (self._landmarks(rgb, crop) for crop in self._people(rgb))
        return tuple(sorted((p for p in poses if p.score >= _PERSON), key=lambda p: -p.score))

    def _people(self, rgb: Picture) -> list[Crop]:
        """One upright square per person found, the surest first."""
        whole = Crop.whole(rgb, _DETECT)
        out = self._detector(whole.cut(rgb)[None].astype(np.float32) / 127.5 - 1)
        score = _sigmoid(out["classificators"][0, :, 0])
        ends = out["regressors"][0, :, 4:8].reshape(-1, 2, 2) / _DETECT + self._anchors[:, None]
        circles: list[tuple[Points, Points, float]] = []
        for i in np.argsort(-score)[: int((score >= _PERSON).sum())]:
            hips, rim = whole.back(ends[i] * _DETECT)
            radius = float(np.hypot(*(rim - hips)))
            if all(np.hypot(*(hips - other)) > _SAME * max(radius, size) for other, _, size in circles):
                circles.append((hips, rim, radius))
        return [_upright(hips, rim, radius) for hips, rim, radius in circles]

    def _landmarks(self, rgb: Picture, crop: Crop) -> DetectedPose:
        out = self._landmarker(crop.cut(rgb, fill=_GREY)[None].astype(np.float32) / 255)
        landmarks = out["Identity"].reshape(39, 5)[list(_FROM_33)].astype(np.float64)
        points = np.column_stack([crop.back(landmarks[:, :2]), _sigmoid(landmarks[:, 3])])
        # The net also guesses joints that the picture does not show.
        outside = ((points[:, :2] < 0) | (points[:, :2] > rgb.shape[1::-1])).any(axis=1)
        points[outside, 2] = 0.0
        points[1] = (*points[[2, 5], :2].mean(axis=0), points[[2, 5], 2].min())
        return DetectedPose(points, float(out["Identity_1"].item()))


def _upright(hips: Points, rim: Points, radius: float) -> Crop:
    """The square around the circle, turned so that the way from the hips to its rim points up."""
    right, down = rim - hips
    return Crop(hips, radius * _WIDER, _LANDMARK, turn=float(np.arctan2(right, -down)))


def _sigmoid(logits: NDArray[np.floating]) -> Points:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits.astype(np.float64), -50, 50))))
