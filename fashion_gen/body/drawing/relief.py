"""Folds, creases and stitches, and what shows under skin: heights over a smooth sweep, seen as a change of its normals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Ridge:
    """A ridge along a line, its section a bell; of negative height, a hollow."""

    start: tuple[float, float]  #: x, y in pixels
    end: tuple[float, float]
    height: float  #: cm
    wide: float  #: pixels from the crest to where a third of the height is left


def swell(seen: Seen, ridges: Sequence[Ridge], *parts: int) -> None:
    """Bend the normals of these parts of `seen` by ridges, in place."""
    skin = seen.of(*parts)
    if not skin.any():
        return
    height = np.zeros(skin.shape, np.float32)
    for ridge in ridges:
        _raise(height, ridge)
    _bend(seen.normal, height, np.zeros_like(seen.piece), skin, np.float32(seen.scale))


def _raise(height: Floats, ridge: Ridge) -> None:
    """Add the ridge to `height`, cm, in place: also beside the skin, where a step would be a crease."""
    start, end = (np.array(point, np.float32) for point in (ridge.start, ridge.end))
    low = np.maximum(np.floor(np.minimum(start, end) - 3 * ridge.wide), 0).astype(int)
    high = np.ceil(np.maximum(start, end) + 3 * ridge.wide).astype(int)
    window = height[low[1] : max(high[1], low[1]), low[0] : max(high[0], low[0])]
    y, x = np.mgrid[: window.shape[0], : window.shape[1]].astype(np.float32) + 0.5
    x, y, along = x + low[0] - start[0], y + low[1] - start[1], end - start
    share = np.clip((x * along[0] + y * along[1]) / max(float(along @ along), 1e-6), 0, 1)
    away = np.hypot(x - share * along[0], y - share * along[1])
    window += ridge.height * np.exp(-((away / ridge.wide) ** 2))


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
