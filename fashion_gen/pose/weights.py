"""The weight files that pose and face detection may use, and the check that a file is the one we mean."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from fashion_gen.errors import BackendUnavailable, WeightsUntrusted


@dataclass(frozen=True, slots=True)
class Weight:
    """A file of trained numbers: where it comes from and what may be done with it."""

    file: str
    sha256: str
    licence: str
    source: str


_MEDIAPIPE = "github.com/google/mediapipe"

MOVENET = Weight(
    "movenet_lightning.onnx",
    "db57e513292b706d182c93fd624ba2e185c99e84b06e9e19e92621dd98005687",
    "Apache-2.0",
    "github.com/google-coral/test_data movenet_single_pose_lightning_ptq.tflite, converted by tf2onnx",
)
BLAZEPOSE_DETECTION = Weight(
    "blazepose_detection_128.onnx",
    "e86588786df0398810b51971a95160d1c0ff87a4f95e3ef5462f555a026565f7",
    "Apache-2.0",
    f"{_MEDIAPIPE} modules/pose_detection/pose_detection.tflite at 2b58ccee, converted by tf2onnx",
)
BLAZEPOSE_LANDMARK = Weight(
    "blazepose_landmark_lite.onnx",
    "0fa114ff77e91692f16b6303bac309e2f19e0bee750761996289394fc55b03cf",
    "Apache-2.0",
    f"{_MEDIAPIPE} modules/pose_landmark/pose_landmark_lite.tflite at d4bb35fe, converted by tf2onnx",
)
YUNET_DYNAMIC = Weight(
    "yunet_n_dynamic.onnx",
    "104ee26c71d5c270ce79a6b3dced91c91013260d29a6bf18f9296c5b8c4c2b12",
    "Apache-2.0",
    "github.com/ShiqiYu/libfacedetection.train onnx/yunet_n_dynamic.onnx",
)
YUNET_2023 = Weight(
    "yunet_2023mar.onnx",
    "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
    "MIT",
    "github.com/opencv/opencv_zoo models/face_detection_yunet/face_detection_yunet_2023mar.onnx",
)


def locate(weight: Weight, folder: Path) -> Path:
    """Return the path of `weight` in `folder`, its bytes checked.

    Raises:
        BackendUnavailable: the file is not there.
        WeightsUntrusted: it is another file of that name.
    """
    path = folder / weight.file
    if not path.is_file():
        raise BackendUnavailable(f"Put {weight.file} into {folder}; it comes from {weight.source} ({weight.licence}).")
    if hashlib.sha256(path.read_bytes()).hexdigest() != weight.sha256:
        raise WeightsUntrusted(f"{path} is not the pinned file (SHA-256 {weight.sha256}): get it from {weight.source}.")
    return path
