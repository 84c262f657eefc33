"""One style on one posed head: what every family of styles is made with."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.head.hairline import Hairline, hairline_of
from fashion_gen.body.head.model import Head
from fashion_gen.body.head.scalp import Roots, Skull, cap, roots, skull_of
from fashion_gen.body.head.stand import Stand
from fashion_gen.body.head.strands import Locks, outward, ribbons
from fashion_gen.body.kinematics import PosedBody
from fashion_gen.body.lofts import Array, Mesh, unit
from fashion_gen.body.solids import Colour


@dataclass(frozen=True, slots=True)
class Style:
    """Numbers of a style; what a family of styles does not use is left out."""

    family: str  #: a key of hair.FAMILIES
    length: float = 0.0  #: of its longest locks, cm
    over: float = 0.3  #: how thick it lies, cm
    part: float | None = None  #: where it is parted, share of the half width to the wearer's left
    shift: float = 0.0  #: how far the parting may lie from there, from wearer to wearer
    end: float | None = None  #: height at which it is cut, share of the half height (-1 = chin)
    ragged: float = 0.07  #: how unevenly, share of the half height
    flare: float = 0.0  #: how far it stands off below the ears, share of the half width; below 0 it turns in
    wave: float = 0.0  #: sideways ripple, cm
    cap: float = 0.06  #: thickness of the short hair below the locks, cm


@dataclass(frozen=True, eq=False)
class Haircut:
    """A style on one posed head."""

    body: PosedBody
    head: Head
    style: Style
    colour: Colour
    seed: int = 0  #: of the wearer: where the parting runs and how each strand lies
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

    @property
    def part(self) -> float | None:
        """Where this wearer parts it, share of the half width to the wearer's left: another side and place by seed."""
        if self.style.part is None:
            return None
        side, shift = np.random.default_rng([self.seed, 17]).uniform(-1, 1, 2)
        return float(np.copysign(1, side) * self.style.part + self.style.shift * shift)

    def luck(self, count: int, salt: int) -> NDArray[np.float64]:
        """(4, count) uniform from 0 to 1; the same wearer has the same."""
        return _luck(count, salt, self.seed)

    @property
    def toward(self) -> Array:
        """(3,) the viewer's direction in the head's frame."""
        return np.asarray(self.stand.frame.T @ np.array([0.0, 0.0, 1.0]))

    def cap(self, *, rough: float = 0.0, open_: float = 0.8) -> Mesh:
        return cap(
            self.head,
            self.stand,
            self.style.cap,
            self.colour,
            line=self.line,
            rough=rough,
            open_=open_,
            part=self.part,
        )

    @property
    def line(self) -> Hairline:
        return hairline_of(self.seed, self.body.figure.femininity)

    def roots(self, count: int, *, seed: int, edge: float = 1.0) -> Roots:
        """`count` roots behind the wearer's hairline (scalp.py)."""
        return roots(self.head, count, seed=seed, edge=edge, line=self.line)

    def ribbons(
        self, points: Array, width: Array, *, open_: float | Array = 1.0, colours: Array | None = None, **more: Any
    ) -> Mesh:
        # At the outline a strip would show its edge only, thinner than a pixel: it turns to the viewer, and its light stays.
        out = outward(points, self.skull.middle)
        away, facing = unit(out + 0.5 * self.toward), unit(out + 1.6 * self.toward)
        locks = Locks(points, away, width, facing=facing, **more)
        return ribbons(locks, self.stand, self.colour if colours is None else colours, open_=open_)

    def fine(self, points: Array, colours: Array) -> Mesh:
        """Single hairs, (N, S, 3) and (N, 3): they show their width to the viewer wherever they stand."""
        locks = Locks(points, np.broadcast_to(self.toward, points.shape), np.full(len(points), 0.06), root=0.9, tip=0.7)
        return ribbons(locks, self.stand, colours, open_=0.9)


@lru_cache(maxsize=64)
def _luck(count: int, salt: int, seed: int) -> NDArray[np.float64]:
    return np.random.default_rng([salt, seed]).random((4, count))


def rooted(points: Array) -> Array:
    """(N, S) how open short hair is: darker between the roots."""
    t = np.linspace(0, 1, points.shape[1])
    return np.broadcast_to(0.74 + 0.26 * np.clip(t / 0.4, 0, 1), points.shape[:2])
