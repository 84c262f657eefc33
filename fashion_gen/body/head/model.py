"""Heads: a persona's own, from a mean and what moves it, and the mesh of one on a posed body.

The numbers in `head_form.npz` are a statistic over 320 adults shaped from the CC0 body of MakeHuman (fitted by
`training/head_form.py`): a mean head, what presentation, years and fullness do to it, and ten free modes, which a persona's
seed draws. Points keep their place on everybody (the tip of the nose is the same point of all heads), so a face is painted in
coordinates of the mean: "canonical" centimetres from the middle of the head.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.figure import FEMININITY, Figure, Vector
from fashion_gen.body.kinematics import PosedBody
from fashion_gen.body.lofts import Array, Loft, Mesh, mesh, unit
from fashion_gen.body.neck import NECK_FREE
from fashion_gen.body.parts import Part
from fashion_gen.body.solids import Colour, head_centre
from fashion_gen.records import AgeBand, Persona

FORM = Path(__file__).with_name("head_form.npz")
#: Half width, half height and half depth of the mean head, cm: the unit of canonical coordinates.
SIZE = np.array([7.3, 10.75, 9.27])
#: Canonical z of an eyeball's points is moved forward by this much, so that a painter knows them from skin.
EYEBALL = 100.0
#: Years on the form's axis (-1 = 18, 1 = 80).
_YEARS = {AgeBand.YOUNG: -0.80, AgeBand.PRIME: -0.42, AgeBand.MIDDLE: 0.15, AgeBand.SENIOR: 0.65}
#: Within this share of the half height below the jaw a head's skin goes over into the neck.
_ONTO = 0.24
_CUT = 0.9 * _ONTO  # below it, where the head's skin ends
_LAP = 0.16  # by which the neck reaches up under it
#: There it lies a little over the neck, ever less, and is cut where it hardly does (_above_cut).
_OVER, _LEVEL = 1.034, 1.0
#: A mode goes no further than this many deviations: beyond, faces turn into caricatures.
_REACH = 1.35


@dataclass(frozen=True, eq=False)
class Form:
    """The statistic, decoded: the left half and its mirror image. P points, the midline only once; T triangles."""

    mean: Array  #: (P, 3) shares of the half axes
    moves: Array  #: (13, P, 3): presentation, years, fullness, ten modes
    triangles: NDArray[np.int32]  #: (T, 3)
    open: Array  #: (P,) share of the sky that a point sees
    scalp: Array  #: (P,) 0 before the hairline, 1 well behind it
    eye_mean: Array  #: (2, 3) middle and pole of the left eyeball
    eye_moves: Array  #: (13, 2, 3)


@dataclass(frozen=True, eq=False)
class Head:
    """A persona's head at rest, upright; centimetres from its middle (X to the wearer's left, Y up, Z to the front)."""

    points: Array  #: (P, 3)
    normals: Array  #: (P, 3) unit
    triangles: NDArray[np.int32]  #: (T, 3)
    eye: Vector  #: (3,) middle of the left eyeball
    eye_radius: float


@cache
def form() -> Form:
    """Read the statistic once."""
    with np.load(FORM) as stored:
        data: dict[str, NDArray[Any]] = {name: stored[name] for name in stored.files}
    mean = data["mean"].astype(np.float64)
    moves = np.concatenate([data[name] * data[f"{name}_scale"].astype(np.float64) for name in ("axes", "modes")])
    count = len(mean) - 2
    twins = np.flatnonzero(np.abs(mean[:count, 0]) > 1e-3)
    number = np.arange(2 * count)
    number[count:] = np.arange(count)
    number[count + twins] = count + np.arange(len(twins))
    half = data["triangles"].astype(np.int64)
    other = number[half + count][:, ::-1]
    mirror = np.array([-1.0, 1.0, 1.0])
    return Form(
        mean=np.concatenate([mean[:count], mean[twins] * mirror]),
        moves=np.concatenate([moves[:, :count], moves[:, twins] * mirror], axis=1),
        triangles=np.concatenate([half, other]).astype(np.int32),
        open=np.concatenate([data["open"], data["open"][twins]]) / 255.0,
        scalp=np.concatenate([data["scalp"], data["scalp"][twins]]) / 255.0,
        eye_mean=mean[count:],
        eye_moves=moves[:, count:],
    )


def model_head(figure: Figure, persona: Persona) -> Head:
    """The head of a persona at the size that the figure gives it; the same persona has the same head."""
    data, weights = form(), _weights(persona)
    size = np.array(figure.head)
    shape = _smiling(_raised(data.mean + np.tensordot(weights, data.moves, axes=1)), smile_of(persona))
    eye = _raised(data.eye_mean + np.tensordot(weights, data.eye_moves, axes=1)) * size
    points = shape * size
    return Head(
        points=points,
        normals=vertex_normals(points, data.triangles),
        triangles=data.triangles,
        eye=eye[0],
        eye_radius=float(np.linalg.norm(eye[1] - eye[0])),
    )


def canonical() -> Array:
    """(P, 3) cm: where each point lies on the mean head."""
    return np.asarray(form().mean * SIZE)


def _weights(persona: Persona) -> Array:
    """(13,) how far the persona's head goes along each axis and mode."""
    rng = np.random.default_rng([persona.seed % 2**32, crc32(persona.name.encode()), 11])
    return np.concatenate([known(persona), np.clip(rng.normal(0, 0.75, 10), -_REACH, _REACH)])


def known(persona: Persona) -> Array:
    """(3,) presentation (1 masculine), years and fullness on the axes of the forms, about -1 to 1."""
    m = persona.measurements
    fullness = float(np.clip((m.waist / m.height - 0.48) / 0.15, -0.7, 1.1))
    return np.array([1.25 - 2.5 * FEMININITY[persona.presentation], _YEARS[persona.age], fullness])


def _raised(shape: Array) -> Array:
    """Nose and mouth a little higher than on the statistic's heads: where the joints of kinematics have them."""
    level = shape[:, 1]
    lifted = shape.copy()
    lifted[:, 1] += 0.03 * np.exp(-(((level + 0.45) / 0.25) ** 2))
    return lifted


def smile_of(persona: Persona) -> float:
    """0 to 1: how far the corners of the mouth are raised; most people smile a little."""
    return float(np.random.default_rng([persona.seed % 2**32, crc32(persona.name.encode()), 29]).beta(1.8, 1.5))


def _smiling(shape: Array, amount: float) -> Array:
    """Corners of the mouth drawn up and aside, cheeks a little fuller, lower lids a little higher: all by canonical place."""
    x, y, z = np.abs(form().mean[:, 0]), form().mean[:, 1], form().mean[:, 2]
    front = np.clip((z - 0.45) / 0.2, 0, 1)

    def near(ax: float, ay: float, rx: float, ry: float) -> Array:
        return np.asarray(front * np.exp(-(((x - ax) / rx) ** 2) - ((y - ay) / ry) ** 2))

    corner, cheek = near(0.35, -0.60, 0.13, 0.10), near(0.55, -0.36, 0.20, 0.14)
    moved = shape.copy()
    moved[:, 0] += np.sign(shape[:, 0]) * amount * 0.035 * corner
    moved[:, 1] += amount * (0.040 * corner + 0.012 * cheek)
    moved[:, 2] += amount * (-0.012 * corner + 0.020 * cheek)
    return moved


def vertex_normals(points: Array, triangles: NDArray[np.int32]) -> Array:
    """(P, 3) the mean of the triangles around each point, weighted by their area."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    across = np.cross(b - a, c - a)
    total: Array = np.stack(
        [np.bincount(triangles.ravel(), np.repeat(across[:, axis], 3), len(points)) for axis in range(3)],
        axis=1,
    )
    return unit(total)


def head_meshes(body: PosedBody, head: Head, neck: Loft, skin: Colour, *, ears: bool = True) -> list[Mesh]:
    """Skin, neck and eyeballs on a posed body; without `ears` where cloth lies over them.

    A normal's length is how open its point is to the light from all around: 1 on the forehead, near 0 in an ear.
    """
    frame, centre = body.frames["head"], head_centre(body)
    points = centre + head.points @ frame.T
    points, low, high = _onto_neck(points, neck)
    data = form()
    # Under the chin the form is as open as the neck that goes on from it: no seam shows.
    chin = np.clip((-0.94 - data.mean[:, 1]) / 0.08, 0, 1) * np.clip((0.95 - data.mean[:, 2]) / 0.15, 0, 1)
    open_ = data.open + np.maximum(low, 0.8 * chin) * (chin_shade(high, data.mean[:, 2] * SIZE[2] + 1) - data.open)
    normals = vertex_normals(points, head.triangles) * open_[:, None]
    return [
        Mesh(
            points=points,
            normals=normals,
            local=canonical(),
            keep=np.minimum(_above_cut(), 1.0 if ears else np.where(_ears(), -1.0, 1.0)),
            triangles=head.triangles,
            part=np.full(len(head.triangles), int(Part.FACE), np.uint8),
            colour=np.broadcast_to(np.asarray(skin, np.float64), (len(head.triangles), 3)),
        ),
        _under_head(body, mesh(neck)),
        *(_eyeball(head, side, frame, centre) for side in (1.0, -1.0)),
    ]


def _ears() -> NDArray[np.bool_]:
    """(P,) True on the points of the ears that stand off the skull."""
    x, y, z = np.abs(form().mean).T
    return np.asarray((x > 1.02) & (y < 0.4) & (z < 0.4))


def chin_shade(high: Array, ahead: Array) -> Array:
    """(N,) how open a neck is below the chin.

    `high` (N,) runs from 0 at its base to 1 under the jaw, `ahead` (N,) is cm before its middle: the throat is darkest.
    """
    throat = np.clip((high - 0.36) / 0.36, 0, 1) * np.clip(0.5 + ahead / 4, 0, 1)
    # It comes out of the shoulders as bright as these.
    return np.asarray(1 - 0.26 * np.clip((high - 0.46) / 0.4, 0, 1) - 0.30 * throat)


def _jaw(ahead: Array) -> Array:
    """(N,) height, share of the half height, where a head's skin starts to be drawn onto the neck.

    The underside of the jaw stays: the line runs from the nape, down below the ears, to under the chin. `ahead` (N,) is the
    share of the half depth before the head's middle.
    """
    return np.asarray(-0.70 - 0.26 * np.clip((ahead + 0.6) / 0.8, 0, 1) - 0.15 * np.clip((ahead - 0.2) / 0.4, 0, 1))


def _above_cut() -> Array:
    """(P,) below 0 where the neck's own loft takes over from the head's skin: a smooth line around it, through triangles."""
    return np.asarray(form().mean[:, 1] - _jaw(form().mean[:, 2]) + _CUT)


def _under_head(body: PosedBody, neck: Mesh) -> Mesh:
    """The neck's loft up to where the head's own skin goes on: a strong one would come through the corners of a slight jaw."""
    rest = (neck.points - head_centre(body)) @ body.frames["head"] / body.figure.head
    return replace(neck, keep=np.minimum(neck.keep, _jaw(rest[:, 2]) - _CUT + _LAP - rest[:, 1]))


def _onto_neck(points: Array, neck: Loft) -> tuple[Array, Array, Array]:
    """Points below the jaw drawn onto the body's own neck, how far each is drawn (0 to 1), and how high on it (0 to 1)."""
    shape = form().mean
    t = np.clip((_jaw(shape[:, 2]) - shape[:, 1]) / _ONTO, 0, 1)
    share = t * t * (3 - 2 * t)
    low, high = neck.centres[0], neck.centres[-1]
    along = unit(high - low)
    reach = float(np.linalg.norm(high - low))
    at = np.clip((points - low) @ along / reach, 0, 1)
    rings = np.linspace(0, 1, len(neck.centres))
    # The loft is drawn in at its top, to end inside of the head: the skin keeps the width before that.
    free = rings <= NECK_FREE
    width, depth = (np.interp(at, rings[free], values[free]) for values in (neck.half_width, neck.half_depth))
    middle = low + at[:, None] * (high - low)
    right, front = neck.right[-1], neck.front[-1]
    out = points - middle
    across, ahead = out @ right / width, out @ front / depth
    # A strong neck must not come through the corners of a slight jaw: what would lie in it is drawn onto it.
    over = _OVER + (_LEVEL - _OVER) * t
    within = np.clip((_OVER - np.hypot(across, ahead)) / 0.04, 0, 1) * (at < 0.97)
    share = np.maximum(share, within)
    turn = np.arctan2(ahead, across)
    ring = (np.cos(turn) * width * over)[:, None] * right + (np.sin(turn) * depth * over)[:, None] * front
    return points + share[:, None] * (middle + ring - points), share, at


def _eyeball(head: Head, side: float, frame: Array, centre: Vector) -> Mesh:
    """The front of a globe; local is canonical, from the eye's middle, and EYEBALL in front of the skin."""
    rings, turns = 9, 20
    t, u = np.meshgrid(np.linspace(0, 0.55 * np.pi, rings), np.linspace(0, 2 * np.pi, turns), indexing="ij")
    globe = np.stack([np.sin(t) * np.cos(u), np.sin(t) * np.sin(u), np.cos(t)], axis=-1).reshape(-1, 3)
    middle = head.eye * [side, 1, 1]
    # A little flatter than a ball: the lids of the form lie close.
    rest = middle + globe * head.eye_radius * [1.0, 1.0, 0.985]
    a = (np.arange(rings - 1)[:, None] * turns + np.arange(turns - 1)).ravel()
    triangles = np.concatenate([np.stack([a, a + turns, a + 1], 1), np.stack([a + 1, a + turns, a + turns + 1], 1)])
    local = globe * 1.49 + [side * EYEBALL, 0.0, EYEBALL]
    return Mesh(
        points=centre + rest @ frame.T,
        normals=globe @ frame.T,
        local=local,
        keep=np.ones(len(rest)),
        triangles=triangles.astype(np.int32),
        part=np.full(len(triangles), int(Part.FACE), np.uint8),
        colour=np.broadcast_to(np.array([0.93, 0.91, 0.89]), (len(triangles), 3)),
    )
