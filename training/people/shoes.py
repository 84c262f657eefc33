"""Shoes from the smooth foot of the tights' shell: an upper, and a sole made from its outline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from training.people.kit import Kit
from training.people.layers import Layer
from training.people.posing import Posed, apply, shell_matrices, shell_rest
from training.people.raster import WHOLE, Mesh, vertex_normals

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Shoe:
    """cm: how thick the upper and the sole are, how high the shaft reaches, how far the vamp is open."""

    upper: float
    sole: float
    heel: float
    shaft: float  #: above the ankle joint; negative stops below it
    vamp: float  #: 1 closed, 0 open to the toes (a flat)
    flare: float  #: how far the sole stands out


SHAPES = {
    "sneakers": Shoe(0.75, 2.6, 0.4, -1.0, 0.9, 0.55),
    "flats": Shoe(0.35, 0.8, 0.4, -4.0, 0.12, 0.15),
    "boots": Shoe(0.95, 2.4, 1.6, 13.0, 1.0, 0.35),
    "heels": Shoe(0.35, 0.7, 5.5, -4.0, 0.15, 0.1),
}


def shoes(kit: Kit, posed: Posed, shape: str) -> list[Mesh]:
    if shape not in SHAPES:
        return []
    return [m for side in range(2) for m in _one(kit, posed, SHAPES[shape], side)]


def _one(kit: Kit, posed: Posed, shoe: Shoe, side: int) -> list[Mesh]:
    shell = kit.data.shells["tights"]
    p = shell_rest(shell, posed.rest)
    s = "LR"[side]
    ankle = posed.rest[kit.data.heads[f"foot.{s}"]].mean(0)
    toe = posed.rest[kit.data.heads[f"toe2-2.{s}"]].mean(0)
    near = (np.abs(p[:, 1] - ankle[1]) < 30) & ((p[:, 0] > 0) == (side == 0)) & (p[:, 1] < ankle[1] + 25)
    foot = near & (p[:, 1] < ankle[1] - 2)
    n = vertex_normals(p, shell.triangles)
    along = np.clip((p[:, 2] - ankle[2]) / max(float(toe[2] - ankle[2]), 1.0), -1, 1.5)
    top = ankle[1] + shoe.shaft - (1 - shoe.vamp) * 0.0
    if shoe.shaft < 0:
        # Low shoes are cut along a line that falls from the heel to the instep; flats leave the instep bare.
        top = ankle[1] + shoe.shaft + 2.2 * np.clip(-along, 0, 1) - (1 - shoe.vamp) * 3.0 * np.clip(along * 1.6, 0, 1)
        opening = np.where((along > 0.78) | (shoe.vamp > 0.5), WHOLE, top - p[:, 1])
        cut = np.minimum(np.where(along > 0.45, WHOLE if shoe.vamp > 0.5 else opening, top - p[:, 1]), WHOLE)
    else:
        cut = top - p[:, 1]
    cut = np.where(near, cut, -1.0)
    laid = (p + n * np.float32(shoe.upper)).astype(np.float32)
    matrices = shell_matrices(shell, posed)
    points = apply(matrices, laid)
    strength = np.full((len(p), 2), 0.02, np.float32)
    upper = Mesh(Layer.SHOES, points, shell.triangles, p, strength, cut.astype(np.float32), vertex_normals(points, shell.triangles))
    return [upper, _sole(kit, posed, shoe, laid[foot], s)]


def _sole(kit: Kit, posed: Posed, shoe: Shoe, foot: Floats, s: str) -> Mesh:
    flat = foot[:, [0, 2]]
    ring = flat[ConvexHull(flat).vertices]
    centre = ring.mean(0)
    ring = _even(ring, 48)
    ring = centre + (ring - centre) * (1 + shoe.flare / np.linalg.norm(ring - centre, axis=1, keepdims=True))
    low = float(foot[:, 1].min())
    length = np.ptp(ring[:, 1])
    heel = np.clip((ring[:, 1].min() + 0.35 * length - ring[:, 1]) / (0.12 * length), 0, 1)
    rows = []
    for y, grow in ((low + 0.9, 0.0), (low + 0.5, 0.12), (low - shoe.sole * 0.6, 0.12), (low - shoe.sole, 0.0), (low - shoe.sole, -90.0)):
        q = centre + (ring - centre) * max(0.0, 1 + grow / 8)
        rows.append(np.stack([q[:, 0], y - shoe.heel * heel * (y < low), q[:, 1]], 1))
    p = np.concatenate(rows).astype(np.float32)
    m = len(ring)
    k = np.arange(m)
    nxt = (k + 1) % m
    tri = np.concatenate(
        [
            np.concatenate([np.stack([k + r * m, nxt + r * m, k + (r + 1) * m], 1), np.stack([nxt + r * m, nxt + (r + 1) * m, k + (r + 1) * m], 1)])
            for r in range(len(rows) - 1)
        ]
    ).astype(np.int32)
    bone = kit.data.heads[f"foot.{s}"]
    matrix = posed.matrices[bone].mean(0, keepdims=True)
    heel_vertex = int(np.argmin(np.abs(posed.rest - np.array([foot[:, 0].mean(), low, foot[:, 2].min()], np.float32)).sum(1)))
    matrix = posed.matrices[heel_vertex : heel_vertex + 1]
    points = apply(np.repeat(matrix, len(p), 0), p)
    whole = np.full(len(p), WHOLE, np.float32)
    return Mesh(Layer.SOLES, points, tri, p, np.zeros((len(p), 2), np.float32), whole, vertex_normals(points, tri))


def _even(ring: Floats, count: int) -> Floats:
    """Resample a closed outline at even steps, rounded."""
    closed = np.concatenate([ring, ring[:1]])
    d = np.r_[0, np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))]
    t = np.linspace(0, d[-1], count, endpoint=False)
    out = np.stack([np.interp(t, d, closed[:, k]) for k in range(2)], 1)
    for _ in range(2):
        out = 0.5 * out + 0.25 * (np.roll(out, 1, 0) + np.roll(out, -1, 0))
    return np.asarray(out, np.float32)


def foot_cut(kit: Kit, posed: Posed, shape: str) -> Floats:
    """(V,) for the body's vertices: negative where a shoe surely hides the foot."""
    cut = np.full(len(posed.rest), WHOLE, np.float32)
    if shape not in SHAPES:
        return cut
    shoe = SHAPES[shape]
    for s in "LR":
        ankle = posed.rest[kit.data.heads[f"foot.{s}"]].mean(0)
        toe = posed.rest[kit.data.heads[f"toe2-2.{s}"]].mean(0)
        near = (posed.rest[:, 0] > 0) == (s == "L")
        level = ankle[1] + min(shoe.shaft - 1.5, 10.0)
        if shoe.vamp < 0.5:
            along = (posed.rest[:, 2] - ankle[2]) / max(float(toe[2] - ankle[2]), 1.0)
            hidden = np.where(along > 0.82, WHOLE, -1.0)
            cut = np.where(near & (posed.rest[:, 1] < ankle[1]), np.minimum(cut, -hidden * 0 + np.where(hidden > 0, -1.0, WHOLE)), cut)
        else:
            cut = np.where(near, np.minimum(cut, posed.rest[:, 1] - level), cut)
    return cut.astype(np.float32)
