"""Pose estimators by name, and which of them a machine can run."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from fashion_gen.errors import LicenceRefused
from fashion_gen.pose.estimator import PoseEstimator
from fashion_gen.pose.weights import BLAZEPOSE_DETECTION, BLAZEPOSE_LANDMARK, MOVENET
from fashion_gen.registry import resolve

#: Best first.
KNOWN = {
    "rtmpose": "fashion_gen.pose.rtmpose:RtmPose",
    "blazepose": "fashion_gen.pose.blazepose:BlazePose",
    "movenet": "fashion_gen.pose.movenet:MoveNet",
    "openpose": "fashion_gen.pose.openpose:OpenPose",
}

NONCOMMERCIAL = frozenset({"openpose"})

# name -> (packages, file patterns) that must be there
_NEEDS = {
    "rtmpose": (("rtmlib", "onnxruntime"), ("rtmpose*.onnx",)),
    "blazepose": (("onnxruntime",), (BLAZEPOSE_DETECTION.file, BLAZEPOSE_LANDMARK.file)),
    "movenet": (("onnxruntime",), (MOVENET.file,)),
    "openpose": (("controlnet_aux", "torch"), ("body_pose_model.pth",)),
}


def installed(folder: Path, *, allow_noncommercial: bool = False) -> tuple[str, ...]:
    """Names of the estimators whose packages are installed and whose weight files lie in `folder`, best first.

    Weights that may not be used commercially are left out unless allowed. Nothing is imported or opened.
    """
    return tuple(
        name
        for name in KNOWN
        if (allow_noncommercial or name not in NONCOMMERCIAL)
        and all(find_spec(package) is not None for package in _NEEDS[name][0])
        and all(any(folder.glob(pattern)) for pattern in _NEEDS[name][1])
    )


def open_estimator(name: str, weights: Path, *, allow_noncommercial: bool = False) -> PoseEstimator:
    """Open the estimator called `name` with the weight files of the folder `weights`.

    Raises:
        NotFound: there is no estimator of that name.
        LicenceRefused: it is for non-commercial use only and that was not allowed.
        BackendUnavailable: a package or a weight file is missing.
        WeightsUntrusted: a weight file is not the pinned one.
    """
    backend = resolve("pose estimator", name, KNOWN)
    if name not in NONCOMMERCIAL:
        estimator: PoseEstimator = backend(weights)
    elif allow_noncommercial:
        estimator = backend(weights, allow_noncommercial=True)
    else:
        raise LicenceRefused(
            f'The pose estimator "{name}" is for non-commercial use only: take one of {_commercial()}.'
        )
    return estimator


def _commercial() -> str:
    return ", ".join(name for name in KNOWN if name not in NONCOMMERCIAL)
