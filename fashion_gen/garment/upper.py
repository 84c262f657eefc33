"""Landmarks of what covers the torso: neck, shoulders, sleeves, armpits, waist, hem. From the outline alone.

All points are crop pixels of an `Outline`; a found point carries how clearly it shows. Sides are the viewer's.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.garment.outline import Notch, Outline, Point
from fashion_gen.records import Mask

Found = dict[str, tuple[Point, float]]
SIDES = (("left", -1), ("right", 1))


@dataclass(frozen=True, slots=True)
class Armpit:
    """Where a sleeve or an armhole meets the side seam."""

    point: Point
    confidence: float
    sleeved: bool


def upper_landmarks(outline: Outline) -> Found:
    """Every landmark of a top, jacket, dress or jumpsuit above its hem, and the hem."""
    pits = armpits(outline)
    found: Found = {}
    torso = outline.mask.copy()
    shoulders = {name: _shoulder(outline, pits[name], sign) for name, sign in SIDES}
    for name, _ in SIDES:
        pit = pits[name]
        found[f"{name}_armpit"] = pit.point, pit.confidence
        found[f"{name}_shoulder"] = shoulders[name], 0.4 + 0.5 * pit.confidence
        if pit.sleeved:
            sleeve = sleeve_of(outline, shoulders[name], pit.point)
            if sleeve.any():
                torso &= ~sleeve
                found[f"{name}_sleeve_end"] = _far_end(sleeve, shoulders[name], pit.point), 0.9 * pit.confidence
    sleeved = all(pit.sleeved for pit in pits.values())
    found |= neck_landmarks(outline, shoulders["left"], shoulders["right"], rise=0.12 if sleeved else 0.2)
    found |= hem_landmarks(torso)
    found |= waist_landmarks(outline, torso, found)
    return found


def armpits(outline: Outline) -> dict[str, Armpit]:
    """Both armpits by side; one that cannot be seen is the other's mirror image, with little confidence."""
    seen = {name: _sleeve_pit(outline, sign) for name, sign in SIDES}
    if not any(seen.values()):
        return {name: _armhole(outline, sign) for name, sign in SIDES}
    return {
        name: seen[name] or _mirrored(outline, seen[other]) for name, other in (("left", "right"), ("right", "left"))
    }


def _mirrored(outline: Outline, twin: Armpit | None) -> Armpit:
    """What the other side's armpit says about this one."""
    if twin is None:
        raise ValueError("one armpit has to be seen")
    point = _onto(outline.mask, (2 * outline.axis - twin.point[0], twin.point[1]))
    return Armpit(point, 0.35 * twin.confidence, twin.sleeved)


def sleeve_of(outline: Outline, shoulder: Point, pit: Point) -> Mask:
    """(h, w) the part of the mask beyond the line from shoulder to armpit; empty when nothing is."""
    sign = -1 if (shoulder[0] + pit[0]) / 2 < outline.axis else 1
    # The cut runs a little past both points, or a thread of pixels would keep sleeve and body together.
    a, b = np.array(shoulder), np.array(pit)
    along = (b - a) / (np.linalg.norm(b - a) + 1e-9) * 4
    start, end = np.rint(a - along).astype(int), np.rint(b + along).astype(int)
    cut = outline.mask.astype(np.uint8)
    cv2.line(cut, (int(start[0]), int(start[1])), (int(end[0]), int(end[1])), 0, 2)
    _, labels = cv2.connectedComponents(cut, connectivity=4)
    body = _label_at_axis(outline, labels, (shoulder[1] + pit[1]) / 2)
    y, x = np.mgrid[0 : cut.shape[0], 0 : cut.shape[1]]
    side = (x - a[0]) * (b[1] - a[1]) - (y - a[1]) * (b[0] - a[0])
    outward = side * sign > 0
    loose = outline.mask & (labels != body) & (labels > 0) & (sign * (x - outline.axis) > 0)
    if loose.sum() > 0.004 * outline.mask.sum():
        return np.asarray(loose & outward | loose & (y > b[1]))
    # Sleeve and body touch further down: fall back to everything outward of the line.
    return np.asarray(outline.mask & outward & (sign * (x - b[0]) > 0))


def neck_landmarks(outline: Outline, left: Point, right: Point, *, rise: float) -> Found:
    """The two corners of the neckline and the point midway between them. `rise`: how high a hood stands, see `_hood_corner`."""
    corners: dict[str, tuple[Point, float]] = {}
    for name, shoulder, sign in (("left", left, -1), ("right", right, 1)):
        hood = _hood_corner(outline, sign, rise)
        corners[name] = (hood, 0.7) if hood else _collar_corner(outline, shoulder)
    (lx, ly), (rx, ry) = corners["left"][0], corners["right"][0]
    sure = min(corners["left"][1], corners["right"][1])
    return {
        "left_neck": corners["left"],
        "right_neck": corners["right"],
        "neck": (((lx + rx) / 2, (ly + ry) / 2), sure),
    }


def hem_landmarks(torso: Mask) -> Found:
    """The two lower outer corners of the body of the garment."""
    return {f"{name}_hem": (corner(torso, sign, 0.6, 1.0), 0.85) for name, sign in SIDES}


def waist_landmarks(outline: Outline, torso: Mask, found: Found) -> Found:
    """Where the body is narrowest between chest and hem; a share of that length when it is straight."""
    pit = (found["left_armpit"][0][1] + found["right_armpit"][0][1]) / 2
    hem = (found["left_hem"][0][1] + found["right_hem"][0][1]) / 2
    rows = np.arange(round(pit + 0.2 * (hem - pit)), round(pit + 0.75 * (hem - pit)) + 1)
    spans = [_span(torso, int(y), outline.axis) for y in rows if 0 <= y < len(torso)]
    if not spans or not all(spans):
        return {}
    widths = np.array([b - a for a, b in spans], np.float64)  # type: ignore[misc]
    straight = np.abs(np.linspace(-0.55, 0.45, len(widths))) * 0.06 * widths.max()
    i = int((widths + straight).argmin())
    a, b = spans[i]  # type: ignore[misc]
    chest = _span(torso, round(pit), outline.axis) or (a, b)
    drop = 1.0 - widths[i] / max(1.0, chest[1] - chest[0])
    sure = float(np.clip(0.4 + 3 * drop, 0.3, 0.9))
    return {"left_waist": ((float(a), float(rows[i])), sure), "right_waist": ((float(b), float(rows[i])), sure)}


def corner(mask: Mask, sign: int, out: float, down: float) -> Point:
    """The pixel of a mask that lies furthest in the direction (sign * out, down)."""
    ys, xs = np.nonzero(mask)
    i = int((sign * out * xs + down * ys).argmax())
    return float(xs[i]), float(ys[i])


def _sleeve_pit(outline: Outline, sign: int) -> Armpit | None:
    """The deepest dent between a sleeve and the body on one side."""
    _, top, _, bottom = outline.box
    half = outline.half(sign)
    for notch in half.notches:
        x, y = notch.bottom
        off = sign * (x - outline.axis) / outline.width
        level = (y - top) / (bottom - top + 1)
        if off > 0.08 and 0.08 < level < 0.8 and _under_a_sleeve(half, notch, sign, outline.width):
            return Armpit((x, y), float(np.clip(notch.depth / (0.12 * outline.width), 0.35, 1.0)), True)
    return None


def _under_a_sleeve(half: Outline, notch: Notch, sign: int, width: int) -> bool:
    """Whether something sticks out over a notch or hangs beside it, as a sleeve does and a flared hem does not."""
    upper, lower = sorted((notch.start, notch.end), key=lambda p: p[1])
    if lower[1] <= notch.bottom[1]:
        return False
    reach, drop = sign * (upper[0] - notch.bottom[0]), upper[1] - half.box[1]
    if reach > 0.055 * width or (reach > 0.03 * width and drop > 0.06 * half.height):
        return bool(drop > 0.03 * half.height)  # what sticks out at the very top is a strap
    # A sleeve longer than the body: halfway down to its corner there is body, gap, sleeve.
    y = round((notch.bottom[1] + lower[1]) / 2)
    return len(half.runs(y)) > 1


def _armhole(outline: Outline, sign: int) -> Armpit:
    """The armpit of a sleeveless garment: the outermost point of its side against a line from strap to mid-side."""
    _, top, _, bottom = outline.box
    strap = _hood_corner(outline, sign, 0.2) or corner(outline.mask, sign, 0.5, -1.0)
    limit = round(max(strap[1] + 0.3 * (bottom - top), top + 0.5 * (bottom - top)))
    edge = []
    for y in range(round(strap[1]), limit):
        run = outline.middle_run(y)
        runs = outline.runs(y)
        if run and runs:
            edge.append((float(runs[-1][1] if sign > 0 else runs[0][0]), float(y)))
    if len(edge) < 4:
        return Armpit(strap, 0.1, False)
    points = np.array(edge)
    above = _distance_from_chord(points, points[0], points[-1]) * sign
    i = int(above.argmax())
    if above[i] < 0.02 * outline.height:  # a straight side: a fifth of the way down
        i = min(len(points) - 1, round(0.2 * outline.height))
        return Armpit((float(points[i][0]), float(points[i][1])), 0.25, False)
    return Armpit((float(points[i][0]), float(points[i][1])), 0.6, False)


def _shoulder(outline: Outline, pit: Armpit, sign: int) -> Point:
    """Sleeved: the top of the garment over the armpit. Sleeveless: the outer end of the strap."""
    if not pit.sleeved:
        return corner(outline.mask[: round(pit.point[1]) + 1], sign, 0.5, -1.0)
    inward = 0.02 * outline.width
    x = round(float(np.clip(pit.point[0] - sign * inward, 0, outline.mask.shape[1] - 1)))
    y = outline.top[x]
    return float(x), float(y) if np.isfinite(y) else pit.point[1]


def _collar_corner(outline: Outline, shoulder: Point) -> tuple[Point, float]:
    """Where the neckline ends and the shoulder begins to fall: the point furthest above the line shoulder to centre."""
    centre = round(outline.axis)
    a, b = sorted((round(shoulder[0]), centre))
    xs = np.arange(a, b + 1)
    ys = outline.top[a : b + 1]
    keep = np.isfinite(ys)
    if keep.sum() < 4:
        return shoulder, 0.1
    points = np.stack([xs[keep], ys[keep]], axis=1).astype(np.float64)
    if shoulder[0] > centre:
        points = points[::-1]
    height = np.abs(_distance_from_chord(points, points[0], points[-1])) * _above(points)
    i = int(height.argmax())
    sure = float(np.clip(height[i] / (0.06 * outline.width), 0.15, 0.9))
    return (float(points[i][0]), float(points[i][1])), sure


def _hood_corner(outline: Outline, sign: int, rise: float) -> Point | None:
    """The dent between a hood (or a head) and the shoulder; None unless something stands `rise` heights above it."""
    return next((notch.bottom for notch in outline.notches if _under_a_hood(outline, notch, sign, rise)), None)


def _under_a_hood(outline: Outline, notch: Notch, sign: int, rise: float) -> bool:
    x, y = notch.bottom
    upper, lower = sorted((notch.start, notch.end), key=lambda p: p[1])
    off, level = sign * (x - outline.axis) / outline.width, (y - outline.box[1]) / outline.height
    if not (0.02 < off < 0.35 and level < 0.35 and lower[1] > y > upper[1]):
        return False
    over_the_axis = -0.1 < sign * (upper[0] - outline.axis) / outline.width < 0.25
    shoulder_out = sign * (lower[0] - x) > 0.04 * outline.width
    middle = outline.top[round(outline.axis)]
    stands_over = bool(np.isfinite(middle) and y - middle > rise * outline.height)
    return over_the_axis and shoulder_out and stands_over


def _distance_from_chord(
    points: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Signed distance of (n, 2) points from the line start to end, positive to its left on the screen (y down)."""
    along = (end - start) / (np.linalg.norm(end - start) + 1e-9)
    rel = points - start
    return np.asarray(along[1] * rel[:, 0] - along[0] * rel[:, 1])


def _above(points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of (n, 2) points lie above the line from the first to the last."""
    (x0, y0), (x1, y1) = points[0], points[-1]
    line = y0 + (points[:, 0] - x0) * (y1 - y0) / (x1 - x0 if x1 != x0 else 1.0)
    return np.asarray(points[:, 1] < line)


def _far_end(sleeve: Mask, shoulder: Point, pit: Point) -> Point:
    """The middle of the cuff: the mean of what lies furthest along the sleeve."""
    ys, xs = np.nonzero(sleeve)
    start = np.array([(shoulder[0] + pit[0]) / 2, (shoulder[1] + pit[1]) / 2])
    along = np.array([xs.mean(), ys.mean()]) - start
    reach = (np.stack([xs, ys], axis=1) - start) @ along
    far = reach >= np.quantile(reach, 0.93)
    return _onto(sleeve, (float(xs[far].mean()), float(ys[far].mean())))


def _onto(mask: Mask, point: Point) -> Point:
    """The pixel of a mask nearest to a point."""
    ys, xs = np.nonzero(mask)
    i = int(((xs - point[0]) ** 2 + (ys - point[1]) ** 2).argmin())
    return float(xs[i]), float(ys[i])


def _span(mask: Mask, y: int, axis: float) -> tuple[int, int] | None:
    """First and last column of the stretch of row `y` around the axis."""
    if not 0 <= y < len(mask) or not mask[y].any():
        return None
    row = np.flatnonzero(np.diff(np.concatenate([[0], mask[y].astype(np.int8), [0]])))
    runs = list(zip(row[::2], row[1::2] - 1, strict=True))
    a, b = min(runs, key=lambda run: max(run[0] - axis, axis - run[1], 0.0))
    return int(a), int(b)


def _label_at_axis(outline: Outline, labels: NDArray[np.int32], y: float) -> int:
    """The component that holds the body, looked for at the axis around row `y`."""
    row = int(np.clip(round(y), 0, len(labels) - 1))
    column = int(np.clip(round(outline.axis), 0, labels.shape[1] - 1))
    below = labels[row:, column]
    solid = below[below > 0]
    return int(solid[0]) if len(solid) else 0
