"""The bit of onnxruntime that the small nets here need, and the square crop that feeds them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.errors import BackendUnavailable
from fashion_gen.records import Picture, Points

_ERRORS_ONLY = 3


class OnnxNet:
    """A net with one input, on the CPU. Calling it returns its outputs by name."""

    def __init__(self, path: Path) -> None:
        try:
            import onnxruntime
        except ModuleNotFoundError as exc:
            raise BackendUnavailable(f"{path.name} needs the package onnxruntime: pip install onnxruntime.") from exc
        options = onnxruntime.SessionOptions()
        options.log_severity_level = _ERRORS_ONLY
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        self._outputs = [output.name for output in self._session.get_outputs()]

    def __call__(self, batch: NDArray[Any]) -> dict[str, NDArray[np.float32]]:
        return dict(zip(self._outputs, self._session.run(None, {self._input: batch}), strict=True))


class Crop:
    """A square cut from a picture, perhaps turned, and the way back from its pixels to the picture's."""

    def __init__(self, centre: Points, radius: float, size: int, *, turn: float = 0.0) -> None:
        """`turn`: radians, clockwise on the screen, by which the square's own "up" is turned from the picture's."""
        scale = size / (2 * radius)
        cos, sin = scale * np.cos(turn), scale * np.sin(turn)
        linear = np.array([[cos, sin], [-sin, cos]])
        self.size = size
        self.scale = scale
        self.matrix = np.column_stack([linear, size / 2 - linear @ centre])

    @classmethod
    def whole(cls, rgb: Picture, size: int) -> Crop:
        """The smallest square around the whole picture."""
        height, width = rgb.shape[:2]
        return cls(np.array([width, height]) / 2, max(height, width) / 2, size)

    def cut(self, rgb: Picture, *, fill: int = 0) -> Picture:
        """(size, size, 3): the square, `fill` where the picture ends."""
        flags = cv2.INTER_AREA if self.scale < 1 else cv2.INTER_LINEAR
        border = (fill, fill, fill)
        return np.asarray(cv2.warpAffine(rgb, self.matrix, (self.size, self.size), flags=flags, borderValue=border))

    def back(self, points: Points) -> Points:
        """(N, 2) pixels of the square to pixels of the picture."""
        return np.asarray((points - self.matrix[:, 2]) @ np.linalg.inv(self.matrix[:, :2]).T)
