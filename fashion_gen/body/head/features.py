"""What is painted on a head: lips, brows, lashes, irises, the tints and lines of skin. Abstract, nobody's likeness.

The form of a face is geometry (model.py) and its light is skin.py's; this is colour only. Everything is painted in canonical
coordinates, cm on the mean head, where all heads have their features in the same places: so the paint follows nose, lids and
lips of whoever it is put on. No stroke is thinner than a pixel of the finished picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.figure import FEMININITY
from fashion_gen.body.head.eyes import EYE, LID_X, LOWER_LID, UPPER_LID, paint_eyes
from fashion_gen.body.head.model import EYEBALL
from fashion_gen.records import AgeBand, Persona

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
_LASH = np.array((0.07, 0.05, 0.045), np.float32)

#: The left brow's middle line: x, y, half thickness.
_BROW_X = np.array([1.25, 1.9, 2.8, 3.7, 4.5, 5.3])
_BROW_Y = np.array([1.45, 1.54, 1.66, 1.70, 1.50, 1.05])
_BROW_HALF = np.array([0.26, 0.36, 0.34, 0.28, 0.20, 0.06])
#: Upper edge of a beard, from the chin to the ear.
_BEARD_X = np.array([0.0, 1.5, 2.4, 3.0, 3.6, 4.6, 5.6, 6.6, 7.4])
_BEARD_Y = np.array([-8.5, -8.3, -7.8, -7.1, -6.6, -5.9, -4.8, -3.2, -1.6])
#: The line between the lips, cm; half its length.
_MOUTH, _MOUTH_HALF = -6.66, 2.55


@dataclass(frozen=True, slots=True)
class Face:
    """The colours of a person's features, and what of them is drawn."""

    brow: Colour
    iris: Colour
    lines: float  #: of age, 0 to 1
    femininity: float
    stubble: float  #: 0 to 1
    flush: float  #: of cheeks and nose
    freckles: float
    brow_shape: tuple[float, float, float]  #: cm higher, share thicker, cm more arched
    seed: int


def face_of(persona: Persona, hair: Colour) -> Face:
    """The features of a persona; the same persona has the same face."""
    rng = np.random.default_rng([persona.seed % 2**32, crc32(persona.name.encode())])
    vary = rng.uniform(-1, 1, 6)
    femininity = FEMININITY[persona.presentation]
    irises = next(colours for darkest, colours in _IRISES if persona.tone <= darkest)
    # Light hair has darker brows; grey hair has darker ones still.
    share = 0.66 if max(hair) > 0.4 else 0.85
    grown = (
        (0.14, 0.10, 0.08)
        if persona.hair == "hijab"
        else (hair[0] * share, hair[1] * share * 0.97, hair[2] * share * 0.93)
    )
    return Face(
        brow=grown,
        iris=irises[int(rng.integers(len(irises)))],
        lines=_LINES[persona.age],
        femininity=femininity,
        stubble=float(rng.choice([0.25, 0.55, 1.0])) if femininity == 0 else 0.0,
        flush=(0.45 + 0.25 * femininity + 0.2 * float(vary[0])) * (1.0 if persona.tone < 6 else 0.6),
        freckles=float(persona.tone <= 4 and rng.random() < 0.25),
        brow_shape=(0.10 * vary[1], 0.18 * vary[2] - 0.28 * femininity, 0.10 * vary[3] + 0.10 * femininity),
        seed=int(rng.integers(1000)),
    )


def paint_features(colours: Floats, local: Floats, face: Face, *, pixel: float = 0.0) -> Floats:
    """Return (N, 3) colours of a head's points with what is painted on them.

    Args:
        colours: (N, 3) in [0, 1], the skin, or what lies on it and stays as it is.
        local: (N, 3) canonical cm; eyeballs and what is worn or grown on a face are moved by EYEBALL (model.py).
        pixel: cm of a pixel of the finished picture: no stroke is drawn so thin that it would vanish in it.
    """
    out = np.array(colours, np.float32)
    depth = local[:, 2]
    skin, eyes = np.flatnonzero(depth < EYEBALL / 2), np.flatnonzero((depth > EYEBALL / 2) & (depth < EYEBALL * 1.5))
    if len(skin):
        board = _Board(out[skin], local[skin], pixel)
        _tints(board, face)
        _mouth(board, face)
        _age(board, face)
        _lids(board, face)
        _brows(board, face)
        out[skin] = board.out
    if len(eyes):
        out[eyes] = paint_eyes(
            out[eyes], local[eyes], face.iris, face.lines, float(1 - colours[skin].mean()) if len(skin) else 0.5
        )
    return out


class _Board:
    """Skin, ready to be painted on: `x`, `y`, `z` canonical cm, `a` = |x|."""

    def __init__(self, colours: Floats, local: Floats, pixel: float) -> None:
        self.pixel, self.thinnest = pixel, 0.42 * pixel
        self.x, self.y, self.z = (local[:, k].astype(np.float32) for k in range(3))
        self.a = np.abs(self.x)
        # Features lie on the front only; ears and neck have canonical places too.
        self.facing = np.clip((self.z - 2.0) / 1.5, 0, 1)
        self.tone = colours.astype(np.float32)
        self.dark = 1 - self.tone.mean(axis=1)
        self.out = self.tone.copy()

    def blend(self, amount: Floats, colour: Floats | Colour, *, anywhere: bool = False) -> None:
        """Paint `colour`, (3,) or (N, 3), where `amount` (N,) in [0, 1] says."""
        share = np.clip(amount, 0, 1) * (1.0 if anywhere else self.facing)
        at = np.flatnonzero(share > 0.004)
        paint = np.asarray(colour, np.float32)
        share = share[at, None]
        self.out[at] = self.out[at] * (1 - share) + (paint[at] if paint.ndim == 2 else paint) * share

    def tint(self, amount: Floats, factor: Colour, *, anywhere: bool = False) -> None:
        """Multiply by `factor` where `amount` says: blood and shade lie in the skin, not on it."""
        share = np.clip(amount, 0, 1) * (1.0 if anywhere else self.facing)
        at = np.flatnonzero(share > 0.004)
        self.out[at] *= 1 + share[at, None] * (np.asarray(factor, np.float32) - 1)

    def spot(self, x: float, y: float, rx: float, ry: float) -> Floats:
        """(N,) a soft bump on both sides of the face."""
        return np.asarray(np.exp(-(((self.a - x) / rx) ** 2) - ((self.y - y) / ry) ** 2), np.float32)

    def stroke(self, line: Floats, width: float, start: float, stop: float) -> Floats:
        """(N,) a brush of half `width` cm along y = line, from a = start to a = stop, pointed at both ends."""
        along = np.clip((self.a - start) / (stop - start), 0, 1)
        brush = max(width, self.thinnest) * np.clip(4 * along * (1 - along), 0.04, 1) ** 0.5
        inside = (self.a > start) & (self.a < stop)
        return np.asarray(np.clip((1 - np.abs(self.y - line) / brush) * 1.6, 0, 1) * inside, np.float32)


def noise(points: Floats, seed: float) -> Floats:
    """(N,) -1 to 1: a cheap turbulence, features about one unit apart."""
    x, y, z = points[:, 0], points[:, 1], points[:, 2]
    a = np.sin(2.1 * x + 1.3 * np.sin(1.7 * y + seed) + 0.7 * z)
    b = np.sin(2.6 * y - 1.1 * np.sin(2.3 * z + 2 * seed) + 0.9 * x)
    c = np.sin(2.4 * z + 1.2 * np.sin(1.9 * x - seed) - 0.8 * y)
    return np.asarray((a * b + b * c + c * a) / 1.8)


def _tints(b: _Board, face: Face) -> None:
    """Skin is not of one colour: blood in cheeks, nose and ears, thin skin under the eyes, a beard's shadow."""
    places = np.stack([b.x, b.y, b.z], axis=1)
    mottle = noise(places * 0.8, face.seed) + 0.6 * noise(places * 2.3, face.seed + 5)
    b.out *= 1 + 0.018 * mottle[:, None] * np.array((0.5, 1.0, 1.0), np.float32)
    # The lighter a skin, the more of the blood below it shows.
    red = (1.0, 0.80, 0.78)
    shows = face.flush * (0.65 + 0.25 * np.clip(1 - 2.2 * b.dark, 0, 1))
    b.tint(shows * np.maximum(b.spot(4.4, -2.8, 2.2, 1.8), 0.6 * b.spot(3.0, -3.4, 1.8, 1.4)), red)
    b.tint(0.85 * shows * b.spot(0.0, -3.9, 1.2, 1.0), red)
    b.tint(0.40 * shows * b.spot(0.0, -9.2, 1.6, 1.0), red)
    b.tint(0.22 * shows * b.spot(0.0, 4.2, 4.0, 1.2), red)
    _pores(b, face, places)
    ear = np.clip((b.a - 7.3) / 0.6, 0, 1) * (np.abs(b.y + 1.8) < 4) * (np.abs(b.z + 3) < 5)
    b.tint(0.8 * ear, (1.0, 0.82, 0.79), anywhere=True)
    shade = 0.30 + 0.5 * face.lines
    b.tint(shade * b.spot(2.6, -1.15, 1.0, 0.42), (0.86, 0.80, 0.82))
    b.tint(0.5 * b.spot(2.9, 0.55, 1.3, 0.38), (0.93, 0.86, 0.85))
    if face.freckles:
        # Two noises that run across one another leave round spots, of all sizes.
        both = np.minimum(noise(places * 5.0, face.seed + 2), noise(places[:, [1, 2, 0]] * 6.1, face.seed + 3))
        spots = np.clip(both - 0.22, 0, 0.3) * 3.0
        b.tint(spots * np.maximum(b.spot(3.6, -2.2, 2.4, 1.5), b.spot(0, -2.4, 1.4, 1.6)), (0.88, 0.78, 0.70))
    if face.stubble:
        _beard(b, face, places)


def _pores(b: _Board, face: Face, places: Floats) -> None:
    """Skin's grain: pores, coarser on nose and cheeks and with years; none so fine that a pixel cannot hold it."""
    grain = np.zeros(len(places), np.float32)
    for waves, depth in ((5.5, 0.4), (13.0, 0.6)):
        # Two pixels to the half wave, or it would be noise of the raster.
        held = float(np.clip(1.5 - b.pixel * waves * 0.8, 0, 1))
        if held:
            grain += held * depth * noise(places * waves, face.seed + waves)
    coarse = 0.55 + 0.45 * np.maximum(b.spot(0.0, -3.4, 1.6, 1.6), b.spot(3.4, -3.2, 2.2, 1.8))
    b.out *= 1 + ((0.014 + 0.016 * face.lines) * grain * coarse * b.facing)[:, None]
    if face.lines > 0.5:
        # Years leave flat brown spots on temples and cheeks.
        spots = np.clip(noise(places * 3.1, face.seed + 31) - 0.95, 0, 0.2) * 5
        b.tint(0.45 * face.lines * spots * np.clip((b.a - 2.2) / 2, 0, 1), (0.88, 0.80, 0.72))


def _beard(b: _Board, face: Face, places: Floats) -> None:
    """Where a beard grows: jaw, chin and upper lip; short hairs, or only their shadow."""
    line = np.interp(b.a, _BEARD_X, _BEARD_Y) + 0.25 * noise(places * 1.5, face.seed)
    jaw = (
        np.clip((line - b.y) / 2.0, 0, 1) ** 0.8 * np.clip((b.y + 12.2) / 1.6, 0, 1) * np.clip((b.z - 0.4) / 2.2, 0, 1)
    )
    lip = np.exp(-(((b.y + 5.30 + 0.10 * b.a) / 0.42) ** 2)) * np.clip((3.0 - b.a) / 1.3, 0, 1)
    lip *= 0.55 + 0.45 * np.clip(b.a / 0.5, 0, 1)
    beside = np.exp(-(((b.a - 3.0) / 0.45) ** 2)) * np.clip((-5.6 - b.y) / 0.9, 0, 1) * np.clip((b.y + 9.0) / 1.0, 0, 1)
    grown = np.maximum(jaw, np.maximum(0.75 * lip, 0.45 * beside))
    grain = 0.78 + 0.35 * noise(places * np.array([15.0, 9.0, 15.0]), face.seed + 9)
    hair = 0.5 * np.asarray(face.brow, np.float32) + 0.5 * np.minimum(np.asarray(face.brow, np.float32), 0.16)
    b.blend((0.10 + 0.46 * face.stubble**1.5) * grown * np.clip(grain, 0.3, 1.2), hair, anywhere=True)


def _mouth(b: _Board, face: Face) -> None:
    t = np.clip(b.a / _MOUTH_HALF, 0, 1.2)
    line = _MOUTH + 0.34 * t**2
    bow = 0.13 * np.exp(-((b.a / 0.32) ** 2))
    upper = line + 0.86 * np.clip(1 - t**1.8, 0, 1) - bow
    lower = line - 1.02 * np.clip(1 - t**2.3, 0, 1)
    soft = 0.16
    inside = np.clip((upper - b.y) / soft + 0.5, 0, 1) * np.clip((b.y - lower) / soft + 0.5, 0, 1) * (t < 1)
    strength = (0.62 + 0.30 * face.femininity) * (1 - 0.25 * face.lines)
    wrinkles = 1 + 0.03 * np.sin(b.x * 19 + 2.5 * np.sin(b.x * 3.1 + face.seed) + 2 * np.sin(b.y * 3))
    light = np.array((0.88, 0.66, 0.66), np.float32)
    deep = np.array((0.96, 0.66, 0.68), np.float32)
    lips = b.tone * (light + (deep - light) * np.clip(2 * b.dark - 0.7, 0, 1)[:, None]) * wrinkles[:, None]
    b.blend(strength * inside, lips * np.where(b.y > line, 0.90, 1.02).astype(np.float32)[:, None])
    b.blend(0.7 * b.stroke(line, 0.065, -0.01, _MOUTH_HALF * 1.02), b.tone * np.array((0.46, 0.26, 0.26), np.float32))
    b.tint(0.7 * np.exp(-(((b.a - 0.68) / 0.33) ** 2) - (((b.y + 4.62) / 0.15) ** 2)), (0.42, 0.34, 0.33))


def _lids(b: _Board, face: Face) -> None:
    """The rims of the lids: lashes above, a fainter line below."""
    x, y = b.a - EYE[0], b.y - EYE[1]
    upper, lower = np.interp(x, LID_X, UPPER_LID), np.interp(x, LID_X, LOWER_LID)
    inside = np.clip((1.55 - np.abs(x)) / 0.25, 0, 1) * (b.z > 4)
    thick = max(0.055 + 0.035 * face.femininity, 0.7 * b.thinnest)
    rim = np.clip((upper + thick * 1.7 - y) / 0.05, 0, 1) * np.clip((y - upper + 0.35) / 0.1, 0, 1)
    b.blend(0.92 * inside * rim * np.clip((x + 1.25) / 0.5, 0.25, 1), _LASH)
    under = np.clip(1 - np.abs(y - lower + 0.05) / max(0.06, b.thinnest), 0, 1)
    b.tint(inside * under * np.clip((x + 0.9) / 0.8, 0.2, 1), (0.62, 0.52, 0.50))
    pink = np.clip(1 - np.hypot(x + 1.32, (y + 0.34) * 1.3) / 0.22, 0, 1) * (b.z > 4)
    b.blend(0.6 * pink, b.tone * np.array((0.95, 0.66, 0.64), np.float32))


def _brows(b: _Board, face: Face) -> None:
    lift, thicker, arch = face.brow_shape
    s = np.clip((b.a - _BROW_X[0]) / (_BROW_X[-1] - _BROW_X[0]), 0, 1)
    line = np.interp(b.a, _BROW_X, _BROW_Y) + lift + arch * np.sin(np.pi * s**0.8)
    half = np.interp(b.a, _BROW_X, _BROW_HALF, left=0, right=0) * (1 + thicker)
    half = np.where(half > 0, np.maximum(half, 1.2 * b.thinnest), 0)
    edge = np.clip((1 - np.abs(b.y - line) / np.maximum(half, 1e-3)) * 1.3, 0, 1)
    amount = edge * np.clip((b.a - _BROW_X[0] + 0.2) / 1.1, 0, 1) * np.clip((5.35 - b.a) / 0.6, 0, 1) * (half > 0)
    # Hairs rise from the inner end and lie down along the tail, in strokes of uneven width that thin out at the edge.
    lean = (b.y - line) * (0.5 + 3.2 * s)
    strokes = np.sin((b.a - lean) * 24 + 1.9 * np.sin(b.a * 4.3 + face.seed) + 1.2 * np.sin(b.y * 9 + b.a * 5))
    held = float(np.clip(1.6 - b.pixel * 14, 0, 1))
    hairs = np.clip(0.60 + 0.55 * strokes - 0.35 * (1 - edge), 0, 1) * held + 0.75 * (1 - held)
    b.blend(0.34 * amount, face.brow)
    b.blend(0.85 * np.sqrt(amount) * hairs * (amount > 0), face.brow)


def _age(b: _Board, face: Face) -> None:
    """Folds from the nose, lines of the forehead, crow's feet, marionette lines: a shade and the light beside it."""
    if not face.lines:
        return

    def crease(line: Floats, start: float, stop: float, strength: float, width: float = 0.13) -> None:
        b.tint(strength * face.lines * b.stroke(line, width, start, stop), (0.82, 0.76, 0.74))
        b.tint(strength * face.lines * b.stroke(line + 1.9 * width, width, start, stop), (1.03, 1.03, 1.03))

    reach = np.clip(b.a - 1.55, 0, 9)
    crease(-3.9 - 1.15 * reach**1.35, 1.55, 3.35, 0.8, 0.17)
    for level, depth in ((3.4, 0.35), (4.3, 0.45), (5.2, 0.35)):
        crease(level + 0.2 * np.cos(b.a * 0.9 + level) + 0.05 * np.sin(b.x * 3), -4.2, 4.2, depth, 0.10)
    for rise in (-0.45, 0.0, 0.45):
        crease(EYE[1] - 0.2 + rise * (1 + 0.5 * (b.a - 4.6)), 4.55, 5.9, 0.6, 0.07)
    crease(EYE[1] - 1.35 + 0.35 * (b.a - 2.4) ** 2 * 0.4, 1.5, 3.9, 0.6, 0.10)
    crease(-6.5 - 2.2 * (b.a - 2.6), 2.6, 3.25, 0.55, 0.15)
    b.tint(0.4 * face.lines * np.exp(-(((b.a - 0.55) / 0.12) ** 2)) * (np.abs(b.y - 1.5) < 0.7), (0.84, 0.79, 0.77))
