"""What cutting any garment needs: the trunk between two heights, where its waist is, and where folds gather."""

from __future__ import annotations

import numpy as np

from fashion_gen.body.kinematics import PosedBody
from fashion_gen.body.lofts import Array, Loft
from fashion_gen.body.solids import Solids, limb_between


def waist_height(body: PosedBody) -> float:
    """Rest height of a waistband, cm: a little under the waist."""
    trunk = body.figure.trunk
    return float(trunk["high_hip"].centre[1] * 0.35 + trunk["waist"].centre[1] * 0.65)


def trunk_piece(solids: Solids, low: float, high: float) -> Loft:
    """The trunk between two rest heights."""
    rest = solids.trunk.local
    assert rest is not None  # the trunk always carries its rest coordinates
    t = np.linspace(0, 1, len(rest))
    y = np.maximum.accumulate(rest[:, 1] + np.arange(len(rest)) * 1e-6)
    start, stop = np.interp([low, high], y, t)
    # As many rings as the trunk itself has there, or skin would pierce the chords of the cloth.
    return limb_between(solids.trunk, float(start), float(stop), 26)


def rest_heights(loft: Loft) -> Array:
    """(R,) rest heights of the rings, cm."""
    assert loft.local is not None  # pieces of the body carry their rest coordinates
    return loft.local[:, 1]


def around(at: Array, place: float, reach: float, peak: float, floor: float) -> Array:
    """`peak` at `place`, falling to `floor` within about `reach` cm."""
    return np.asarray(floor + (peak - floor) * np.exp(-(((at - place) / reach) ** 2)))
