"""Patterns of cloth, per pixel, from rest coordinates in cm. Colours are linear RGB."""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from fashion_gen.body.drawing.noise import perlin
from training.people.cloth import Fabric

Floats = NDArray[np.float32]
KINDS = (
    "solid",
    "stripes-h",
    "stripes-v",
    "check",
    "dots",
    "floral",
    "blobs",
    "letters",
    "logo",
    "denim",
    "knit",
    "heather",
    "block",
)
STRIPED = ("stripes-h", "stripes-v", "check", "block")
WOVEN = ("denim", "knit", "heather")


def linear(rgb: tuple[int, int, int]) -> Floats:
    """sRGB 0..255 to linear 0..1 (IEC 61966-2-1)."""
    c = np.asarray(rgb, np.float32) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4).astype(np.float32)


@njit(cache=True)
def _around(x, z):  # type: ignore[no-untyped-def]
    """cm around the trunk or the limb from its front."""
    return np.arctan2(x, max(z, -20.0) + 0.01) * min(max(np.hypot(x, z), 4.0), 17.0)


@njit(cache=True)
def _stripes(coords, kind, scale):  # type: ignore[no-untyped-def]
    """(N,) share of the second colour: 1 stripes across, 2 along, 3 check, 12 colour block."""
    share = np.zeros(coords.shape[0], np.float32)
    for i in range(coords.shape[0]):
        y, u = coords[i, 1], _around(coords[i, 0], coords[i, 2])
        if kind == 1:
            share[i] = 1.0 if (y / scale) % 1.0 < 0.5 else 0.0
        elif kind == 2:
            share[i] = 1.0 if (u / scale) % 1.0 < 0.45 else 0.0
        elif kind == 3:
            share[i] = (0.5 if (u / scale) % 1.0 < 0.5 else 0.0) + (0.5 if (y / scale) % 1.0 < 0.5 else 0.0)
        else:
            share[i] = 1.0 if y > scale * 8.0 else 0.0
    return share


@njit(cache=True)
def _yarn(coords, kind, seed):  # type: ignore[no-untyped-def]
    """(N,) brightness around 1: 9 denim, 10 knit, 11 heather."""
    bright = np.ones(coords.shape[0], np.float32)
    for i in range(coords.shape[0]):
        y, z, u = coords[i, 1], coords[i, 2], _around(coords[i, 0], coords[i, 2])
        if kind == 9:
            twill = 0.5 + 0.5 * np.sin((u * 1.5 + y) * 7.0)
            wash = perlin(u * 0.07, y * 0.05, z * 0.05, seed) * 0.22
            bright[i] = 0.92 + 0.10 * twill + wash + 0.06 * perlin(u * 2.0, y * 0.8, 0.0, seed)
        elif kind == 10:
            row = np.sin(y * 4.2) * 0.5 + 0.5
            rib = np.abs(np.sin(u * 2.6 + 0.6 * np.sin(y * 4.2)))
            bright[i] = 0.80 + 0.22 * rib * (0.6 + 0.4 * row)
        else:
            bright[i] = 1.0 + 0.16 * perlin(u * 3.0, y * 1.1, z, seed)
    return bright


SIDE = 128  # pixels of a repeating tile


def _tile(kind: str, seed: int) -> NDArray[np.uint8]:
    """A repeating SIDE x SIDE picture: 0 ground, 255 second colour."""
    rng = np.random.default_rng(seed)
    board = np.zeros((3 * SIDE, 3 * SIDE), np.uint8)
    if kind == "dots":
        marks = [(SIDE // 2, SIDE // 2, 22, 0.0), (0, 0, 22, 0.0)]
    else:
        marks = [
            (*map(int, rng.integers(0, SIDE, 2)), int(rng.integers(8, 22)), float(rng.uniform(0, 360)))
            for _ in range(7)
        ]
    for x, y, r, a in marks:
        letter = chr(int(rng.integers(65, 91)))
        for dx in (0, SIDE, 2 * SIDE):
            for dy in (0, SIDE, 2 * SIDE):
                _MARKS[kind](board, (x + dx, y + dy), r, a, letter)
    return board[SIDE : 2 * SIDE, SIDE : 2 * SIDE]


Board = NDArray[np.uint8]


def _dot(board: Board, at: tuple[int, int], r: int, angle: float, letter: str) -> None:
    cv2.circle(board, at, r, 255, -1, cv2.LINE_AA)


def _flower(board: Board, at: tuple[int, int], r: int, angle: float, letter: str) -> None:
    for k in range(5):
        petal = (at[0] + int(r * 0.8 * np.cos(k * 1.257 + angle)), at[1] + int(r * 0.8 * np.sin(k * 1.257 + angle)))
        cv2.circle(board, petal, max(r // 2, 3), 255, -1, cv2.LINE_AA)


def _blob(board: Board, at: tuple[int, int], r: int, angle: float, letter: str) -> None:
    cv2.ellipse(board, at, (r, max(4, int(r * (0.4 + 0.6 * (angle / 360))))), angle, 0, 360, 255, -1, cv2.LINE_AA)


def _letter(board: Board, at: tuple[int, int], r: int, angle: float, letter: str) -> None:
    cv2.putText(board, letter, at, cv2.FONT_HERSHEY_COMPLEX, r / 14, 255, 3, cv2.LINE_AA)


_MARKS = {"dots": _dot, "floral": _flower, "blobs": _blob, "letters": _letter}


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
    coords = np.ascontiguousarray(coords, np.float32)
    share, bright = np.zeros(len(coords), np.float32), np.ones(len(coords), np.float32)
    if fabric.pattern in STRIPED:
        share = _stripes(coords, kind, max(fabric.scale, 0.8))
    elif fabric.pattern in WOVEN:
        bright = _yarn(coords, kind, fabric.seed)
    elif fabric.pattern in _MARKS:
        share = _look_up(_tile(fabric.pattern, fabric.seed), coords, fabric.scale * 3)
    elif fabric.pattern == "logo":
        share = _decal(logo(fabric.seed), coords, chest, 9 + fabric.scale * 2)
    return np.asarray((first + share[:, None] * (second - first)) * bright[:, None], np.float32)


def _look_up(tile: NDArray[np.uint8], coords: Floats, size: float) -> Floats:
    u = coords[:, 0] + 0.6 * np.sign(coords[:, 0]) * np.maximum(0, 6 - coords[:, 2])
    i = ((-coords[:, 1] / size) % 1 * (SIDE - 1)).astype(int)
    j = ((u / size) % 1 * (SIDE - 1)).astype(int)
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
