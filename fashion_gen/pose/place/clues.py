"""Lengths that are known on garment and body, and what they say of the garment's size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fashion_gen.pose.place.placement import Placement
from fashion_gen.pose.trunk import Trunk
from fashion_gen.pose.upright import Upright
from fashion_gen.records import Category, Garment

#: Worn width of the garment over the width of the body beneath: laid flat, and with the shape that a body gave it.
FLAT_EASE, WORN_EASE = 1.26, 1.10
_COVER = 0.8  # cm that the garment's edge must lie outside the trunk
_MOST_NEEDED = 1.3  # growth to cover the trunk; beyond, the landmarks are more likely wrong than the size

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
class Clue:
    """A length that is `pixels` long on the garment and should be `cm` long on the body."""

    pixels: float
    cm: float
    weight: float


def vote(clues: list[Clue]) -> float:
    """Centimetres per pixel."""
    weights = np.array([clue.weight for clue in clues])
    return float(np.exp(weights @ np.log([clue.cm / max(clue.pixels, 1.0) for clue in clues]) / weights.sum()))


def ease(garment: Garment) -> float:
    """How much wider than the body a garment is worn."""
    return WORN_EASE if garment.kind.worn else FLAT_EASE


def plausible(k: float, garment: Garment, shape: Upright, trunk: Trunk) -> float:
    """The scale, held to lengths that such garments have: wrong landmarks shall not make a skirt a tent."""
    shortest, longest = (
        part * trunk.body.figure.stature / (shape.bottom - shape.top) for part in _LENGTHS[garment.category]
    )
    return float(np.clip(k, shortest, longest))


def too_long(garment: Garment, shape: Upright, trunk: Trunk, clues: list[Clue]) -> Iterator[Clue]:
    """A slim garment made wide for a broad body would get longer than such a garment is worn: then length has a say."""
    ankle = float(trunk.joint("l_ankle")[1]) + 4.0
    lowest = {Category.TOP: trunk.level("crotch") + 3.0, Category.DRESS: ankle, Category.SKIRT: ankle}
    if garment.category in lowest:
        pixels = hem_row(shape) - shape.top
        most = trunk.level("yoke" if garment.category.covers_top else "waist") - lowest[garment.category]
        if pixels * vote(clues) > most:
            yield Clue(pixels, most, sum(clue.weight for clue in clues))


def growth_needed(shape: Upright, trunk: Trunk, placement: Placement, *, top: float) -> float:
    """How much larger the garment must be so that the trunk lies inside it, row by row; 1 where it fits."""
    low = max(trunk.level("hip"), placement.y0 - placement.k * (hem_row(shape) - 4))
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


def hem_row(shape: Upright) -> float:
    """The row where the garment stops going round the trunk."""
    for name in ("crotch", "left_hem", "right_hem"):
        if name in shape.points:
            return float(shape.points[name][1])
    return shape.bottom
