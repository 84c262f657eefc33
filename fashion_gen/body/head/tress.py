"""What makes strands a head of hair: they gather in locks of their own tone, end unevenly, and a few stray from the outline."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from fashion_gen.body.head.scalp import Roots
from fashion_gen.body.lofts import Array, unit
from fashion_gen.body.solids import Colour

#: How far the tone of grown hair swings from lock to lock and from strand to strand, by how light it is: black hair is even,
#: grey hair is a mix of white and dark hairs, white hair is even again.
_LIGHTNESS = (0.05, 0.20, 0.50, 0.80)
_OF_LOCKS, _OF_STRANDS = (0.14, 0.14, 0.13, 0.06), (0.16, 0.12, 0.15, 0.08)


def gathered(roots: Roots, count: int) -> NDArray[np.intp]:
    """(N,) the lock, 0 to `count` - 1, to which each strand belongs: strands of a lock grow side by side."""
    return _nearest(roots.place.tobytes(), len(roots.place), count)


@cache
def _nearest(place: bytes, roots: int, count: int) -> NDArray[np.intp]:
    places = np.frombuffer(place).reshape(roots, 3)
    heads = places[np.random.default_rng(41).permutation(roots)[:count]]
    found: NDArray[Any] = cKDTree(heads).query(places)[1]
    return found.astype(np.intp)


def drawn_together(points: Array, lock: NDArray[np.intp], amount: Array, *, after: float = 0.15) -> Array:
    """Strands (N, S, 3) that close up to the middle of their lock on the way to their tips, by `amount` (N,) in [0, 1]."""
    count = int(lock.max()) + 1
    total = np.zeros((count, *points.shape[1:]))
    np.add.at(total, lock, points)
    middle = total / np.maximum(np.bincount(lock, minlength=count), 1)[:, None, None]
    t = np.clip((np.linspace(0, 1, points.shape[1]) - after) / (1 - after), 0, 1)
    share = amount[:, None, None] * (t * (2 - t))[None, :, None]
    return np.asarray(points + share * (middle[lock] - points))


def shades(colour: Colour, lock: NDArray[np.intp], luck: Array) -> Array:
    """(N, 3) the colours of strands: each lock has its tone, and within it each strand; `luck` (2, N) from 0 to 1."""
    light = float(np.mean(colour))
    of_locks, of_strands = (float(np.interp(light, _LIGHTNESS, swing)) for swing in (_OF_LOCKS, _OF_STRANDS))
    tone = np.random.default_rng(lock.size).permutation(np.linspace(-1, 1, int(lock.max()) + 1))[lock]
    factor = 1 + of_locks * tone + of_strands * (2 * luck[0] - 1)
    # What the sun has bleached is yellower, what grew late is redder; hair without colour has no warmth to vary.
    warm = (max(colour) - min(colour)) * 0.22 * (2 * luck[1] - 1)
    tint = 1 + warm[:, None] * np.array([0.4, 0.1, -1.0])
    return np.asarray(np.clip(np.asarray(colour) * factor[:, None] * tint, 0, 1))


def ending_at(points: Array, height: Array) -> Array:
    """Strands (N, S, 3) that end where they first come below `height` (N,), with as many points as before."""
    steps = points.shape[1]
    below = points[..., 1] < height[:, None]
    first = np.where(below.any(axis=1), below.argmax(axis=1), steps - 1)
    first = np.maximum(first, 1)
    rows = np.arange(len(points))
    upper, lower = points[rows, first - 1, 1], points[rows, first, 1]
    part = np.clip((upper - height) / np.maximum(upper - lower, 1e-6), 0.05, 1)
    stop = np.where(below.any(axis=1), first - 1 + part, steps - 1)
    at = np.linspace(0, 1, steps)[None, :] * stop[:, None]
    low = np.minimum(at.astype(int), steps - 2)
    share = (at - low)[..., None]
    return np.asarray(points[rows[:, None], low] * (1 - share) + points[rows[:, None], low + 1] * share)


def strayed(points: Array, middle: Array, reach: Array, phase: Array) -> Array:
    """Copies of strands (N, S, 3) that stand off the rest by up to `reach` (N,) cm and wander, away from `middle` (3,)."""
    t = np.linspace(0, 1, points.shape[1])
    away = unit((points - middle) * [1, 0.6, 0.6])
    off = reach[:, None] * (0.35 * np.sin(np.pi * t) + 0.65 * t**1.5) * (1 + 0.3 * np.sin(7 * t + phase[:, None]))
    return np.asarray(points + off[..., None] * away)
