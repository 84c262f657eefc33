"""How large the garment is on this body, and where it hangs: a scale and a shift, nothing that would redraw it.

A photo has no ruler, so the garment is worn in the persona's own size: it is scaled until it fits. Several lengths that
are known on both garment and body (seam to seam over the shoulders, across the chest, along the sleeve or the leg) each vote for
a scale; the vote is a weighted mean of logarithms. A garment that lies flat is wider than the same garment worn (half its girth
against the 0.64 to 0.75 of that which shows from the front), so width and length cannot both be right without a warp: the targets
below leave flat garments about a fifth wider than the body, which reads as an easy fit. Afterwards the scale grows, if it
must, until the trunk stays inside the garment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from fashion_gen.body import build_figure, pose_body
from fashion_gen.pose.trunk import Trunk
from fashion_gen.pose.upright import Upright
from fashion_gen.records import Category, Framing, Garment, Measurements, Persona, Points, Pose, Presentation

#: Worn width of the garment over the width of the body beneath: laid flat, and with the shape that a body gave it.
_FLAT_EASE, _WORN_EASE = 1.26, 1.10
_BAND_EASE = 1.10  # of a waistband, which sits closer
_SHOULDER_SEAM = 3.0  # cm from seam to seam beyond the bone-to-bone breadth, a regular fit
_STRAP = 0.82  # outer edges of straps over the bone-to-bone breadth
_CONTACT = 0.6  # cm of cloth and air between shoulder and seam
_COVER = 0.8  # cm that the garment's edge must lie outside the trunk
_GRADED = 0.75  # of the way from the length of a middling body's garment to this body's width
_MIDDLING = {
    Presentation.FEMININE: Measurements(166, 36, 33, 90, 74, 98, 28, 15.5, 57, 36),
    Presentation.ANDROGYNOUS: Measurements(171, 38, 36, 94, 80, 98, 30, 16.5, 57, 37),
    Presentation.MASCULINE: Measurements(177, 40, 39, 99, 87, 99, 33, 17.5, 58, 38),
}
_UPRIGHT = Pose("upright", Framing.FULL, {})
_MOST_NEEDED = 1.3  # growth to cover the trunk; beyond, the landmarks are more likely wrong than the size
_LARGEST_GROWTH = 1.08  # of a garment that hangs from the shoulders; what it does not cover, it ends (`beside`)
_FULL_LENGTH = (0.80, 1.25)  # leg of the trousers over leg of the body within which they are meant to reach the ankle
#: Length over chest width of tops and jackets that are meant to end at the hips: lying flat, and on a body.
_HIP_LENGTH, _HIP_LENGTH_WORN = (1.05, 1.60), (1.20, 2.15)
_BAND = 0.12  # of the length of trousers or a skirt, from the top, where the waistband is looked for
_SHOE = 2.5  # cm above the floor where trousers end at the latest
_HIGH_RISE = 0.0  # cm over the waist where a band ends at the latest
_DEEPEST_RISE = 0.30  # of the length of trousers from band to crotch
_CUFF = 3.0  # cm that a long sleeve may end beyond the wrist

#: Shortest and longest garment of a category, as a part of the wearer's stature.
_LENGTHS = {
    Category.TOP: (0.16, 0.46),
    Category.OUTERWEAR: (0.22, 0.68),
    Category.DRESS: (0.40, 0.72),
    Category.JUMPSUIT: (0.45, 0.79),
    Category.TROUSERS: (0.36, 0.66),
    Category.SHORTS: (0.14, 0.40),
    Category.SKIRT: (0.16, 0.64),
}


@dataclass(frozen=True, slots=True)
class Placement:
    """Pixels of the upright garment to body centimetres: X = x0 + k x, Y = y0 - k y."""

    k: float
    x0: float
    y0: float

    def to_body(self, points: Points) -> Points:
        """(N, 2) upright pixels to (N, 2) X, Y."""
        return np.column_stack([self.x0 + self.k * points[:, 0], self.y0 - self.k * points[:, 1]])

    def to_garment(self, points: Points) -> Points:
        """(N, 2) X, Y to (N, 2) upright pixels."""
        return np.column_stack([points[:, 0] - self.x0, self.y0 - points[:, 1]]) / self.k


@dataclass(frozen=True, slots=True)
class _Clue:
    """A length that is `pixels` long on the garment and should be `cm` long on the body."""

    pixels: float
    cm: float
    weight: float


def place(garment: Garment, shape: Upright, trunk: Trunk, persona: Persona) -> Placement:
    """Size the garment for this body and hang it from the shoulders, or from the hips."""
    if garment.category.covers_top:
        return _hang(garment, shape, trunk, persona)
    return _gird(garment, shape, trunk)


def _ease(garment: Garment) -> float:
    return _WORN_EASE if garment.kind.worn else _FLAT_EASE


def _vote(clues: list[_Clue]) -> float:
    """Centimetres per pixel."""
    weights = np.array([clue.weight for clue in clues])
    return float(np.exp(weights @ np.log([clue.cm / max(clue.pixels, 1.0) for clue in clues]) / weights.sum()))


def _plausible(k: float, garment: Garment, shape: Upright, trunk: Trunk) -> float:
    """The scale, held to lengths that such garments have: wrong landmarks shall not make a skirt a tent."""
    shortest, longest = (
        part * trunk.body.figure.stature / (shape.bottom - shape.top) for part in _LENGTHS[garment.category]
    )
    return float(np.clip(k, shortest, longest))


# From the shoulders: tops, outerwear, dresses, jumpsuits.


def _hang(garment: Garment, shape: Upright, trunk: Trunk, persona: Persona) -> Placement:
    k = _plausible(_graded(garment, shape, trunk, persona), garment, shape, trunk)
    placement = _onto_shoulders(shape, trunk, k)
    growth = min(_growth(shape, trunk, placement, top=_chest_row(shape)), _LARGEST_GROWTH)
    grown = _plausible(k * growth, garment, shape, trunk)
    return _onto_shoulders(shape, trunk, grown) if grown > k else placement


def _graded(garment: Garment, shape: Upright, trunk: Trunk, persona: Persona) -> float:
    """The scale between what this body's width asks for and the length that the garment has on a middling body.

    A larger size of a garment is wider, hardly longer. Pixels are not warped, so the scale goes part of the way: a broad
    person's garment lies closer, and its waist and hem stay near where the wearer's are.
    """
    middling = _MIDDLING[persona.presentation]
    usual = Trunk(pose_body(build_figure(middling, persona.presentation), _UPRIGHT))
    clues = list(_top_clues(garment, shape, trunk, persona.measurements))
    fitting = _vote(clues + list(_too_long(garment, shape, trunk, clues)))
    as_made = _vote(list(_top_clues(garment, shape, usual, middling)))
    in_length = as_made * persona.measurements.height / middling.height
    return float(in_length ** (1 - _GRADED) * fitting**_GRADED)


def _top_clues(garment: Garment, shape: Upright, trunk: Trunk, wearer: Measurements) -> Iterator[_Clue]:
    chest = trunk.width(trunk.level("chest"))
    armpits = shape.distance("left_armpit", "right_armpit")
    yield _Clue(armpits or shape.width(_chest_row(shape)), chest * _ease(garment), 1.0)
    shoulders = shape.distance("left_shoulder", "right_shoulder")
    bone = wearer.shoulder
    if shoulders:
        sleeved = "left_sleeve_end" in shape.points or "right_sleeve_end" in shape.points
        yield _Clue(shoulders, bone + _SHOULDER_SEAM if sleeved else bone * _STRAP, 1.0 if sleeved else 0.25)
    yield from _sleeve_clues(shape, trunk)
    length, across = _hem_row(shape) - _top_row(shape), armpits or shape.width(_chest_row(shape))
    if (
        garment.category in (Category.TOP, Category.OUTERWEAR)
        and _HIP_LENGTH[0] < length / max(across, 1.0) < _HIP_LENGTH[1]
    ):
        yield _Clue(length, trunk.level("yoke") - trunk.level("crotch") - 1.0, 1.0)
    if garment.category is Category.JUMPSUIT and "crotch" in shape.points and "neck" in shape.points:
        rise = float(shape.points["crotch"][1] - shape.points["neck"][1])
        yield _Clue(rise, trunk.level("shoulders") - trunk.level("crotch") + 2.0, 1.5)


def _top_row(shape: Upright) -> float:
    """The row of the shoulder line beside the neck; a hood or collar above it does not count."""
    neck = shape.middle("neck")
    return shape.top if neck is None else float(neck[1])


def _sleeve_clues(shape: Upright, trunk: Trunk) -> Iterator[_Clue]:
    """A long sleeve must not swallow the hand."""
    arm = _chain(trunk, "l_shoulder", "l_elbow", "l_wrist")
    bare = _vote_of_width(shape, trunk)
    for side in ("left", "right"):
        length = shape.distance(f"{side}_shoulder", f"{side}_sleeve_end")
        if length and length * bare > 0.85 * arm:
            yield _Clue(length, arm + _CUFF, 1.0)


def _too_long(garment: Garment, shape: Upright, trunk: Trunk, clues: list[_Clue]) -> Iterator[_Clue]:
    """A slim garment made wide for a broad body would get longer than such a garment is worn: then length has a say."""
    ankle = float(trunk.joint("l_ankle")[1]) + 4.0
    lowest = {Category.TOP: trunk.level("crotch") + 3.0, Category.DRESS: ankle, Category.SKIRT: ankle}
    if garment.category in lowest:
        pixels = _hem_row(shape) - shape.top
        most = trunk.level("yoke" if garment.category.covers_top else "waist") - lowest[garment.category]
        if pixels * _vote(clues) > most:
            yield _Clue(pixels, most, sum(clue.weight for clue in clues))


def _vote_of_width(shape: Upright, trunk: Trunk) -> float:
    """A first guess of the scale, from the chest alone: enough to tell a long sleeve from a short one."""
    return trunk.width(trunk.level("chest")) * _FLAT_EASE / max(shape.width(_chest_row(shape)), 1.0)


def _chain(trunk: Trunk, *joints: str) -> float:
    bones = [trunk.body.figure.joints[name] for name in joints]
    return float(sum(np.linalg.norm(b - a) for a, b in pairwise(bones)))


def _chest_row(shape: Upright) -> float:
    """The row just below the armpits, or a third of the way down."""
    armpits = shape.middle("armpit")
    if armpits is not None:
        return float(armpits[1]) + 2
    return shape.top + 0.35 * (shape.bottom - shape.top)


def _onto_shoulders(shape: Upright, trunk: Trunk, k: float) -> Placement:
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


# From the waist: trousers, shorts, skirts.


def _gird(garment: Garment, shape: Upright, trunk: Trunk) -> Placement:
    waist = _waist_row(shape)
    clues = [_Clue(_band(shape, waist), trunk.width(trunk.level("high_hip")) * _BAND_EASE, 1.0)]
    crotch = _crotch_row(garment, shape)
    if crotch is None:
        anchor, level, most = waist, trunk.level("waist") - 1.5, np.inf
        clues += _too_long(garment, shape, trunk, clues)
    else:
        anchor, level = crotch, trunk.level("crotch") - 2.0
        clues += _leg_clues(garment, shape, trunk, crotch)
        most = _largest(shape, trunk, level, crotch)
    k = _plausible(min(_vote(clues), most), garment, shape, trunk)
    placement = _about(shape, trunk, k, anchor, level)
    growth = _growth(shape, trunk, placement, top=waist + _BAND * (shape.bottom - waist))
    return _about(shape, trunk, min(placement.k * growth, max(placement.k, most)), anchor, level)


def _band(shape: Upright, waist: float) -> float:
    """Width of the waistband in pixels; clips and hooks of a hanger above it do not count."""
    rows = waist + 4 + np.linspace(0, _BAND, 7) * (shape.bottom - waist)
    return max(float(np.percentile([shape.width(row) for row in rows], 65)), 1.0)


def _about(shape: Upright, trunk: Trunk, k: float, row: float, level: float) -> Placement:
    """At scale k, the axis over the middle of the hips and `row` at height `level`."""
    return Placement(k, float(trunk.joint("hips")[0]) - k * shape.axis, level + k * row)


def _crotch_row(garment: Garment, shape: Upright) -> float | None:
    """The row of the crotch; legs that lie against each other hide it, and their gap further down is not it."""
    if garment.category is Category.SKIRT or "crotch" not in shape.points:
        return None
    waist, crotch = _waist_row(shape), float(shape.points["crotch"][1])
    if garment.category is Category.TROUSERS:
        crotch = min(crotch, waist + _DEEPEST_RISE * (shape.bottom - waist))
    return crotch


def _largest(shape: Upright, trunk: Trunk, level: float, crotch: float) -> float:
    """The largest scale at which the band stays near the waist and the legs off the floor."""
    rise = (trunk.level("waist") + _HIGH_RISE - level) / max(crotch - _waist_row(shape), 1.0)
    leg = (level - trunk.body.ground - _SHOE) / max(shape.bottom - crotch, 1.0)
    return float(min(rise, leg))


def _leg_clues(garment: Garment, shape: Upright, trunk: Trunk, crotch: float) -> Iterator[_Clue]:
    hips = crotch - 6
    yield _Clue(shape.width(hips), trunk.width(trunk.level("hip")) * _ease(garment), 1.0)
    ends = [shape.points[name][1] for name in ("left_leg_end", "right_leg_end") if name in shape.points]
    if garment.category is Category.TROUSERS and ends:
        leg = float(np.mean(ends)) - crotch
        body = trunk.level("crotch") - float(trunk.joint("l_ankle")[1])
        reach = leg * trunk.width(trunk.level("hip")) * _ease(garment) / shape.width(hips) / body
        if _FULL_LENGTH[0] < reach < _FULL_LENGTH[1]:
            yield _Clue(leg, body - 1.0, 1.5)


def _waist_row(shape: Upright) -> float:
    waist = shape.middle("waist")
    return shape.top if waist is None else float(waist[1])


def _growth(shape: Upright, trunk: Trunk, placement: Placement, *, top: float) -> float:
    """How much larger the garment must be so that the trunk lies inside it, row by row; 1 where it fits."""
    low = max(trunk.level("hip"), placement.y0 - placement.k * (_hem_row(shape) - 4))
    high = placement.y0 - placement.k * top
    centre = placement.x0 + placement.k * shape.axis
    needed = [1.0]
    for y in np.arange(low, high, 2.0):
        left, right = (placement.x0 + placement.k * x for x in shape.row((placement.y0 - y) / placement.k))
        body_left, body_right = trunk.edges(float(y))
        if right - left > 1:
            needed += [(centre - body_left + _COVER) / max(centre - left, 1.0)]
            needed += [(body_right + _COVER - centre) / max(right - centre, 1.0)]
    # One odd row (a dent in the outline, a slit) shall not blow up the whole garment.
    return float(np.clip(np.percentile(needed, 90), 1.0, _MOST_NEEDED))


def _hem_row(shape: Upright) -> float:
    for name in ("crotch", "left_hem", "right_hem"):
        if name in shape.points:
            return float(shape.points[name][1])
    return shape.bottom
