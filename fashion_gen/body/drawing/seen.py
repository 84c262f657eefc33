"""What each pixel of a drawing shows, before light falls on it: the G-buffer of a rasterised mesh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from fashion_gen.body.drawing.raster import fill
from fashion_gen.body.lofts import Surface
from fashion_gen.body.parts import Part
from fashion_gen.records import View

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Planes of (H, W). Where `hit` is False they hold zeros."""

    hit: NDArray[np.bool_]
    part: NDArray[np.uint8]  #: of Part
    piece: NDArray[np.int32]  #: number of the sweep that is seen, from 1
    sewing: NDArray[np.uint8]  #: of Sewing
    paint: Floats  #: (H, W, 3) its colour, in [0, 1]
    normal: Floats  #: (H, W, 3) unit, towards the viewer
    open: (
        Floats  #: share of the sky that the surface sees, as far as its maker knew: the length of its normals, up to 1
    )
    local: Floats  #: (H, W, 3) cm in the part's rest frame
    folds: Floats  #: (H, W, 3) of cloth, cm: height of long folds, of creases, way to the nearest hem; on hands and shoes, the
    #: first is a number for their painters
    z: Floats  #: cm towards the viewer
    scale: float  #: pixels per cm

    def of(self, *parts: int) -> NDArray[np.bool_]:
        """(H, W) True where one of the parts is seen."""
        return np.asarray(np.isin(self.part, parts))


def look_at(surface: Surface, view: View) -> Seen:
    """Rasterise the surface as `view` sees it."""
    pixels = np.column_stack([view.project(surface.points), surface.points[:, 2]])
    index, weights, z = fill(pixels, surface.triangles, surface.keep, view.height, view.width)
    hit = index >= 0
    normal, local, folds, open_ = _interpolated(
        index,
        weights,
        surface.triangles,
        surface.part == Part.HAIR,
        surface.normals.astype(np.float32),
        surface.local.astype(np.float32),
        surface.folds.astype(np.float32),
    )

    def flat(values: NDArray[Any]) -> NDArray[Any]:
        """What belongs to whole triangles; the last one of the table is nothing."""
        return np.asarray(np.concatenate([values, np.zeros_like(values[:1])])[index])

    return Seen(
        hit=hit,
        part=flat(surface.part),
        piece=flat(surface.piece + np.int32(1)),
        sewing=flat(surface.sewing),
        paint=flat(surface.colour.astype(np.float32)),
        normal=normal,
        open=open_,
        local=local,
        folds=folds,
        z=np.where(hit, z, np.float32(0)),
        scale=view.scale,
    )


@njit(cache=True, nogil=True, fastmath=True)  # type: ignore[untyped-decorator]
def _interpolated(
    index: NDArray[np.int32],
    weights: Floats,
    triangles: NDArray[np.int32],
    strip: NDArray[np.bool_],
    normals: Floats,
    local: Floats,
    folds: Floats,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Unit normals towards the viewer, rest coordinates and folds of each pixel, each (H, W, 3), and their openness (H, W)."""
    height, width = index.shape
    out = np.zeros((3, height, width, 3), np.float32)
    open_ = np.ones((height, width), np.float32)
    for y in range(height):
        for x in range(width):
            t = index[y, x]
            if t < 0:
                continue
            a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            u, v = weights[y, x, 0], weights[y, x, 1]
            w = 1 - u - v
            for k in range(3):
                out[0, y, x, k] = u * normals[a, k] + v * normals[b, k] + w * normals[c, k]
                out[1, y, x, k] = u * local[a, k] + v * local[b, k] + w * local[c, k]
                out[2, y, x, k] = u * folds[a, k] + v * folds[b, k] + w * folds[c, k]
            nx, ny, nz = out[0, y, x, 0], out[0, y, x, 1], out[0, y, x, 2]
            # Locks are strips seen at every angle: they are lit as the round things that they stand for.
            nz = abs(nz) if strip[t] else nz
            # Both sides of a shell are seen (the inside of hair, a skirt's hem): length and sign are taken out at once.
            length = max(np.sqrt(nx * nx + ny * ny + nz * nz), 1e-6)
            open_[y, x] = min(length, 1.0)
            length = -length if nz < 0 else length
            out[0, y, x, 0], out[0, y, x, 1], out[0, y, x, 2] = nx / length, ny / length, nz / length
    return out[0], out[1], out[2], open_
