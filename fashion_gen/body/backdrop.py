"""Backdrops: a seamless studio cove, a blurred street or room; procedural, the same for every look of a scene."""

from __future__ import annotations

import zlib

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.records import Scene

Canvas = NDArray[np.float32]


def draw_backdrop(scene: Scene, width: int, height: int, horizon: float | None) -> Canvas:
    """(H, W, 3) float32 in [0, 1]. `horizon` is the y (share of the height) where wall meets floor, None when out of view."""
    if scene.backdrop == "street":
        return _blurred(_street(scene), width, height)
    if scene.backdrop == "room":
        return _blurred(_room(scene), width, height)
    return _cove(scene, width, height, horizon)


def _cove(scene: Scene, width: int, height: int, horizon: float | None) -> Canvas:
    wall, floor = np.asarray(scene.wall, np.float32) / 255, np.asarray(scene.floor, np.float32) / 255
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :, None]
    share = np.zeros_like(y) if horizon is None else 1 / (1 + np.exp(-(y - horizon) / 0.03))
    base = wall * (1 - share) + floor * share
    # Light falls off from a soft box above and before the person.
    fall = 1 - (0.05 if scene.backdrop == "plain" else 0.12) * (x**2 * 0.6 + (y - 0.40) ** 2 * 1.6)
    return np.asarray(np.clip(base * fall * scene.light, 0, 1), np.float32)


def _rng(scene: Scene) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(scene.name.encode()))


def _street(scene: Scene) -> Canvas:
    """Facades, windows, a pavement and a few out-of-focus lights on a 320 x 480 board."""
    rng = _rng(scene)
    board = np.empty((480, 320, 3), np.float32)
    board[:] = np.asarray(scene.wall, np.float32) / 255
    for left in range(-20, 320, 58):
        shade = float(rng.uniform(0.72, 1.08))
        cv2.rectangle(
            board, (left, 0), (left + 54, 352), (np.asarray(scene.wall, np.float32) / 255 * shade).tolist(), -1
        )
        for top in range(12, 340, 62):
            glass = float(rng.uniform(0.55, 0.95)) * np.array([0.86, 0.92, 0.97], np.float32)
            cv2.rectangle(board, (left + 12, top), (left + 42, top + 40), glass.tolist(), -1)
    board[352:] = np.asarray(scene.floor, np.float32) / 255
    for _ in range(9):
        centre = (int(rng.integers(0, 320)), int(rng.integers(120, 340)))
        cv2.circle(board, centre, int(rng.integers(5, 13)), (1.0, 0.93, 0.78), -1, cv2.LINE_AA)
    return board


def _room(scene: Scene) -> Canvas:
    """A wall, a bright window, a plant and a wooden floor on a 320 x 480 board."""
    board = np.empty((480, 320, 3), np.float32)
    board[:] = np.asarray(scene.wall, np.float32) / 255
    cv2.rectangle(board, (18, 30), (112, 250), (1.0, 0.99, 0.95), -1)
    cv2.line(board, (65, 30), (65, 250), (0.80, 0.79, 0.76), 4)
    board[366:] = np.asarray(scene.floor, np.float32) / 255
    rng = _rng(scene)
    for _ in range(26):
        centre = (268 + int(rng.normal() * 20), 280 + int(rng.normal() * 34))
        cv2.ellipse(board, centre, (20, 7), float(rng.uniform(0, 180)), 0, 360, (0.33, 0.46, 0.30), -1, cv2.LINE_AA)
    cv2.rectangle(board, (252, 330), (286, 380), (0.72, 0.52, 0.40), -1)
    return board


def _blurred(board: Canvas, width: int, height: int) -> Canvas:
    soft = cv2.GaussianBlur(board, (0, 0), 9.0)
    return np.asarray(np.clip(cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC), 0, 1), np.float32)


def floor_shadow(mask: NDArray[np.bool_], ground: float | None, height: int) -> NDArray[np.float32]:
    """(H, W) float32 darkness in [0, 1] of the soft shadow that a standing person throws on the floor.

    `mask` is the person's silhouette, `ground` the y of the floor in pixels (None when it is out of view).
    """
    h, w = mask.shape
    shade = np.zeros((h, w), np.float32)
    if ground is None or ground > h * 1.02:
        return shade
    band = mask[max(0, int(ground) - max(3, height // 25)) : int(ground) + 2]
    columns = np.nonzero(band.any(axis=0))[0] if band.size else np.empty(0, int)
    if not len(columns):
        return shade
    centre = (int(columns.mean()), round(min(ground, h - 1)))
    half = max(4, int((columns.max() - columns.min()) * 0.62))
    cv2.ellipse(shade, centre, (half, max(2, height // 60)), 0, 0, 360, 1.0, -1)
    near = cv2.GaussianBlur(shade, (0, 0), height / 90)
    far = cv2.GaussianBlur(shade, (0, 0), height / 28)
    return np.asarray(np.clip(0.45 * near + 0.45 * far, 0, 1), np.float32)
