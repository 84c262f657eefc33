"""The shape of a garment as numbers: its mask upright in its own box, axis, rows, contour and deep notches.

Everything here lives in the frame of a crop whose long side is 256 pixels; `Outline.to_photo` brings points back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.garment.scale import at_most
from fashion_gen.records import Mask, Matte

SIZE = 256  #: long side of the garment in its crop
MARGIN = 4

Point = tuple[float, float]
Contour = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Notch:
    """A dent of the outline: the bay between two outer corners, deepest at `bottom`."""

    start: Point
    end: Point
    bottom: Point
    depth: float  #: pixels below the line from start to end


@dataclass(frozen=True, eq=False)
class Outline:
    """A garment's mask in its own box."""

    mask: Mask  #: (h, w), holes filled, a margin around it
    x0: float  #: photo x of the crop's left edge
    y0: float
    scale: float  #: crop pixels per photo pixel

    def to_photo(self, point: Point) -> Point:
        """Crop pixels to photo pixels."""
        return self.x0 + (point[0] + 0.5) / self.scale - 0.5, self.y0 + (point[1] + 0.5) / self.scale - 0.5

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        """(left, top, right, bottom) of the mask, inclusive."""
        ys, xs = np.nonzero(self.mask)
        return int(xs.min()), int(ys.min()), int(xs.max()), int(ys.max())

    @property
    def width(self) -> int:
        return self.box[2] - self.box[0] + 1

    @property
    def height(self) -> int:
        return self.box[3] - self.box[1] + 1

    @cached_property
    def contour(self) -> Contour:
        """(n, 2) outer contour, x and y, clockwise on the screen."""
        contours, _ = cv2.findContours(self.mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        outer = max(contours, key=cv2.contourArea).reshape(-1, 2)
        return np.asarray(outer[::-1] if cv2.contourArea(outer, oriented=True) < 0 else outer, np.int32)

    @cached_property
    def axis(self) -> float:
        """x of the line that mirrors the mask best onto itself."""
        columns = self.mask.astype(np.float32)
        left, _, right, _ = self.box
        middle, reach = (left + right) / 2, self.width * 0.2
        best, best_x = -1.0, middle
        for x in np.arange(middle - reach, middle + reach + 0.5, 1.0):
            value = _mirror_overlap(columns, float(x))
            if value > best:
                best, best_x = value, float(x)
        return best_x

    @cached_property
    def symmetry(self) -> float:
        """Overlap with its mirror image at the axis, 1 for a perfect fold."""
        return _mirror_overlap(self.mask.astype(np.float32), self.axis)

    def runs(self, y: int) -> list[tuple[int, int]]:
        """The stretches of garment in row `y`, left to right, inclusive; threads under two pixels left out."""
        row = np.flatnonzero(np.diff(np.concatenate([[0], self.mask[y].astype(np.int8), [0]])))
        return [(int(a), int(b) - 1) for a, b in zip(row[::2], row[1::2], strict=True) if b - a >= 2]

    def middle_run(self, y: int) -> tuple[int, int] | None:
        """The run of row `y` that holds the axis, or the nearest to it; None in an empty row."""
        runs = self.runs(y)
        if not runs:
            return None
        return min(runs, key=lambda run: max(run[0] - self.axis, self.axis - run[1], 0.0))

    @cached_property
    def top(self) -> NDArray[np.float64]:
        """(w,) y of the first garment pixel in every column, NaN where there is none."""
        first = self.mask.argmax(axis=0).astype(np.float64)
        first[~self.mask.any(axis=0)] = np.nan
        return np.asarray(first)

    @cached_property
    def bottom(self) -> NDArray[np.float64]:
        """(w,) y of the last garment pixel in every column, NaN where there is none."""
        last = self.mask.shape[0] - 1 - self.mask[::-1].argmax(axis=0).astype(np.float64)
        last[~self.mask.any(axis=0)] = np.nan
        return np.asarray(last)

    @cached_property
    def notches(self) -> list[Notch]:
        """Dents deeper than 3 % of the garment's long side, deepest first."""
        hull = cv2.convexHull(self.contour, returnPoints=False)
        hull = np.sort(hull, axis=0)[::-1]
        defects = cv2.convexityDefects(self.contour, hull)
        if defects is None:
            return []
        found = []
        for start, end, far, depth in defects.reshape(-1, 4):  # (n, 1, 4) in OpenCV 4, (n, 4) in 5
            if depth / 256.0 > 0.03 * SIZE:
                found.append(Notch(self._at(start), self._at(end), self._at(far), depth / 256.0))
        return sorted(found, key=lambda notch: -notch.depth)

    def _at(self, index: int) -> Point:
        x, y = self.contour[index]
        return float(x), float(y)

    def half(self, sign: int) -> Outline:
        """The part on one side of the axis (-1: the viewer's left) in the same coordinates.

        A long sleeve on the other side no longer spans the notch under this one.
        """
        x = round(self.axis)
        mask = self.mask.copy()
        if sign < 0:
            mask[:, x + 1 :] = False
        else:
            mask[:, :x] = False
        return replace(self, mask=_filled(mask.astype(np.uint8)))

    @cached_property
    def solidity(self) -> float:
        """Area over the area of the convex hull."""
        return float(self.mask.sum()) / max(1.0, cv2.contourArea(cv2.convexHull(self.contour)))


def outline_of(matte: Matte) -> Outline:
    """Crop a matte to its garment and bring it to size. The matte must hold at least one pixel over 0.5."""
    solid = matte > 0.5
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    crop = matte[top:bottom, left:right]
    scale = SIZE / max(crop.shape)
    size = max(2, round(crop.shape[1] * scale)), max(2, round(crop.shape[0] * scale))
    shrunk = cv2.resize(crop, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    mask = cv2.copyMakeBorder((shrunk > 0.5).astype(np.uint8), *(MARGIN,) * 4, cv2.BORDER_CONSTANT)
    return Outline(_filled(mask), left - MARGIN / scale, top - MARGIN / scale, scale)


def pieces(matte: Matte) -> int:
    """How many separate things of similar size lie side by side in a matte (0 for an empty one)."""
    _, _, stats, _ = cv2.connectedComponentsWithStats((at_most(matte, SIZE) > 0.5).astype(np.uint8), connectivity=8)
    boxes = sorted((tuple(map(int, row)) for row in stats[1:]), key=lambda box: -box[4])
    large = [box for box in boxes if box[4] > 0.3 * boxes[0][4]]
    return sum(all(_apart(box, other) for other in large[:i]) for i, box in enumerate(large))


def _apart(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Whether two boxes (x, y, width, height, ...) share less than a fifth of the smaller one in x, or in y."""
    shares = (
        (min(a[i] + a[i + 2], b[i] + b[i + 2]) - max(a[i], b[i])) / min(a[i + 2], b[i + 2]) for i in (0, 1)
    )  # fmt: skip
    return min(shares) < 0.2


def _filled(mask: NDArray[np.uint8]) -> Mask:
    """The largest piece with its holes filled: landmarks follow the silhouette."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    largest = (labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())).astype(np.uint8) if len(stats) > 1 else mask
    contours, _ = cv2.findContours(largest, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(cv2.drawContours(np.zeros_like(largest), contours, -1, 1, cv2.FILLED) > 0)


def _mirror_overlap(mask: NDArray[np.float32], x: float) -> float:
    """Intersection over union of a mask with its mirror image at column `x` (to half a pixel)."""
    shift = round(2 * x) - (mask.shape[1] - 1)
    mirrored = mask[:, ::-1]
    moved = np.zeros_like(mask)
    if shift >= 0:
        moved[:, shift:] = mirrored[:, : mask.shape[1] - shift]
    else:
        moved[:, :shift] = mirrored[:, -shift:]
    together = float(np.maximum(mask, moved).sum())
    return float((mask * moved).sum()) / together if together else 0.0
