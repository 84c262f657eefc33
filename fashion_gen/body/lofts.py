"""Surfaces swept through elliptic cross-sections: the one solid that everything on the mannequin is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.parts import Part

Array = NDArray[np.float64]

SEGMENTS = 28  # around a ring: under half a pixel of error on a 480 px canvas


@dataclass(frozen=True, eq=False)
class Loft:
    """R elliptic rings. `centres`, `right` and `front` are (R, 3), the half axes (R,), all in centimetres.

    `square` is the superellipse exponent (2 = ellipse, 4 = rounded box); `local` are the ring centres in the part's own
    rest frame, so that marks and cuts can be painted in coordinates that do not move with the pose.
    """

    centres: Array
    right: Array
    front: Array
    half_width: Array
    half_depth: Array
    part: Part
    colour: tuple[float, float, float]
    square: float = 2.0
    local: Array | None = None

    def offset(self, by: float | Array, part: Part, colour: tuple[float, float, float]) -> Loft:
        """The same sweep, `by` centimetres further out."""
        return replace(self, half_width=self.half_width + by, half_depth=self.half_depth + by, part=part, colour=colour)

    def between(self, start: int, stop: int) -> Loft:
        """Rings start..stop-1."""
        pick = slice(start, stop)
        return replace(
            self,
            centres=self.centres[pick],
            right=self.right[pick],
            front=self.front[pick],
            half_width=self.half_width[pick],
            half_depth=self.half_depth[pick],
            local=None if self.local is None else self.local[pick],
        )


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles with what the painter needs at every vertex."""

    points: Array  #: (V, 3) cm
    normals: Array  #: (V, 3) unit
    local: Array  #: (V, 3) cm in the part's rest frame
    keep: Array  #: (V,) drawn where the interpolated value is >= 0
    triangles: NDArray[np.int32]  #: (T, 3)
    part: NDArray[np.uint8]  #: (T,)
    colour: Array  #: (T, 3) in [0, 1]
    folds: Array | None = None  #: (V, 3) cm, of cloth: height of long folds, height of creases, way to the nearest hem
    sewing: int = 0  #: of Sewing


@dataclass(frozen=True, eq=False)
class Surface:
    """Many meshes as one; each keeps its number."""

    points: Array  #: (V, 3) cm
    normals: Array  #: (V, 3) unit, or shorter: the share of the sky that is seen from there
    local: Array  #: (V, 3) cm in the part's rest frame
    keep: Array  #: (V,) drawn where the interpolated value is >= 0
    folds: Array  #: (V, 3) cm: height of long folds, height of creases, way to the nearest hem
    triangles: NDArray[np.int32]  #: (T, 3)
    part: NDArray[np.uint8]  #: (T,)
    colour: Array  #: (T, 3) in [0, 1]
    sewing: NDArray[np.uint8]  #: (T,) of Sewing
    piece: NDArray[np.int32]  #: (T,) number of the mesh


def unit(vectors: Array) -> Array:
    """Vectors along the last axis scaled to length 1; zero vectors stay zero."""
    # Three times as fast as np.linalg.norm, which does not know that the axis is short.
    length = np.sqrt(np.einsum("...k,...k->...", vectors, vectors))
    return np.asarray(vectors / np.maximum(length, 1e-9)[..., None])


def rounded(loft: Loft, *, start: float = 0.0, end: float = 0.0) -> Loft:
    """Close the sweep with caps that bulge by `start` and `end` centimetres (0 = a flat cap)."""
    if len(loft.centres) < 2:
        raise ValueError("a loft needs two rings")
    along = unit(np.diff(loft.centres, axis=0))
    # Quarter-circle profiles: rings at 0, 45, 70 and 90 degrees of a dome.
    turns = np.deg2rad([90.0, 70.0, 45.0])
    head = _cap(loft, 0, -along[0] * start, turns)
    tail = _cap(loft, -1, along[-1] * end, turns[::-1])
    return _concatenate((head, loft, tail))


def _cap(loft: Loft, ring: int, bulge: Array, turns: Array) -> Loft:
    lift, shrink = np.sin(turns)[:, None], np.cos(turns)
    local = None
    if loft.local is not None:
        inner = loft.local[1] if ring == 0 else loft.local[-2]
        outward = unit(loft.local[ring] - inner)
        local = loft.local[ring] + lift * outward * float(np.linalg.norm(bulge))
    repeat = np.ones((len(turns), 1))
    return replace(
        loft,
        centres=loft.centres[ring] + lift * bulge,
        right=loft.right[ring] * repeat,
        front=loft.front[ring] * repeat,
        half_width=loft.half_width[ring] * shrink,
        half_depth=loft.half_depth[ring] * shrink,
        local=local,
    )


def _concatenate(lofts: Sequence[Loft]) -> Loft:
    def join(name: str) -> Array:
        return np.concatenate([getattr(loft, name) for loft in lofts])

    local = None if lofts[0].local is None else join("local")
    return replace(
        lofts[0],
        centres=join("centres"),
        right=join("right"),
        front=join("front"),
        half_width=join("half_width"),
        half_depth=join("half_depth"),
        local=local,
    )


def mesh(
    loft: Loft,
    *,
    segments: int = SEGMENTS,
    keep: Array | None = None,
    folds: Array | None = None,
    sewing: int = 0,
) -> Mesh:
    """Triangulate. `keep` is an optional (R, segments) cut field, `folds` the (R, 3) or (R, segments, 3) of the cloth."""
    angle = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    cos, sin = np.cos(angle), np.sin(angle)
    if loft.square != 2.0:
        power = 2.0 / loft.square
        cos, sin = np.sign(cos) * np.abs(cos) ** power, np.sign(sin) * np.abs(sin) ** power
    across = loft.half_width[:, None] * cos
    ahead = loft.half_depth[:, None] * sin
    grid = (
        loft.centres[:, None, :]
        + across[..., None] * loft.right[:, None, :]
        + ahead[..., None] * loft.front[:, None, :]
    )
    rest = loft.local if loft.local is not None else np.zeros_like(loft.centres)
    local = rest[:, None, :] + np.stack([across, np.zeros_like(across), ahead], axis=-1)
    rings = len(grid)
    ring, seg = np.meshgrid(np.arange(rings - 1), np.arange(segments), indexing="ij")
    a = ring * segments + seg
    b = ring * segments + (seg + 1) % segments
    triangles = np.stack([a, b, a + segments, b, b + segments, a + segments], axis=-1).reshape(-1, 3)
    count = len(triangles)
    return Mesh(
        points=grid.reshape(-1, 3),
        normals=_grid_normals(grid, loft).reshape(-1, 3),
        local=local.reshape(-1, 3),
        keep=np.ones(rings * segments) if keep is None else keep.reshape(-1),
        triangles=triangles.astype(np.int32),
        part=np.full(count, int(loft.part), np.uint8),
        colour=np.broadcast_to(np.asarray(loft.colour, np.float64), (count, 3)),
        folds=None if folds is None else _everywhere(folds, rings, segments),
        sewing=sewing,
    )


def _everywhere(folds: Array, rings: int, segments: int) -> Array:
    """(R * segments, 3) of (R, 3) or (R, segments, 3)."""
    around = folds if folds.ndim == 3 else folds[:, None, :]
    return np.broadcast_to(around, (rings, segments, 3)).reshape(-1, 3)


def _grid_normals(grid: Array, loft: Loft) -> Array:
    around = np.roll(grid, -1, axis=1) - np.roll(grid, 1, axis=1)
    along = np.gradient(grid, axis=0)
    normals = unit(np.cross(around, along))
    outward = grid - loft.centres[:, None, :]
    flip = np.sign(np.einsum("rsk,rsk->rs", normals, outward))
    return normals * np.where(flip == 0, 1.0, flip)[..., None]


def merge(meshes: Iterable[Mesh]) -> Surface:
    """One surface of many meshes."""
    parts = list(meshes)
    starts = np.cumsum([0, *(len(part.points) for part in parts[:-1])])
    shifted = [part.triangles + start for part, start in zip(parts, starts, strict=True)]
    return Surface(
        points=np.concatenate([part.points for part in parts]),
        normals=np.concatenate([part.normals for part in parts]),
        local=np.concatenate([part.local for part in parts]),
        keep=np.concatenate([part.keep for part in parts]),
        folds=np.concatenate([_plain(part) if part.folds is None else part.folds for part in parts]),
        triangles=np.concatenate(shifted).astype(np.int32),
        part=np.concatenate([part.part for part in parts]),
        colour=np.concatenate([part.colour for part in parts]),
        sewing=np.concatenate([np.full(len(part.part), part.sewing, np.uint8) for part in parts]),
        piece=np.concatenate([np.full(len(part.part), k, np.int32) for k, part in enumerate(parts)]),
    )


def _plain(part: Mesh) -> Array:
    """(V, 3) of a mesh that is no cloth: no folds, and no hem in sight."""
    return np.tile([0.0, 0.0, 99.0], (len(part.points), 1))


def ellipse_axes(girth: float, depth_over_width: float) -> tuple[float, float]:
    """Half width and half depth of the ellipse with this girth (Ramanujan 1914, error under 1e-4 here)."""
    r = depth_over_width
    per_width = np.pi * (3 * (1 + r) - np.sqrt((3 + r) * (1 + 3 * r)))
    half_width = girth / float(per_width)
    return half_width, half_width * r
