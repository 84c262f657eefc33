"""Bending flat cloth like a beam: straight sections across a sleeve or leg stay straight and keep their length.

Between two lines across the cloth lies a fan of sections. Each section is moved rigidly, turned a little about a point of its own
against the one before, until all sections beyond the second line are turned by the whole angle. Neighbours thus only part or close
up along the cloth: with t the distance from a section's pivot, the stretch is 1 - t dphi/dn along, exactly 1 across, and there is
no shear (the kinematics of Euler-Bernoulli bending; `bounds` measures it).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fashion_gen.records import Points

_SECTIONS = 32  # of a hinge: less than a degree each
_GATHERED = 1.4  # strain of the edge that is gathered over that of the edge that is stretched
_EASE = 0.15  # of a hinge at either end in which the bending sets in
_TURNS = NDArray[np.complex128]


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A segment across the cloth. What lies beyond it, towards the sleeve's or leg's end, is on its positive side."""

    outer: Points  #: (2,) end on the shoulder's or side seam's side
    inner: Points  #: (2,) end on the armpit's or crotch's side
    beyond: Points  #: (2,) unit normal

    @classmethod
    def across(cls, outer: Points, inner: Points, towards: Points) -> Line:
        """Through two points, with `towards` on its positive side."""
        along = inner - outer
        normal = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-9)
        return cls(outer, inner, normal if float(normal @ (towards - outer)) >= 0 else -normal)

    def ahead(self, points: Points) -> Points:
        """(...) signed distance of (..., 2) points, positive beyond the line."""
        return np.asarray((points - self.outer) @ self.beyond)


@dataclass(frozen=True, slots=True, eq=False)
class Hinge:
    """A soft joint between two lines; `degrees` turn what lies beyond, clockwise on the screen (x right, y down)."""

    start: Line
    end: Line
    degrees: float

    def pivots(self) -> tuple[Points, Points]:
        """(2,) on the start and on the end line, so that the gathered edge takes more of the strain than the stretched one.

        Cloth gathers easily and hardly stretches.
        """
        outer, inner = (
            float(np.hypot(*(getattr(self.end, side) - getattr(self.start, side)))) for side in ("outer", "inner")
        )
        outward = float(_cross(self.start.inner - self.start.outer, self.start.beyond)) * self.degrees < 0
        outer, inner = (outer * _GATHERED, inner) if outward else (outer, inner * _GATHERED)
        share = outer / max(outer + inner, 1e-9)
        first, last = (line.outer + share * (line.inner - line.outer) for line in (self.start, self.end))
        return first, last

    def ahead(self, points: Points, share: Points) -> Points:
        """(N, S) positive where (N, S, 2) points lie beyond the section at `share` (S,) of the way from start to end.

        Sections are evenly spaced along both edges.
        """
        outer = self.start.outer + share[:, None] * (self.end.outer - self.start.outer)
        inner = self.start.inner + share[:, None] * (self.end.inner - self.start.inner)
        side = np.sign(_cross(self.start.inner - self.start.outer, self.start.beyond))
        return np.asarray(side * _cross(inner - outer, points - outer))


@dataclass(frozen=True, slots=True, eq=False)
class Bending:
    """Hinges one after another, as a table of (N,) sections: their lines, and the rigid move of each."""

    hinges: tuple[Hinge, ...]
    share: Points  #: (N,) from 0 at a hinge's start line to 1 at its end line
    hinge: NDArray[np.intp]  #: (N,) which hinge
    turn: _TURNS  #: (N,) unit numbers: a point z = x + iy goes to turn z + shift
    shift: _TURNS
    middle: Points  #: (N, 2) the sections' pivots

    @classmethod
    def of(cls, hinges: Sequence[Hinge]) -> Bending:
        shares, pivots, angles = [], [], []
        turned = 0.0
        for one in hinges:
            share = np.linspace(0, 1, _SECTIONS)
            first, last = one.pivots()
            shares.append(share)
            pivots.append(first + share[:, None] * (last - first))
            angles.append(turned + np.deg2rad(one.degrees) * _eased(share))
            turned += np.deg2rad(one.degrees)
        angle, middle = np.concatenate(angles), np.concatenate(pivots)
        centre = middle[:, 0] + 1j * middle[:, 1]
        between = (centre[1:] + centre[:-1]) / 2
        steps = -between * np.diff(np.exp(1j * angle))
        shift = np.concatenate([[0], np.cumsum(steps)])
        which = np.repeat(np.arange(len(hinges)), _SECTIONS)
        return cls(tuple(hinges), np.concatenate(shares), which, np.exp(1j * angle), shift, middle)

    def forward(self, points: Points) -> Points:
        """(N, 2) where cloth at (N, 2) goes."""
        flat = _complex(points)
        turn, shift = self._move(np.repeat(flat[:, None], len(self.share), axis=1))
        return _plane(turn * flat + shift)

    def inverse(self, points: Points) -> Points:
        """(N, 2) which cloth is seen at (N, 2)."""
        flat = _complex(points)
        turn, shift = self._move((flat[:, None] - self.shift) * self.turn.conj())
        return _plane((flat - shift) * turn.conj())

    def _move(self, cloth: _TURNS) -> tuple[_TURNS, _TURNS]:
        """(N,) turn and shift of the section on which each point lies; `cloth` (N, S) is the point as section s would have it."""
        places = _plane(cloth)
        ahead = np.empty(cloth.shape)
        for index, one in enumerate(self.hinges):
            mine = self.hinge == index
            ahead[:, mine] = one.ahead(places[:, mine], self.share[mine])
        last = len(self.share) - 1
        crossing = (ahead[:, :-1] >= 0) & (ahead[:, 1:] < 0)
        away = np.abs(cloth[:, :-1] - _complex(self.middle[:-1]))
        section = np.where(crossing, away, np.inf).argmin(axis=1)
        section = np.where(crossing.any(axis=1), section, np.where(ahead[:, -1] >= 0, last - 1, 0))
        rows = np.arange(len(cloth))
        before, after = ahead[rows, section], ahead[rows, section + 1]
        part = np.clip(before / np.where(before == after, 1, before - after), 0, 1)
        part = np.where(crossing.any(axis=1), part, np.where(ahead[:, -1] >= 0, 1.0, 0.0))
        turn = self.turn[section] * (1 - part) + self.turn[section + 1] * part
        shift = self.shift[section] * (1 - part) + self.shift[section + 1] * part
        return turn / np.abs(turn), shift


def _eased(share: Points) -> Points:
    """0 to 1 with an even slope that sets in and ends gently: no kink, and little more strain than an even bend."""
    slope = np.minimum(1.0, np.minimum(share, 1 - share) / _EASE)
    total = np.concatenate([[0], np.cumsum((slope[1:] + slope[:-1]) / 2)])
    return np.asarray(total / total[-1])


def _cross(a: Points, b: Points) -> Points:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])


def _complex(points: Points) -> _TURNS:
    return np.asarray(points[..., 0] + 1j * points[..., 1])


def _plane(numbers: _TURNS) -> Points:
    return np.stack([numbers.real, numbers.imag], axis=-1)
