"""What each pixel of a drawing shows, before light falls on it: the G-buffer of a rasterised mesh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.lofts import Mesh
from fashion_gen.body.raster import fill
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
    local: Floats  #: (H, W, 3) cm in the part's rest frame
    folds: Floats  #: (H, W, 3) cm: height of long folds, of creases, and the way to the nearest hem
    z: Floats  #: cm towards the viewer
    scale: float  #: pixels per cm

    def of(self, *parts: int) -> NDArray[np.bool_]:
        """(H, W) True where one of the parts is seen."""
        return np.asarray(np.isin(self.part, parts))


def look_at(mesh: Mesh, view: View) -> Seen:
    """Rasterise the mesh as `view` sees it."""
    pixels = np.column_stack([view.project(mesh.points), mesh.points[:, 2]])
    index, weights, z = fill(pixels, mesh.triangles, mesh.keep, view.height, view.width)
    hit = index >= 0
    triangle = index[hit]
    corners = mesh.triangles[triangle]
    w = np.column_stack([weights[hit], 1 - weights[hit].sum(axis=1)]).astype(np.float32)

    def plane(values: NDArray[Any], *, of_triangle: bool = False) -> NDArray[Any]:
        out = np.zeros((*hit.shape, *values.shape[1:]), np.float32 if values.dtype.kind == "f" else values.dtype)
        if of_triangle:
            out[hit] = values[triangle]
        else:
            single = values.astype(np.float32)
            out[hit] = sum(w[:, k : k + 1] * single[corners[:, k]] for k in range(3))
        return out

    normal = plane(mesh.normals)
    # Both sides of a shell are seen (the inside of hair, a skirt's hem): its length and its sign are taken out at once.
    length = np.sqrt(np.einsum("hwk,hwk->hw", normal, normal))
    normal /= (np.where(normal[..., 2] < 0, -1, 1) * np.maximum(length, 1e-6))[..., None].astype(np.float32)
    return Seen(
        hit=hit,
        part=plane(mesh.part, of_triangle=True),
        piece=plane(mesh.piece + 1, of_triangle=True),
        sewing=plane(mesh.sewing, of_triangle=True),
        paint=plane(mesh.colour, of_triangle=True),
        normal=normal,
        local=plane(mesh.local),
        folds=plane(mesh.folds),
        z=np.where(hit, z, 0).astype(np.float32),
        scale=view.scale,
    )
