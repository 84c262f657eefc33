"""Hair of each style: which locks grow where, how they are combed, what they are tied to; a table of styles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from fashion_gen.body.head import Head
from fashion_gen.body.kinematics import PosedBody
from fashion_gen.body.lofts import Array, Mesh, unit
from fashion_gen.body.scalp import Roots, Skull, cap, roots, skull_of
from fashion_gen.body.solids import Colour
from fashion_gen.body.stand import Stand
from fashion_gen.body.strands import Comb, Locks, curled, drawn_to, finer, grow, outward, ribbons, waved
from fashion_gen.body.veil import VEIL_COLOUR, veil

#: sRGB of natural hair, in [0, 1].
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


@dataclass(frozen=True, slots=True)
class Style:
    """Numbers of a style; what a family of styles does not use is left out."""

    family: str  #: a key of _FAMILIES
    length: float = 0.0  #: of its longest locks, cm
    over: float = 0.3  #: how thick it lies, cm
    part: float | None = None  #: where it is parted, share of the half width to the wearer's left
    end: float | None = None  #: height at which it is cut, share of the half height (-1 = chin)
    wave: float = 0.0  #: sideways ripple, cm
    cap: float = 0.12  #: thickness of the short hair below the locks, cm


STYLES: Mapping[str, Style] = {
    "bald": Style("none"),
    "buzz": Style("buzz", cap=0.22),
    "short": Style("cropped", length=4.6, over=0.9, cap=0.55),
    "side-part": Style("parted", length=7.5, over=1.2, part=0.42, cap=0.5),
    "curly-short": Style("curls", length=2.4, over=1.5, cap=0.9),
    "afro": Style("afro", length=2.6, over=5.4, cap=4.6),
    "bob": Style("falling", length=27, over=1.5, part=0.12, end=-1.12, cap=0.6),
    "medium-wavy": Style("falling", length=33, over=1.7, part=0.15, end=-1.75, wave=0.8, cap=0.7),
    "long": Style("falling", length=46, over=1.3, part=0.0, cap=0.55),
    "long-wavy": Style("falling", length=46, over=1.8, part=0.1, wave=1.1, cap=0.7),
    "ponytail": Style("ponytail", over=0.45),
    "bun": Style("bun", over=0.45),
    "braids": Style("braids", over=0.40, part=0.0),
    "hijab": Style("veil"),
}


@dataclass(frozen=True, eq=False)
class _Job:
    """A style on one posed head."""

    body: PosedBody
    head: Head
    style: Style
    colour: Colour
    skull: Skull = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "skull", skull_of(self.head))

    @property
    def stand(self) -> Stand:
        return Stand.of(self.body)

    @property
    def size(self) -> Array:
        return np.array(self.body.figure.head)

    @property
    def down(self) -> Array:
        """(3,) gravity in the head's frame."""
        return np.asarray(self.body.frames["head"].T @ np.array([0.0, -1.0, 0.0]))

    def cap(self, *, rough: float = 0.0, open_: float = 0.8) -> Mesh:
        return cap(self.head, self.stand, self.style.cap, self.colour, rough=rough, open_=open_, aside=self.style.part is not None)

    def ribbons(self, points: Array, width: Array, *, open_: float | Array = 1.0, **more: Any) -> Mesh:
        locks = Locks(points, outward(points, self.skull.middle), width, **more)
        return ribbons(locks, self.stand, self.colour, open_=open_)


def hair_meshes(body: PosedBody, head: Head, style: str, colour: Colour) -> list[Mesh]:
    """The hair (or the cloth over it) of a style on a posed head."""
    shape = STYLES[style]
    return _FAMILIES[shape.family](_Job(body, head, shape, colour))


def hair_colour(style: str, colour: str) -> Colour:
    """RGB in [0, 1]; a hijab has its cloth's colour."""
    return VEIL_COLOUR if style == "hijab" else HAIR_COLOURS[colour]


def _random(count: int, seed: int) -> NDArray[np.float64]:
    """(4, count) uniform from 0 to 1; every head has the same."""
    return np.random.default_rng(seed).random((4, count))


def _side(place: Array, part: float) -> Array:
    """(N,) -1 to 1: to which side of the parting hair goes."""
    return np.asarray(np.tanh((place[:, 0] - part) / 0.05))


def _cropped(job: _Job) -> list[Mesh]:
    """Short at sides and back, longer on top, brushed up and aside from the forehead."""
    r = roots(job.head, 1300, seed=1, edge=1.3)
    luck = _random(1300, 1)
    top = np.clip((r.place[:, 1] - 0.35) / 0.45, 0, 1)
    up = np.stack([np.full(1300, -0.60) + 0.3 * (luck[0] - 0.5), 0.5 + 0.2 * luck[1], -0.45 + 0.45 * (luck[2] - 0.5)], 1)
    lie = np.stack([0 * top, np.full(1300, -1.0), np.full(1300, -0.55)], 1)
    comb = Comb(
        toward=unit(up * top[:, None] + lie * (1 - top)[:, None]),
        weight=np.full(1300, 0.03),
        over=(0.18 + job.style.over * top) * (0.45 + 0.85 * luck[3]),
        hug=0.85,
        length=(1.5 + (job.style.length - 1.5) * top) * (0.75 + 0.5 * luck[1]) * (0.55 + 0.45 * r.share),
    )
    points = grow(job.skull, r, comb, job.down, job.size[:2] * [0.7, 0.5], steps=9)
    return [job.cap(), job.ribbons(points, 0.10 + 0.14 * luck[0] * (0.4 + 0.6 * r.share), open_=_rooted(points))]


def _parted(job: _Job) -> list[Mesh]:
    """A side parting: the top swept over, the sides combed back."""
    r = roots(job.head, 760, seed=2, edge=1.2)
    luck = _random(760, 2)
    top = np.clip((r.place[:, 1] - 0.30) / 0.4, 0, 1)
    side = _side(r.place, job.style.part or 0.0)
    swept = np.stack([side, 0.30 + 0.1 * luck[0], -0.55 + 0.35 * (luck[1] - 0.5)], 1)
    lie = np.stack([0.1 * side, np.full(760, -0.75), np.full(760, -0.70)], 1)
    comb = Comb(
        toward=unit(swept * top[:, None] + lie * (1 - top)[:, None]),
        weight=np.full(760, 0.05),
        over=(0.22 + job.style.over * top * np.where(side < 0, 1.0, 0.6)) * (0.45 + 0.75 * luck[3]),
        hug=0.85,
        length=(2.2 + (job.style.length - 2.2) * top) * (0.8 + 0.4 * luck[2]) * (0.5 + 0.5 * r.share),
    )
    points = grow(job.skull, r, comb, job.down, job.size[:2] * [0.7, 0.5], steps=11)
    return [job.cap(), job.ribbons(points, 0.16 + 0.20 * luck[0] * (0.4 + 0.6 * r.share), open_=_rooted(points))]


def _falling(job: _Job) -> list[Mesh]:
    """Parted above the forehead and falling beside the face, behind the shoulders."""
    count, style = 1000, job.style
    r = roots(job.head, count, seed=3, edge=0.8)
    luck = _random(count, 3)
    top = np.clip((r.place[:, 1] - 0.25) / 0.5, 0, 1)
    side = _side(r.place, style.part or 0.0)
    toward = np.stack([side * (0.35 + 0.65 * top), 0.20 * top - 0.6 * (1 - top), -0.30 * np.ones(count)], 1)
    comb = Comb(
        toward=unit(toward + 0.12 * (luck[:3].T - 0.5)),
        weight=np.full(count, 0.13),
        over=style.over * (0.25 + 0.75 * luck[3]) * (0.45 + 0.55 * r.share),
        length=np.full(count, style.length) * (0.86 + 0.14 * luck[0]),
        hug=0.6,
    )
    points = grow(job.skull, r, comb, job.down, job.size[:2] * [0.80, 0.64], steps=18)
    if style.wave:
        points = waved(finer(points, 3), style.wave * (0.6 + 0.7 * luck[1]), 7.5, 2.2 * luck[2] + 9 * r.place[:, 0])
    points = _behind(job, _turned_in(job, points))
    keep = None
    if style.end is not None:
        keep = points[..., 1] - (style.end + 0.07 * (luck[2] - 0.5))[:, None] * job.size[1]
    return [job.cap(), job.ribbons(points, 0.15 + 0.28 * luck[0], open_=_deep(job, points), keep=keep)]


def _turned_in(job: _Job, points: Array) -> Array:
    """Below the ears hair comes in toward the neck instead of hanging off the head's widest part."""
    low = np.clip((-0.15 * job.size[1] - points[..., 1]) / (0.9 * job.size[1]), 0, 1)
    return np.asarray(points * np.stack([1 - 0.20 * low, np.ones_like(low), np.ones_like(low)], axis=-1))


def _behind(job: _Job, points: Array) -> Array:
    """Long hair lies behind the shoulders: the garment of a look is laid over everything that is before them."""
    frame, chest = job.stand.frame, job.body.frames["chest"]
    right, up, front = (frame.T @ chest[:, k] for k in range(3))
    away = points - frame.T @ (job.body.joints["neck"] - job.stand.centre)
    high, ahead, beside = away @ up, away @ front, away @ right
    t = np.clip((5.5 - high) / 8.0, 0, 1)
    limit = -5.0 - 0.30 * np.clip(-high, 0, 14) + 0 * beside
    back = np.clip(ahead - limit, 0, None) * t * t * (3 - 2 * t)
    return np.asarray(points - back[..., None] * front)


def _rooted(points: Array) -> Array:
    """(N, S) how open short hair is: darker between the roots."""
    t = np.linspace(0, 1, points.shape[1])
    return np.broadcast_to(0.74 + 0.26 * np.clip(t / 0.4, 0, 1), points.shape[:2])


def _deep(job: _Job, points: Array) -> Array:
    """(N, S) how open falling hair is: darker at roots and where it hangs around the neck."""
    t = np.linspace(0, 1, points.shape[1])
    around = np.hypot(points[..., 0] / job.size[0], points[..., 2] / job.size[2])
    neck = np.clip((-0.55 * job.size[1] - points[..., 1]) / 8, 0, 1) * np.clip(1.25 - around, 0, 1)
    return np.asarray((0.72 + 0.28 * np.clip(t / 0.15, 0, 1)) * (1 - 0.65 * neck))


def _buzz(job: _Job) -> list[Mesh]:
    return [job.cap(open_=0.95)]


def _curls(job: _Job) -> list[Mesh]:
    """Short helices in all directions over a rough cap."""
    return [job.cap(rough=0.5, open_=0.55), _springs(job, 820, radius=0.34, seed=5)]


def _afro(job: _Job) -> list[Mesh]:
    """A sphere of fine curls: the cap is its body, curls are its skin."""
    return [job.cap(rough=0.9, open_=0.6), _springs(job, 1300, radius=0.26, seed=6)]


def _springs(job: _Job, count: int, *, radius: float, seed: int) -> Mesh:
    r = roots(job.head, count, seed=seed, edge=0.3)
    luck = _random(count, seed)
    # Curls stand on the cap; where it is thin, at the hairline, they are small.
    grown = np.clip(1.3 * r.share - 0.15, 0.05, 1) ** 0.7 * np.clip(1.9 + 1.6 * r.place[:, 1], 0.2, 1)
    away = unit(r.points - job.skull.middle)
    out = unit(r.normals + 0.8 * away + 1.3 * (luck[:3].T - 0.5))
    start = r.points + away * (job.style.cap * 0.92 * grown)[:, None]
    length = job.style.length * (0.45 + 0.75 * luck[3]) * (0.35 + 0.65 * grown)
    points = curled(start, out, length * 0.75, radius * (0.6 + 0.8 * luck[0]), length * 0.62, 6.3 * luck[1])
    return job.ribbons(points, 0.10 + 0.09 * luck[2], open_=_rooted(points))


def _tied(job: _Job, knot: Array, seed: int, *, count: int = 950, past: Array | None = None) -> Mesh:
    """Hair drawn smoothly over the skull to `knot` (3,) or, for each root, (N, 3)."""
    r = roots(job.head, count, seed=seed)
    luck = _random(count, seed)
    over = job.style.over * (0.4 + 0.9 * luck[3]) * (0.45 + 0.55 * r.share)
    points = drawn_to(job.skull, r, knot, over, past=past)
    t = np.linspace(0, 1, points.shape[1])
    open_ = np.broadcast_to(1 - 0.35 * np.clip((t - 0.8) / 0.2, 0, 1), points.shape[:2])
    return job.ribbons(points, 0.11 + 0.20 * luck[0], open_=open_, tip=0.6)


def _ponytail(job: _Job) -> list[Mesh]:
    """Tied high at the back; the tail swings to one side, where the viewer sees it beside the neck."""
    knot = job.size * [0.10, 0.52, -1.10]
    count, luck = 170, _random(170, 8)
    t = np.linspace(0, 1, 17)
    spine = np.stack([knot[0] + 9.0 * np.sin(1.5 * t), knot[1] + 3.0 * np.sin(np.pi * t) - 30 * t**1.4, knot[2] - 2.5 * np.sin(np.pi * t) + 4.0 * t], 1)
    swell = 0.8 + 2.6 * np.sin(np.pi * np.clip(t, 0, 1) ** 0.7) ** 0.9
    turn, far = 2 * np.pi * luck[0], np.sqrt(luck[1])
    spread = np.stack([np.cos(turn) * far, np.zeros(count), np.sin(turn) * far * 0.8], 1)
    points = spine + spread[:, None] * swell[None, :, None]
    points = waved(points, 0.35 * luck[2], 9.0, 6.3 * luck[3])
    away = unit(spread)[:, None] * np.ones((1, 17, 1)) + [0, 0, 0.4]
    locks = Locks(points, unit(away), 0.25 + 0.3 * luck[2])
    depth = np.broadcast_to((0.55 + 0.45 * far)[:, None], points.shape[:2])
    return [job.cap(), _tied(job, knot, 7), ribbons(locks, job.stand, job.colour, open_=depth)]


def _bun(job: _Job) -> list[Mesh]:
    """Everything drawn up to a coil on the crown."""
    knot = job.size * [0.0, 0.98, -0.42]
    centre, luck = job.size * [0.0, 1.10, -0.44], _random(90, 9)
    t = np.linspace(0, 1, 20)
    turn = 2 * np.pi * (luck[0][:, None] + (0.5 + 0.4 * luck[1])[:, None] * t)
    rise = np.arcsin(2 * luck[2] - 1)[:, None] * 0.9 + 0.35 * np.sin(np.pi * t + 6.3 * luck[3][:, None])
    ball = np.stack([np.cos(rise) * np.cos(turn), 0.80 * np.sin(rise), np.cos(rise) * np.sin(turn)], -1)
    points = centre + ball * (3.0 + 0.25 * luck[3])[:, None, None]
    locks = Locks(points, unit(ball), 0.40 + 0.2 * luck[1], tip=0.6)
    coil = ribbons(locks, job.stand, job.colour)
    return [job.cap(), _tied(job, knot, 7), coil]


def _braids(job: _Job) -> list[Mesh]:
    """Parted in the middle and plaited from behind the ears, over the front of the shoulders."""
    side = np.where(roots(job.head, 950, seed=7).place[:, :1] < 0, -1.0, 1.0)
    knots = side * job.size * [0.90, 0, 0] + job.size * [0.0, -0.48, -0.32]
    past = side * job.size * [0.85, 0, 0] + job.size * [0.0, 0.62, -0.30]
    return [job.cap(), _tied(job, knots, 7, past=past), *(_plait(job, side) for side in (-1.0, 1.0))]


def _plait(job: _Job, side: float) -> Mesh:
    """Three strands that cross over one another along a hanging line."""
    root = job.size * [0.90 * side, -0.48, -0.32]
    line = root + np.array([[0, 0, 0], [0.9, -5, 1.0], [1.6, -11, 5.0], [0.6, -19, 9.5], [-0.2, -28, 11.0]]) * [side, 1, 1]
    t = np.linspace(0, 1, 46)
    knots = np.linspace(0, 1, len(line))
    spine = PchipInterpolator(knots, line)(t)
    size = np.interp(t, [0, 0.12, 0.8, 0.95, 1], [0.8, 1.15, 0.95, 0.7, 0.35])
    points, away, widths = [], [], []
    for strand in range(3):
        turn = 2 * np.pi * (t * 6.5 + strand / 3)
        middle = spine + np.stack([np.sin(turn) * 0.85 * size, 0 * t, np.sin(2 * turn) * 0.5 * size], 1)
        for across in np.linspace(0, 2 * np.pi, 7)[:-1]:
            out = np.stack([np.cos(across) + 0 * t, 0 * t, np.sin(across) + 0 * t], 1)
            points.append(middle + out * (0.62 * size)[:, None])
            away.append(out)
            widths.append(0.50)
    locks = Locks(np.stack(points), np.stack(away), np.array(widths), tip=0.3)
    return ribbons(locks, job.stand, job.colour, seed=int(side > 0))


_FAMILIES: Mapping[str, Callable[[_Job], list[Mesh]]] = {
    "none": lambda _job: [],
    "buzz": _buzz,
    "cropped": _cropped,
    "parted": _parted,
    "falling": _falling,
    "curls": _curls,
    "afro": _afro,
    "ponytail": _ponytail,
    "bun": _bun,
    "braids": _braids,
    "veil": lambda job: veil(job.body, job.head),
}
