"""One style on one posed head: what every family of styles is made with."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.head.model import Head
from fashion_gen.body.head.scalp import Skull, cap, skull_of
from fashion_gen.body.head.stand import Stand
from fashion_gen.body.head.strands import Locks, outward, ribbons
from fashion_gen.body.kinematics import PosedBody
from fashion_gen.body.lofts import Array, Mesh
from fashion_gen.body.solids import Colour


@dataclass(frozen=True, slots=True)
class Style:
    """Numbers of a style; what a family of styles does not use is left out."""

    family: str  #: a key of hair.FAMILIES
    length: float = 0.0  #: of its longest locks, cm
    over: float = 0.3  #: how thick it lies, cm
    part: float | None = None  #: where it is parted, share of the half width to the wearer's left
    end: float | None = None  #: height at which it is cut, share of the half height (-1 = chin)
    wave: float = 0.0  #: sideways ripple, cm
    cap: float = 0.12  #: thickness of the short hair below the locks, cm


@dataclass(frozen=True, eq=False)
class Haircut:
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
        return cap(
            self.head,
            self.stand,
            self.style.cap,
            self.colour,
            rough=rough,
            open_=open_,
            aside=self.style.part is not None,
        )

    def ribbons(self, points: Array, width: Array, *, open_: float | Array = 1.0, **more: Any) -> Mesh:
        locks = Locks(points, outward(points, self.skull.middle), width, **more)
        return ribbons(locks, self.stand, self.colour, open_=open_)


@cache
def luck_of(count: int, seed: int) -> NDArray[np.float64]:
    """(4, count) uniform from 0 to 1; every head has the same."""
    return np.random.default_rng(seed).random((4, count))


def rooted(points: Array) -> Array:
    """(N, S) how open short hair is: darker between the roots."""
    t = np.linspace(0, 1, points.shape[1])
    return np.broadcast_to(0.74 + 0.26 * np.clip(t / 0.4, 0, 1), points.shape[:2])
