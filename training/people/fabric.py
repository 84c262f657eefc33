"""Patterns of cloth, per pixel, from rest coordinates in cm. Colours are linear RGB."""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from training.people.cloth import Fabric
from training.people.noise import perlin

Floats = NDArray[np.float32]
KINDS = ("solid", "stripes-h", "stripes-v", "check", "dots", "floral", "blobs", "letters", "logo", "denim", "knit", "heather", "block")
TILED = ("dots", "floral", "blobs", "letters")


def linear(rgb: tuple[int, int, int]) -> Floats:
    """sRGB 0..255 to linear 0..1 (IEC 61966-2-1)."""
    c = np.asarray(rgb, np.float32) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4).astype(np.float32)


@njit(cache=True)
def _weave(coords, kind, scale, seed):  # type: ignore[no-untyped-def]
    """(N,) share of the second colour and (N,) brightness."""
    n = coords.shape[0]
    share, bright = np.zeros(n, np.float32), np.ones(n, np.float32)
    for i in range(n):
        x, y, z = coords[i, 0], coords[i, 1], coords[i, 2]
        u = np.arctan2(x, max(z, -20.0) + 0.01) * min(max(np.hypot(x, z), 4.0), 17.0)
        if kind == 1:
            share[i] = 1.0 if (y / scale) % 1.0 < 0.5 else 0.0
        elif kind == 2:
            share[i] = 1.0 if (u / scale) % 1.0 < 0.45 else 0.0
        elif kind == 3:
            a, b = (u / scale) % 1.0 < 0.5, (y / scale) % 1.0 < 0.5
            share[i] = (0.5 if a else 0.0) + (0.5 if b else 0.0)
        elif kind == 9:
            twill = 0.5 + 0.5 * np.sin((u * 1.5 + y) * 7.0)
            wash = perlin(u * 0.07, y * 0.05, z * 0.05, seed) * 0.22
            bright[i] = 0.92 + 0.10 * twill + wash + 0.06 * perlin(u * 2.0, y * 0.8, 0.0, seed)
        elif kind == 10:
            row = np.sin(y * 4.2) * 0.5 + 0.5
            rib = np.abs(np.sin(u * 2.6 + 0.6 * np.sin(y * 4.2)))
            bright[i] = 0.80 + 0.22 * rib * (0.6 + 0.4 * row)
        elif kind == 11:
            bright[i] = 1.0 + 0.16 * perlin(u * 3.0, y * 1.1, z, seed)
        elif kind == 12:
            share[i] = 1.0 if y > scale * 8.0 else 0.0
    return share, bright


def _tile(kind: str, seed: int) -> NDArray[np.uint8]:
    """A repeating 128x128 picture: 0 ground, 255 second colour."""
    rng = np.random.default_rng(seed)
    t = np.zeros((384, 384), np.uint8)
    if kind == "dots":
        for x, y in ((64, 64), (0, 0), (128, 0), (0, 128), (128, 128)):
            _repeat(t, lambda c, x=x, y=y: cv2.circle(t, (c[0] + x, c[1] + y), 22, 255, -1, cv2.LINE_AA))
    for _ in range(0 if kind == "dots" else 7):
        x, y, r, a = rng.integers(0, 128), rng.integers(0, 128), int(rng.integers(8, 22)), float(rng.uniform(0, 360))
        if kind == "floral":
            for k in range(5):
                dx, dy = int(r * 0.8 * np.cos(k * 1.257 + a)), int(r * 0.8 * np.sin(k * 1.257 + a))
                _repeat(t, lambda c, p=(x + dx, y + dy), q=max(r // 2, 3): cv2.circle(t, (c[0] + p[0], c[1] + p[1]), q, 255, -1, cv2.LINE_AA))
        elif kind == "blobs":
            axes = (r, max(4, int(r * rng.uniform(0.4, 1))))
            _repeat(t, lambda c, p=(x, y), ax=axes, an=a: cv2.ellipse(t, (int(c[0] + p[0]), int(c[1] + p[1])), ax, an, 0, 360, 255, -1, cv2.LINE_AA))
        else:
            ch = chr(int(rng.integers(65, 91)))
            _repeat(t, lambda c, p=(x, y), ch=ch, f=r / 14: cv2.putText(t, ch, (int(c[0] + p[0]), int(c[1] + p[1])), 3, f, 255, 3, cv2.LINE_AA))
    return t[128:256, 128:256]


def _repeat(t: NDArray[np.uint8], draw) -> None:  # type: ignore[no-untyped-def]
    for i in (0, 128, 256):
        for j in (0, 128, 256):
            draw((i, j))


def logo(seed: int) -> NDArray[np.uint8]:
    """A (160, 200) chest print: shapes and a made-up word, 0..255."""
    rng = np.random.default_rng(seed)
    t = np.zeros((160, 200), np.uint8)
    word = "".join(rng.choice(list("AEIOULMNRSTKVB"), int(rng.integers(3, 7))))
    kind = int(rng.integers(4))
    if kind == 0:
        cv2.circle(t, (100, 60), 45, 255, 9, cv2.LINE_AA)
        cv2.line(t, (60, 95), (140, 95), 255, 9, cv2.LINE_AA)
    elif kind == 1:
        cv2.fillPoly(t, [np.array([[30, 110], [85, 30], [110, 70], [130, 48], [172, 110]])], 255, cv2.LINE_AA)
    elif kind == 2:
        cv2.rectangle(t, (20, 30), (180, 110), 255, -1)
        cv2.circle(t, (100, 70), 25, 0, -1, cv2.LINE_AA)
    size = cv2.getTextSize(word, 2, 1.3, 3)[0]
    where = ((200 - size[0]) // 2, 150 if kind < 3 else 95)
    cv2.putText(t, word, where, 2, 1.3, 255, 3 if kind < 3 else 5, cv2.LINE_AA)
    return t


def albedo(fabric: Fabric, coords: Floats, chest: float) -> Floats:
    """(N, 3) linear colour at rest coordinates (N, 3); `chest` is the height of the chest for a single print."""
    first, second = linear(fabric.colour), linear(fabric.second)
    kind = KINDS.index(fabric.pattern)
    share, bright = _weave(np.ascontiguousarray(coords, np.float32), kind, max(fabric.scale, 0.8), fabric.seed)
    if fabric.pattern in TILED:
        share = _look_up(_tile(fabric.pattern, fabric.seed), coords, fabric.scale * 3)
    elif fabric.pattern == "logo":
        share = _decal(logo(fabric.seed), coords, chest, 9 + fabric.scale * 2)
    return np.asarray((first + share[:, None] * (second - first)) * bright[:, None], np.float32)


def _look_up(tile: NDArray[np.uint8], coords: Floats, size: float) -> Floats:
    u = coords[:, 0] + 0.6 * np.sign(coords[:, 0]) * np.maximum(0, 6 - coords[:, 2])
    i = ((-coords[:, 1] / size) % 1 * 127).astype(int)
    j = ((u / size) % 1 * 127).astype(int)
    return np.asarray(tile[i, j].astype(np.float32) / 255)


def _decal(picture: NDArray[np.uint8], coords: Floats, chest: float, width: float) -> Floats:
    h, w = picture.shape
    k = w / width
    j = coords[:, 0] * k + w / 2
    i = (chest - coords[:, 1]) * k + h * 0.35
    ok = (i >= 0) & (i < h - 1) & (j >= 0) & (j < w - 1) & (coords[:, 2] > 1)
    out = np.zeros(len(coords), np.float32)
    out[ok] = picture[i[ok].astype(int), j[ok].astype(int)] / 255.0
    return out
