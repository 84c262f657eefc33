"""Finding faces with YuNet (Wu et al., Machine Intelligence Research 2023) through OpenCV."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import cv2
import numpy as np

from fashion_gen.errors import BackendUnavailable
from fashion_gen.pose.weights import YUNET_2023, YUNET_DYNAMIC, Weight, locate
from fashion_gen.records import Picture, Points

_LONG_SIDE = 640  # what the nets were trained at; larger pictures hide large faces from them


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face, in pixels of the picture."""

    box: tuple[float, float, float, float]  #: x, y, width, height
    landmarks: Points  #: (5, 2): right eye, left eye, nose tip, right and left corner of the mouth (the wearer's)
    score: float


class FaceDetector:
    """`weights`: a folder that holds one of the two YuNet files."""

    name = "yunet"

    def __init__(self, weights: Path, *, threshold: float = 0.7) -> None:
        if not hasattr(cv2, "FaceDetectorYN"):
            raise BackendUnavailable("This OpenCV has no FaceDetectorYN: pip install 'opencv-python-headless>=4.10'.")
        path = locate(_present(weights), weights)
        level = cv2.utils.logging.getLogLevel()
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)  # OpenCV 5 warns about its own default target
        # OpenCV's nets keep their buffers between calls, and the studio inspects two looks at once.
        self._lock = Lock()
        self._net = cv2.FaceDetectorYN.create(str(path), "", (_LONG_SIDE, _LONG_SIDE), threshold)
        cv2.utils.logging.setLogLevel(level)

    def detect(self, rgb: Picture) -> tuple[Face, ...]:
        """Return the faces in an (H, W, 3) uint8 RGB picture, the surest first."""
        scale = _LONG_SIDE / max(rgb.shape[:2])
        interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=interpolation)
        with self._lock:
            self._net.setInputSize((small.shape[1], small.shape[0]))
            _, rows = self._net.detect(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
        faces = [] if rows is None else [_face(row.astype(np.float64), scale) for row in rows]
        return tuple(sorted(faces, key=lambda face: -face.score))


def _present(folder: Path) -> Weight:
    return YUNET_DYNAMIC if (folder / YUNET_DYNAMIC.file).is_file() else YUNET_2023


def _face(row: Points, scale: float) -> Face:
    x, y, width, height = (float(v) for v in row[:4] / scale)
    return Face((x, y, width, height), row[4:14].reshape(5, 2) / scale, float(row[14]))
