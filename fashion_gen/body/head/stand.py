"""Where a head is in a pose."""

from __future__ import annotations

from dataclasses import dataclass

from fashion_gen.body.kinematics import PosedBody
from fashion_gen.body.lofts import Array
from fashion_gen.body.solids import head_centre


@dataclass(frozen=True, eq=False)
class Stand:
    """Moves what hangs on a head from its rest frame into the picture."""

    frame: Array  #: (3, 3) columns are the head's axes
    centre: Array  #: (3,) cm

    @classmethod
    def of(cls, body: PosedBody) -> Stand:
        return cls(body.frames["head"], head_centre(body))

    def place(self, rest: Array) -> Array:
        """(N, 3) points of the head, posed."""
        return self.centre + rest @ self.frame.T

    def turn(self, rest: Array) -> Array:
        """(N, 3) directions, posed."""
        return rest @ self.frame.T
