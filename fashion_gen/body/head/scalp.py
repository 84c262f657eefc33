"""Where hair grows and what it lies on: roots on a scalp, the skull as a radius in every direction, a cap of short hair."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates
from scipy.spatial import cKDTree

from fashion_gen.body.head.features import noise
from fashion_gen.body.head.hairline import Hairline, grown
from fashion_gen.body.head.model import SIZE, Head, canonical, form, vertex_normals
from fashion_gen.body.head.stand import Stand
from fashion_gen.body.lofts import Array, Mesh, unit
from fashion_gen.body.parts import Part
from fashion_gen.body.solids import Colour

_TURNS, _RISES = 64, 33
#: The middle of the skull, from which radii are measured, as shares of the half axes.
_MIDDLE = np.array([0.0, 0.16, -0.06])
#: The cap reaches this far before the hairline, in shares of grown(): down and single hairs grow there.
BEFORE = 0.30
#: Ears stand out by less where hair lies over them.
_EAR = 1.07


@dataclass(frozen=True, eq=False)
class Roots:
    """Where N strands start, in the head's rest frame."""

    points: Array  #: (N, 3) cm
    normals: Array  #: (N, 3)
    share: Array  #: (N,) 0 at the hairline, 1 well behind it
    place: Array  #: (N, 3) shares of the mean head's half axes


@dataclass(frozen=True, eq=False)
class Skull:
    """The head as a radius around its middle, so that strands can be laid on it."""

    middle: Array  #: (3,) cm
    radii: Array  #: (RISES, TURNS + 1)

    def radius(self, direction: Array) -> Array:
        """(N,) cm from the middle to the skin in (N, 3) unit directions."""
        turn = np.arctan2(direction[:, 0], direction[:, 2]) / (2 * np.pi) % 1.0 * _TURNS
        rise = (np.arcsin(np.clip(direction[:, 1], -1, 1)) / np.pi + 0.5) * (_RISES - 1)
        return np.asarray(map_coordinates(self.radii, [rise, turn], order=1, mode="nearest"))

    def outside(self, points: Array, by: Array, *, hug: float | Array = 0.0) -> Array:
        """(N, 3) points moved out until they lie `by` (N,) cm over the skin; with `hug` 1 also in."""
        away = points - self.middle
        distance = np.linalg.norm(away, axis=1)
        direction = away / np.maximum(distance, 1e-6)[:, None]
        least = self.radius(direction) + by
        far = np.maximum(distance, least)
        return np.asarray(self.middle + direction * (far + hug * (least - far))[:, None])


def skull_of(head: Head) -> Skull:
    """The radii of a head."""
    size = np.array([np.abs(head.points[form().scalp > 0.5, 0]).max(), SIZE[1], SIZE[2]])
    middle = _MIDDLE * SIZE
    near, weights = _neighbours()
    points = head.points.copy()
    points[:, 0] = np.clip(points[:, 0], -_EAR * size[0], _EAR * size[0])
    distance = np.linalg.norm(points - middle, axis=1)
    radii = (distance[near] * weights).sum(axis=1).reshape(_RISES, _TURNS)
    return Skull(middle, np.concatenate([radii, radii[:, :1]], axis=1))


@cache
def _neighbours() -> tuple[NDArray[Any], Array]:
    """For each direction of the grid the six outer points of the mean head around it, and their weights."""
    data = form()
    outer = np.flatnonzero((data.open > 0.45) & (data.mean[:, 1] > -1.05))
    directions = unit(canonical()[outer] - _MIDDLE * SIZE)
    rise, turn = np.meshgrid(
        np.linspace(-np.pi / 2, np.pi / 2, _RISES), np.arange(_TURNS) * 2 * np.pi / _TURNS, indexing="ij"
    )
    grid = np.stack([np.cos(rise) * np.sin(turn), np.sin(rise), np.cos(rise) * np.cos(turn)], axis=-1).reshape(-1, 3)
    far, index = cKDTree(directions).query(grid, k=6)
    weights = 1 / (far + 0.02)
    return outer[index], weights / weights.sum(axis=1, keepdims=True)


@cache
def _sites(count: int, seed: int, edge: float) -> tuple[NDArray[Any], Array]:
    """Triangles of the scalp and weights of their corners for `count` roots; `edge` more of them at the hairline."""
    data = form()
    share = data.scalp[data.triangles].mean(axis=1)
    a, b, c = (canonical()[data.triangles[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    density = area * np.where(share > 0.12, 1 + edge * (share < 0.75), 0)
    rng = np.random.default_rng(seed)
    # One root to each slice of the cumulated area: even, as bought randomness is not.
    steps = (np.arange(count) + rng.random(count)) / count
    picked = np.searchsorted(np.cumsum(density) / density.sum(), steps)
    u = np.sqrt(rng.random(count))
    v = rng.random(count)
    return data.triangles[picked], np.stack([1 - u, u * (1 - v), u * v], axis=1)


def roots(head: Head, count: int, *, seed: int = 0, edge: float = 1.0, line: Hairline | None = None) -> Roots:
    """`count` roots, the same ones on every head, `edge` times denser at the hairline.

    Those before the wearer's own `line` have no share.
    """
    corners, weights = _sites(count, seed, edge)

    def mixed(values: Array) -> Array:
        return np.asarray((values[corners] * weights[..., None]).sum(axis=1))

    place = mixed(form().mean)
    share = mixed(form().scalp[:, None])[:, 0] if line is None else np.clip(grown(place, line), 0, 1)
    return Roots(points=mixed(head.points), normals=unit(mixed(head.normals)), share=share, place=place)


@cache
def cap_triangles() -> NDArray[np.int32]:
    """(T, 3) triangles of the form on which hair grows, on somebody."""
    data = form()
    return data.triangles[(grown(data.mean)[data.triangles] > -1).any(axis=1)]


def cap(
    head: Head,
    stand: Stand,
    height: float,
    colour: Colour,
    *,
    line: Hairline,
    rough: float,
    open_: float,
    part: float | None,
) -> Mesh:
    """The scalp's own triangles, `height` cm out; `rough` cm of bumps.

    `part` is where it is parted, share of the half width. Local: x and y run around the head and up, or along the parting and
    away from it, cm; z is minus (BEFORE and the share of hair, 0 on the hairline, 1 well behind it).
    """
    data, triangles = form(), cap_triangles()
    behind, place = np.clip(grown(data.mean, line), -1, 1), canonical()
    share = np.clip(behind, 0, 1)
    # A thick cap is thin at the hairline and, so that it stays round, at the nape.
    thick = np.clip(1.3 * share - 0.2, 0, 1) ** 0.7 * np.clip(1.9 + 1.6 * data.mean[:, 1], 0.2, 1)
    bumps = rough * (noise(place * 0.9, 1.0) + 0.6 * noise(place * 2.0, 4.0))
    middle = _MIDDLE * SIZE
    away = unit(head.normals + min(height, 2.0) * 0.5 * unit(head.points - middle))
    points = head.points + away * ((0.03 + (height + bumps * min(1.0, height)) * thick)[:, None])
    normals = vertex_normals(points, data.triangles)
    dense = np.maximum(behind if height < 0.8 else np.minimum(1, 6 * behind), 0.02 - BEFORE)
    return Mesh(
        points=stand.place(points),
        normals=stand.turn(normals) * open_,
        local=np.column_stack([_lines(place, rough=rough, part=part), -(dense + BEFORE)]),
        keep=behind + BEFORE - 0.02,
        triangles=triangles,
        part=np.full(len(triangles), int(Part.HAIR), np.uint8),
        colour=np.broadcast_to(np.asarray(colour, np.float64), (len(triangles), 3)),
    )


def _lines(place: Array, *, rough: float, part: float | None) -> Array:
    """(P, 2) cm across and along the hairs of a cap: from ear to ear, from front to back or, on a rough one, in swirls."""
    x, y, z = place.T
    if rough:
        return np.asarray(8 * np.stack([noise(place * 0.7, 2.0), noise(place * 0.7, 6.0)], axis=1), np.float64)
    if part is not None:
        away = np.abs(x - part * SIZE[0])
        return np.stack([z * 1.2 - 0.3 * away, away], axis=1)
    return np.stack([np.arctan2(x, z + 4.0) * 8.0, y], axis=1)
