"""Hair volumes: shells and lofts around the head, one function per family, a table of styles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.kinematics import PosedBody
from fashion_gen.body.lofts import Array, Loft, Mesh, mesh, rounded, unit
from fashion_gen.body.parts import Part
from fashion_gen.body.solids import Colour, head_centre, limb_between

#: Linear-ish sRGB of natural hair, in [0, 1].
HAIR_COLOURS: Mapping[str, Colour] = {
    "black": (0.085, 0.075, 0.07),
    "dark-brown": (0.19, 0.125, 0.09),
    "brown": (0.33, 0.215, 0.14),
    "light-brown": (0.48, 0.34, 0.22),
    "blond": (0.74, 0.59, 0.38),
    "red": (0.52, 0.23, 0.11),
    "grey": (0.50, 0.49, 0.48),
    "white": (0.82, 0.81, 0.79),
}

_CURLED = ("afro", "curly-short", "buzz")

HIJAB_COLOUR: Colour = (0.42, 0.46, 0.52)


@dataclass(frozen=True, slots=True)
class Style:
    """Numbers of a style, as shares of the head's half height unless said otherwise.

    `thickness`: shell over the skull; `top`: extra on top; `hairline`: level of the hairline over the brow; `nape`: how far down
    the sides and back reach (-1 = chin); `cover`: how far sides come forward (-1 = back only, 1 = over the cheeks).
    """

    thickness: float
    top: float
    hairline: float
    nape: float
    cover: float
    fall: float = 0.0  #: length of the curtain below the skull, cm
    flare: float = 0.0  #: how much the curtain widens, cm
    knot: str = "none"  #: "none", "bun", "tail", "braids"
    wave: float = 0.0  #: sideways ripple of the silhouette, cm


STYLES: Mapping[str, Style] = {
    "bald": Style(0, 0, 2, 2, 0),
    "buzz": Style(0.03, 0.02, 0.46, -0.05, -0.05),
    "short": Style(0.10, 0.12, 0.44, -0.22, -0.05),
    "side-part": Style(0.12, 0.17, 0.46, -0.25, 0.0),
    "curly-short": Style(0.20, 0.24, 0.40, -0.25, 0.0, wave=0.5),
    "afro": Style(0.55, 0.10, 0.40, -0.62, 0.05, wave=0.3),
    "bob": Style(0.17, 0.13, 0.42, -0.75, 0.25, fall=4.0, flare=1.2),
    "medium-wavy": Style(0.17, 0.14, 0.42, -0.75, 0.20, fall=11.0, flare=2.5, wave=0.7),
    "long": Style(0.14, 0.11, 0.42, -0.75, 0.20, fall=27.0, flare=2.0),
    "long-wavy": Style(0.18, 0.14, 0.42, -0.75, 0.20, fall=27.0, flare=4.0, wave=0.9),
    "ponytail": Style(0.07, 0.06, 0.44, -0.35, -0.05, knot="tail"),
    "bun": Style(0.07, 0.06, 0.44, -0.35, -0.05, knot="bun"),
    "braids": Style(0.09, 0.07, 0.42, -0.55, 0.0, knot="braids"),
    "hijab": Style(0.13, 0.10, 0.52, -1.2, 0.42, fall=9.0, flare=5.0),
}


def hair_meshes(body: PosedBody, head: Loft, style: str, colour: Colour) -> list[Mesh]:
    """The volume of a style on a posed head."""
    shape = STYLES[style]
    if shape.thickness == 0:
        return []
    pieces = [_shell(body, head, shape, colour)]
    if shape.fall:
        pieces.append(_curtain(body, head, shape, colour))
    pieces += [mesh(loft) for loft in _KNOTS[shape.knot](body, colour)]
    return pieces


def hair_colour(style: str, colour: str) -> Colour:
    """RGB in [0, 1]; a hijab has its cloth's colour."""
    return HIJAB_COLOUR if style == "hijab" else HAIR_COLOURS[colour]


def paint_hair(
    colours: NDArray[np.floating[Any]], local: NDArray[np.floating[Any]], style: str
) -> NDArray[np.floating[Any]]:
    """Return (N, 3) colours with strands, curls or, on a hijab, folds. `local` (N, 3) cm in the head's rest frame."""
    turn, y = np.arctan2(local[:, 0], local[:, 2]), local[:, 1]
    if style == "hijab":
        grain = 0.05 * np.sin(turn * 5 + y * 0.25)
    elif STYLES[style].nape > -0.7 and style in _CURLED:
        grain = 0.16 * np.sin(turn * 26 + 1.7 * np.sin(y * 2.1)) * np.sin(y * 3.3 + 2 * np.sin(turn * 9))
    else:
        lock = np.sin(turn * 9 + 0.12 * y)
        grain = 0.08 * lock + 0.10 * np.sin(turn * 43 + 2.2 * lock + 0.10 * y)
        # The sheen that lies around a head like a ring.
        grain = grain + 0.22 * np.exp(-(((y - 5.5) / 1.8) ** 2)) * (0.7 + 0.3 * lock)
    return np.asarray(colours * (1 + grain[:, None]) + 0.035 * np.clip(grain, 0, 1)[:, None])


def _shell(body: PosedBody, head: Loft, shape: Style, colour: Colour) -> Mesh:
    """The skull's own surface, pushed out and cut at the hairline."""
    half_height = body.figure.head[1]
    skull = limb_between(head, 0.0, 1.0, 40)
    assert skull.local is not None  # the head always carries its rest coordinates
    level = skull.local[:, 1] / half_height
    # Grow about the middle of the skull: thick at the sides and back, `top` more at the crown, nothing at the jaw.
    grown = 1 + shape.thickness * np.clip((level + 1.1) / 0.6, 0, 1) + 0.03
    lift = (level * (grown - 1) + shape.top * np.clip(level, 0, 1) ** 2) * half_height
    ripple = shape.wave * np.sin(level * 11.0) * (1 - level**4)
    volume = Loft(
        centres=skull.centres + lift[:, None] * body.frames["head"][:, 1],
        right=skull.right,
        front=skull.front,
        half_width=skull.half_width * grown + ripple,
        half_depth=skull.half_depth * grown,
        part=Part.HAIR,
        colour=colour,
        local=skull.local,
    )
    segments = 40
    return mesh(volume, segments=segments, keep=_hairline(level, shape, segments))


def _hairline(level: Array, shape: Style, segments: int) -> Array:
    """(R, segments) cut field: positive where there is hair."""
    around = np.sin(np.linspace(0, 2 * np.pi, segments, endpoint=False))  # 1 in front, -1 behind
    level, ahead = level[:, None], around[None, :]
    # The face: an opening in front, below the hairline, narrower for styles that come over the cheeks.
    brow = shape.hairline + 0.13 - 0.52 * np.clip(1 - ahead, 0, 1) ** 1.2
    opening = np.where(ahead > shape.cover, level - brow, 1.0)
    edge = np.minimum((shape.cover - ahead) * 1.6, 1.0)
    face = np.maximum(opening, edge)
    nape = level - (shape.nape + 0.25 * np.clip(ahead, 0, 1))
    return np.minimum(face, nape)


def _curtain(body: PosedBody, head: Loft, shape: Style, colour: Colour) -> Mesh:
    """Hair (or cloth) that falls from the skull around the neck, open in front."""
    half_width, half_height, half_depth = body.figure.head
    frame = body.frames["head"]
    rings = 16
    t = np.linspace(0, 1, rings)
    top = head_centre(body) + frame[:, 1] * half_height * 0.05
    length = half_height * 0.9 + shape.fall
    # Gravity wins over the head's tilt as the hair falls.
    down = unit((1 - t)[:, None] * -frame[:, 1] + t[:, None] * np.array([0, -1.0, 0]))
    back = -frame[:, 2] * (half_depth * 0.10 + 1.0 * t[:, None])
    widen = shape.flare * t + shape.wave * np.sin(t * 15)
    loft = Loft(
        centres=top + t[:, None] * length * down + back,
        right=np.tile(frame[:, 0], (rings, 1)),
        front=np.tile(frame[:, 2], (rings, 1)),
        half_width=(half_width + shape.thickness * half_height * 0.55) * (1 - 0.10 * t) + widen,
        half_depth=(half_depth + 1.2) * (1 - 0.22 * t) + widen * 0.4,
        part=Part.HAIR,
        colour=colour,
        local=np.stack([np.zeros(rings), half_height * 0.05 - t * length, np.zeros(rings)], axis=1),
    )
    segments = 40
    ahead = np.sin(np.linspace(0, 2 * np.pi, segments, endpoint=False))[None, :]
    closed = shape is STYLES["hijab"]
    if closed:
        # Cloth closes under the chin and leaves the face free.
        below = (t[:, None] * length) - half_height * 0.98
        field = np.maximum(shape.cover - ahead, below * 0.5)
    else:
        tips = 1 - t[:, None] - 0.02
        field = np.minimum(shape.cover + 0.10 - ahead, tips)
    return mesh(loft, segments=segments, keep=np.broadcast_to(field, (rings, segments)).copy())


def _bun(body: PosedBody, colour: Colour) -> list[Loft]:
    half_height = body.figure.head[1]
    frame = body.frames["head"]
    centre = head_centre(body) + frame[:, 1] * half_height * 1.12 - frame[:, 2] * half_height * 0.30
    return [_ball(centre, frame, half_height * 0.42, colour)]


def _ball(centre: Array, frame: Array, radius: float, colour: Colour) -> Loft:
    turn = np.linspace(-np.pi / 2, np.pi / 2, 10)
    return Loft(
        centres=centre + np.sin(turn)[:, None] * radius * 0.85 * frame[:, 1],
        right=np.tile(frame[:, 0], (10, 1)),
        front=np.tile(frame[:, 2], (10, 1)),
        half_width=np.cos(turn) * radius,
        half_depth=np.cos(turn) * radius,
        part=Part.HAIR,
        colour=colour,
    )


def _tail(body: PosedBody, colour: Colour) -> list[Loft]:
    """A ponytail over one shoulder's back, seen beside the neck."""
    half_height = body.figure.head[1]
    frame = body.frames["head"]
    root = head_centre(body) + frame[:, 1] * half_height * 0.45 - frame[:, 2] * half_height * 0.95
    points = [
        root,
        root + [2.5, 2.5, -2.5],
        root + [5.0, -5.0, -1.5],
        root + [6.5, -15.0, 2.0],
        root + [6.0, -25.0, 4.0],
    ]
    return [_strand(points, [1.4, 2.8, 3.3, 2.8, 0.8], colour)]


def _braids(body: PosedBody, colour: Colour) -> list[Loft]:
    half_width, half_height, _ = body.figure.head
    frame = body.frames["head"]
    centre = head_centre(body)
    lofts = []
    for sign in (-1.0, 1.0):
        root = centre + sign * frame[:, 0] * half_width * 0.95 - frame[:, 1] * half_height * 0.45
        points = [
            root + [sign * x, -y, z] for x, y, z in ((0, 0, -2), (1.2, 6, 0), (1.5, 13, 4), (0.8, 21, 8), (0, 29, 9))
        ]
        lofts.append(_strand(points, [1.6, 1.9, 1.8, 1.6, 0.6], colour))
    return lofts


def _strand(points: list[Array], radii: list[float], colour: Colour) -> Loft:
    centres = np.stack(points)
    along = unit(np.gradient(centres, axis=0))
    right = unit(np.cross(along, np.array([0, 0, 1.0])))
    radius = np.array(radii)
    strand = Loft(
        centres=centres,
        right=right,
        front=unit(np.cross(right, along)),
        half_width=radius,
        half_depth=radius * 0.8,
        part=Part.HAIR,
        colour=colour,
    )
    return rounded(limb_between(strand, 0, 1, 16), start=0.5, end=0.5)


_KNOTS: Mapping[str, Callable[[PosedBody, Colour], list[Loft]]] = {
    "none": lambda _body, _colour: [],
    "bun": _bun,
    "tail": _tail,
    "braids": _braids,
}
