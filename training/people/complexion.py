"""Skin colour: the detail of a texture on an exact Monk tone, with lips, cheeks and nails."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from fashion_gen.monk import tone_rgb
from training.people.fabric import linear
from training.people.kit import DETAIL_UNIT, Kit
from training.people.spec import Spec

Floats = NDArray[np.float32]


def skin_texture(kit: Kit, spec: Spec) -> str:
    """Which texture: by age and presentation; dark ones have their own palms, lips and nails."""
    age = "young" if spec.build.age < 42 else ("middle" if spec.build.age < 62 else "old")
    sex = "m" if spec.build.masculine > 0.5 else "f"
    dark = spec.tone >= 7 or (spec.tone == 6 and spec.seed % 2 == 0)
    names = [n for n in kit.skins if n.startswith(f"{age}-{sex}-") and n.endswith("-d") == dark]
    return names[spec.seed % len(names)]


@njit(cache=True, fastmath=True)
def _sample(texture, uv):  # type: ignore[no-untyped-def]
    side = texture.shape[0]
    out = np.empty((uv.shape[0], 3), np.float32)
    for n in range(uv.shape[0]):
        x, y = uv[n, 0] * side - 0.5, uv[n, 1] * side - 0.5
        j, i = int(np.floor(x)), int(np.floor(y))
        fx, fy = x - j, y - i
        j0, i0 = min(max(j, 0), side - 1), min(max(i, 0), side - 1)
        j1, i1 = min(max(j + 1, 0), side - 1), min(max(i + 1, 0), side - 1)
        for c in range(3):
            top = texture[i0, j0, c] * (1 - fx) + texture[i0, j1, c] * fx
            low = texture[i1, j0, c] * (1 - fx) + texture[i1, j1, c] * fx
            out[n, c] = top * (1 - fy) + low * fy
    return out


def paint_skin(kit: Kit, spec: Spec, coords: Floats, uv: Floats) -> Floats:
    """(N, 3) linear albedo at base-mesh coordinates (N, 3) and texture coordinates (N, 2)."""
    detail = _sample(kit.skins[skin_texture(kit, spec)], np.ascontiguousarray(uv)) / DETAIL_UNIT
    x, y, z = coords.T
    bare = np.clip((y - 74) / 2, 0, 1) if spec.hair in ("bald", "hijab") else np.zeros_like(y)
    # Painted stubble on the scalp only fits those who have hair.
    scalp = np.maximum(bare * np.clip((y - 77.5) / 2, 0, 1), np.where((z < 5) & (y > 66) & (np.abs(x) < 6.6), bare, 0))
    detail = detail + scalp[:, None] * (np.clip(detail, 0.85, 1.0) - detail)
    tone = linear(tone_rgb(spec.tone))
    # The textures are blotchy, bodies more than faces: skin keeps their darkness, not all of their hue.
    grey = detail.mean(1, keepdims=True)
    body = np.clip((61 - y) / 4, 0, 1)[:, None]
    detail = detail + (0.4 + 0.2 * body) * (grey - detail)
    contrast = (1.1 if spec.tone <= 5 else 0.9) - 0.4 * body
    out = tone * np.clip(detail, 0.12, 1.3) ** contrast
    lips = _lips(x, y, z)
    made_up = 0.45 + 0.45 * (1 - spec.build.masculine) * ((spec.seed % 11) / 10)
    lip = (
        tone * np.array([0.86, 0.42, 0.42])
        if spec.tone < 7
        else tone * np.array([1.15, 0.72, 0.72]) + np.array([0.018, 0.002, 0.004])
    )
    out = out + (lips * made_up)[:, None] * (lip - out)
    cheek = np.exp(-(((np.abs(x) - 4.4) / 1.9) ** 2) - ((y - 69.8) / 1.8) ** 2) * (z > 8)
    nose = np.exp(-((x / 1.3) ** 2) - ((y - 69.8) / 1.3) ** 2) * (z > 12)
    flush = 0.10 + 0.10 * (spec.seed % 7) / 6
    out = out * (1 - (flush * np.maximum(cheek, 0.6 * nose))[:, None] * np.array([0.0, 1.0, 0.8]))
    return np.asarray(out, np.float32)


def _lips(x: Floats, y: Floats, z: Floats) -> Floats:
    ellipse = (np.abs(x) / 2.7) ** 2 + ((y - 66.6) / 1.15) ** 2
    return np.asarray(np.clip((1.0 - ellipse) * 2.5, 0, 1) * (z > 12), np.float32)
