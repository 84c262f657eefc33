"""A soft studio: key with a real shadow, fill, rim, sky, and ambient occlusion from the depth of the picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from fashion_gen.body.drawing.light import arriving
from fashion_gen.body.drawing.noise import fold
from fashion_gen.records import View
from training.people.layers import Layer
from training.people.raster import FAR, Stack, Surface, depth_map

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Light:
    key: tuple[float, float, float]  #: direction to the lamp
    strength: float = 0.85
    fill: float = 0.15
    rim: float = 0.14
    sky: float = 0.30
    softness: float = 1.6  #: cm of penumbra per tap


# wrap, shine strength, shine power, warm terminator, rim
MATERIALS = np.zeros((len(Layer), 5), np.float32)
MATERIALS[:] = (0.30, 0.015, 14, 0.0, 0.5)
MATERIALS[Layer.SKIN] = (0.36, 0.04, 22, 1.0, 0.3)
MATERIALS[Layer.EYES] = (0.5, 0.75, 180, 0.0, 0.0)
MATERIALS[Layer.BROWS] = (0.5, 0.0, 10, 0.0, 0.2)
MATERIALS[Layer.LASHES] = (0.5, 0.0, 10, 0.0, 0.0)
MATERIALS[Layer.HAIR] = (0.30, 0.07, 26, 0.0, 0.9)
MATERIALS[Layer.SHOES] = (0.25, 0.06, 24, 0.0, 0.6)
MATERIALS[Layer.GLASSES] = (0.3, 0.3, 40, 0.0, 0.5)


@njit(cache=True, fastmath=True)
def _heights(layer, coords, strength, depth, lows, highs, seed):  # type: ignore[no-untyped-def]
    h, w = layer.shape
    out = np.zeros((h, w), np.float32)
    for y in range(h):
        for x in range(w):
            k = layer[y, x]
            if lows[k] > 0:
                out[y, x] = fold(
                    coords[y, x, 0],
                    coords[y, x, 1],
                    coords[y, x, 2],
                    strength[y, x, 0],
                    strength[y, x, 1],
                    seed + 101 * k,
                )
    return out


@njit(cache=True, fastmath=True)
def _bend(normal, height, layer, depth, scale, limit):  # type: ignore[no-untyped-def]
    h, w = layer.shape
    for y in range(1, h - 1):
        for x in range(1, w - 1):
            k = layer[y, x]
            if k == 0 or height[y, x] == 0:
                continue
            gx, gy = 0.0, 0.0
            if layer[y, x - 1] == k and layer[y, x + 1] == k and abs(depth[y, x - 1] - depth[y, x + 1]) < 3:
                step = height[y, x + 1] - height[y, x - 1]
                # Where panels meet the height jumps: that is a seam, not a slope.
                gx = step * 0.5 * scale if abs(step) < limit else 0.0
            if layer[y - 1, x] == k and layer[y + 1, x] == k and abs(depth[y - 1, x] - depth[y + 1, x]) < 3:
                step = height[y + 1, x] - height[y - 1, x]
                gy = step * 0.5 * scale if abs(step) < limit else 0.0
            gx, gy = min(max(gx, -1.2), 1.2), min(max(gy, -1.2), 1.2)
            nx, ny, nz = normal[y, x, 0] - gx, normal[y, x, 1] + gy, normal[y, x, 2]
            n = np.sqrt(nx * nx + ny * ny + nz * nz) + 1e-6
            normal[y, x, 0], normal[y, x, 1], normal[y, x, 2] = nx / n, ny / n, nz / n


def crease(surface: Surface, scale: float, seeds: dict[int, int]) -> None:
    """Bend the normals of cloth by its folds, in place."""
    on = np.zeros(len(Layer), np.int32)
    for k in seeds:
        on[k] = 1
    height = _heights(surface.layer, surface.coords, surface.uv, surface.depth, on, on, 0)
    _bend(
        surface.normal,
        cv2.GaussianBlur(height, (0, 0), 0.8),
        surface.layer,
        surface.depth,
        scale,
        max(0.12, 1.4 / scale),
    )


def shadow(scene: Stack, surface: Surface, view: View, light: Light) -> Floats:
    """(H, W) share of the key light that arrives."""
    k = np.array(light.key, np.float32)
    k /= np.linalg.norm(k)
    right = np.cross([0.0, 1.0, 0.0], k)
    right /= np.linalg.norm(right)
    basis = np.stack([right, np.cross(k, right), k]).astype(np.float32)
    p = scene.points @ basis.T
    low, high = p[:, :2].min(0) - 4, p[:, :2].max(0) + 4
    size = 448
    scale = float(size / (high - low).max())
    lview = np.array([scale, -low[0] * scale, high[1] * scale], np.float32)
    px = np.stack([p[:, 0] * lview[0] + lview[1], lview[2] - p[:, 1] * lview[0], p[:, 2]], 1)
    keep = ~np.isin(scene.layers, [Layer.BROWS, Layer.LASHES, Layer.EYES, Layer.GLASSES])
    zbuf = depth_map(px, scene, keep, size, size)
    angle = np.arange(12) * 2.39996
    taps = (
        np.sqrt(np.arange(12) + 0.5)[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1) * light.softness / 1.9
    ).astype(np.float32)
    camera = np.array([view.scale, view.x0, view.y0], np.float32)
    lamp = np.array([scale, low[0], high[1]], np.float32)
    lit = arriving(surface.layer > 0, surface.normal, surface.depth, camera, basis, lamp, zbuf, taps)
    return np.asarray(cv2.blur(lit, (4, 4)))


def occlusion(surface: Surface, scale: float) -> Floats:
    """(H, W) share of the sky that arrives: pixels behind their surroundings are darker."""
    z = surface.depth[::2, ::2]
    m = (surface.layer[::2, ::2] > 0).astype(np.float32)
    z = np.where(m > 0, z, 0).astype(np.float32)
    out = np.ones_like(z)
    for radius, strength in ((1.2, 0.5), (4.0, 0.5)):
        sigma = max(radius * scale / 2, 0.8)
        around = cv2.GaussianBlur(z, (0, 0), sigma) / np.maximum(cv2.GaussianBlur(m, (0, 0), sigma), 1e-3)
        out *= 1 - strength * np.clip((around - z) / (radius * 1.4), 0, 1)
    h, w = surface.depth.shape
    return np.asarray(cv2.resize(out, (w, h), interpolation=cv2.INTER_LINEAR))


@njit(cache=True, fastmath=True)
def _shade(layer, normal, back, albedo, lit, ao, key, side, p, materials, out, shine_out):  # type: ignore[no-untyped-def]
    """out: diffuse light times albedo; shine_out: what is reflected on top, without colour."""
    h, w = layer.shape
    hx, hy, hz = key[0], key[1], key[2] + 1.0
    hn = np.sqrt(hx * hx + hy * hy + hz * hz)
    hx, hy, hz = hx / hn, hy / hn, hz / hn
    for y in range(h):
        for x in range(w):
            k = layer[y, x]
            if k == 0:
                continue
            nx, ny, nz = normal[y, x, 0], normal[y, x, 1], normal[y, x, 2]
            wrap = materials[k, 0]
            nd = nx * key[0] + ny * key[1] + nz * key[2]
            d = max(0.0, (nd + wrap) / (1 + wrap))
            f = max(0.0, (nx * side[0] + ny * side[1] + nz * side[2] + 0.4) / 1.4)
            open_, s = ao[y, x], lit[y, x]
            sky = p[3] * (0.80 + 0.20 * ny) * open_
            kd = p[0] * d * s
            fill = p[1] * f * (0.5 + 0.5 * open_)
            edge = max(0.0, 1 - nz)
            rim = p[2] * edge * edge * edge * materials[k, 4] * (0.4 + 0.6 * max(0.0, ny + 0.4))
            # Surfaces that turn away from the viewer see less of the soft boxes beside the camera.
            light = (sky + kd + fill) * (1 - 0.32 * edge * np.sqrt(edge))
            # Light that has travelled under the skin is red where the key fades out.
            warm = materials[k, 3] * 0.16 * max(0.0, 1 - abs(nd - 0.05) * 2.2) * (0.3 + 0.7 * s)
            inside = 0.6 if back[y, x] else 1.0
            for c in range(3):
                tint = 1 + warm if c == 0 else (1 - 0.25 * warm if c == 1 else 1 - 0.6 * warm)
                out[y, x, c] = albedo[y, x, c] * light * tint * inside
            hd = max(0.0, nx * hx + ny * hy + nz * hz)
            shine_out[y, x] = (materials[k, 1] * hd ** materials[k, 2] * (0.35 + 0.65 * s) + rim * 0.35) * inside


def shade(
    surface: Surface, albedo: Floats, lit: Floats, ao: Floats, light: Light, materials: Floats
) -> tuple[Floats, Floats]:
    """(H, W, 3) linear diffuse light and (H, W) linear reflections."""
    key = np.array(light.key, np.float32)
    key /= np.linalg.norm(key)
    side = np.array([-key[0] * 1.3, 0.15, 0.8], np.float32)
    side /= np.linalg.norm(side)
    out = np.zeros((*surface.layer.shape, 3), np.float32)
    shine = np.zeros(surface.layer.shape, np.float32)
    p = np.array([light.strength, light.fill, light.rim, light.sky], np.float32)
    _shade(surface.layer, surface.normal, surface.back, albedo, lit, ao, key, side, p, materials, out, shine)
    return out, shine


def floor_shadow(scene: Stack, view: View, light: Light, floor: float, tilt: float = 0.16) -> Floats:
    """(h, w) 0..1 darkness on a floor seen at a slight slope, at half of the view's size."""
    k = np.array(light.key, np.float32)
    rise = np.maximum(scene.points[:, 1] - floor, 0)
    # A large lamp above: the shadow is short, or it would lie on the wall.
    x = scene.points[:, 0] - rise * k[0] / k[1] * 0.22
    z = scene.points[:, 2] - rise * k[2] / k[1] * 0.22
    half = view.scale / 2
    px = np.stack([view.x0 / 2 + x * half, view.y0 / 2 - (floor - tilt * z) * half, -rise], 1).astype(np.float32)
    h, w = view.height // 2, view.width // 2
    keep = ~np.isin(scene.layers, [Layer.BROWS, Layer.LASHES, Layer.EYES, Layer.GLASSES])
    z_low = depth_map(px, scene, keep, w, h)
    hit = z_low > FAR
    near = np.where(hit, np.exp(z_low / 9.0), 0).astype(np.float32)
    far = np.where(hit, np.exp(z_low / 55.0), 0).astype(np.float32)
    unit = half
    tight = cv2.GaussianBlur(near, (0, 0), max(0.8, 1.0 * unit), sigmaY=max(0.5, 0.35 * unit))
    wide = cv2.GaussianBlur(far, (0, 0), max(1.0, 5.0 * unit), sigmaY=max(0.6, 1.5 * unit))
    return np.asarray(np.clip(0.55 * tight + 0.38 * wide, 0, 0.85), np.float32)
