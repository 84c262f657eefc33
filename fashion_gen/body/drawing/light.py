"""A soft studio: a key light with a real shadow, the sky of a white room, and less of both in hollows."""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from fashion_gen.body.drawing.raster import fill
from fashion_gen.body.drawing.seen import Seen
from fashion_gen.body.lofts import Surface
from fashion_gen.body.parts import SKIN, Part
from fashion_gen.records import View

Floats = NDArray[np.float32]

KEY = np.array([-0.35, 0.55, 0.76], np.float32)  #: towards the lamp: above the viewer's left shoulder
#: Halfway between the lamp and the viewer: where gloss shows the form of dark skin.
GLOSS = np.array([-0.19, 0.30, 0.94], np.float32)
_AMBIENT, _DIRECT, _SKY = 0.60, 0.45, 0.05
#: Skin as bright as its swatch in the middle of a face: shading alone takes a part; highlights roll off below white.
_EXPOSURE, _SHOULDER = np.float32(1.06), np.float32(0.9)
_SHADOW_SIDE = 512  # pixels of the lamp's own picture
_PENUMBRA = 1.5  # cm
_LIFT = 0.9  # cm off the surface, or it would shade itself

# wrap (how far light reaches round the form), gloss, its sharpness, warmth of the light's edge
_MATERIAL = np.tile(np.array([0.25, 0.012, 12.0, 0.0], np.float32), (256, 1))
for _part in SKIN:
    _MATERIAL[int(_part)] = (0.36, 0.05, 16.0, 1.0)
_MATERIAL[int(Part.HAIR)] = (0.30, 0.03, 20.0, 0.0)
_MATERIAL[int(Part.SHOES)] = (0.25, 0.09, 26.0, 0.0)
_MATERIAL[int(Part.PROP)] = (0.25, 0.06, 26.0, 0.0)


def lit(seen: Seen, surface: Surface, view: View) -> Floats:
    """(H, W, 3) in [0, 1]: `seen` of `surface`, as the lamp, the room and the hollows leave it."""
    open_ = occlusion(seen)
    shadow = _shadow(seen, surface, view)
    out = _shaded(seen.part, seen.normal, seen.paint, shadow, open_, KEY, GLOSS, _MATERIAL)
    bare = np.isin(seen.part, [int(part) for part in SKIN])
    out[bare] = _exposed(out[bare])
    return np.asarray(np.clip(out, 0, 1), np.float32)


def occlusion(seen: Seen) -> Floats:
    """(H, W) share of the room's light that arrives: what lies behind its surroundings gets less."""
    z, there = seen.z[::2, ::2], seen.hit[::2, ::2].astype(np.float32)
    out = np.ones_like(z)
    for radius, strength in ((1.0, 0.35), (4.0, 0.40)):
        sigma = max(radius * seen.scale / 2, 0.8)
        around = cv2.GaussianBlur(z, (0, 0), sigma) / np.maximum(cv2.GaussianBlur(there, (0, 0), sigma), 1e-3)
        out *= 1 - strength * np.clip((around - z) / (radius * 1.5), 0, 1)
    height, width = seen.z.shape
    share = cv2.resize(out, (width, height), interpolation=cv2.INTER_LINEAR)
    # A form that turns away at its outline is lower than its middle, but no hollow.
    return np.asarray(1 - (1 - share) * np.clip(1.5 * seen.normal[..., 2] - 0.15, 0, 1), np.float32)


def _shadow(seen: Seen, surface: Surface, view: View) -> Floats:
    """(H, W) share of the key light that arrives (percentage-closer filtering: Reeves, Salesin, Cook, 1987)."""
    key = KEY / np.linalg.norm(KEY)
    right = np.cross([0.0, 1.0, 0.0], key)
    right /= np.linalg.norm(right)
    basis = np.stack([right, np.cross(key, right), key])
    turned = surface.points @ basis.T
    low, high = turned[:, :2].min(axis=0) - 4, turned[:, :2].max(axis=0) + 4
    scale = float(_SHADOW_SIDE / (high - low).max())
    columns, rows = (turned[:, 0] - low[0]) * scale, (high[1] - turned[:, 1]) * scale
    pixels = np.column_stack([columns, rows, turned[:, 2]])
    _, _, nearest = fill(pixels, surface.triangles, surface.keep, _SHADOW_SIDE, _SHADOW_SIDE)
    lamp = np.array([scale, low[0], high[1]], np.float32)
    camera = np.array([view.scale, view.x0, view.y0], np.float32)
    angle = np.arange(12) * 2.39996  # golden angle: a disc, evenly covered (Vogel, 1979)
    taps = np.sqrt(np.arange(12) + 0.5)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1) * _PENUMBRA / 1.9
    share = arriving(
        seen.hit, seen.normal, seen.z, camera, basis.astype(np.float32), lamp, nearest, taps.astype(np.float32)
    )
    size = max(3, round(0.25 * seen.scale) * 2 + 1)
    return np.asarray(cv2.blur(share, (size, size)))


@njit(cache=True, nogil=True, fastmath=True)  # type: ignore[untyped-decorator]
def arriving(
    hit: NDArray[np.bool_],
    normal: Floats,
    z: Floats,
    camera: Floats,
    basis: Floats,
    lamp: Floats,
    nearest: Floats,
    taps: Floats,
) -> Floats:
    """(H, W) share of the lamp's light that reaches each pixel.

    `camera` is (scale, x0, y0) of the view; `basis` (3, 3) has the lamp's right, up and forward; `lamp` is its (scale, left, top);
    `nearest` (S, S) what it sees, cm towards it; `taps` (N, 2) cm, where it is asked around a point.
    """
    height, width = hit.shape
    side = nearest.shape[0]
    out = np.ones((height, width), np.float32)
    for y in range(height):
        for x in range(width):
            if not hit[y, x]:
                continue
            px = (x + 0.5 - camera[1]) / camera[0] + normal[y, x, 0] * _LIFT
            py = (camera[2] - y - 0.5) / camera[0] + normal[y, x, 1] * _LIFT
            pz = z[y, x] + normal[y, x, 2] * _LIFT
            a = basis[0, 0] * px + basis[0, 1] * py + basis[0, 2] * pz
            b = basis[1, 0] * px + basis[1, 1] * py + basis[1, 2] * pz
            c = basis[2, 0] * px + basis[2, 1] * py + basis[2, 2] * pz
            turn = ((x * 7 + y * 13) % 16) * 0.3927
            cos, sin = np.cos(turn), np.sin(turn)
            free = 0
            for t in range(taps.shape[0]):
                j = int((a + taps[t, 0] * cos - taps[t, 1] * sin - lamp[1]) * lamp[0])
                i = int((lamp[2] - b - taps[t, 0] * sin - taps[t, 1] * cos) * lamp[0])
                if i < 0 or j < 0 or i >= side or j >= side or nearest[i, j] < c + 0.5:
                    free += 1
            out[y, x] = free / taps.shape[0]
    return out


@njit(cache=True, nogil=True, fastmath=True)  # type: ignore[untyped-decorator]
def _shaded(
    part: NDArray[np.uint8],
    normal: Floats,
    paint: Floats,
    shadow: Floats,
    open_: Floats,
    key: Floats,
    gloss: Floats,
    material: Floats,
) -> Floats:
    height, width = part.shape
    out = np.zeros((height, width, 3), np.float32)
    for y in range(height):
        for x in range(width):
            k = part[y, x]
            if k == 0:
                continue
            nx, ny, nz = normal[y, x, 0], normal[y, x, 1], normal[y, x, 2]
            wrap, shine, power, warmth = material[k, 0], material[k, 1], material[k, 2], material[k, 3]
            facing = nx * key[0] + ny * key[1] + nz * key[2]
            direct = max(0.0, (facing + wrap) / (1 + wrap)) * shadow[y, x]
            edge = max(0.0, 1 - nz)
            light = (_AMBIENT * open_[y, x] + _SKY * ny + _DIRECT * direct) * (1 - 0.14 * edge * edge)
            # Light that has travelled under the skin is red where the key fades out.
            warm = warmth * 0.10 * max(0.0, 1 - abs(facing - 0.05) * 2.2)
            halfway = max(0.0, nx * gloss[0] + ny * gloss[1] + nz * gloss[2])
            dark = 1 - (paint[y, x, 0] + paint[y, x, 1] + paint[y, x, 2]) / 3
            shining = shine * (0.25 + 1.6 * dark * dark) * halfway**power * (0.3 + 0.7 * shadow[y, x])
            for c in range(3):
                tint = 1 + warm if c == 0 else (1 - 0.2 * warm if c == 1 else 1 - 0.5 * warm)
                out[y, x, c] = paint[y, x, c] * light * tint + shining
    return out


def _exposed(skin: Floats) -> Floats:
    bright = skin * _EXPOSURE
    over = np.maximum(bright - _SHOULDER, 0)
    return np.asarray(
        np.minimum(bright, _SHOULDER) + (1 - _SHOULDER) * (1 - np.exp(-over / (1 - _SHOULDER))), np.float32
    )
