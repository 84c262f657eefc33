"""Companion clothes as offset shells of the body: the shapes that `records.Piece.shape` may name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from fashion_gen.body.drawing.sewing import Sewing
from fashion_gen.body.dress.shoes import SHOES, shoe_meshes
from fashion_gen.body.kinematics import PosedBody
from fashion_gen.body.lofts import SEGMENTS, Array, Loft, Mesh, mesh, rounded, unit
from fashion_gen.body.parts import Part
from fashion_gen.body.solids import DOME, Colour, Solids, limb_between
from fashion_gen.errors import NotFound
from fashion_gen.records import Piece


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


@dataclass(frozen=True, slots=True)
class Skirt:
    """Length from the hip joints in shares of the leg, extra half width at the hem, cm."""

    length: float
    flare: float


SKIRTS: Mapping[str, Skirt] = {"a-line-skirt": Skirt(0.62, 9.0), "pencil-skirt": Skirt(0.56, 0.5)}


@dataclass(frozen=True, slots=True)
class Top:
    """Sleeve end as a share of the arm (0 = none), cloth off the skin and depth of the neckline in front, cm."""

    sleeve: float
    loose: float
    scoop: float
    sewing: Sewing = Sewing.RIBBED


TOPS: Mapping[str, Top] = {
    "t-shirt": Top(0.34, 1.5, 4.0),
    "long-sleeve": Top(0.97, 1.1, 3.2),
    "tank": Top(0.0, 0.9, 5.0, Sewing.HEMMED),
    "shirt": Top(0.97, 2.0, 4.0, Sewing.PLACKET),
}


def clothe(body: PosedBody, solids: Solids, piece: Piece) -> list[Mesh]:
    """The meshes of one companion piece.

    Raises:
        NotFound: the shape has no drawing.
    """
    colour = (piece.colour[0] / 255, piece.colour[1] / 255, piece.colour[2] / 255)
    for table, draw in _DRAWERS:
        if piece.shape in table:
            return draw(body, solids, piece.shape, colour)
    raise NotFound("companion shape", piece.shape, shapes())


def shapes() -> tuple[str, ...]:
    """Every shape that can be drawn."""
    return (*TROUSERS, *SKIRTS, *TOPS, *SHOES)


def _waist_height(body: PosedBody) -> float:
    trunk = body.figure.trunk
    return float(trunk["high_hip"].centre[1] * 0.35 + trunk["waist"].centre[1] * 0.65)


def _trunk_piece(solids: Solids, low: float, high: float) -> Loft:
    """The trunk between two rest heights."""
    rest = solids.trunk.local
    assert rest is not None  # the trunk always carries its rest coordinates
    t = np.linspace(0, 1, len(rest))
    y = np.maximum.accumulate(rest[:, 1] + np.arange(len(rest)) * 1e-6)
    start, stop = np.interp([low, high], y, t)
    # As many rings as the trunk itself has there, or skin would pierce the chords of the cloth.
    return limb_between(solids.trunk, float(start), float(stop), 26)


def _trousers(body: PosedBody, solids: Solids, shape: str, colour: Colour) -> list[Mesh]:
    cut = TROUSERS[shape]
    low = float(body.figure.trunk["crotch"].centre[1])
    waist = _waist_height(body)
    seat = _trunk_piece(solids, low - 1.0, waist)
    fit = 0.8 + (cut.thigh - 0.8) * np.linspace(1, 0, len(seat.centres)) ** 2
    sewn = seat.offset(fit, Part.BOTTOM_CLOTH, colour)
    lacking = _thighs_past(body, solids, sewn, cut.thigh)
    down = np.clip((waist - _rest_heights(sewn)) / (waist - float(body.figure.joints["l_hip"][1])), 0, 1)
    sewn = replace(sewn, half_width=sewn.half_width + max(lacking, 0.0) * down**1.5)
    cloth = rounded(sewn, start=2.0, end=0.0)
    above = _rest_heights(cloth) - low
    folds = np.stack([0 * above, _around(above, 0.0, 9.0, 0.45, 0.08), waist - _rest_heights(cloth)], axis=1)
    pieces = [mesh(cloth, folds=folds, sewing=Sewing.SEAT)]
    for leg in solids.legs.values():
        pipe = _longer(limb_between(leg, 0.0, cut.end, 16), 0.0 if body.seat != "none" else cut.fall)
        t = _rest_heights(pipe) / float(_rest_heights(pipe)[-1])
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
    return outer - float(np.interp(float(joint[1]), _rest_heights(seat), seat.half_width))


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
    down = -_rest_heights(cloth)
    length = float(down.max())
    loose = float(np.clip(cut.thigh / 2.0, 0.4, 1.4))
    creases = (
        _around(down, 0.0, 8.0, 0.45, 0.10)
        + _around(down, length * 0.52 / cut.end, 8.0, 0.42, 0.0)
        + _around(down, length, 10.0, 0.55 if cut.end > 0.9 else 0.08, 0.0)
    )
    return np.stack([np.clip(down / 30, 0, 1) * 0.45 * loose, creases, length - down], axis=1)


def _rest_heights(loft: Loft) -> Array:
    """(R,) rest heights of the rings, cm."""
    assert loft.local is not None  # pieces of the body carry their rest coordinates
    return loft.local[:, 1]


def _around(at: Array, place: float, reach: float, peak: float, floor: float) -> Array:
    """`peak` at `place`, falling to `floor` within about `reach` cm."""
    return np.asarray(floor + (peak - floor) * np.exp(-(((at - place) / reach) ** 2)))


def _skirt(body: PosedBody, solids: Solids, shape: str, colour: Colour) -> list[Mesh]:
    cut = SKIRTS[shape]
    hip = float(body.figure.trunk["hip"].centre[1])
    crotch = float(body.figure.trunk["crotch"].centre[1])
    waist = _waist_height(body)
    top = _trunk_piece(solids, (hip + crotch) / 2, waist).offset(1.0, Part.BOTTOM_CLOTH, colour)
    below = waist - _rest_heights(top)
    folds = np.stack([0.02 * cut.flare * np.clip(below / 10, 0, 1), np.full(len(below), 0.08), below], axis=1)
    pieces = [mesh(top, folds=folds, sewing=Sewing.RIBBED)]
    fall = _skirt_fall(body, solids, cut)
    down = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(fall[0], axis=0), axis=1))])
    loft = Loft(
        centres=fall[0],
        right=fall[1],
        front=fall[2],
        half_width=fall[3],
        half_depth=fall[4],
        part=Part.BOTTOM_CLOTH,
        colour=colour,
        square=3.0,  # two legs side by side fill a rounded box, not an ellipse
        local=np.stack([0 * down, -down, 0 * down], axis=1),
    )
    drape = (0.12 + 0.07 * cut.flare) * np.clip(down / 25, 0, 1)
    folds = np.stack([drape, _around(down, 0.0, 14.0, 0.32, 0.08), down[-1] - down], axis=1)
    return [*pieces, mesh(loft, folds=folds, sewing=Sewing.HEMMED)]


def _skirt_fall(body: PosedBody, solids: Solids, cut: Skirt) -> tuple[Array, Array, Array, Array, Array]:
    """Rings from the hip down, each wide enough for both legs at its height."""
    rings = 14
    t = np.linspace(0, 1, rings)
    left, right = solids.legs["l"], solids.legs["r"]
    share = t * cut.length
    along = np.linspace(0, 1, len(left.centres))

    def at(values: Array) -> Array:
        return np.stack([np.interp(share, along, column) for column in values.T], axis=1)

    a, b = at(left.centres), at(right.centres)
    hip = body.section("hip")
    spread = np.linalg.norm(a - b, axis=1) / 2
    width = np.interp(share, along, left.half_width) + spread + 1.2
    depth = np.interp(share, along, left.half_depth) + np.abs((a - b) @ body.frames["hips"][:, 2]) / 2 + 2.2
    blend = np.clip(t / 0.35, 0, 1)[:, None]
    start = np.asarray(hip.centre)
    middle = (a + b) / 2
    centres = middle * blend + (start + middle - middle[0]) * (1 - blend)
    across = np.tile(body.frames["hips"][:, 0], (rings, 1))
    # The cloth's front is square to its fall, so that a lap is covered when the wearer sits.
    ahead = unit(np.cross(across, np.gradient(-centres, axis=0)))
    ahead = unit(ahead * (1e-6 + blend) + body.frames["hips"][:, 2] * (1 - blend))
    # The trunk is deeper than the legs: the cloth keeps its girth until it has passed the crotch.
    fade = np.clip((0.62 - t) / 0.28, 0, 1)
    return (
        centres,
        across,
        ahead,
        _wider(width, fade * (hip.half_width + 1.3)) + cut.flare * t,
        _wider(depth, fade * (hip.half_depth + 1.6)) + cut.flare * 0.6 * t,
    )


def _wider(a: Array, b: Array) -> Array:
    """The larger of two widths, cm, without a kink where they cross."""
    return np.asarray((a + b + np.hypot(a - b, 1.5)) / 2)


def _top(body: PosedBody, solids: Solids, shape: str, colour: Colour) -> list[Mesh]:
    cut = TOPS[shape]
    trunk = body.figure.trunk
    low = float(trunk["hip"].centre[1]) + 1.0
    high = float(trunk["neck"].centre[1]) - (1.0 if cut.sleeve else 3.5)
    shell = _trunk_piece(solids, low, high)
    loose = np.linspace(cut.loose * 0.8 + 1.0, cut.loose * 0.5, len(shell.centres))
    cloth = rounded(shell.offset(loose, Part.TOP_CLOTH, colour), end=0.3)
    neckline = _neckline(cloth, high, cut.scoop)
    pieces = [mesh(cloth, keep=neckline, folds=_top_folds(body, cloth, neckline, cut), sewing=cut.sewing)]
    pieces.append(_shoulders(solids, cut, colour))
    if cut.sleeve:
        for arm in solids.arms.values():
            sleeve = limb_between(arm, 0.0, cut.sleeve)
            # The sleeve's head reaches into the trunk, so that no skin shows at the shoulder seam.
            cloth = rounded(
                sleeve.offset(cut.loose * 0.9, Part.TOP_CLOTH, colour), start=float(sleeve.half_width[0]) * DOME
            )
            pieces.append(mesh(cloth, folds=_sleeve_folds(cloth, cut), sewing=Sewing.HEMMED))
    return pieces


def _shoulders(solids: Solids, cut: Top, colour: Colour) -> Mesh:
    """The cloth over the shoulders, up to the neckline."""
    cloth = solids.yoke.offset(cut.loose * 0.9, Part.TOP_CLOTH, colour)
    # It ends where the neck rises out of it; without sleeves it is a strap before the shoulder joint.
    out = np.abs(np.linspace(-2, 2, len(cloth.centres)))
    keep = np.minimum(out - 0.42, 2.0 if cut.sleeve else 0.80 - out)
    return mesh(cloth, keep=np.repeat(keep[:, None], SEGMENTS, axis=1))


def _top_folds(body: PosedBody, cloth: Loft, neckline: Array, cut: Top) -> Array:
    """(R, segments, 3): long folds below the chest, creases at the waist, and the way to hem or neckline."""
    y = _rest_heights(cloth)
    below = float(body.figure.trunk["chest"].centre[1]) - y
    drape = 0.30 * cut.loose * np.clip(below / 12 + 0.15, 0, 1)
    creases = _around(y, float(body.figure.trunk["waist"].centre[1]), 10.0, 0.10 + 0.16 * cut.loose, 0.08)
    folds = np.stack([drape, creases, y - y.min()], axis=1)[:, None, :].repeat(neckline.shape[1], axis=1)
    folds[..., 2] = np.minimum(folds[..., 2], neckline)
    return folds


def _sleeve_folds(cloth: Loft, cut: Top) -> Array:
    """(R, 3): creases at the armpit, the elbow and over the cuff."""
    down = -_rest_heights(cloth)
    end = float(down.max())
    elbow = end * 0.54 / max(cut.sleeve, 0.54)
    creases = _around(down, 4.0, 7.0, 0.40, 0.10) + _around(down, elbow, 7.0, 0.55 if cut.sleeve > 0.6 else 0.0, 0.0)
    return np.stack([np.full(len(down), 0.10 * cut.loose), creases * cut.loose / 1.5, end - down], axis=1)


def _neckline(cloth: Loft, high: float, scoop: float) -> Array:
    """(R, segments) cut field: the cloth reaches `high` (rest height) at the nape and `scoop` cm less at the throat."""
    ahead = np.clip(np.sin(np.linspace(0, 2 * np.pi, SEGMENTS, endpoint=False)), 0, 1)
    return np.asarray(high + 0.5 - scoop * ahead[None, :] ** 2 - _rest_heights(cloth)[:, None])


_Drawer = Callable[[PosedBody, Solids, str, Colour], list[Mesh]]
_DRAWERS: tuple[tuple[Mapping[str, object], _Drawer], ...] = (
    (TROUSERS, _trousers),
    (SKIRTS, _skirt),
    (TOPS, _top),
    (SHOES, shoe_meshes),
)
