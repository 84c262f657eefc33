"""Where hair starts: the line on the mean head, and how it runs on a wearer (rounder, with a peak, back at the temples)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

from fashion_gen.body.lofts import Array

#: Degrees from the front, and how high hair starts there, share of the half height of the head: over the forehead, back at
#: the temples, down before the ear, around it, to the nape. Drawn by hand.
HAIRLINE = (
    (0, 0.54), (16, 0.55), (28, 0.56), (38, 0.48), (48, 0.30), (60, 0.13), (70, -0.04), (78, -0.16), (83, -0.16),
    (88, 0.02), (96, 0.12), (108, 0.04), (118, -0.22), (135, -0.46), (180, -0.60),
)  # fmt: skip
#: Hair is full this share of the half height behind the line.
_FULL = 0.11


@dataclass(frozen=True, slots=True)
class Hairline:
    """How a wearer's line differs from the mean, shares of the half height; all 0 is the mean itself."""

    arch: float = 0.0  #: higher in the middle
    peak: float = 0.0  #: a point down into the forehead
    recess: float = 0.0  #: back above the temples
    ripple: float = 0.0  #: how far it wanders, otherwise on either side
    phase: float = 0.0  #: where, radians


def hairline_of(seed: int, femininity: float) -> Hairline:
    """The same wearer has the same line; the less feminine, the further back at the temples."""
    arch, peak, recess, ripple, phase = np.random.default_rng([seed, 23]).random(5)
    return Hairline(
        arch=float(0.015 + 0.035 * arch),
        peak=float(0.045 * peak**2),
        recess=float((1 - femininity) * (0.01 + 0.055 * recess)),
        ripple=float(0.010 + 0.010 * ripple),
        phase=float(20 * np.pi * phase),
    )


def grown(places: Array, line: Hairline | None = None) -> Array:
    """(P,) how far behind the line points (P, 3), in shares of the half axes, lie.

    0 on the line, 1 where hair is full and more behind; below 0 on skin. Nothing grows on ears.
    """
    shape = line or Hairline()
    turn = np.degrees(np.arctan2(np.abs(places[:, 0]), places[:, 2] + 0.06))
    start = PchipInterpolator(*np.array(HAIRLINE).T)(turn)
    start += shape.arch * np.exp(-((turn / 24) ** 2)) - shape.peak * np.exp(-((turn / 7) ** 2))
    start += shape.recess * np.exp(-(((turn - 31) / 11) ** 2))
    start += shape.ripple * _wandering(np.degrees(np.arctan2(places[:, 0], places[:, 2] + 0.06)), shape.phase)
    ear = np.clip((np.abs(places[:, 0]) - 0.98) / 0.04, 0, 1) * (places[:, 1] < 0.10) * (places[:, 2] < 0.2)
    return np.asarray(np.minimum((places[:, 1] - start) / _FULL, 1e3 * (1 - ear) - 1))


def _wandering(turn: Array, phase: float) -> Array:
    """(P,) about -1 to 1 by degrees from the front: waves that never fall in step."""
    waves = ((8.7, 1.0, 0.5), (3.9, 2.3, 0.3), (2.1, 3.7, 0.2))
    return np.asarray(sum(share * np.sin(turn / wide + pace * phase) for wide, pace, share in waves))
