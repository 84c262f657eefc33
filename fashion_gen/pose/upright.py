"""The garment as the solver sees it: small, upright, with its landmarks and the distance to its edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.records import Garment, Mask, Points

_SIDE = 400  # pixels of the garment's longer side here: about 2 mm of a shirt
_LARGEST_TILT = 15.0  # degrees; more is a way of laying it out, not a crooked photo
_DISAGREE = 8.0  # two clues of the tilt that differ by more belong to a lopsided garment
_BRIDGE = 0.06  # gaps in a row up to this part of the garment's width are an open front or a print, not its edge

_STRAY = 0.05  # of _SIDE that a sleeve's end may lie off the cloth: cuffs are cut out unevenly
_LONG = 0.4  # of _SIDE, a sleeve that is longer than any armhole is deep
_CAP = 0.04  # of _SIDE between an armpit and a sleeve's end, at the least

_PAIRS = ("neck", "shoulder", "armpit", "waist", "hem", "leg_end")


@dataclass(frozen=True, slots=True, eq=False)
class Upright:
    """A garment with a vertical symmetry axis. Positions are (x, y) pixels of `mask`, y down."""

    mask: Mask  #: (h, w)
    depth: NDArray[np.float32]  #: (h, w) pixels to the edge, negative outside the garment
    points: Mapping[str, Points]  #: landmark name -> (2,)
    axis: float  #: x of the symmetry axis
    from_photo: Points  #: (2, 3) affine, photo pixels to pixels here

    def row(self, y: float) -> tuple[float, float]:
        """(left, right) edge of the garment around its axis in row y; the axis twice where the row is empty."""
        xs = np.flatnonzero(self.mask[int(np.clip(round(y), 0, self.mask.shape[0] - 1))])
        if not len(xs):
            return self.axis, self.axis
        breaks = np.flatnonzero(np.diff(xs) > _BRIDGE * self.mask.shape[1])
        runs = np.split(xs, breaks + 1)
        around = [run for run in runs if run[0] <= self.axis <= run[-1]]
        left, right = (around[0][0], around[0][-1]) if around else (xs[0], xs[-1])
        return float(left), float(right) + 1

    def width(self, y: float) -> float:
        left, right = self.row(y)
        return right - left

    def distance(self, left: str, right: str) -> float | None:
        """Pixels between two landmarks, None where one is missing."""
        if left not in self.points or right not in self.points:
            return None
        return float(np.hypot(*(self.points[left] - self.points[right])))

    def middle(self, name: str) -> Points | None:
        """The point between `left_<name>` and `right_<name>`, None where one is missing."""
        left, right = self.points.get(f"left_{name}"), self.points.get(f"right_{name}")
        return None if left is None or right is None else np.asarray((left + right) / 2)

    def wider(self, across: float) -> Upright:
        """The same garment `across` times as wide, about its axis."""
        if across == 1:
            return self
        height, width = self.mask.shape
        stretch = np.array([[across, 0.0, self.axis * (1 - across)], [0.0, 1.0, 0.0]])
        mask = cv2.warpAffine(self.mask.astype(np.float32), stretch, (width, height)) > 0.5
        points = {name: stretch[:, :2] @ point + stretch[:, 2] for name, point in self.points.items()}
        return Upright(mask, signed_depth(mask), points, self.axis, stretch @ np.vstack([self.from_photo, [0, 0, 1]]))

    @property
    def top(self) -> float:
        return float(np.flatnonzero(self.mask.any(axis=1))[0])

    @property
    def bottom(self) -> float:
        return float(np.flatnonzero(self.mask.any(axis=1))[-1] + 1)


def upright(garment: Garment) -> Upright:
    """Scale the garment down and, where the photo is a little crooked, turn it upright."""
    height, width = garment.matte.shape
    points = {name: np.array([p.x * width, p.y * height]) for name, p in garment.landmarks.items()}
    x0, y0, x1, y1 = garment.box
    scale = _SIDE / max(x1 - x0, y1 - y0)
    matrix = _around((x0 + x1) / 2, (y0 + y1) / 2, scale, tilt(points), 0.75 * _SIDE)
    small = cv2.resize(garment.matte, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    shrink = np.diag([small.shape[1] / width, small.shape[0] / height, 1.0])
    side = int(1.5 * _SIDE)
    warped = cv2.warpAffine(small, (np.vstack([matrix, [0, 0, 1]]) @ np.linalg.inv(shrink))[:2], (side, side))
    mask = warped > 0.5
    depth = signed_depth(mask)
    moved = credible({name: matrix[:, :2] @ point + matrix[:, 2] for name, point in points.items()}, depth)
    return Upright(mask, depth, moved, _axis(moved, mask), matrix)


def credible(points: Mapping[str, Points], depth: NDArray[np.float32]) -> Mapping[str, Points]:
    """Leave out landmarks that contradict each other or the cloth: no landmark is better than a wrong one.

    Shoulders lie above armpits, and no sleeve points up past its shoulder: what does is a strap. A sleeve ends where there
    is cloth, and not in its own armpit: what does is an armhole, and an arm fitted or cut off there would be lost.
    """
    wrong = {f"{side}_sleeve_end" for side in ("left", "right") if _is_armhole(points, side, depth)}
    for side in ("left", "right"):
        shoulder, armpit = points.get(f"{side}_shoulder"), points.get(f"{side}_armpit")
        if shoulder is not None and armpit is not None and shoulder[1] > armpit[1] - 0.02 * _SIDE:
            wrong |= {"left_shoulder", "right_shoulder", "left_armpit", "right_armpit"}
        end = points.get(f"{side}_sleeve_end")
        if end is not None and shoulder is not None and end[1] < shoulder[1] - 0.05 * _SIDE:
            wrong |= {"left_sleeve_end", "right_sleeve_end"}
    return {name: point for name, point in points.items() if name not in wrong}


def _is_armhole(points: Mapping[str, Points], side: str, depth: NDArray[np.float32]) -> bool:
    """Whether a side's sleeve end has no sleeve before it."""
    end, armpit = points.get(f"{side}_sleeve_end"), points.get(f"{side}_armpit")
    if end is None:
        return False
    x, y = (int(np.clip(round(float(v)), 0, most - 1)) for v, most in zip(end, depth.shape[::-1], strict=True))
    if float(depth[y, x]) < -_STRAY * _SIDE:
        return True
    shoulder = points.get(f"{side}_shoulder")
    if armpit is None:
        return False
    if shoulder is not None:
        # Over the armpit a sleeve ends outside of its shoulder; what ends under it is the edge of a strap.
        above, out = float(armpit[1] - end[1]), abs(float(end[0] - shoulder[0]))
        if above > _CAP * _SIDE and out < _CAP * _SIDE:
            return True
    # Where a long sleeve ends in an armpit, it is the armpit that is wrong.
    long = shoulder is not None and float(np.hypot(*(end - shoulder))) > _LONG * _SIDE
    return not long and float(np.hypot(*(end - armpit))) < _CAP * _SIDE


def tilt(points: Mapping[str, Points]) -> float:
    """Degrees by which the garment leans clockwise in the photo; 0 where it cannot be told or is meant.

    Clues: the lines between left and right landmarks, and the line through their middles.
    """
    across = [
        np.degrees(np.arctan2(*(points[f"right_{name}"] - points[f"left_{name}"])[::-1]))
        for name in _PAIRS
        if f"left_{name}" in points and f"right_{name}" in points
    ]
    middles = [
        (points[f"left_{name}"] + points[f"right_{name}"]) / 2
        for name in _PAIRS
        if f"left_{name}" in points and f"right_{name}" in points
    ]
    if len(middles) < 2:
        return 0.0
    down = middles[-1] - middles[0]
    clues = (float(np.median(across)), float(-np.degrees(np.arctan2(down[0], down[1]))))
    lean = float(np.mean(clues))
    if abs(clues[0] - clues[1]) > _DISAGREE or abs(lean) > _LARGEST_TILT:
        return 0.0
    return lean


def _around(x: float, y: float, scale: float, degrees: float, centre: float) -> Points:
    """(2, 3): turn counter-clockwise by `degrees` on the screen, scale, and put (x, y) at (centre, centre)."""
    t = np.deg2rad(degrees)
    linear = scale * np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]])
    return np.column_stack([linear, np.array([centre, centre]) - linear @ (x, y)])


def _axis(points: Mapping[str, Points], mask: Mask) -> float:
    xs = [
        (points[f"left_{name}"][0] + points[f"right_{name}"][0]) / 2
        for name in _PAIRS
        if f"left_{name}" in points and f"right_{name}" in points
    ]
    xs += [points[name][0] for name in ("neck", "crotch") if name in points]
    return float(np.median(xs)) if xs else float(np.mean(np.flatnonzero(mask.any(axis=0))))


def signed_depth(mask: Mask) -> NDArray[np.float32]:
    """Return (h, w) pixels to the edge of the (h, w) mask, negative outside of it."""
    inside = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray(inside - outside, np.float32)
