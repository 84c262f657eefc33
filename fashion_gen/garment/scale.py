"""Bringing pictures, mattes and masks down to a working size."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray


def at_most(array: NDArray[Any], long_side: int) -> NDArray[Any]:
    """(H, W[, C]) shrunk so that its long side is at most `long_side` pixels; smaller ones come back as they are."""
    return scaled(array, min(1.0, long_side / max(array.shape[:2])))


def scaled(array: NDArray[Any], factor: float) -> NDArray[Any]:
    """(H, W[, C]) resized by a factor: areas averaged when shrinking, linear when growing."""
    if factor == 1.0:
        return array
    height, width = array.shape[:2]
    size = max(2, round(width * factor)), max(2, round(height * factor))
    return np.asarray(cv2.resize(array, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR))
