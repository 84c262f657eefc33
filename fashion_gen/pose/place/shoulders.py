"""Garments that hang from the shoulders: tops, outerwear, dresses, jumpsuits."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from fashion_gen.pose.place.clues import FLAT_EASE, Clue, ease, growth_needed, hem_row, plausible, too_long, vote
from fashion_gen.pose.place.grade import MIDDLING, cut, middling_trunk, round_her, wider
from fashion_gen.pose.place.placement import Placement
from fashion_gen.pose.trunk import Trunk
from fashion_gen.pose.upright import Upright
from fashion_gen.records import Category, Garment, Measurements, Persona, Points

_SHOULDER_SEAM = 3.0  # cm from seam to seam beyond the bone-to-bone breadth, a regular fit
_STRAP = 0.82  # outer edges of straps over the bone-to-bone breadth
_CONTACT = 0.6  # cm of cloth and air between shoulder and seam
#: Of the way from the length of a middling body's garment to this body's width: of a slighter body, and of a broader one.
_SLIGHTER, _BROADER = 0.75, 0.90
_LARGEST_GROWTH = 1.08  # of a garment that hangs from the shoulders; what it does not cover, it ends (`beside`)
#: Length over chest width of tops and jackets that are meant to end at the hips.
_HIP_LENGTH = (1.05, 1.60)
_CUFF = 3.0  # cm that a long sleeve may end beyond the wrist


def hang(garment: Garment, shape: Upright, trunk: Trunk, persona: Persona, *, grade: bool) -> tuple[Upright, Placement]:
    """Size the garment by what is known of it, and lower it until its shoulder seams touch the body.

    Args:
        grade: whether it may be made wider or narrower than it is photographed, by the wearer's size.

    Returns:
        The garment as this wearer's size is cut, and where it hangs.
    """
    middling = MIDDLING[persona.presentation]
    usual = middling_trunk(persona.presentation)
    as_made = vote(list(_top_clues(garment, shape, usual, middling)))
    in_length = as_made * persona.measurements.height / middling.height
    k = plausible(_between(in_length, _fitting(garment, shape, trunk, persona)), garment, shape, trunk)
    top = chest_row(shape)
    if grade:
        made = onto_shoulders(shape, usual, plausible(as_made, garment, shape, usual))
        across, all_over = cut(wider(shape, (onto_shoulders(shape, trunk, k), trunk), (made, usual), top=top))
        shape, k = shape.wider(across), k * all_over
    placement = onto_shoulders(shape, trunk, k)
    growth = min(growth_needed(shape, trunk, placement, top=top), _LARGEST_GROWTH)
    if grade:
        shape, growth = round_her(shape, across, growth)
        placement = onto_shoulders(shape, trunk, k)
    grown = plausible(k * growth, garment, shape, trunk)
    return shape, onto_shoulders(shape, trunk, grown) if grown > k else placement


def _fitting(garment: Garment, shape: Upright, trunk: Trunk, persona: Persona) -> float:
    """The scale that this body's width asks for."""
    clues = list(_top_clues(garment, shape, trunk, persona.measurements))
    return vote(clues + list(too_long(garment, shape, trunk, clues)))


def _between(in_length: float, fitting: float) -> float:
    """The scale between the length that the garment has on a middling body and what this body's width asks for.

    A larger size is wider, hardly longer: so a broad person's garment lies closer, and its waist and hem stay near hers. But
    hips that look out under a narrow hem are worse than a hem that hangs a little low.
    """
    share = _BROADER if fitting > in_length else _SLIGHTER
    return float(in_length ** (1 - share) * fitting**share)


def _top_clues(garment: Garment, shape: Upright, trunk: Trunk, wearer: Measurements) -> Iterator[Clue]:
    chest = trunk.width(trunk.level("chest"))
    armpits = shape.distance("left_armpit", "right_armpit")
    yield Clue(armpits or shape.width(chest_row(shape)), chest * ease(garment), 1.0)
    shoulders = shape.distance("left_shoulder", "right_shoulder")
    bone = wearer.shoulder
    if shoulders:
        sleeved = "left_sleeve_end" in shape.points or "right_sleeve_end" in shape.points
        yield Clue(shoulders, bone + _SHOULDER_SEAM if sleeved else bone * _STRAP, 1.0 if sleeved else 0.25)
    yield from _sleeve_clues(shape, trunk)
    length, across = hem_row(shape) - _top_row(shape), armpits or shape.width(chest_row(shape))
    if (
        garment.category in (Category.TOP, Category.OUTERWEAR)
        and _HIP_LENGTH[0] < length / max(across, 1.0) < _HIP_LENGTH[1]
    ):
        yield Clue(length, trunk.level("yoke") - trunk.level("crotch") - 1.0, 1.0)
    if garment.category is Category.JUMPSUIT and "crotch" in shape.points and "neck" in shape.points:
        rise = float(shape.points["crotch"][1] - shape.points["neck"][1])
        yield Clue(rise, trunk.level("shoulders") - trunk.level("crotch") + 2.0, 1.5)


def _top_row(shape: Upright) -> float:
    """The row of the shoulder line beside the neck; a hood or collar above it does not count."""
    neck = shape.middle("neck")
    return shape.top if neck is None else float(neck[1])


def _sleeve_clues(shape: Upright, trunk: Trunk) -> Iterator[Clue]:
    """A long sleeve must not swallow the hand."""
    arm = _chain(trunk, "l_shoulder", "l_elbow", "l_wrist")
    bare = _vote_of_width(shape, trunk)
    for side in ("left", "right"):
        length = shape.distance(f"{side}_shoulder", f"{side}_sleeve_end")
        if length and length * bare > 0.85 * arm:
            yield Clue(length, arm + _CUFF, 1.0)


def _vote_of_width(shape: Upright, trunk: Trunk) -> float:
    """A first guess of the scale, from the chest alone: enough to tell a long sleeve from a short one."""
    return trunk.width(trunk.level("chest")) * FLAT_EASE / max(shape.width(chest_row(shape)), 1.0)


def _chain(trunk: Trunk, *joints: str) -> float:
    bones = [trunk.body.figure.joints[name] for name in joints]
    return float(sum(np.linalg.norm(b - a) for a, b in pairwise(bones)))


def chest_row(shape: Upright) -> float:
    """The row just below the armpits, or a third of the way down."""
    armpits = shape.middle("armpit")
    if armpits is not None:
        return float(armpits[1]) + 2
    return shape.top + 0.35 * (shape.bottom - shape.top)


def onto_shoulders(shape: Upright, trunk: Trunk, k: float) -> Placement:
    """Lower the garment until its shoulder seams touch the body."""
    x0 = float(trunk.joint("neck")[0]) - k * shape.axis
    seams = np.array(list(_shoulder_seams(shape)) or list(_highest(shape)))
    rest = [trunk.shoulder_top(x0 + k * x) + k * y for x, y in seams]
    return Placement(k, x0, float(np.median(rest)) + _CONTACT)


def _shoulder_seams(shape: Upright) -> Iterator[Points]:
    """Points along the lines from the neckline's sides to the shoulders' ends."""
    for side in ("left", "right"):
        neck, shoulder = shape.points.get(f"{side}_neck"), shape.points.get(f"{side}_shoulder")
        if shoulder is None:
            continue
        for t in (0.15, 0.5, 0.85) if neck is not None else (1.0,):
            start = shoulder if neck is None else neck
            yield start + t * (shoulder - start)


def _highest(shape: Upright) -> Iterator[Points]:
    """The highest point on either side of the axis: where straps or a collar would lie on the shoulders."""
    middle = round(shape.axis)
    for start, half in ((0, shape.mask[:, :middle]), (middle, shape.mask[:, middle:])):
        if half.any():
            row = int(half.any(axis=1).argmax())
            yield np.array([start + np.flatnonzero(half[row]).mean(), row])
