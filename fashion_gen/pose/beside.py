"""Skin that shows beside the cloth that should cover it.

The garment keeps the shape it was photographed in, so on a body of another build a hip, an arm or a shoulder can stick out past its
edge. Whoever draws the canvas gives these pixels to the backdrop: then the cloth ends the figure there, as it would when worn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.body import Part, build_figure, pose_body
from fashion_gen.pose.cuffs import find_cuff, outward
from fashion_gen.pose.laid import Canvas, gaps, where_laid
from fashion_gen.pose.upright import upright
from fashion_gen.records import Category, Garment, Mask, Points, Staging

_SLACK = 1.0  # cm before a sleeve's or leg's end that are left alone
_ASTRAY = 12.0  # cm from a sleeve's end to an arm that is not in it
_SLEEVE = 2.5  # cm that a companion's sleeve stands off the arm
_NARROW = 1.0  # the same of a sleeve that lies before the tail of its top, which is not to be taken for it
_FLARE = 0.35  # how fast hips widen below a hem that they are too broad for
_HEM = 0.25  # of the way from armpits to hem, what counts as the hem's width
_TAIL = 0.8  # of the hem's width, under which a row belongs to a rounded tail that shows what is beneath
_HAND = 14.0  # cm, highest gap that a hand before the garment leaves in it
_END = 6  # rows of the canvas above a straight hem that tell how wide it is


def beside(staging: Staging, garment: Garment, parts: NDArray[np.uint8]) -> Mask:
    """Return the pixels of a mannequin that the garment covers when worn but not as it lies.

    Args:
        parts: (H, W) part map of the mannequin drawn with `staging.view`.

    Returns:
        (H, W) bool.
    """
    height, width = parts.shape
    body = pose_body(build_figure(staging.persona.measurements, staging.persona.presentation), staging.pose)
    y, x = np.mgrid[:height, :width] + 0.5
    canvas = Canvas(garment, staging, body, x, y, upright(garment).points.keys())
    laid = where_laid(garment, staging, width, height)
    covered = np.zeros(parts.shape, bool)
    for layer in (*_sleeves(canvas, parts, laid), *_legs(canvas, parts)):
        covered |= layer
    past = _past(laid, below=garment.category.covers_top) & _between_ends(canvas)
    for layer in _trunk(canvas, parts, laid):
        covered |= layer & ~past
    if garment.category.covers_top:
        trunk = np.isin(parts, [Part.TORSO, Part.HIPS, Part.BOTTOM_CLOTH])
        covered |= _past_sides(canvas, laid) & (trunk | (parts == Part.TOP_CLOTH) & ~_in_sleeves(canvas))
    covered &= ~gaps(laid, round(_HAND * staging.view.scale))
    # The part map is hard, the edges of figure and garment are soft: take the rim, or a line of skin would be left.
    gone = (covered | _around(covered) & (parts == Part.BACKGROUND)) & ~laid
    return np.asarray(gone | _around(gone) & (covered | (parts == Part.BACKGROUND)))


def _around(mask: Mask) -> Mask:
    """The (H, W) mask and what is two pixels around it."""
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0)


def _past(laid: Mask, *, below: bool) -> Mask:
    """(H, W) pixels under the garment's lower edge, or over its upper edge, in columns that have garment: past it, not beside."""
    ahead = np.maximum.accumulate(laid if below else laid[::-1], axis=0)
    still = np.maximum.accumulate((laid[::-1] if below else laid), axis=0)
    if below:
        return np.asarray(ahead & ~still[::-1])
    return np.asarray(ahead[::-1] & ~still)


def _between_ends(canvas: Canvas) -> Mask:
    """(H, W) columns between the ends of a waistband, all of them where there is none.

    Legs that flare have cloth in columns further out, below what hangs beside the band.
    """
    ends = [canvas.landmark(f"{side}_waist") for side in ("left", "right")]
    columns = [float(end[0]) for end in ends if end is not None]
    if canvas.garment.category.covers_top or len(columns) < 2:
        return np.ones(canvas.x.shape, bool)
    return np.asarray((canvas.x > min(columns)) & (canvas.x < max(columns)))


def _sleeves(canvas: Canvas, parts: NDArray[np.uint8], laid: Mask) -> Iterator[Mask]:
    """Arms up to the sleeve's end. From a short, flaring sleeve the arm may come out underneath."""
    if not canvas.garment.category.covers_top:
        return
    slack = _SLACK * canvas.staging.view.scale
    for side, seen in (("l", "right"), ("r", "left")):
        end = canvas.landmark(f"{seen}_sleeve_end")
        if end is None:
            continue
        shoulder, elbow, wrist = (canvas.joint(f"{side}_{name}") for name in ("shoulder", "elbow", "wrist"))
        # What a companion's sleeve adds goes into the garment's sleeve with the arm.
        cloth = parts == Part.TOP_CLOTH
        upper = (parts == Part[f"{side.upper()}_UPPER_ARM"]) | cloth & _thick(canvas, shoulder, elbow, "upper_arm")
        # A cuff that reaches over the hand has it inside.
        bare = np.isin(parts, [Part[f"{side.upper()}_LOWER_ARM"], Part[f"{side.upper()}_HAND"]])
        lower = bare | cloth & _thick(canvas, elbow, wrist, "elbow")
        by_upper, by_lower = _away(end, shoulder, elbow), _away(end, elbow, wrist)
        if min(by_upper, by_lower) > _ASTRAY * canvas.staging.view.scale:
            continue  # this arm is not in its sleeve
        reach = float((end - elbow) @ (wrist - elbow)) / max(float(np.hypot(*(wrist - elbow))), 1e-6)
        if reach > slack and by_lower <= by_upper:
            yield upper
            yield lower & (canvas.along(elbow, wrist) < reach - slack)
        else:
            reach = float((end - shoulder) @ (elbow - shoulder)) / max(float(np.hypot(*(elbow - shoulder))), 1e-6)
            over = (canvas.along(shoulder, elbow) < reach - slack) & (outward(canvas, side, shoulder, elbow) > 0)
            yield upper & over
            cuff = find_cuff(canvas, laid, side, shoulder, end)
            if cuff is not None:
                above, past = cuff.above(canvas), cuff.past(canvas, shoulder, elbow)
                yield upper & (above | past)
                if cuff.below(wrist):
                    yield lower & (above | past & cuff.past(canvas, elbow, wrist))


def _away(point: Points, start: Points, end: Points) -> float:
    """Pixels from a point to the line between start and end."""
    along = end - start
    share = float(np.clip((point - start) @ along / max(float(along @ along), 1e-6), 0, 1))
    return float(np.hypot(*(point - start - share * along)))


def _legs(canvas: Canvas, parts: NDArray[np.uint8]) -> Iterator[Mask]:
    """Hips and legs down to the garment's end."""
    if not canvas.garment.category.covers_legs:
        return
    slack = _SLACK * canvas.staging.view.scale
    skirt = canvas.garment.category in (Category.SKIRT, Category.DRESS)
    hem = canvas.level("left_hem", "right_hem")
    yield _hips(canvas, parts)
    for side, seen in (("L", "right"), ("R", "left")):
        end = canvas.level(f"{seen}_leg_end") if not skirt else None
        bottom = end if end is not None else hem
        if bottom is not None:
            legs = np.isin(parts, [Part[f"{side}_THIGH"], Part[f"{side}_SHIN"]])
            yield legs & (canvas.y < bottom - slack)


def _clothed(canvas: Canvas, parts: NDArray[np.uint8]) -> Iterator[str]:
    """The sides, l and r, whose forearm is not bare half-way: the companion top may have long sleeves."""
    for side in "lr":
        middle = (canvas.joint(f"{side}_elbow") + canvas.joint(f"{side}_wrist")) / 2
        column, row = (int(np.clip(v, 0, most - 1)) for v, most in zip(middle, parts.shape[::-1], strict=True))
        if parts[row, column] != Part[f"{side.upper()}_LOWER_ARM"]:
            yield side


def _forearms(canvas: Canvas, sides: Iterable[str] = "lr") -> Mask:
    """(H, W) the forearms of `sides` with what sleeves add to them."""
    forearms = np.zeros(canvas.x.shape, bool)
    for side in sides:
        forearms |= _thick(canvas, canvas.joint(f"{side}_elbow"), canvas.joint(f"{side}_hand"), "elbow", _NARROW)
    return forearms


def _in_sleeves(canvas: Canvas) -> Mask:
    """(H, W) both arms with what sleeves add to them."""
    arms = _forearms(canvas)
    for side in "lr":
        arms |= _thick(canvas, canvas.joint(f"{side}_shoulder"), canvas.joint(f"{side}_elbow"), "upper_arm")
    return arms


def _thick(canvas: Canvas, start: Points, end: Points, girth: str, sleeve: float = _SLEEVE) -> Mask:
    """(H, W) half an arm from joint to joint with what a sleeve adds to it."""
    drawn = np.zeros(canvas.x.shape, np.uint8)
    width = 2 * (canvas.body.figure.girths[girth][0] + sleeve) * canvas.staging.view.scale
    first, last = (tuple(round(float(v)) for v in point) for point in (start, end))
    cv2.line(drawn, first, last, 1, max(1, round(width)))
    return drawn > 0


def _hips(canvas: Canvas, parts: NDArray[np.uint8]) -> Mask:
    waist = canvas.level("left_waist", "right_waist")
    below = canvas.y > waist if waist is not None else canvas.y > -1
    return np.asarray((parts == Part.HIPS) & below)


def _trunk(canvas: Canvas, parts: NDArray[np.uint8], laid: Mask) -> Iterator[Mask]:
    """The trunk (and what the styling put on it) under the cloth, and the shoulders' tops where there are sleeves."""
    category = canvas.garment.category
    torso = parts == Part.TORSO
    if not category.covers_top:
        waist = canvas.level("left_waist", "right_waist")
        if waist is not None:
            # The tail of a companion top goes under the band; its sleeves hang beside it.
            tail = (parts == Part.TOP_CLOTH) & ~_forearms(canvas, _clothed(canvas, parts))
            yield (torso | tail) & (canvas.y > waist)
        return
    armpits = canvas.level("left_armpit", "right_armpit")
    if armpits is None:
        return
    # A sleeve that is put over the shoulder covers its top; a strap or an armhole leaves it bare.
    for side, seen, outer in (("l", "right", 1), ("r", "left", -1)):
        neck, joint = canvas.landmark(f"{seen}_neck"), canvas.joint(f"{side}_shoulder")
        column, row = (int(np.clip(v, 0, most - 1)) for v, most in zip(joint, laid.shape[::-1], strict=True))
        if neck is not None and laid[row, column] and canvas.landmark(f"{seen}_sleeve_end") is not None:
            shoulder = torso | (parts == Part.TOP_CLOTH)
            yield shoulder & (canvas.y <= armpits) & (outer * (canvas.x - neck[0]) > 0)


def _past_sides(canvas: Canvas, laid: Mask) -> Mask:
    """(H, W) what lies outside of the garment's side seams between armpits and hem, and, below, of where hips widen again.

    The garment keeps its width on a broader body. Cut off at the hem, the hips would stand out like shelves.
    """
    hem, armpits = canvas.level("left_hem", "right_hem", "crotch"), canvas.level("left_armpit", "right_armpit")
    ends = [point[0] for side in ("left", "right") if (point := canvas.landmark(f"{side}_hem")) is not None]
    outside = np.zeros(laid.shape, bool)
    if hem is None or armpits is None or len(ends) < 2:
        return outside
    height, width = laid.shape
    axis = int(np.clip(round(float(np.mean(ends))), 1, width - 2))
    first, last = (int(np.clip(round(level), 0, height)) for level in (armpits, hem))
    rows = np.arange(first, last)
    known = rows[laid[first:last, axis]]
    if not len(known):
        return outside
    below = np.arange(first, height)
    widening = _FLARE * np.maximum(below - last, 0)
    # A hem is cut or lies aslant: how wide it is shows a little above it.
    ending = known >= known[-1] - _HEM * (last - first)
    for side in (-1, 1):
        ray = laid[known, axis:] if side > 0 else laid[known, axis::-1]
        reach = np.where(ray.all(axis=1), ray.shape[1], np.argmin(ray, axis=1))
        usual = float(np.percentile(reach[ending], 75))
        tail = ending & (reach < _TAIL * usual)
        end = usual if tail.any() else float(np.median(reach[-_END:]))
        edge = np.interp(below, known, np.where(tail, usual, reach))
        edge = np.where(below > last, end, edge) + widening
        # The last pixel of the cloth is seldom full of it: what lies under it would be a line beside it.
        outside[below] |= side * (canvas.x[below] - (axis + 0.5)) > edge[:, None] - 1.5
    return outside
