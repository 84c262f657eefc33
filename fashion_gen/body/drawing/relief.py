"""Folds, creases and stitches: heights over the smooth sweep of a cloth, seen as a change of its normals."""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from fashion_gen.body.drawing.noise import fold
from fashion_gen.body.drawing.seen import Seen
from fashion_gen.body.drawing.sewing import paint_buttons, sewn_height
from fashion_gen.body.parts import Part

Floats = NDArray[np.float32]

CLOTH = (int(Part.TOP_CLOTH), int(Part.BOTTOM_CLOTH))
#: No fold is steeper than this.
_STEEPEST = 1.1


def crease(seen: Seen, seed: int = 0) -> None:
    """Bend the normals of the cloth of `seen` by folds that hang on `seed`, and paint its buttons; in place."""
    cloth = seen.of(*CLOTH)
    if not cloth.any():
        return
    height = np.zeros(cloth.shape, np.float32)
    height[cloth] = _heights(seen.local[cloth], seen.folds[cloth], seen.piece[cloth] + np.int32(31 * (seed % 4096)))
    height = cv2.GaussianBlur(height, (0, 0), max(0.6, 0.12 * seen.scale))
    height[cloth] += sewn_height(seen, cloth)
    _bend(seen.normal, height, seen.piece, cloth, np.float32(seen.scale))
    paint = seen.paint[cloth]
    paint_buttons(seen, cloth, paint)
    seen.paint[cloth] = paint


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _heights(local: Floats, folds: Floats, piece: NDArray[np.int32]) -> Floats:
    out = np.empty(len(local), np.float32)
    for n in range(len(local)):
        drape, wrinkle = folds[n, 0], folds[n, 1]
        out[n] = fold(local[n, 0], local[n, 1], local[n, 2], drape, wrinkle, int(piece[n]))
    return out


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _bend(normal: Floats, height: Floats, piece: NDArray[np.int32], cloth: NDArray[np.bool_], scale: float) -> None:
    """Tilt `normal` against the slope of `height`, cm; not over the border of a piece."""
    rows, columns = cloth.shape
    for y in range(1, rows - 1):
        for x in range(1, columns - 1):
            if not cloth[y, x]:
                continue
            k = piece[y, x]
            gx = gy = 0.0
            if piece[y, x - 1] == k and piece[y, x + 1] == k:
                gx = (height[y, x + 1] - height[y, x - 1]) * 0.5 * scale
            if piece[y - 1, x] == k and piece[y + 1, x] == k:
                gy = (height[y + 1, x] - height[y - 1, x]) * 0.5 * scale
            gx, gy = min(max(gx, -_STEEPEST), _STEEPEST), min(max(gy, -_STEEPEST), _STEEPEST)
            nx, ny, nz = normal[y, x, 0] - gx, normal[y, x, 1] + gy, normal[y, x, 2]
            length = np.sqrt(nx * nx + ny * ny + nz * nz) + 1e-6
            normal[y, x, 0], normal[y, x, 1], normal[y, x, 2] = nx / length, ny / length, nz / length
