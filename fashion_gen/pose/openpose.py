"""The original OpenPose body net, as the package controlnet_aux carries it. For non-commercial use only.

Its source says so ("licensed by CMU for non-commercial use only"), though the wheel's licence file does not; hence nobody
gets it without asking. Install with `pip install --no-deps controlnet_aux`.
"""

from __future__ import annotations

import sys
import warnings
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np

from fashion_gen.errors import BackendUnavailable, LicenceRefused
from fashion_gen.pose.estimator import DetectedPose, PoseEstimator
from fashion_gen.records import Picture

WEIGHTS = "body_pose_model.pth"
_HEIGHT = 512  # the net itself works at 184 rows; finer pictures only make its clean-up slow


class OpenPose(PoseEstimator):
    """`weights`: a folder with body_pose_model.pth (huggingface.co/lllyasviel/ControlNet, annotator/ckpts)."""

    name = "openpose"

    def __init__(self, weights: Path, *, allow_noncommercial: bool = False) -> None:
        if not allow_noncommercial:
            raise LicenceRefused(
                "OpenPose is for non-commercial use only: take rtmpose, or allow non-commercial weights."
            )
        path = weights / WEIGHTS
        if not path.is_file():
            raise BackendUnavailable(f"Put {WEIGHTS} from huggingface.co/lllyasviel/ControlNet into {weights}.")
        self._body = _import_body().Body(str(path))

    def estimate(self, rgb: Picture) -> tuple[DetectedPose, ...]:
        scale = min(1.0, _HEIGHT / rgb.shape[0])
        small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        candidates, people = self._body(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
        poses = (_pose(body, scale) for body in self._body.format_body_result(candidates, people))
        return tuple(sorted(poses, key=lambda p: -p.score))


def _pose(body: Any, scale: float) -> DetectedPose:
    rows = [(0.0, 0.0, 0.0) if k is None else (k.x / scale, k.y / scale, min(k.score, 1.0)) for k in body.keypoints]
    return DetectedPose(np.array(rows, np.float64), float(np.clip(body.total_score / body.total_parts, 0, 1)))


def _import_body() -> Any:
    """Import controlnet_aux.open_pose.body without running the package's own __init__.

    That one imports all of its annotators and with them torchvision, timm and mediapipe, each of which fails on some
    ordinary machine (pytorch/vision#9085; mediapipe 1.x has no `solutions`); the body net needs none of them. The empty
    packages that stand in for it are taken away again, so that whoever wants the whole package can import it.
    """
    spec = find_spec("controlnet_aux")
    if spec is None or spec.origin is None:
        raise BackendUnavailable("OpenPose needs controlnet_aux: pip install --no-deps controlnet_aux.")
    root = Path(spec.origin).parent
    before = {name: module for name, module in sys.modules.items() if name.startswith("controlnet_aux")}
    for name in before:
        del sys.modules[name]
    try:
        for name, folder in (("controlnet_aux", root), ("controlnet_aux.open_pose", root / "open_pose")):
            sys.modules[name] = ModuleType(name)
            sys.modules[name].__path__ = [str(folder)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # it imports scipy.ndimage.filters
            import_module("controlnet_aux.open_pose.util")  # first: it and body import each other
            return import_module("controlnet_aux.open_pose.body")
    except ModuleNotFoundError as exc:
        raise BackendUnavailable(f"OpenPose needs the package {exc.name}: pip install {exc.name}.") from exc
    finally:
        for name in [name for name in sys.modules if name.startswith("controlnet_aux")]:
            del sys.modules[name]
        sys.modules.update(before)
