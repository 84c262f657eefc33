"""Trousers and shorts: a seat around the hips, and two legs that go on from it without a ledge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from fashion_gen.body.drawing.sewing import Sewing
from fashion_gen.body.dress.cutting import around, rest_heights, trunk_piece, waist_height
from fashion_gen.body.kinematics import PosedBody
from fashion_gen.body.lofts import Array, Loft, Mesh, mesh, rounded, unit
from fashion_gen.body.parts import Part
from fashion_gen.body.solids import Colour, Solids, limb_between


@dataclass(frozen=True, slots=True)
class Trousers:
    """Leg end as a share of the leg, cloth off the skin at thigh and at the leg's end, and how far it falls on a shoe, cm."""

    end: float
    thigh: float
    hem: float
    fall: float = 0.0


TROUSERS: Mapping[str, Trousers] = {
    "straight-trousers": Trousers(0.985, 1.1, 1.7, 1.8),
    "wide-trousers": Trousers(0.985, 1.8, 3.8, 2.8),
    "slim-trousers": Trousers(0.985, 0.6, 0.8, 0.6),
    "shorts": Trousers(0.44, 1.6, 2.0),
}


def trouser_meshes(body: PosedBody, solids: Solids, shape: str, colour: Colour) -> list[Mesh]:
    cut = TROUSERS[shape]
    low = float(body.figure.trunk["crotch"].centre[1])
    waist = waist_height(body)
    seat = trunk_piece(solids, low - 1.0, waist)
    fit = 0.8 + (cut.thigh - 0.8) * np.linspace(1, 0, len(seat.centres)) ** 2
    sewn = seat.offset(fit, Part.BOTTOM_CLOTH, colour)
    lacking = _thighs_past(body, solids, sewn, cut.thigh)
    down = np.clip((waist - rest_heights(sewn)) / (waist - float(body.figure.joints["l_hip"][1])), 0, 1)
    sewn = replace(sewn, half_width=sewn.half_width + max(lacking, 0.0) * down**1.5)
    cloth = rounded(sewn, start=2.0, end=0.0)
    above = rest_heights(cloth) - low
    folds = np.stack([0 * above, around(above, 0.0, 9.0, 0.45, 0.08), waist - rest_heights(cloth)], axis=1)
    pieces = [mesh(cloth, folds=folds, sewing=Sewing.SEAT)]
    for leg in solids.legs.values():
        pipe = _longer(limb_between(leg, 0.0, cut.end, 16), 0.0 if body.seat != "none" else cut.fall)
        t = rest_heights(pipe) / float(rest_heights(pipe)[-1])
        hem = cut.hem + float(np.clip(pipe.half_width[7] - pipe.half_width[-1], 0, 3)) * 0.5
        # Where the seat is broader, the thigh starts as broad and narrows over its upper half.
        fall = cut.thigh + (hem - cut.thigh) * t + max(-lacking, 0.0) * np.clip(1 - t / 0.3, 0, 1) ** 1.5
        cloth = rounded(pipe.offset(fall, Part.BOTTOM_CLOTH, colour), start=2.0)
        pieces.append(mesh(cloth, folds=_leg_folds(cloth, cut), sewing=Sewing.HEMMED))
    return pieces


def _thighs_past(body: PosedBody, solids: Solids, seat: Loft, loose: float) -> float:
    """How far the legs of trousers stand out past their seat at the hip joints, cm; below 0 where the seat is broader."""
    joint, leg = body.figure.joints["l_hip"], solids.legs["l"]
    outer = abs(float(joint[0])) + float(leg.half_width[0]) + loose
    return outer - float(np.interp(float(joint[1]), rest_heights(seat), seat.half_width))


def _longer(pipe: Loft, by: float) -> Loft:
    """The sweep, `by` cm longer at its end, which falls straight down there: a hem lies on the shoe."""
    if by == 0:
        return pipe
    assert pipe.local is not None  # pieces of the body carry their rest coordinates
    end = pipe.between(len(pipe.centres) - 1, len(pipe.centres))
    assert end.local is not None
    down = unit(pipe.centres[-1:] - pipe.centres[-2:-1]) + np.array([0.0, -1.0, 0.0])
    added = np.array([[0.5], [1.0]]) * by
    return replace(
        pipe,
        centres=np.concatenate([pipe.centres, end.centres + added * unit(down)]),
        right=np.concatenate([pipe.right, np.repeat(end.right, 2, axis=0)]),
        front=np.concatenate([pipe.front, np.repeat(end.front, 2, axis=0)]),
        half_width=np.concatenate([pipe.half_width, np.repeat(end.half_width, 2)]),
        half_depth=np.concatenate([pipe.half_depth, np.repeat(end.half_depth, 2)]),
        local=np.concatenate([pipe.local, end.local + added * [0.0, -1.0, 0.0]]),
    )


def _leg_folds(cloth: Loft, cut: Trousers) -> Array:
    """(R, 3): loose cloth hangs in long folds and creases at groin, knee and, on the shoe, at its end."""
    down = -rest_heights(cloth)
    length = float(down.max())
    loose = float(np.clip(cut.thigh / 2.0, 0.4, 1.4))
    creases = (
        around(down, 0.0, 8.0, 0.45, 0.10)
        + around(down, length * 0.52 / cut.end, 8.0, 0.42, 0.0)
        + around(down, length, 10.0, 0.55 if cut.end > 0.9 else 0.08, 0.0)
    )
    return np.stack([np.clip(down / 30, 0, 1) * 0.45 * loose, creases, length - down], axis=1)
