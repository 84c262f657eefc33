"""MoveNet Lightning in ONNX: 17 COCO keypoints of one person, about 10 ms on one core."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fashion_gen.pose.estimator import DetectedPose, PoseEstimator, from_coco
from fashion_gen.pose.onnx_net import Crop, OnnxNet
from fashion_gen.pose.weights import MOVENET, locate
from fashion_gen.records import Picture, Points

_SIZE = 192
_SEEN = 0.2  # MoveNet's own scores are low; the authors draw from 0.2 up
_FEWEST = 5
_PERSON = 0.4  # least mean score of the joints seen; a shirt lying flat reaches 0.35
_MARGIN = 0.65  # half the square of the second pass, in units of the person's longer side: 15 % around


class MoveNet(PoseEstimator):
    """Looks twice: once at the whole picture, then closer at the person that the first look found."""

    name = "movenet"
    counts_people = False

    def __init__(self, weights: Path) -> None:
        self._net = OnnxNet(locate(MOVENET, weights))

    def estimate(self, rgb: Picture) -> tuple[DetectedPose, ...]:
        points = self._look(rgb, Crop.whole(rgb, _SIZE))
        seen = points[points[:, 2] > _SEEN, :2]
        if len(seen) < _FEWEST:
            return ()
        low, high = seen.min(axis=0), seen.max(axis=0)
        points = self._look(rgb, Crop((low + high) / 2, _MARGIN * float((high - low).max()), _SIZE))
        scores = points[points[:, 2] > _SEEN, 2]
        if len(scores) < _FEWEST or scores.mean() < _PERSON:
            return ()
        return (DetectedPose(from_coco(points), float(scores.mean())),)

    def _look(self, rgb: Picture, crop: Crop) -> Points:
        """(17, 3) x, y in pixels of the picture and score."""
        (found,) = self._net(crop.cut(rgb)[None]).values()
        y, x, score = found.reshape(17, 3).T.astype(np.float64)
        return np.column_stack([crop.back(np.column_stack([x, y]) * _SIZE), score])
