"""RTMPose through rtmlib (Jiang et al., arXiv 2303.07399): the strongest detector here; Apache-2.0 code and weights.

Install with `pip install --no-deps rtmlib`: its declared dependencies pull in two OpenCV wheels that overwrite ours.
"""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from fashion_gen.errors import BackendUnavailable
from fashion_gen.pose.estimator import DetectedPose, PoseEstimator, from_coco
from fashion_gen.records import Picture

_PERSON = 0.3  # RTMPose scores are not probabilities; clear joints have 0.6 and more


class RtmPose(PoseEstimator):
    """A YOLOX person detector and an RTMPose body net, both ONNX, as the RTMPose authors publish them.

    `weights`: a folder with `rtmpose*.onnx` (17 body keypoints) and, if several people are to be told apart,
    `yolox*.onnx`. Without the latter the whole picture is taken for one person.
    """

    name = "rtmpose"

    def __init__(self, weights: Path) -> None:
        try:
            import rtmlib
        except ModuleNotFoundError as exc:
            raise BackendUnavailable("RTMPose needs rtmlib and tqdm: pip install --no-deps rtmlib tqdm.") from exc
        body, people = find(weights, "rtmpose"), find(weights, "yolox")
        if body is None:
            raise BackendUnavailable(f"Put an rtmpose*.onnx body model (github.com/open-mmlab/mmpose) into {weights}.")
        height, width = _input_size(body)
        self._body = _quietly(rtmlib.RTMPose, str(body), model_input_size=(width, height))
        self._people = people and _quietly(rtmlib.YOLOX, str(people), model_input_size=_input_size(people))
        self.counts_people = self._people is not None

    def estimate(self, rgb: Picture) -> tuple[DetectedPose, ...]:
        bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
        boxes = self._people(bgr) if self._people else [[0, 0, bgr.shape[1], bgr.shape[0]]]
        if len(boxes) == 0:
            return ()
        points, scores = self._body(bgr, bboxes=boxes)
        found = np.concatenate([points, np.clip(scores, 0, 1)[..., None]], axis=2)
        poses = (DetectedPose(from_coco(person), float(person[:, 2].mean())) for person in found)
        return tuple(sorted((p for p in poses if p.score >= _PERSON), key=lambda p: -p.score))


def find(folder: Path, stem: str) -> Path | None:
    """The first file `stem*.onnx` in the folder, by name."""
    return next(iter(sorted(folder.glob(f"{stem}*.onnx"))), None)


def _input_size(path: Path) -> tuple[int, int]:
    """(height, width) that the net takes; 640 x 640 where the file leaves it open."""
    import onnxruntime

    shape = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]).get_inputs()[0].shape
    height, width = (side if isinstance(side, int) else 640 for side in shape[2:4])
    return height, width


def _quietly(tool: Any, *args: Any, **kwargs: Any) -> Any:
    """rtmlib prints when it loads a model, which would spoil `--json` output."""
    with contextlib.redirect_stdout(io.StringIO()):
        return tool(*args, backend="onnxruntime", device="cpu", **kwargs)
