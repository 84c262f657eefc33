"""The neck: out of the shoulders in one sweep, and up under the jaw, where the head's own skin goes on (head/model.py)."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import PchipInterpolator

from fashion_gen.body.kinematics import PosedBody
from fashion_gen.body.lofts import Loft, unit
from fashion_gen.body.parts import Part

#: Rest z of the neck's axis, so that a painter tells its points from a head's.
NECK_LOCAL = -100.0
#: Share of its length over which a neck is seen; further up it is drawn in, to end inside of the head.
NECK_FREE = 0.8
_RINGS = 21


def neck_loft(body: PosedBody, colour: tuple[float, float, float]) -> Loft:
    """The sweep from between the shoulders into the head."""
    width, depth = body.figure.girths["neck"]
    base, top = body.joints["neck"], body.joints["head"]
    low = base - body.frames["chest"][:, 1] * 2.5
    # It ends under the jaw: from there on the head's own skin goes up (head/model.py).
    high = top - body.frames["head"][:, 2] * 0.6
    t = np.linspace(0, 1, _RINGS)
    stations = np.linspace(0, 1, 6)
    flare = PchipInterpolator(stations, [1.12, 1.03, 0.97, 0.93, 0.91, 0.72])(t)
    # At the sides the trapezius comes up to meet it in a hollow curve.
    wider = PchipInterpolator(stations, [1.50, 1.42, 1.22, 1.05, 1.0, 1.0])(t)
    # In front it comes out of the trunk without a step.
    deeper = PchipInterpolator(stations, [0.80, 1.00, 1.09, 1.03, 1.0, 1.0])(t)
    # It turns with the head at its top, with the chest at its base.
    turn = t[:, None] ** 0.7
    chest, head = body.frames["chest"], body.frames["head"]
    return Loft(
        centres=low + t[:, None] * (high - low),
        right=unit((1 - turn) * chest[:, 0] + turn * head[:, 0]),
        front=unit((1 - turn) * chest[:, 2] + turn * head[:, 2]),
        half_width=width * flare * wider,
        half_depth=depth * flare * deeper,
        part=Part.NECK,
        colour=colour,
        local=np.stack([0 * t, t * 8, np.full(len(t), NECK_LOCAL)], axis=1),
    )
