"""Drawn garments with known parts, for the tests of the garment room."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.records import Photo, Picture

T_SHIRT = (
    (70, 30), (130, 30), (165, 55), (150, 85), (138, 78), (138, 180), (62, 180), (62, 78),
    (50, 85), (35, 55),
)  # fmt: skip
LONG_SLEEVE = (
    (75, 25), (125, 25), (150, 35), (170, 185), (152, 188), (137, 80), (137, 175), (63, 175),
    (63, 80), (48, 188), (30, 185), (50, 35),
)  # fmt: skip
TANK = (
    (72, 20), (84, 20), (92, 50), (108, 50), (116, 20), (128, 20), (126, 50), (140, 75),
    (138, 180), (62, 180), (60, 75), (74, 50),
)  # fmt: skip
DRESS = (
    (78, 15), (88, 15), (94, 35), (106, 35), (112, 15), (122, 15), (122, 45), (128, 60),
    (120, 85), (160, 190), (40, 190), (80, 85), (72, 60), (78, 45),
)  # fmt: skip
HOODIE = (
    (88, 10), (112, 10), (122, 45), (150, 55), (172, 185), (154, 188), (138, 100), (138, 180),
    (62, 180), (62, 100), (46, 188), (28, 185), (50, 55), (78, 45),
)  # fmt: skip
TROUSERS = (
    (70, 15), (130, 15), (140, 190), (112, 190), (100, 70), (88, 190), (60, 190),
)  # fmt: skip
STRAIGHT_LEGS_TOGETHER = (
    (70, 15), (130, 15), (132, 190), (68, 190),
)  # fmt: skip
SKIRT = (
    (75, 30), (125, 30), (150, 170), (50, 170),
)  # fmt: skip
JUMPSUIT = (
    (75, 10), (125, 10), (148, 18), (155, 60), (140, 62), (133, 40), (130, 95), (135, 195),
    (108, 195), (100, 110), (92, 195), (65, 195), (70, 95), (67, 40), (60, 62), (45, 60),
    (52, 18),
)  # fmt: skip

Shape = tuple[tuple[int, int], ...]


def matte_of(shape: Shape, size: int = 200) -> NDArray[np.float32]:
    """(size, size) float32 matte of a shape drawn on a 200 x 200 grid."""
    canvas = np.zeros((size, size), np.uint8)
    cv2.fillPoly(canvas, [np.rint(np.array(shape) * size / 200).astype(np.int32)], 255, lineType=cv2.LINE_AA)
    return canvas.astype(np.float32) / 255.0


def picture_of(
    shape: Shape,
    *,
    size: int = 400,
    cloth: tuple[int, int, int] = (40, 60, 130),
    ground: tuple[int, int, int] = (225, 222, 215),
    noise: float = 2.0,
) -> Picture:
    """(size, size, 3) the shape in one colour on another, with sensor noise."""
    matte = matte_of(shape, size)[..., None]
    clean = np.array(cloth) * matte + np.array(ground) * (1 - matte)
    grain = np.random.default_rng(3).normal(0, noise, clean.shape)
    return np.clip(clean + grain, 0, 255).astype(np.uint8)


def photo_of(rgb: Picture, alpha: NDArray[np.float32] | None = None) -> Photo:
    """A photo with these pixels."""
    return Photo("test", rgb, alpha, "0" * 64)


def overlap(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Intersection over union of two mattes at one half."""
    return float(((a > 0.5) & (b > 0.5)).sum() / max(1, ((a > 0.5) | (b > 0.5)).sum()))
