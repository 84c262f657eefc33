"""What a tailor leaves on cloth: hems, waistbands, flies, pockets, plackets, ribs and buttons."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.drawing.seen import Seen

Floats = NDArray[np.floating[Any]]


class Sewing(IntEnum):
    """How a piece of cloth is made up, where that shows."""

    NONE = 0
    HEMMED = 1  #: a stitched hem
    RIBBED = 2  #: a knitted band
    SEAT = 3  #: waistband, fly and pockets; its hem is the waist
    PLACKET = 4  #: buttoned in front

    @property
    def is_sewn(self) -> bool:
        return self is not Sewing.NONE


#: How deep a line of stitches lies in the cloth, cm, and how wide it is.
STITCH, WIDTH = 0.09, 0.16
_HEM, _BAND, _WAISTBAND = 2.0, 1.9, 3.6  # cm from the edge
_BUTTONS = 8.5  # cm from one to the next


def sewn_height(seen: Seen, cloth: NDArray[np.bool_]) -> Floats:
    """(N,) cm: what the sewing adds to the surface of the N pixels of `cloth` (H, W)."""
    sewing, edge = seen.sewing[cloth], seen.folds[cloth][:, 2]
    x, z = seen.local[cloth][:, 0], seen.local[cloth][:, 2]
    height = np.zeros(len(edge), np.float32)
    for kind, at in ((Sewing.HEMMED, _HEM), (Sewing.RIBBED, _BAND), (Sewing.PLACKET, _HEM), (Sewing.SEAT, _WAISTBAND)):
        on = sewing == kind
        height[on] -= STITCH * _line(edge[on] - at)
        # The turned-up edge is two layers of cloth.
        height[on] += 0.07 * np.clip((at - edge[on]) / 0.2, 0, 1)
    ribs = (sewing == Sewing.RIBBED) & (edge < _BAND)
    height[ribs] += 0.02 * np.sin(np.arctan2(x[ribs], z[ribs]) * 90)
    seat = (sewing == Sewing.SEAT) & (z > 0)
    height[seat] -= STITCH * _seat_lines(x[seat], edge[seat])
    placket = (sewing == Sewing.PLACKET) & (z > 0)
    height[placket] -= STITCH * (_line(x[placket] - 1.7) + 0.8 * _line(x[placket] + 1.5))
    height[placket] += 0.06 * (np.abs(x[placket]) < 1.6)
    return height


def paint_buttons(seen: Seen, cloth: NDArray[np.bool_], paint: Floats) -> None:
    """Buttons of a placket and of a waistband, on the (N, 3) `paint` of the N pixels of `cloth`, in place."""
    sewing, edge = seen.sewing[cloth], seen.folds[cloth][:, 2]
    x, y, z = seen.local[cloth].T
    rows = np.abs((y + 3.0) % _BUTTONS - _BUTTONS / 2)
    shirt = (sewing == Sewing.PLACKET) & (z > 0) & (np.hypot(x - 0.1, rows) < 0.55)
    waist = (sewing == Sewing.SEAT) & (z > 0) & (np.hypot(x - 0.4, edge - _WAISTBAND / 2) < 0.75)
    for on in (shirt, waist):
        light = paint[on].mean(axis=1, keepdims=True)
        paint[on] = np.where(light > 0.5, paint[on] * 0.80, paint[on] * 0.8 + 0.12)


def _seat_lines(x: Floats, down: Floats) -> Floats:
    """Middle seam, the bow of the fly, and slanted pockets; `down` cm below the waist."""
    below = down > _WAISTBAND
    middle = _line(x)
    bow = np.where(down < 13, x - 3.2, np.hypot(x + 0.6, np.maximum(down - 13, 0) * 0.9) - 3.8)
    fly = _line(bow) * ((down < 13) | (x > 0)) * (down < 17.5)
    slant = np.abs(x) - (8.2 + 0.42 * (down - _WAISTBAND))
    pocket = _line(slant * 0.9) * (down < 17) * 1.4
    return np.asarray((0.8 * middle + fly + pocket) * below)


def _line(away: Floats) -> Floats:
    """1 on a line of stitches, 0 beside it; `away` cm."""
    return np.asarray(np.exp(-((away / WIDTH) ** 2)))
