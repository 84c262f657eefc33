"""A size of a garment against the one that was photographed: wider, hardly longer.

A photo shows one size. Scaled as a whole, it would give a broad person a long garment or a tight one, and everybody the
same figure. Pattern makers grade: a garment's girths grow with the wearer's, its lengths hardly do. So does the cloth here,
evenly and within bounds: straight lines stay straight, a circle becomes a slightly wide one. What the bounds leave of a size
is made up as far as it goes by a garment that is larger in both directions, as large sizes are.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from fashion_gen.body import build_figure, pose_body
from fashion_gen.pose.place.clues import hem_row
from fashion_gen.pose.place.placement import Placement
from fashion_gen.pose.trunk import Trunk
from fashion_gen.pose.upright import Upright
from fashion_gen.records import Framing, Measurements, Pose, Presentation

#: Widest and narrowest that a garment is made for the look of it, over its own proportions.
NARROWEST, WIDEST = 0.95, 1.15
#: Widest that it is made where it would not go round the wearer otherwise.
ROUND = 1.25
#: How much larger as a whole it may be made beyond that.
_LARGER = 1.05
#: Who a garment is usually photographed for.
MIDDLING = {
    Presentation.FEMININE: Measurements(166, 36, 33, 90, 74, 98, 28, 15.5, 57, 36),
    Presentation.ANDROGYNOUS: Measurements(171, 38, 36, 94, 80, 98, 30, 16.5, 57, 37),
    Presentation.MASCULINE: Measurements(177, 40, 39, 99, 87, 99, 33, 17.5, 58, 38),
}
_LEVELS = ("chest", "waist", "hip")
_UPRIGHT = Pose("upright", Framing.FULL, {})


@cache
def middling_trunk(presentation: Presentation) -> Trunk:
    """Of whom the garment is supposed to have been photographed for, upright."""
    return Trunk(pose_body(build_figure(MIDDLING[presentation], presentation), _UPRIGHT))


def cut(wanted: float) -> tuple[float, float]:
    """Split how much wider a size is into (across, all over): so much by its proportions, and so much as a whole."""
    across = float(np.clip(wanted, NARROWEST, WIDEST))
    return across, float(np.clip(wanted / across, 1.0, _LARGER))


def round_her(shape: Upright, across: float, needed: float) -> tuple[Upright, float]:
    """The garment wide enough to go round the wearer, and how much larger as a whole it must still be.

    Args:
        across: how much wider it is made already.
        needed: how much wider or larger it must be, 1 where it goes round her.
    """
    more = float(np.clip(ROUND / across, 1.0, needed))
    return shape.wider(more), needed / more


def wider(shape: Upright, worn: tuple[Placement, Trunk], as_made: tuple[Placement, Trunk], *, top: float) -> float:
    """How much wider this wearer's size is than the photographed one: as wide around her as around a middling body.

    Args:
        worn: where it hangs on the wearer, and her trunk.
        as_made: the same of a middling body.
        top: row of `shape` from which it goes round the trunk.
    """
    wanted = [
        _ease(shape, *as_made, level) / _ease(shape, *worn, level)
        for level in _LEVELS
        if all(top <= _row(*on, level) < hem_row(shape) for on in (worn, as_made))
    ]
    return float(np.exp(np.mean(np.log(wanted)))) if wanted else 1.0


def _ease(shape: Upright, placement: Placement, trunk: Trunk, level: str) -> float:
    """Width of the garment over that of the body at a level."""
    width = max(shape.width(_row(placement, trunk, level)), 1.0) * placement.k
    return width / trunk.width(trunk.level(level))


def _row(placement: Placement, trunk: Trunk, level: str) -> float:
    return (placement.y0 - trunk.level(level)) / placement.k
