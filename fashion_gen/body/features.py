"""Features of a drawn face: brows, lids, irises, nose, lips, lines of age, glasses. Abstract, nobody's likeness.

They are painted in coordinates of the head (cm at rest), so they turn with it, and every stroke has its width in
centimetres: the same face is read at eight pixels an eye and, with lashes and catchlights, in a close-up.
Proportions are the canon of drawing schools: eyes halfway up the head and one eye's width apart, the nose ending halfway from
brow to chin, the mouth a third of the rest further down. Persons differ a little from it, by their seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.figure import FEMININITY, Figure
from fashion_gen.records import AgeBand, Persona

Array = NDArray[np.floating[Any]]
Floats = NDArray[np.floating[Any]]
Colour = tuple[float, float, float]

#: How deep the lines of an age are, 0 none, 1 all.
_LINES = {AgeBand.YOUNG: 0.0, AgeBand.PRIME: 0.14, AgeBand.MIDDLE: 0.55, AgeBand.SENIOR: 1.0}
#: Irises up to a Monk tone; equally often.
_IRISES: tuple[tuple[int, tuple[Colour, ...]], ...] = (
    (3, ((0.30, 0.20, 0.12), (0.33, 0.44, 0.55), (0.36, 0.42, 0.30), (0.22, 0.14, 0.09))),
    (5, ((0.26, 0.16, 0.09), (0.36, 0.28, 0.14), (0.19, 0.12, 0.08))),
    (10, ((0.19, 0.11, 0.07), (0.14, 0.085, 0.06))),
)
_ROSE = np.array((0.68, 0.27, 0.28), np.float32)
_LASH = np.array((0.07, 0.05, 0.045), np.float32)


def _rgb(red: float, green: float, blue: float) -> Floats:
    return np.array((red, green, blue), np.float32)


@dataclass(frozen=True, slots=True)
class Face:
    """Where this person's features are, as shares of the head's half width (u) and half height (v), and their colours."""

    brow: Colour
    iris: Colour
    lines: float  #: of age, 0 to 1
    femininity: float
    stubble: float  #: 0 to 1
    glasses: bool
    eye: tuple[float, float, float, float]  #: u, v, half width in u, half opening in v
    slant: float  #: rise of the outer corner, in v
    brow_shape: tuple[float, float, float]  #: v over the eye, thickness in v, arch
    nose: tuple[float, float]  #: half width in u, v of its base
    mouth: tuple[float, float, float]  #: v, half width in u, fullness in v


def face_of(persona: Persona, hair: Colour) -> Face:
    """The features of a persona; the same persona has the same face."""
    rng = np.random.default_rng([persona.seed % 2**32, crc32(persona.name.encode())])
    vary = rng.uniform(-1, 1, 10)
    femininity = FEMININITY[persona.presentation]
    irises = next(colours for darkest, colours in _IRISES if persona.tone <= darkest)
    grown = (0.14, 0.10, 0.08) if persona.hair == "hijab" else (hair[0] * 0.7, hair[1] * 0.7, hair[2] * 0.7)
    return Face(
        brow=grown,
        iris=irises[int(rng.integers(len(irises)))],
        lines=_LINES[persona.age],
        femininity=femininity,
        stubble=float(femininity == 0 and rng.random() < 0.5),
        glasses="glasses" in persona.features,
        eye=(0.42 + 0.015 * vary[0], 0.01, 0.195 + 0.012 * vary[1], 0.050 + 0.007 * vary[2] + 0.006 * femininity),
        slant=0.010 + 0.014 * vary[3],
        brow_shape=(0.165 + 0.018 * vary[4], 0.034 - 0.010 * femininity + 0.005 * vary[5], 0.03 + 0.02 * vary[6]),
        nose=(0.20 - 0.02 * femininity + 0.03 * vary[7], -0.345 + 0.02 * vary[8]),
        mouth=(-0.555, 0.335 + 0.025 * vary[9], 0.052 + 0.012 * femininity + 0.010 * vary[2]),
    )


def paint_features(
    colours: Array, local: Array, facing: NDArray[np.bool_], figure: Figure, face: Face, *, pixel: float = 0.0
) -> Array:
    """Return (N, 3) colours with features.

    Args:
        colours: (N, 3) in [0, 1], the skin of the points.
        local: (N, 3) cm in the head's rest frame.
        facing: (N,) True on the front of the head.
        pixel: cm of a pixel of the finished picture: no stroke is drawn so thin that it would vanish in it.
    """
    board = _Board(colours, local, facing, figure, pixel)
    _planes(board, face)
    _nose(board, face)
    _mouth(board, face)
    _age(board, face)
    _eyes(board, face)
    _brows(board, face)
    if face.glasses:
        _glasses(board, face)
    return board.out


class _Board:
    """The front of a head, ready to be painted on. `u` and `v` as in Face, `a` = |u|."""

    def __init__(self, colours: Array, local: Array, facing: NDArray[np.bool_], figure: Figure, pixel: float) -> None:
        self.width, self.height = figure.head[0], figure.head[1]
        self.thinnest = 0.42 * pixel / self.height
        self.u = (local[:, 0] / self.width).astype(np.float32)
        self.a = np.abs(self.u)
        self.v = (local[:, 1] / self.height).astype(np.float32)
        self.facing = facing.astype(np.float32)
        self.tone = colours.astype(np.float32)
        self.dark = 1 - self.tone.mean(axis=1)
        self.out = colours.copy()

    def blend(self, amount: Floats, colour: Floats | Colour) -> None:
        """Paint `colour`, (3,) or (N, 3), where `amount` (N,) in [0, 1] says."""
        share = np.clip(amount, 0, 1) * self.facing
        at = np.flatnonzero(share > 0.004)
        paint = np.asarray(colour, np.float32)
        share = share[at, None]
        self.out[at] = self.out[at] * (1 - share) + (paint[at] if paint.ndim == 2 else paint) * share

    def shade(self, amount: Floats, depth: float) -> None:
        """Darken the skin by `depth`, as form does; dark skin has less to lose and loses more of it."""
        factor = 1 - depth * (1 + 0.35 * self.dark[:, None])
        self.blend(amount, self.tone * np.clip(factor, 0.2, 1) * (1.0, 0.985, 0.975))

    def shine(self, amount: Floats) -> None:
        """Lighten as a soft light does: dark skin shows its form by gloss, light skin by shadow."""
        self.blend(amount * (0.11 + 0.24 * self.dark**2), _rgb(1.0, 0.95, 0.9))

    def spot(self, cu: float, cv: float, ru: float, rv: float, soft: float) -> Floats:
        """(N,) an ellipse on both sides of the face; `soft` is its rim's share of the radius."""
        away = np.sqrt(((self.a - cu) / ru) ** 2 + ((self.v - cv) / rv) ** 2)
        return np.asarray(np.clip((1 - away) / soft + 0.5, 0, 1), np.float32)

    def stroke(self, line: Floats, width: float, start: float, stop: float) -> Floats:
        """(N,) a brush of `width` (in v) along v = line, from a = start to a = stop, pointed at both ends."""
        along = np.clip((self.a - start) / (stop - start), 0, 1)
        brush = max(width, self.thinnest) * np.clip(4 * along * (1 - along), 0.04, 1) ** 0.5
        inside = (self.a > start) & (self.a < stop)
        return np.asarray(np.clip((1 - np.abs(self.v - line) / brush) * 1.6, 0, 1) * inside, np.float32)


def _planes(b: _Board, face: Face) -> None:
    """The large forms: forehead and cheekbones catch light, sockets, temples and jaw turn away from it."""
    b.shade(0.55 * np.clip((b.a - 0.70) / 0.30, 0, 1), 0.22)
    b.shade(0.8 * b.spot(0.40, face.eye[1] + 0.075, 0.27, 0.10, 0.9), 0.17)
    b.shade((0.65 - 0.35 * face.femininity) * b.spot(0.64, -0.42, 0.20, 0.24, 1.2), 0.20)
    b.blend(0.26 * b.spot(0.50, -0.22, 0.24, 0.15, 1.2), b.tone * _rgb(1.0, 0.84, 0.81))
    b.shade(0.5 * b.spot(0.0, -0.79, 0.26, 0.05, 1.0), 0.14)
    b.shine(0.8 * b.spot(0.0, 0.36, 0.42, 0.14, 1.3))
    b.shine(0.9 * b.spot(0.54, -0.10, 0.16, 0.06, 1.2))
    b.shine(0.7 * b.spot(0.0, -0.89, 0.15, 0.06, 1.2))
    if face.stubble:
        beard = np.clip((-0.34 - b.v) / 0.26, 0, 1) * np.clip((b.a + 0.9 + 1.5 * b.v) / 0.3, 0, 1) ** 0.5
        b.blend(0.14 * beard, np.asarray(face.brow, np.float32) * 0.8 + 0.05)


def _nose(b: _Board, face: Face) -> None:
    width, base = face.nose
    # The light comes from the viewer's left: the far side of the bridge is the darker one.
    side = np.where(b.u > 0, 1.0, 0.55).astype(np.float32)
    bridge = (
        np.exp(-(((b.a - 0.12) / 0.055) ** 2)) * np.clip((0.16 - b.v) / 0.1, 0, 1) * np.clip((b.v - base) / 0.1, 0, 1)
    )
    b.shade(0.75 * side * bridge, 0.17)
    b.shade(0.8 * b.spot(0.0, base - 0.055, width * 0.95, 0.035, 0.9), 0.20)
    wing = np.exp(
        -((((np.hypot((b.a - width * 0.62) / (width * 0.42), (b.v - base - 0.035) / 0.055)) - 1) / 0.22) ** 2)
    )
    b.shade(0.75 * wing * (b.a > width * 0.62) * (b.v < base + 0.09), 0.30)
    b.shine(
        1.3
        * np.exp(-((b.a / 0.045) ** 2))
        * np.clip((0.10 - b.v) / 0.1, 0, 1)
        * np.clip((b.v - base - 0.08) / 0.06, 0, 1)
    )
    b.shine(1.5 * b.spot(0.0, base + 0.065, 0.075, 0.035, 0.9))
    b.shade(0.6 * b.stroke(base - 0.004 + 0.14 * b.a, 0.018, 0.0, width * 0.6), 0.32)
    b.blend(0.85 * b.spot(width * 0.50, base + 0.004, width * 0.22, 0.016, 0.7), b.tone * _rgb(0.36, 0.27, 0.25))


def _mouth(b: _Board, face: Face) -> None:
    level, half, full = face.mouth
    full *= 1 - 0.30 * face.lines
    t = np.clip(b.a / half, 0, 1.2)
    line = level + 0.020 * t**2
    bow = 0.35 * full * np.exp(-((b.a / 0.045) ** 2))
    upper = line + full * 0.86 * np.clip(1 - t**1.7, 0, 1) - bow
    lower = line - full * 1.20 * np.clip(1 - t**2.4, 0, 1)
    soft = 0.016
    inside = np.clip((upper - b.v) / soft + 0.5, 0, 1) * np.clip((b.v - lower) / soft + 0.5, 0, 1) * (t < 1)
    rose = 0.26 + 0.16 * face.femininity
    lips = b.tone * (1 - rose) + _ROSE * rose * np.clip(0.45 + 0.75 * b.tone.mean(axis=1, keepdims=True), 0, 1)
    b.shade(0.6 * b.spot(0.0, level - full * 1.2 - 0.035, half * 0.62, 0.030, 0.9), 0.22)
    b.blend(0.92 * inside, lips * np.where(b.v > line, 0.84, 1.0).astype(np.float32)[:, None])
    b.shine(1.3 * inside * b.spot(0.0, level - full * 0.55, half * 0.50, full * 0.30, 1.0))
    b.blend(0.85 * b.stroke(line, 0.013, -0.01, half * 1.06), b.tone * _rgb(0.42, 0.28, 0.27))
    b.shade(0.5 * b.spot(half * 1.05, level + 0.022, 0.035, 0.022, 0.9), 0.30)
    b.shade(0.35 * np.exp(-(((b.a - 0.035) / 0.02) ** 2)) * (b.v > upper) * (b.v < face.nose[1] - 0.02), 0.16)


def _eyes(b: _Board, face: Face) -> None:
    cu, cv, half, opened = face.eye
    opened *= 1 - 0.16 * face.lines
    t = (b.a - cu) / half
    middle = cv + face.slant * t
    arch = np.clip(1 - t**2, 0, 1)
    upper, lower = middle + opened * arch**0.75, middle - 0.72 * opened * arch**0.9
    soft = 0.014
    open_ = np.clip((upper - b.v) / soft + 0.5, 0, 1) * np.clip((b.v - lower) / soft + 0.5, 0, 1) * (np.abs(t) < 1)
    # The lid shades the upper part of the ball.
    lid = np.clip((upper - b.v) / 0.05, 0, 1)[:, None]
    b.blend(open_, _rgb(0.95, 0.935, 0.91) * (0.70 + 0.30 * lid))
    dx, dy = (b.a - cu) * b.width, (b.v - cv - 0.004) * b.height
    away = np.hypot(dx, dy)
    iris = np.clip((0.60 - away) / 0.10 + 0.5, 0, 1)
    rim = np.clip((away - 0.38) / 0.2, 0, 1)[:, None]
    b.blend(open_ * iris, np.asarray(face.iris, np.float32) * (1.15 - 0.55 * rim) * (0.65 + 0.35 * lid))
    b.blend(open_ * np.clip((0.26 - away) / 0.10 + 0.5, 0, 1), (0.03, 0.025, 0.025))
    catch = np.hypot((b.u - np.sign(b.u) * cu) * b.width + 0.20, dy - 0.20)
    b.blend(0.95 * open_ * np.clip((0.13 - catch) / 0.08 + 0.5, 0, 1), (1.0, 1.0, 1.0))
    reach = (cu - half * 1.02, cu + half * 1.10)
    lash = middle + opened * np.clip(1 - t**2, -0.12, 1) ** 1.0 + 0.006
    lash = np.where(np.abs(t) < 1, upper + 0.006, lash)
    b.blend(0.95 * b.stroke(lash, 0.016 + 0.008 * face.femininity, *reach), _LASH)
    b.shade(0.55 * b.stroke(lower - 0.006, 0.011, *reach), 0.40)
    crease = upper + 0.030 + 0.012 * np.clip(t, -1, 1)
    b.shade(0.65 * b.stroke(crease, 0.014, cu - half * 0.9, cu + half * 1.08), 0.36)
    b.shade((0.22 + 0.5 * face.lines) * b.stroke(lower - 0.045, 0.022, cu - half * 0.85, cu + half * 0.75), 0.24)


def _brows(b: _Board, face: Face) -> None:
    cu, cv, half, _ = face.eye
    lift, thick, arch = face.brow_shape
    start, stop = cu - half * 1.25, cu + half * 1.35
    s = np.clip((b.a - start) / (stop - start), 0, 1)
    line = cv + lift + arch * np.sin(np.pi * np.clip(s * 1.05, 0, 1)) * 1.4 - 0.050 * s**2.2
    body = np.clip(s / 0.10, 0, 1) * np.clip((1 - s) / 0.62, 0, 1) ** 0.7
    hairs = 0.86 + 0.14 * np.sin(b.a * 120 + b.v * 150)
    amount = (
        np.clip((1 - np.abs(b.v - line) / np.maximum(max(thick, 1.3 * b.thinnest) * body, 1e-4)) * 1.5, 0, 1)
        * (s > 0)
        * (s < 1)
    )
    b.shade(0.35 * b.spot(cu, cv + lift, half * 1.2, 0.05, 1.0), 0.12)
    b.blend(0.88 * amount * hairs, face.brow)


def _age(b: _Board, face: Face) -> None:
    """Nasolabial folds, forehead lines, crow's feet, marionette lines."""
    if not face.lines:
        return
    width, base = face.nose
    level, half, _ = face.mouth
    cu, cv, eye, _ = face.eye

    def crease(line: Floats, start: float, stop: float, strength: float) -> None:
        b.shade(strength * face.lines * b.stroke(line, 0.015, start, stop), 0.38)
        b.shine(0.5 * strength * face.lines * b.stroke(line + 0.028, 0.018, start, stop))

    fold = base + 0.05 - (np.clip(b.a - width * 0.95, 0, 1) / 0.22) ** 1.7 * (base + 0.05 - level + 0.06)
    crease(fold, width * 0.95, half * 1.20, 0.60)
    for lift in (0.30, 0.375, 0.45):
        crease(lift + 0.02 * np.cos(b.a * 6), -0.3, 0.50, 0.30)
    for rise in (-0.035, 0.0, 0.035):
        crease(cv + rise * (1 + 3 * (b.a - cu - eye)), cu + eye * 1.2, cu + eye * 1.2 + 0.14, 0.40)
    drop = level - 0.02 - (b.a - half * 1.02) * 1.6
    crease(drop, half * 1.02, half * 1.02 + 0.06, 0.40)


def _glasses(b: _Board, face: Face) -> None:
    cu, cv = face.eye[0], face.eye[1] - 0.015
    ring = np.abs(np.sqrt(np.abs((b.a - cu - 0.01) / 0.30) ** 2.6 + np.abs((b.v - cv) / 0.165) ** 2.6) ** (1 / 1.3) - 1)
    bridge = (b.a < 0.14) & (np.abs(b.v - cv - 0.05) < 0.018)
    temple = (b.a > 0.70) & (np.abs(b.v - cv - 0.06) < 0.018)
    frame = np.maximum(np.clip(1.5 - ring / 0.085, 0, 1), (bridge | temple).astype(np.float32))
    b.blend(frame, (0.07, 0.07, 0.08))
