"""Companion clothes as offset shells of the body: the shapes that `records.Piece.shape` may name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from fashion_gen.body.drawing.sewing import Sewing
from fashion_gen.body.dress.cutting import around, rest_heights, trunk_piece, waist_height
from fashion_gen.body.dress.shoes import SHOES, shoe_meshes
from fashion_gen.body.dress.trousers import TROUSERS, trouser_meshes
from fashion_gen.body.kinematics import PosedBody
from fashion_gen.body.lofts import SEGMENTS, Array, Loft, Mesh, mesh, rounded, unit
from fashion_gen.body.parts import Part
from fashion_gen.body.solids import DOME, Colour, Solids, limb_between
from fashion_gen.errors import NotFound
from fashion_gen.records import Piece


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


def _skirt(body: PosedBody, solids: Solids, shape: str, colour: Colour) -> list[Mesh]:
    cut = SKIRTS[shape]
    hip = float(body.figure.trunk["hip"].centre[1])
    crotch = float(body.figure.trunk["crotch"].centre[1])
    waist = waist_height(body)
    top = trunk_piece(solids, (hip + crotch) / 2, waist).offset(1.0, Part.BOTTOM_CLOTH, colour)
    below = waist - rest_heights(top)
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
    folds = np.stack([drape, around(down, 0.0, 14.0, 0.32, 0.08), down[-1] - down], axis=1)
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
    shell = trunk_piece(solids, low, high)
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
    y = rest_heights(cloth)
    below = float(body.figure.trunk["chest"].centre[1]) - y
    drape = 0.30 * cut.loose * np.clip(below / 12 + 0.15, 0, 1)
    creases = around(y, float(body.figure.trunk["waist"].centre[1]), 10.0, 0.10 + 0.16 * cut.loose, 0.08)
    folds = np.stack([drape, creases, y - y.min()], axis=1)[:, None, :].repeat(neckline.shape[1], axis=1)
    folds[..., 2] = np.minimum(folds[..., 2], neckline)
    return folds


def _sleeve_folds(cloth: Loft, cut: Top) -> Array:
    """(R, 3): creases at the armpit, the elbow and over the cuff."""
    down = -rest_heights(cloth)
    end = float(down.max())
    elbow = end * 0.54 / max(cut.sleeve, 0.54)
    creases = around(down, 4.0, 7.0, 0.40, 0.10) + around(down, elbow, 7.0, 0.55 if cut.sleeve > 0.6 else 0.0, 0.0)
    return np.stack([np.full(len(down), 0.10 * cut.loose), creases * cut.loose / 1.5, end - down], axis=1)


def _neckline(cloth: Loft, high: float, scoop: float) -> Array:
    """(R, segments) cut field: the cloth reaches `high` (rest height) at the nape and `scoop` cm less at the throat."""
    ahead = np.clip(np.sin(np.linspace(0, 2 * np.pi, SEGMENTS, endpoint=False)), 0, 1)
    return np.asarray(high + 0.5 - scoop * ahead[None, :] ** 2 - rest_heights(cloth)[:, None])


_Drawer = Callable[[PosedBody, Solids, str, Colour], list[Mesh]]
_DRAWERS: tuple[tuple[Mapping[str, object], _Drawer], ...] = (
    (TROUSERS, trouser_meshes),
    (SKIRTS, _skirt),
    (TOPS, _top),
    (SHOES, shoe_meshes),
)
