"""Garments that hang from the waist: trousers, shorts, skirts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from fashion_gen.pose.place.clues import Clue, ease, growth_needed, plausible, too_long, vote
from fashion_gen.pose.place.grade import cut, round_her
from fashion_gen.pose.place.placement import Placement
from fashion_gen.pose.trunk import Trunk
from fashion_gen.pose.upright import Upright
from fashion_gen.records import Category, Garment

_BAND_EASE = 1.10  # of a waistband, which sits closer
_FULL_LENGTH = (0.80, 1.25)  # leg of the trousers over leg of the body within which they are meant to reach the ankle
_BAND = 0.12  # of the length of trousers or a skirt, from the top, where the waistband is looked for
_SHOE = 2.5  # cm above the floor where trousers end at the latest
_HIGH_RISE = 0.0  # cm over the waist where a band ends at the latest
_DEEPEST_RISE = 0.30  # of the length of trousers from band to crotch


def gird(garment: Garment, shape: Upright, trunk: Trunk, *, grade: bool) -> tuple[Upright, Placement]:
    """Size the garment by its band and legs, and hang it by its crotch, or by its band.

    Args:
        grade: whether it may be made wider or narrower than it is photographed, by the wearer's size.

    Returns:
        The garment as this wearer's size is cut, and where it hangs.
    """
    waist = _waist_row(shape)
    widths = [Clue(_band(shape, waist), trunk.width(trunk.level("high_hip")) * _BAND_EASE, 1.0)]
    crotch = _crotch_row(garment, shape)
    if crotch is None:
        anchor, level, most = waist, trunk.level("waist") - 1.5, np.inf
        lengths = list(too_long(garment, shape, trunk, widths))
    else:
        anchor, level = crotch, trunk.level("crotch") - 2.0
        widths += [_hip_clue(garment, shape, trunk, crotch)]
        lengths = list(_leg_clues(garment, shape, trunk, crotch))
        most = _largest(shape, trunk, level, crotch)
    k = plausible(min(vote(widths + lengths), most), garment, shape, trunk)
    if grade:
        across, all_over = cut(vote(widths) / k)
        shape, k = shape.wider(across), k * all_over
    placement = _about(shape, trunk, k, anchor, level)
    growth = growth_needed(shape, trunk, placement, top=waist + _BAND * (shape.bottom - waist))
    if grade:
        shape, growth = round_her(shape, across, growth)
        placement = _about(shape, trunk, k, anchor, level)
    return shape, _about(shape, trunk, min(placement.k * growth, max(placement.k, most)), anchor, level)


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


def _hip_clue(garment: Garment, shape: Upright, trunk: Trunk, crotch: float) -> Clue:
    return Clue(shape.width(crotch - 6), trunk.width(trunk.level("hip")) * ease(garment), 1.0)


def _leg_clues(garment: Garment, shape: Upright, trunk: Trunk, crotch: float) -> Iterator[Clue]:
    hips = crotch - 6
    ends = [shape.points[name][1] for name in ("left_leg_end", "right_leg_end") if name in shape.points]
    if garment.category is Category.TROUSERS and ends:
        leg = float(np.mean(ends)) - crotch
        body = trunk.level("crotch") - float(trunk.joint("l_ankle")[1])
        reach = leg * trunk.width(trunk.level("hip")) * ease(garment) / shape.width(hips) / body
        if _FULL_LENGTH[0] < reach < _FULL_LENGTH[1]:
            yield Clue(leg, body - 1.0, 1.5)


def _waist_row(shape: Upright) -> float:
    waist = shape.middle("waist")
    return shape.top if waist is None else float(waist[1])
