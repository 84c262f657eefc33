"""A small z-buffer rasteriser: triangles to per-pixel surface attributes (numba, one core)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from fashion_gen.records import View

Floats = NDArray[np.float32]

FAR = -1e9
WHOLE = 1e3  # a cut value that never cuts


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles of one layer, posed, in cm. Where the interpolated `cut` is negative nothing is drawn."""

    layer: int
    points: Floats  #: (N, 3) posed
    triangles: NDArray[np.int32]  #: (T, 3)
    coords: Floats  #: (N, 3) where noise and prints are looked up: the rest pose
    uv: Floats  #: (N, 2)
    cut: Floats  #: (N,) cm inside the hem
    normals: Floats  #: (N, 3)
    edge: Floats | None = None  #: (N,) cm to the nearest real hem, where seams are sewn; None: as cut
    alpha: int = -1  #: which alpha texture, -1 for none


@dataclass(frozen=True, eq=False)
class Surface:
    """What each pixel of the canvas sees. Layer 0 is nothing."""

    layer: NDArray[np.uint8]  #: (H, W)
    depth: Floats  #: (H, W) cm towards the viewer
    normal: Floats  #: (H, W, 3) facing the viewer
    coords: Floats  #: (H, W, 3)
    uv: Floats  #: (H, W, 2)
    edge: Floats  #: (H, W)
    back: NDArray[np.bool_]  #: (H, W) the inner side of the surface is seen


@njit(cache=True)
def _accumulate(points, triangles):  # type: ignore[no-untyped-def]
    out = np.zeros_like(points)
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ux, uy, uz = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
        vx, vy, vz = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1], points[c, 2] - points[a, 2]
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        for k in (a, b, c):
            out[k, 0] += nx
            out[k, 1] += ny
            out[k, 2] += nz
    for k in range(out.shape[0]):
        n = np.sqrt(out[k, 0] ** 2 + out[k, 1] ** 2 + out[k, 2] ** 2) + 1e-9
        for j in range(3):
            out[k, j] /= n
    return out


def vertex_normals(points: Floats, triangles: NDArray[np.int32]) -> Floats:
    """(N, 3) smooth unit normals, weighted by area."""
    return np.asarray(_accumulate(points, triangles))


@njit(cache=True, fastmath=True)
def _opacity(texture, u, v):  # type: ignore[no-untyped-def]
    side = texture.shape[0]
    i, j = int((v - np.floor(v)) * side), int((u - np.floor(u)) * side)
    return texture[min(i, side - 1), min(j, side - 1)]


@njit(cache=True, fastmath=True)
def _fill(px, tri, cut, uv, alpha_of, alphas, zbuf, ids, bary):  # type: ignore[no-untyped-def]  # noqa: C901 - one loop, or numba pays for calls
    h, w = zbuf.shape
    for t in range(tri.shape[0]):
        a, b, c = tri[t, 0], tri[t, 1], tri[t, 2]
        s0, s1, s2 = cut[a], cut[b], cut[c]
        if s0 < 0 and s1 < 0 and s2 < 0:
            continue
        x0, y0, x1, y1, x2, y2 = px[a, 0], px[a, 1], px[b, 0], px[b, 1], px[c, 0], px[c, 1]
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if abs(area) < 1e-9:
            continue
        left, right = max(0, int(np.floor(min(x0, x1, x2)))), min(w - 1, int(np.ceil(max(x0, x1, x2))))
        top, bottom = max(0, int(np.floor(min(y0, y1, y2)))), min(h - 1, int(np.ceil(max(y0, y1, y2))))
        k = alpha_of[t]
        for y in range(top, bottom + 1):
            for x in range(left, right + 1):
                qx, qy = x + 0.5, y + 0.5
                w0 = ((x1 - qx) * (y2 - qy) - (x2 - qx) * (y1 - qy)) / area
                w1 = ((x2 - qx) * (y0 - qy) - (x0 - qx) * (y2 - qy)) / area
                w2 = 1 - w0 - w1
                if w0 < -1e-6 or w1 < -1e-6 or w2 < -1e-6:
                    continue
                z = w0 * px[a, 2] + w1 * px[b, 2] + w2 * px[c, 2]
                if z <= zbuf[y, x] or w0 * s0 + w1 * s1 + w2 * s2 < 0:
                    continue
                if k >= 0:
                    u = w0 * uv[a, 0] + w1 * uv[b, 0] + w2 * uv[c, 0]
                    v = w0 * uv[a, 1] + w1 * uv[b, 1] + w2 * uv[c, 1]
                    # A dithered threshold: with 2x supersampling it reads as soft, wispy edges.
                    if _opacity(alphas[k], u, v) < 70 + 30 * ((x + 2 * y) % 4):
                        continue
                zbuf[y, x] = z
                ids[y, x] = t
                bary[y, x, 0] = w0
                bary[y, x, 1] = w1


@njit(cache=True, fastmath=True)
def _resolve(ids, bary, tri, layer_of, points_n, coords, uv, edge, out_layer, out_n, out_c, out_uv, out_edge, out_back):  # type: ignore[no-untyped-def]
    h, w = ids.shape
    for y in range(h):
        for x in range(w):
            t = ids[y, x]
            if t < 0:
                continue
            a, b, c = tri[t, 0], tri[t, 1], tri[t, 2]
            w0, w1 = bary[y, x, 0], bary[y, x, 1]
            w2 = 1 - w0 - w1
            out_layer[y, x] = layer_of[t]
            nx = w0 * points_n[a, 0] + w1 * points_n[b, 0] + w2 * points_n[c, 0]
            ny = w0 * points_n[a, 1] + w1 * points_n[b, 1] + w2 * points_n[c, 1]
            nz = w0 * points_n[a, 2] + w1 * points_n[b, 2] + w2 * points_n[c, 2]
            n = np.sqrt(nx * nx + ny * ny + nz * nz) + 1e-9
            back = nz < -0.08 * n
            if nz < 0:
                nx, ny, nz = (-nx, -ny, -nz) if back else (nx, ny, 0.0)
            out_n[y, x, 0], out_n[y, x, 1], out_n[y, x, 2] = nx / n, ny / n, nz / n
            out_back[y, x] = back
            for j in range(3):
                out_c[y, x, j] = w0 * coords[a, j] + w1 * coords[b, j] + w2 * coords[c, j]
            for j in range(2):
                out_uv[y, x, j] = w0 * uv[a, j] + w1 * uv[b, j] + w2 * uv[c, j]
            out_edge[y, x] = w0 * edge[a] + w1 * edge[b] + w2 * edge[c]


@njit(cache=True, fastmath=True)
def _depth(px, tri, cut, zbuf):  # type: ignore[no-untyped-def]
    h, w = zbuf.shape
    for t in range(tri.shape[0]):
        a, b, c = tri[t, 0], tri[t, 1], tri[t, 2]
        if cut[a] < 0 and cut[b] < 0 and cut[c] < 0:
            continue
        x0, y0, x1, y1, x2, y2 = px[a, 0], px[a, 1], px[b, 0], px[b, 1], px[c, 0], px[c, 1]
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if abs(area) < 1e-9:
            continue
        left, right = max(0, int(np.floor(min(x0, x1, x2)))), min(w - 1, int(np.ceil(max(x0, x1, x2))))
        top, bottom = max(0, int(np.floor(min(y0, y1, y2)))), min(h - 1, int(np.ceil(max(y0, y1, y2))))
        for y in range(top, bottom + 1):
            for x in range(left, right + 1):
                qx, qy = x + 0.5, y + 0.5
                w0 = ((x1 - qx) * (y2 - qy) - (x2 - qx) * (y1 - qy)) / area
                w1 = ((x2 - qx) * (y0 - qy) - (x0 - qx) * (y2 - qy)) / area
                w2 = 1 - w0 - w1
                if w0 < 0 or w1 < 0 or w2 < 0 or w0 * cut[a] + w1 * cut[b] + w2 * cut[c] < 0:
                    continue
                z = w0 * px[a, 2] + w1 * px[b, 2] + w2 * px[c, 2]
                if z > zbuf[y, x]:
                    zbuf[y, x] = z


@dataclass(frozen=True, eq=False)
class Stack:
    """All meshes of a picture as one list of triangles."""

    points: Floats
    triangles: NDArray[np.int32]
    layers: NDArray[np.uint8]
    coords: Floats
    uv: Floats
    cut: Floats
    edge: Floats
    normals: Floats
    alpha_of: NDArray[np.int32]


def stack(meshes: Sequence[Mesh]) -> Stack:
    starts = np.cumsum([0, *(len(m.points) for m in meshes)])
    join = lambda name: np.ascontiguousarray(np.concatenate([getattr(m, name) for m in meshes]), np.float32)  # noqa: E731
    return Stack(
        join("points"),
        np.concatenate([m.triangles + s for m, s in zip(meshes, starts, strict=False)]).astype(np.int32),
        np.concatenate([np.full(len(m.triangles), m.layer, np.uint8) for m in meshes]),
        join("coords"),
        join("uv"),
        join("cut"),
        np.concatenate([m.cut if m.edge is None else m.edge for m in meshes]).astype(np.float32),
        join("normals"),
        np.concatenate([np.full(len(m.triangles), m.alpha, np.int32) for m in meshes]),
    )


def draw(scene: Stack, view: View, alphas: NDArray[np.uint8], push: Floats | None = None) -> Surface:
    """The nearest surface at each pixel; `alphas` (K, S, S) are cut-out textures, `push` (N,) cm is added to depths."""
    h, w = view.height, view.width
    px = np.empty_like(scene.points)
    px[:, 0] = view.x0 + scene.points[:, 0] * view.scale
    px[:, 1] = view.y0 - scene.points[:, 1] * view.scale
    px[:, 2] = scene.points[:, 2] if push is None else scene.points[:, 2] + push
    depth = np.full((h, w), FAR, np.float32)
    ids = np.full((h, w), -1, np.int32)
    bary = np.zeros((h, w, 2), np.float32)
    _fill(px, scene.triangles, scene.cut, scene.uv, scene.alpha_of, alphas, depth, ids, bary)
    layer, back = np.zeros((h, w), np.uint8), np.zeros((h, w), np.bool_)
    normal, coords = np.zeros((h, w, 3), np.float32), np.zeros((h, w, 3), np.float32)
    uv, edge = np.zeros((h, w, 2), np.float32), np.zeros((h, w), np.float32)
    _resolve(
        ids,
        bary,
        scene.triangles,
        scene.layers,
        scene.normals,
        scene.coords,
        scene.uv,
        scene.edge,
        layer,
        normal,
        coords,
        uv,
        edge,
        back,
    )
    return Surface(layer, depth, normal, coords, uv, edge, back)


def depth_map(points: Floats, scene: Stack, keep: NDArray[np.bool_], width: int, height: int) -> Floats:
    """Nearest depth of pixel-space (N, 3) points of the same triangles, e.g. as a light sees them."""
    zbuf = np.full((height, width), FAR, np.float32)
    _depth(np.ascontiguousarray(points, np.float32), scene.triangles[keep], scene.cut, zbuf)
    return zbuf
