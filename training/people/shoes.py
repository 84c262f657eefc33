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
    """cm: how thick the upper and the sole are, how high the heel and the shaft stand."""

    upper: float
    sole: float
    heel: float  #: how much lower the ball of the foot stands than the heel
    block: float  #: thickness added under the heel
    shaft: float  #: above the ankle joint; negative stops below it
    low_cut: bool  #: the instep is bare (flats, heels)
    flare: float  #: how far the sole stands out


SHAPES = {
    "sneakers": Shoe(0.75, 2.6, 0.0, 0.4, -1.0, False, 0.55),
    "flats": Shoe(0.35, 0.8, 0.0, 0.4, -4.0, True, 0.15),
    "boots": Shoe(0.95, 2.2, 0.0, 1.4, 13.0, False, 0.35),
    "heels": Shoe(0.35, 0.6, 5.0, 5.4, -4.0, True, 0.05),
}


@dataclass(frozen=True, eq=False)
class Foot:
    """Where one foot is in the rest pose."""

    ankle: Floats  #: (3,)
    toe: Floats  #: (3,)
    left: bool

    def along(self, p: Floats) -> Floats:
        """0 at the ankle, 1 at the toes' middle joints."""
        return np.asarray((p[:, 2] - self.ankle[2]) / max(float(self.toe[2] - self.ankle[2]), 1.0), np.float32)

    def near(self, p: Floats) -> NDArray[np.bool_]:
        return np.asarray((p[:, 1] < self.ankle[1] + 25) & ((p[:, 0] > 0) == self.left))

    def drop(self, p: Floats, shoe: Shoe) -> Floats:
        """(V,) cm by which the ball and the toes are lower than on flat ground."""
        t = np.clip((self.along(p) - 0.05) / 0.8, 0, 1)
        return np.asarray(shoe.heel * t * t * (3 - 2 * t) * (p[:, 1] < self.ankle[1] + 2), np.float32)


def _feet(kit: Kit, posed: Posed) -> tuple[Foot, Foot]:
    mean = lambda bone: posed.rest[kit.data.heads[bone]].mean(0)  # noqa: E731
    left, right = (Foot(mean(f"foot.{s}"), mean(f"toe2-2.{s}"), s == "L") for s in "LR")
    return left, right


def shoes(kit: Kit, posed: Posed, shape: str) -> list[Mesh]:
    """Uppers and soles; none for "barefoot"."""
    if shape not in SHAPES:
        return []
    return [m for foot in _feet(kit, posed) for m in _one(kit, posed, SHAPES[shape], foot)]


def _one(kit: Kit, posed: Posed, shoe: Shoe, foot: Foot) -> list[Mesh]:
    shell = kit.data.shells["tights"]
    p = shell_rest(shell, posed.rest)
    near = foot.near(p)
    n = vertex_normals(p, shell.triangles)
    laid = (p + n * np.float32(shoe.upper)).astype(np.float32)
    laid[:, 1] -= foot.drop(p, shoe) * near
    points = apply(shell_matrices(shell, posed), laid)
    strength = np.full((len(p), 2), 0.02, np.float32)
    cut = np.where(near, _opening(shoe, foot, p), -1.0).astype(np.float32)
    seen = shell.triangles[near[shell.triangles].all(1)]
    upper = Mesh(Layer.SHOES, points, seen, p, strength, cut, vertex_normals(points, seen))
    return [upper, _sole(posed, shoe, p[near & (p[:, 1] < foot.ankle[1] - 2)], foot)]


def _opening(shoe: Shoe, foot: Foot, p: Floats) -> Floats:
    """(V,) cm below the edge of the shaft or the throat."""
    top = foot.ankle[1] + shoe.shaft - p[:, 1]
    if shoe.shaft > 0:
        return np.asarray(top, np.float32)
    along = foot.along(p)
    top = top + 2.2 * np.clip(-along, 0, 1)
    if not shoe.low_cut:
        return np.where(along > 0.45, WHOLE, top).astype(np.float32)
    # The throat falls from the heel to the toes.
    top = top - 3.0 * np.clip(along * 1.6, 0, 1)
    return np.where(along > 0.78, WHOLE, top).astype(np.float32)


def _sole(posed: Posed, shoe: Shoe, foot_points: Floats, foot: Foot) -> Mesh:
    flat = foot_points[:, [0, 2]]
    ring = _even(flat[ConvexHull(flat).vertices], 48)
    centre = ring.mean(0)
    ring = centre + (ring - centre) * (
        1 + (shoe.flare + shoe.upper * 0.7) / np.linalg.norm(ring - centre, axis=1, keepdims=True)
    )
    low = float(foot_points[:, 1].min()) - 0.4 * shoe.upper
    at = np.stack([ring[:, 0], np.full(len(ring), low), ring[:, 1]], 1).astype(np.float32)
    top = low - foot.drop(at, shoe)
    length = float(np.ptp(ring[:, 1]))
    heel = np.clip((ring[:, 1].min() + (0.30 if shoe.heel else 0.35) * length - ring[:, 1]) / (0.08 * length), 0, 1)
    under = shoe.sole + shoe.block * heel
    rows = [
        _row(centre, ring, top + 0.9, 1.0),
        _row(centre, ring, top + 0.4, 1.012),
        _row(centre, ring, top - 0.6 * under, 1.012 - 0.10 * (shoe.heel > 0)),
        _row(centre, ring, top - under, 1.0 - 0.14 * (shoe.heel > 0)),
        _row(centre, ring, top - under, 0.0),
    ]
    p = np.concatenate(rows).astype(np.float32)
    triangles = _bands(len(rows), len(ring))
    # The sole moves with the heel, stiffly.
    goal = np.array([foot_points[:, 0].mean(), low, foot_points[:, 2].min()], np.float32)
    body = posed.data.groups["body"]
    heel_vertex = int(body[np.argmin(np.abs(posed.rest[body] - goal).sum(1))])
    points = apply(np.repeat(posed.matrices[heel_vertex : heel_vertex + 1], len(p), 0), p)
    whole = np.full(len(p), WHOLE, np.float32)
    return Mesh(
        Layer.SOLES, points, triangles, p, np.zeros((len(p), 2), np.float32), whole, vertex_normals(points, triangles)
    )


def _row(centre: Floats, ring: Floats, y: Floats, size: float) -> Floats:
    q = centre + (ring - centre) * size
    return np.stack([q[:, 0], y, q[:, 1]], 1).astype(np.float32)


def _bands(rows: int, count: int) -> NDArray[np.int32]:
    """Triangles between closed rows of `count` points each."""
    k = np.arange(count)
    after = (k + 1) % count
    out = []
    for r in range(rows - 1):
        a, b = r * count, (r + 1) * count
        out += [np.stack([k + a, after + a, k + b], 1), np.stack([after + a, after + b, k + b], 1)]
    return np.concatenate(out).astype(np.int32)


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
    for foot in _feet(kit, posed):
        near = foot.near(posed.rest)
        if shoe.low_cut:
            hidden = near & (foot.along(posed.rest) > 0.82) & (posed.rest[:, 1] < foot.ankle[1])
            cut = np.where(hidden, -1.0, cut)
        else:
            level = foot.ankle[1] + min(shoe.shaft - 1.5, 10.0)
            cut = np.where(near, np.minimum(cut, posed.rest[:, 1] - level), cut)
    return cut.astype(np.float32)


def stand(kit: Kit, posed: Posed, shape: str) -> Floats:
    """(V, 3) the body's posed vertices with the feet as the shoes hold them."""
    if shape not in SHAPES or SHAPES[shape].heel == 0:
        return posed.vertices
    fall = np.zeros(len(posed.rest), np.float32)
    for foot in _feet(kit, posed):
        fall += foot.drop(posed.rest, SHAPES[shape]) * foot.near(posed.rest)
    moved = posed.rest.copy()
    moved[:, 1] -= fall
    return np.asarray(apply(posed.matrices, moved))
