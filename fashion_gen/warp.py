"""A bent garment: for every piece of it, which photo pixel a canvas pixel shows.

The maps run backwards, from the canvas to the photo, and are smooth, so a coarse grid of them is enough: whoever lays the garment
onto a picture reads the grid at the picture's own pixels and samples the photo once. Between the nodes the maps are bilinear: they
bend so little that this is exact to a small part of a pixel, and a jump (behind a piece, where no cloth is seen) stays in its cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """The pixels of a picture that a piece may cover, and where in the photo they are found."""

    rows: slice
    columns: slice
    source: Floats  #: (h, w, 2) photo positions (x, y); pixel i of the photo covers [i, i + 1)

    def seen(self, plane: Floats, photo: tuple[int, int], interpolation: int) -> Floats:
        """Return (h, w[, C]): a plane over the whole photo of (H, W), of any resolution, as the canvas shows it; 0 beyond."""
        import cv2  # records hold warps, and must load nothing heavy

        scale = np.array([plane.shape[1] / photo[1], plane.shape[0] / photo[0]], np.float32)
        maps = self.source * scale - np.float32(0.5)  # OpenCV counts from pixel centres
        return np.asarray(cv2.remap(plane, maps, None, interpolation), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class WarpPiece:
    """One piece of cloth with its inverse map, node (0, 0) at canvas position (x0, y0), `step` canvas pixels apart."""

    x0: float
    y0: float
    step: float
    source: Points  #: (rows, columns, 2) photo position (x, y) that is seen at each node
    material: Floats  #: (h, w) of the whole photo, reduced: the share of a pixel that belongs to this piece

    def patch(self, width: int, height: int) -> Patch | None:
        """Read the map at the pixel centres of a canvas of that size; None where the piece lies outside of it."""
        from scipy.interpolate import RectBivariateSpline

        down, across = (np.arange(n) * self.step for n in self.source.shape[:2])
        ys, xs = _covered(self.y0, down[-1], height), _covered(self.x0, across[-1], width)
        if ys.stop <= ys.start or xs.stop <= xs.start:
            return None
        y, x = (np.arange(s.start, s.stop) + 0.5 - start for s, start in ((ys, self.y0), (xs, self.x0)))
        read = [RectBivariateSpline(down, across, self.source[..., axis], kx=1, ky=1, s=0)(y, x) for axis in (0, 1)]
        return Patch(ys, xs, np.stack(read, axis=2).astype(np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class Warp:
    """A garment bent into a pose: its pieces from back to front, and where its landmarks went."""

    pieces: tuple[WarpPiece, ...]
    landmarks: Mapping[str, Points]  #: name -> (2,) canvas position

    def seen_from(self, x: float, y: float, scale: float) -> Warp:
        """The same warp on a canvas that starts at (x, y) of this one and is `scale` times as large."""
        pieces = tuple(
            replace(piece, x0=(piece.x0 - x) * scale, y0=(piece.y0 - y) * scale, step=piece.step * scale)
            for piece in self.pieces
        )
        return Warp(pieces, {name: (point - (x, y)) * scale for name, point in self.landmarks.items()})


def _covered(start: float, length: float, size: int) -> slice:
    """Pixels of [0, size) whose centres lie in [start, start + length]."""
    first, last = int(np.ceil(start - 0.5)), int(np.floor(start + length - 0.5))
    return slice(max(0, first), min(size, last + 1))
