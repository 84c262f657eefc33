"""A headscarf: a surface of revolution that rests on head, neck and shoulders."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from training.people.kit import Kit
from training.people.layers import Layer
from training.people.posing import Posed, apply
from training.people.raster import WHOLE, Mesh, vertex_normals

Floats = NDArray[np.float32]


ROWS, COLUMNS = 84, 96


def veil(kit: Kit, posed: Posed, seed: int) -> list[Mesh]:
    """A headscarf: a surface of revolution that rests on head, neck and shoulders, open around the face."""
    rng = np.random.default_rng(seed)
    rest = posed.rest
    v = kit.data.vertices
    near = kit.data.groups["body"]
    near = near[(v[near, 1] > 38) & (np.abs(v[near, 0]) < 19)]
    p = rest[near]
    skull = rest[near[v[near, 1] > 70]]
    centre = (skull.min(0) + skull.max(0)) / 2
    away = p - centre
    head = v[near, 1] > 62
    p = p + np.where(head[:, None], away / np.linalg.norm(away, axis=1, keepdims=True) * 1.5, 0).astype(np.float32)
    crown, chin = float(p[:, 1].max()) + 0.1, float(rest[kit.data.heads["special04"]].mean(0)[1])
    bottom = chin - rng.uniform(14, 22)
    step = (crown - bottom) / (ROWS - 1)
    row = np.clip(((crown - p[:, 1]) / step).astype(int), 0, ROWS - 1)
    column = (np.arctan2(p[:, 0], p[:, 2] - centre[2]) / (2 * np.pi) % 1 * COLUMNS).astype(int) % COLUMNS
    table = np.zeros((ROWS, COLUMNS), np.float32)
    np.maximum.at(table, (row, column), np.hypot(p[:, 0], p[:, 2] - centre[2]).astype(np.float32))
    solid = (table > 0).astype(np.float32)
    filled = _wrap_blur(table, 1.6) / np.maximum(_wrap_blur(solid, 1.6), 1e-3)
    depth = np.arange(ROWS)[:, None] * step
    table = np.where((solid > 0) | (depth < 9), table, filled)
    # The top of the head is round, however few vertices it has.
    table = np.maximum(table, (np.sqrt(1 - (1 - depth / 9.0).clip(0, 1) ** 2) * 7.4 * (depth < 9)).astype(np.float32))
    for k in range(1, ROWS):
        # Cloth follows the head, falls from the chin and lies on the shoulders.
        table[k] = np.maximum(table[k], table[k - 1] - (0.55 if crown - k * step > chin - 1 else 0.75) * step)
    y = crown - np.arange(ROWS) * step
    # Its end is worn inside the neckline: the garment is always in front.
    table = _wrap_blur(table, 1.5) + np.float32(0.3)
    table[0] = 0
    angle = np.arange(COLUMNS) / COLUMNS * 2 * np.pi
    r = table
    grid = np.stack([r * np.sin(angle), np.broadcast_to(y[:, None], r.shape), centre[2] + r * np.cos(angle)], -1)
    q = grid.reshape(-1, 3).astype(np.float32)
    i, j = np.meshgrid(np.arange(ROWS - 1), np.arange(COLUMNS), indexing="ij")
    a, b = (i * COLUMNS + j).ravel(), (i * COLUMNS + (j + 1) % COLUMNS).ravel()
    tri = np.concatenate([np.stack([a, a + COLUMNS, b], 1), np.stack([b, a + COLUMNS, b + COLUMNS], 1)]).astype(
        np.int32
    )
    cut = -_face_opening(kit, rest, q)
    cut = np.minimum(cut, q[:, 1] - bottom - 1 - 1.2 * np.sin(3 * q[:, 0] / 8)).astype(np.float32)
    _, nearest = cKDTree(p).query(q)
    points = apply(_smooth_rows(posed.matrices[near[nearest]]), q)
    strength = np.tile(np.array([[0.45, 0.5]], np.float32), (len(q), 1))
    return [Mesh(Layer.VEIL, points, tri, q, strength, cut, vertex_normals(points, tri))]


def _wrap_blur(table: Floats, sigma: float) -> Floats:
    wide = np.concatenate([table[:, -10:], table, table[:, :10]], 1)
    return np.asarray(cv2.GaussianBlur(wide, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)[:, 10:-10])


def _face_opening(kit: Kit, rest: Floats, p: Floats) -> Floats:
    """cm inside the oval that a headscarf leaves free, for points of the rest pose."""
    eyes = (rest[kit.data.groups["helper-l-eye"]].mean(0) + rest[kit.data.groups["helper-r-eye"]].mean(0)) / 2
    chin = float(rest[kit.data.heads["special04"]].mean(0)[1])
    high = 0.60 * (eyes[1] - chin) + 1.6
    middle = eyes[1] - 0.38 * (eyes[1] - chin)
    oval = ((p[:, 0] / (high * 0.74)) ** 2 + ((p[:, 1] - middle) / high) ** 2) ** 0.5
    return np.asarray(np.where(p[:, 2] > eyes[2] - 9, (1 - oval) * 6, -50.0), np.float32)


def veiled_cut(kit: Kit, posed: Posed) -> Floats:
    """(V,) for the body's vertices: negative where a headscarf surely hides it."""
    opening = _face_opening(kit, posed.rest, posed.rest) + 1.5
    return np.where(kit.data.vertices[:, 1] > 62, opening, WHOLE).astype(np.float32)


def _smooth_rows(matrices: Floats) -> Floats:
    """Even out the movement of neighbouring rows of the scarf's grid."""
    grid = matrices.reshape(ROWS, COLUMNS, 12)
    blurred = [cv2.blur(np.ascontiguousarray(grid[..., k : k + 4]), (7, 7)).reshape(-1, 4) for k in (0, 4, 8)]
    return np.concatenate(blurred, 1).astype(np.float32)
