"""Gradient noise in three dimensions (Perlin, Improving Noise, 2002), for folds, strands and cloth."""

from __future__ import annotations

import math

from numba import njit


@njit(cache=True, inline="always")
def _hash(x, y, z, seed):  # type: ignore[no-untyped-def]
    h = (x * 374761393 + y * 668265263 + z * 2147483647 + seed * 1274126177) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 1274126177) & 0xFFFFFFFF
    return (h ^ (h >> 16)) & 15


@njit(cache=True, inline="always")
def _slope(h, x, y, z):  # type: ignore[no-untyped-def]
    u = x if h < 8 else y
    v = y if h < 4 else (x if h == 12 or h == 14 else z)
    return (u if h & 1 == 0 else -u) + (v if h & 2 == 0 else -v)


@njit(cache=True)
def perlin(x, y, z, seed):  # type: ignore[no-untyped-def]
    """About -1..1, one feature per unit."""
    fx, fy, fz = math.floor(x), math.floor(y), math.floor(z)
    i, j, k = int(fx), int(fy), int(fz)
    x, y, z = x - fx, y - fy, z - fz
    u = x * x * x * (x * (x * 6 - 15) + 10)
    v = y * y * y * (y * (y * 6 - 15) + 10)
    w = z * z * z * (z * (z * 6 - 15) + 10)
    a = _slope(_hash(i, j, k, seed), x, y, z)
    b = _slope(_hash(i + 1, j, k, seed), x - 1, y, z)
    c = _slope(_hash(i, j + 1, k, seed), x, y - 1, z)
    d = _slope(_hash(i + 1, j + 1, k, seed), x - 1, y - 1, z)
    e = _slope(_hash(i, j, k + 1, seed), x, y, z - 1)
    f = _slope(_hash(i + 1, j, k + 1, seed), x - 1, y, z - 1)
    g = _slope(_hash(i, j + 1, k + 1, seed), x, y - 1, z - 1)
    h = _slope(_hash(i + 1, j + 1, k + 1, seed), x - 1, y - 1, z - 1)
    a += u * (b - a)
    c += u * (d - c)
    e += u * (f - e)
    g += u * (h - g)
    a += v * (c - a)
    e += v * (g - e)
    return a + w * (e - a)


@njit(cache=True)
def ridge(x, y, z, seed):  # type: ignore[no-untyped-def]
    """0..1 with rounded crests: cloth folds rather than hills."""
    n = perlin(x, y, z, seed)
    return 1.0 - math.sqrt(n * n + 0.01)


@njit(cache=True)
def fold(x, y, z, drape, wrinkle, seed):  # type: ignore[no-untyped-def]
    """Height in cm of draped cloth: long folds along y, finer creases across it, each with its own strength."""
    wx = 2.2 * perlin(x * 0.05, y * 0.04, z * 0.05, seed + 7)
    h = drape * (ridge((x + wx) * 0.10, y * 0.020, z * 0.10, seed) - 0.7)
    h += 0.45 * drape * perlin((x - wx) * 0.19, y * 0.045, z * 0.19, seed + 1)
    wy = 2.5 * perlin(x * 0.09, y * 0.06, z * 0.09, seed + 8)
    h += wrinkle * (ridge(x * 0.06, (y + wy + 0.4 * x) * 0.16, z * 0.06, seed + 2) - 0.7)
    h += 0.5 * wrinkle * perlin(x * 0.13, (y + wy - 0.5 * x) * 0.28, z * 0.13, seed + 3)
    return h
