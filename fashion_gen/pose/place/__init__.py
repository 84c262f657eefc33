"""How large the garment is on this body, and where it hangs: scales and a shift, nothing that would redraw it.

A photo has no ruler, so the garment is worn in the persona's own size: it is scaled until it fits. Several lengths that
are known on both garment and body (seam to seam over the shoulders, across the chest, along the sleeve or the leg) each vote for
a scale; the vote is a weighted mean of logarithms. A garment that lies flat is wider than the same garment worn (half its girth
against the 0.64 to 0.75 of that which shows from the front), so width and length cannot both be right without a warp: the targets
below leave flat garments about a fifth wider than the body, which reads as an easy fit. Afterwards the scale grows, if it
must, until the trunk stays inside the garment.
"""

from __future__ import annotations

from fashion_gen.pose.place.placement import Placement
from fashion_gen.pose.place.shoulders import hang
from fashion_gen.pose.place.waist import gird
from fashion_gen.pose.trunk import Trunk
from fashion_gen.pose.upright import Upright
from fashion_gen.records import Garment, Persona

__all__ = ["Placement", "place"]


def place(
    garment: Garment, shape: Upright, trunk: Trunk, persona: Persona, *, grade: bool = True
) -> tuple[Upright, Placement]:
    """Size the garment for this body and hang it from the shoulders, or from the hips.

    Args:
        grade: whether it may be cut to the wearer's size (`grade`).

    Returns:
        The garment as it is cut for the wearer, and where it hangs.
    """
    if garment.category.covers_top:
        return hang(garment, shape, trunk, persona, grade=grade)
    return gird(garment, shape, trunk, grade=grade)
