"""Shoes: an upper cut from the shell of a last, a sole under it, and what closes it; the foot's skin where it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fashion_gen.body.drawing.seen import Floats, Seen
from fashion_gen.body.dress.last import STATIONS, Last, grid_mesh
from fashion_gen.body.kinematics import PosedBody
from fashion_gen.body.lofts import Array, Mesh, mesh, rounded
from fashion_gen.body.parts import Part
from fashion_gen.body.solids import Colour, Solids, limb_between

#: What painters know a piece by.
PLAIN, SNEAKER, SOLE, BOOT, LOAFER = range(5)


@dataclass(frozen=True, slots=True)
class Shoe:
    """cm: leather off the foot, sole under the ball, heel over the floor, shaft over the ankle, welt out from the upper.

    `opening`: from the heel to this share of the foot the upper is cut; `collar`: how high it is there, of the instep.
    """

    loose: float
    sole: float
    heel: float
    shaft: float
    welt: float
    opening: float
    collar: float
    code: int
    toe: float = 1.0


SHOES: Mapping[str, Shoe] = {
    "sneakers": Shoe(0.75, 2.3, 0.6, 0.0, 0.35, 0.13, 0.88, SNEAKER, 1.25),
    "flats": Shoe(0.35, 0.7, 0.5, 0.0, 0.12, 0.40, 0.50, LOAFER, 0.95),
    "boots": Shoe(0.70, 1.6, 1.0, 12.0, 0.22, -1.0, 2.0, BOOT, 1.15),
    "heels": Shoe(0.30, 0.6, 3.6, 0.0, 0.05, 0.44, 0.36, PLAIN, 0.85),
    "barefoot": Shoe(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, PLAIN),
}


def are_worn(shapes: tuple[str, ...]) -> bool:
    """True if one of the shapes of a styling covers the feet."""
    return any(shape in SHOES and SHOES[shape].loose > 0 for shape in shapes)


def shoe_meshes(body: PosedBody, solids: Solids, shape: str, colour: Colour) -> list[Mesh]:
    """Both shoes of a shape, with the feet in them."""
    cut = SHOES[shape]
    if cut.loose == 0:
        return []
    pieces: list[Mesh] = []
    for side in "lr":
        last = Last.of(body, side, heel=cut.heel, sole=cut.sole, loose=cut.loose, toe=cut.toe)
        shell = last.shell()
        pieces.append(grid_mesh(last, shell, Part.SHOES, colour, keep=_kept(last, shell, cut), code=cut.code))
        pieces += _sole(last, cut, _sole_colour(cut, colour))
        pieces += _inside(last, cut, side, solids, colour)
        if cut.code == SNEAKER:
            pieces += _laces(last, _lace_colour(colour))
        if cut.shaft:
            share = 1 - cut.shaft / (0.5 * body.figure.stature)
            shaft = limb_between(solids.legs[side], share, 1.0)
            pieces.append(mesh(rounded(shaft.offset(0.9, Part.SHOES, colour), end=1.0)))
    return pieces


def _kept(last: Last, shell: Array, cut: Shoe) -> Array:
    """(S, A) cut field: below the top line, and all of the vamp before the opening."""
    t, height = STATIONS[:, None], shell[..., 1] - last.base(STATIONS)[:, None]
    # Seen from above the opening is an oval: its front runs down to the vamp in a curve.
    into = np.clip((t - cut.opening + 0.24) / 0.24, 0, 1)
    line = cut.collar * last.ankle + 5.0 * into**4 + 0.25 * np.clip((-0.15 - t) / 0.1, 0, 1) * last.ankle
    return np.asarray(line - height)


def _inside(last: Last, cut: Shoe, side: str, solids: Solids, colour: Colour) -> list[Mesh]:
    """The foot, or the sock in a sneaker, a little inside of the upper."""
    if cut.shaft:
        return []
    foot = last.off(-cut.loose - 0.05)
    part = Part.L_FOOT if side == "l" else Part.R_FOOT
    if cut.code != SNEAKER:
        return [grid_mesh(foot, foot.shell(), part, solids.trunk.colour)]
    # A padded collar stands up behind the tongue.
    grey = _mixed(colour, (0.5, 0.5, 0.5), 0.35)
    padded = last.off(-0.35)
    shell = padded.shell()
    keep = cut.collar * last.ankle + 0.45 - (shell[..., 1] - padded.base(STATIONS)[:, None])
    behind = np.minimum(keep, (cut.opening + 0.10 - STATIONS)[:, None] * 10)
    return [
        grid_mesh(foot, foot.shell(), part, solids.trunk.colour),
        grid_mesh(padded, shell, Part.SHOES, grey, keep=behind),
        _tongue(last, _mixed(colour, (0.5, 0.5, 0.5), 0.15)),
    ]


def _tongue(last: Last, colour: Colour) -> Mesh:
    t = np.linspace(0.10, 0.45, 12)
    out = last.off(0.10)
    shell = out.shell(t, np.linspace(0.36, 0.64, 9) * np.pi)
    shell[..., 1] += (np.clip((0.20 - t) / 0.10, 0, 1) * 1.3)[:, None]
    return grid_mesh(out, shell, Part.SHOES, colour)


def _laces(last: Last, colour: Colour) -> list[Mesh]:
    """Five bars over the tongue, flat like woven laces."""
    out = last.off(0.22)
    pieces = []
    for t in np.linspace(0.19, 0.43, 5):
        bar = out.shell(np.array([t - 0.012, t - 0.005, t + 0.005, t + 0.012]), np.linspace(0.31, 0.69, 11) * np.pi)
        bar[:, :, 1] += np.array([-0.14, 0.06, 0.06, -0.14])[:, None]
        pieces.append(grid_mesh(out, bar, Part.SHOES, colour))
    return pieces


def _sole(last: Last, cut: Shoe, colour: Colour) -> list[Mesh]:
    """The welt's wall from the floor to the upper, its tread, and a heel of its own where that is high."""
    edge = last.off(cut.welt)
    outer, inner = edge.widths(STATIONS)
    z, base = edge.ahead(STATIONS), edge.base(STATIONS)
    ring = np.concatenate([np.stack([outer, z], 1), np.stack([-inner, z], 1)[::-1]])
    top = np.concatenate([base, base[::-1]]) + 0.25
    t = np.concatenate([STATIONS, STATIONS[::-1]])
    block = cut.heel > 2.0
    low = np.maximum(top - cut.sole - 0.25, 0.0) if block else np.clip(0.9 * (t - 0.62) / 0.18, 0, 1) ** 2
    middle = np.array([0.0, 0.5 * (z[0] + z[-1])])
    rows = [(top, 0.955), (top - 0.1, 1.0), (0.5 * (top + low), 1.0), (low + 0.12, 1.0), (low, 0.975), (low, 0.0)]
    wall = np.stack([_row(middle, ring, y, size) for y, size in rows])
    pieces = [grid_mesh(edge, wall[:, ::-1], Part.SHOES, colour, code=SOLE)]
    if block:
        pieces.append(_block(edge, cut, colour))
    return pieces


def _row(middle: Array, ring: Array, y: Array, size: float) -> Array:
    """(N, 3) the outline `ring` (N, 2) drawn in to `size` about `middle`, at height `y`."""
    at = middle + (ring - middle) * size
    return np.stack([at[:, 0], y, at[:, 1]], axis=1)


def _block(edge: Last, cut: Shoe, colour: Colour) -> Mesh:
    """The heel of a court shoe: a tapering block under the ankle."""
    turn = np.linspace(0, 2 * np.pi, 25)
    top = float(edge.base(np.array([-0.15]))[0])
    rows = []
    for y, size in ((top, 1.0), (0.55 * top, 0.74), (0.25 * top, 0.62), (0.0, 0.60), (0.0, 0.0)):
        x = 0.105 * edge.length * size * np.sin(turn)
        z = edge.length * (-0.165 - 0.02 * (1 - size)) + 0.085 * edge.length * size * np.cos(turn)
        rows.append(np.stack([x, np.full_like(x, y), z], axis=1))
    return grid_mesh(edge, np.stack(rows), Part.SHOES, colour, code=PLAIN)


def _mixed(colour: Colour, other: Colour, share: float) -> Colour:
    a, b, c = (x + share * (y - x) for x, y in zip(colour, other, strict=True))
    return (a, b, c)


def _sole_colour(cut: Shoe, colour: Colour) -> Colour:
    """Rubber under sneakers is light, or grey under white ones; leather soles are dark."""
    if cut.code == SNEAKER:
        grey = 0.88 if sum(colour) / 3 < 0.75 else 0.80
        return (grey, grey, grey * 0.98)
    return _mixed(colour, (0.10, 0.08, 0.07), 0.62 if cut.code != PLAIN else 0.25)


def _lace_colour(colour: Colour) -> Colour:
    return (0.93, 0.93, 0.91) if sum(colour) / 3 < 0.8 else (0.97, 0.97, 0.96)


def paint_shoes(seen: Seen) -> None:
    """Toe caps, stitched lines, stripes and elastic on the shoes of `seen`, in place."""
    shoes = seen.of(Part.SHOES) & (seen.folds[..., 0] > 0.5)
    if shoes.any():
        pixel = max(1 / seen.scale, 0.05)
        code = np.rint(seen.folds[shoes][:, 0]).astype(int)
        seen.paint[shoes] = _painted(seen.paint[shoes], seen.local[shoes], code, pixel)


def _painted(paint: Floats, local: Floats, code: Array, pixel: float) -> Floats:
    out = paint.astype(np.float64)
    for kind, draw in ((SNEAKER, _on_sneaker), (SOLE, _on_sole), (BOOT, _on_boot), (LOAFER, _on_loafer)):
        on = code == kind
        if on.any():
            out[on] = draw(out[on], local[on].astype(np.float64), pixel)
    return np.asarray(out, np.float32)


def _line(away: Array, pixel: float, width: float = 0.10) -> Array:
    """(N, 1) how much of a seam `away` cm is seen; never thinner than a pixel."""
    wide = max(width, 0.6 * pixel)
    return np.asarray(width / wide * np.exp(-((away / wide) ** 2)))[:, None]


def _inner(away: Array, pixel: float) -> Array:
    """(N, 1) 1 where `away` cm is positive, with an edge as soft as a pixel."""
    return np.clip(away / pixel + 0.5, 0, 1)[:, None]


def _on_sneaker(paint: Array, local: Array, pixel: float) -> Array:
    """A rubber toe cap, overlays at eyelets and heel, and a plain slanted stripe on the sides."""
    x, y, z = local.T
    light = paint.mean(axis=1, keepdims=True)
    contrast = np.where(light > 0.6, paint * 0.80, paint * 0.72 + 0.22)
    cap = z - 14.8 + 0.06 * x**2
    eyelets = 3.1 - np.abs(x)
    facing = (z < 12.2) & (z > 2.5)
    heel = -2.6 - z
    stripe = 0.55 - np.abs((z - 3.6) - 0.75 * (y - 5.0))
    out = paint + _inner(np.where(np.abs(x) > 3.2, stripe, -9.0), pixel) * (contrast - paint)
    out += _inner(cap, pixel) * (0.3 * contrast + 0.7 * paint - out)
    seams = _line(cap, pixel) + _line(heel, pixel) + np.where(facing[:, None], _line(eyelets, pixel), 0)
    stitches = _line(cap - 0.3, pixel, 0.05) + np.where(facing[:, None], _line(eyelets - 0.3, pixel, 0.05), 0)
    return np.asarray(out * (1 - 0.38 * np.clip(seams, 0, 1) - 0.16 * np.clip(stitches, 0, 1)))


def _on_sole(paint: Array, local: Array, pixel: float) -> Array:
    """Foxing: a line round the midsole, darker tread."""
    y = local[:, 1]
    return np.asarray(paint * (1 - 0.22 * _line(y - 1.55, pixel, 0.08) - 0.30 * _inner(0.45 - y, pixel)))


def _on_boot(paint: Array, local: Array, pixel: float) -> Array:
    """Chelsea boots: a seam over the vamp, and an elastic gusset at each ankle."""
    x, y, z = local.T
    gusset = 2.0 - np.abs(z - 0.6) - 0.16 * np.maximum(9 - y, 0)
    side = (np.abs(x) > 2.0) & (y > 3.5)
    elastic = _inner(np.where(side, gusset, -9.0), pixel)
    ribs = 0.5 + 0.5 * np.cos(z / 0.16 * 2 * np.pi) if pixel < 0.09 else 0.5 + 0 * z
    vamp = np.where(y > 2.0, z - 8.5 + 0.10 * x**2, 9.0)
    out = paint * (1 - elastic * (0.30 + 0.18 * ribs[:, None]))
    return np.asarray(out * (1 - 0.30 * _line(vamp, pixel)))


def _on_loafer(paint: Array, local: Array, pixel: float) -> Array:
    """An apron seam round the toes and a plain strap over the instep."""
    x, y, z = local.T
    apron = np.hypot(x / 3.3, np.maximum(z - 12.0, 0) / 4.8) - 1
    strap = 1.3 - np.abs(z - 11.4)
    out = paint * (1 - 0.34 * _line(np.where(z > 9, 3 * apron, 9.0), pixel, 0.14))
    out *= 1 - 0.10 * _inner(np.where(y > 2.0, strap, -9.0), pixel)
    return np.asarray(out * (1 - 0.32 * _line(np.where(y > 2.0, strap, 9.0), pixel)))
