"""Histograms of oriented gradients (Dalal and Triggs 2005) over a garment's box: seams, plackets, lapels, waistbands, folds.

Folded at the middle of the box, so that a picture and its mirror image give the same numbers.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.records import Matte, Picture

SIDE = 64  #: pixels, to which the box is stretched
CELLS = 8
DIRECTIONS = 9  #: of half a turn, a dark-to-light edge counting like a light-to-dark one
FLOOR = 0.05  #: of the whole box's strength: cells with fainter gradients than that fade to nothing


def gradients(rgb: Picture, matte: Matte) -> NDArray[np.float64]:
    """(2 * 288,) root-normalised histograms: of the picture inside the matte, and of the matte. The matte is not empty."""
    solid = matte > 0.5
    ys, xs = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    box = slice(ys[0], ys[-1] + 1), slice(xs[0], xs[-1] + 1)
    picture = cv2.resize(rgb[box], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(matte[box].astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    lightness = cv2.cvtColor(picture.astype(np.float32) / 255.0, cv2.COLOR_RGB2LAB)[..., 0]
    inside = cv2.erode(alpha, np.ones((3, 3), np.uint8))
    return np.concatenate([
        _histograms(cv2.GaussianBlur(lightness, (0, 0), 0.8), inside),
        _histograms(100.0 * cv2.GaussianBlur(alpha, (0, 0), 1.0), np.ones_like(alpha)),
    ])  # fmt: skip


def _histograms(picture: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float64]:
    """(CELLS * CELLS / 2 * DIRECTIONS,) histograms of a (SIDE, SIDE) picture, left and right half averaged."""
    dx = cv2.Sobel(picture, cv2.CV_32F, 1, 0) * weight
    dy = cv2.Sobel(picture, cv2.CV_32F, 0, 1) * weight
    strength = np.hypot(dx, dy).astype(np.float64)
    direction = np.arctan2(dy, dx).astype(np.float64) % np.pi / np.pi * DIRECTIONS
    lower = np.floor(direction)
    share = direction - lower
    y, x = np.mgrid[:SIDE, :SIDE] * CELLS // SIDE
    bins = [((y * CELLS + x) * DIRECTIONS + (lower.astype(int) + step) % DIRECTIONS).ravel() for step in (0, 1)]
    size = CELLS * CELLS * DIRECTIONS
    cells = np.bincount(bins[0], (strength * (1 - share)).ravel(), size)
    cells += np.bincount(bins[1], (strength * share).ravel(), size)
    cells = cells.reshape(CELLS, CELLS, DIRECTIONS)
    mirrored = cells[:, ::-1][..., -np.arange(DIRECTIONS) % DIRECTIONS]  # an angle a becomes half a turn less a
    folded = ((cells + mirrored) / 2)[:, : CELLS // 2]
    norm = np.linalg.norm(folded, axis=2, keepdims=True) + FLOOR * np.linalg.norm(folded) + 1e-6
    return np.asarray(np.sqrt(folded / norm).ravel())
