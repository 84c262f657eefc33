"""How hair begins at its line: single hairs, rooted unevenly and leaning as they grow, then fuller, out of the skin."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

#: Rows of hairs that lie over one another: cm from hair to hair in each.
_ROWS = (0.13, 0.21, 0.34)
#: Where the first and the last hairs are rooted, in shares of grown() (hairline.py).
_FIRST, _LAST = -0.22, 0.62


def rooting(along: Floats, share: Floats, *, pixel: float, single: float = 0.55) -> Floats:
    """Return (N,) in [0, 1] how much of the skin is hidden by hair.

    `along` (N,) runs with the hairline, cm; `share` (N,) across it, 0 on the line and 1 where hair is full. Hairs that are
    thinner than a `pixel`, cm, are drawn by how much of it they cover. `single` is how much those before the rest hide.
    """
    wander = 0.10 * _noise(along / 0.9, 5) + 0.07 * _noise(along / 0.33, 6)
    full = np.clip((share + wander - 0.12) / 0.75, 0, 1)
    bare = 1 - full * full * (3 - 2 * full)
    for row, apart in enumerate(_ROWS):
        bare = bare * (1 - single * _hairs(along, share + wander, apart, row, pixel))
    return np.asarray(1 - bare * np.clip((1 - share) / 0.25, 0, 1))


def stubble(x: Floats, y: Floats, pixel: float) -> Floats:
    """(N,) -1 to 1, uneven from hair to hair, or from pixel to pixel where those are larger."""
    apart = max(1.2 * pixel, 0.07)
    row = np.floor(y / apart)
    return np.asarray(2 * _luck(np.floor(x / apart + 0.5 * row) + 7.31 * row, 3) - 1)


def _hairs(along: Floats, share: Floats, apart: float, row: int, pixel: float) -> Floats:
    """(N,) the cover of one row: each hair has its own root, lean and strength."""
    lean = 0.55 * _noise(along / 0.8, 11 + row) + 0.35 * _noise(along / 2.5, 21 + row)
    at = (along + lean * share) / apart
    hair = np.floor(at)
    luck = [_luck(hair, 31 + 3 * row + k) for k in range(3)]
    off = np.abs(at - hair - 0.3 - 0.4 * luck[0])
    root = _FIRST + (_LAST - _FIRST) * np.sqrt(luck[1])
    # A hair is thin where it leaves the skin.
    grown = np.clip((share - root) / 0.35, 0, 1)
    wide = 0.10 + 0.18 * grown
    line = np.clip((wide + 0.12 - off) / 0.24, 0, 1) * (0.4 + 0.6 * luck[2])
    # Finer than the pixels, hairs are as even as their number grows.
    coarse = np.clip(pixel / apart - 0.25, 0, 0.75) / 0.75
    even = 0.35 * np.clip((share - _FIRST - 0.15) / (_LAST - _FIRST), 0, 1) ** 2
    return np.asarray(grown * line * (1 - coarse) + even * coarse)


def _luck(number: Floats, salt: int) -> Floats:
    """(N,) from 0 to 1, the same for the same whole number."""
    return np.asarray(np.modf(np.abs(np.sin(number * 12.9898 + salt * 78.233) * 43758.5453))[0])


def _noise(at: Floats, salt: int) -> Floats:
    """(N,) -1 to 1, smooth, without a period."""
    low = np.floor(at)
    t = at - low
    t = t * t * (3 - 2 * t)
    return np.asarray(2 * (_luck(low, salt) * (1 - t) + _luck(low + 1, salt) * t) - 1)
