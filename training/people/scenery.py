"""Backgrounds that match templates/scenes: the mannequin's own backdrop, with the light and grain of a photograph."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.backdrop import draw_backdrop
from fashion_gen.records import Scene

Floats = NDArray[np.float32]
TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "scenes"


@cache
def scene(name: str) -> Scene:
    """The scene of `templates/scenes/NAME.toml`."""
    path = TEMPLATES / f"{name}.toml"
    if not path.exists():
        known = ", ".join(sorted(p.stem for p in TEMPLATES.glob("*.toml")))
        raise ValueError(f'No scene named "{name}". Known: {known}.')
    data = tomllib.loads(path.read_text())
    rgb = {k: tuple(int(data[k][i : i + 2], 16) for i in (1, 3, 5)) for k in ("wall", "floor")}
    wall, floor = rgb["wall"], rgb["floor"]
    return Scene(
        name,
        data["backdrop"],
        (wall[0], wall[1], wall[2]),
        (floor[0], floor[1], floor[2]),
        data["prompt"],
        data.get("light", 1.0),
    )


def background(name: str, width: int, height: int, horizon: float | None, seed: int) -> Floats:
    """(H, W, 3) float32 sRGB in [0, 1]; `horizon` is the share of the height where wall meets floor, None when out of view."""
    rng = np.random.default_rng(seed)
    base = draw_backdrop(scene(name), width, height, horizon)
    x, y = np.meshgrid(np.linspace(-1, 1, width, dtype=np.float32), np.linspace(0, 1, height, dtype=np.float32))
    cx, cy = rng.uniform(-0.5, 0.5), rng.uniform(0.2, 0.5)
    glow = np.exp(-((x - cx) ** 2 / 1.2 + (y - cy) ** 2 / 0.5))
    strength = rng.uniform(0.0, 0.05)
    out = base * (1 - strength / 2 + strength * glow)[..., None]
    small = rng.normal(size=(12, 8)).astype(np.float32)
    cloud = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(out * (1 + 0.004 * cloud[..., None]), 0, 1), np.float32)
