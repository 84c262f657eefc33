"""The opening of a short sleeve, out of which an arm comes that may be broader than it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fashion_gen.pose.laid import Canvas
from fashion_gen.records import Mask, Points

_AROUND = 14.0  # cm around the middle of a short sleeve's end in which the corner of its opening lies
_DIAGONAL = 0.7  # outward to onward, the direction in which that corner is looked for
_WIDENING = 0.4  # how fast an arm widens below a cuff that it is too broad for


@dataclass(frozen=True, slots=True, eq=False)
class Cuff:
    """The outer half of a short sleeve's opening, in canvas pixels."""

    side: str  #: l or r of the wearer
    shoulder: Points  #: (2,)
    middle: Points  #: (2,)
    corner: Points  #: (2,)

    def above(self, canvas: Canvas) -> Mask:
        """(H, W) the shoulder's side of it, from its middle outward."""
        across, up = self._axes
        x, y = canvas.x - self.middle[0], canvas.y - self.middle[1]
        return np.asarray((x * up[0] + y * up[1] > 0) & (x * across[0] + y * across[1] > 0))

    def below(self, point: Points) -> bool:
        """Whether a (2,) point lies on the other side of it than the shoulder."""
        return bool((point - self.middle) @ self._axes[1] < 0)

    @property
    def _axes(self) -> tuple[Points, Points]:
        """(2,) unit vectors from its middle outward, and up to the shoulder."""
        across = (self.corner - self.middle) / max(float(np.hypot(*(self.corner - self.middle))), 1e-6)
        up = np.array([-across[1], across[0]])
        return across, up * np.sign((self.shoulder - self.middle) @ up)

    def past(self, canvas: Canvas, start: Points, end: Points) -> Mask:
        """(H, W) what lies further out from half an arm's axis than the corner, and, below it, than an arm that widens.

        An arm that is broader than its opening would begin under it with a step.
        """
        along, out = canvas.along(start, end), outward(canvas, self.side, start, end)
        column, row = (int(np.clip(v, 0, most - 1)) for v, most in zip(self.corner, along.shape[::-1], strict=True))
        # The last pixel of the cloth is seldom full of it.
        room = max(float(out[row, column]) - 1.5, 0.0)
        return np.asarray(out > room + _WIDENING * np.maximum(along - along[row, column], 0.0))


def find_cuff(canvas: Canvas, laid: Mask, side: str, shoulder: Points, end: Points) -> Cuff | None:
    """The cuff around the sleeve's end, None where no cloth lies outside of the end."""
    along, out = canvas.along(shoulder, end), outward(canvas, side, shoulder, end)
    near = np.hypot(canvas.x - end[0], canvas.y - end[1]) < _AROUND * canvas.staging.view.scale
    rows, columns = np.nonzero(laid & near & (out > 0))
    if not len(rows):
        return None
    furthest = int(np.argmax((along + _DIAGONAL * out)[rows, columns]))
    return Cuff(side, shoulder, end, np.array([columns[furthest], rows[furthest]]) + 0.5)


def outward(canvas: Canvas, side: str, start: Points, end: Points) -> Points:
    """(H, W) pixels from the axis of an arm of `side`, l or r, to its outer side: up where it is raised."""
    unit = (end - start) / max(float(np.hypot(*(end - start))), 1e-6)
    turn = unit[1] * (canvas.x - start[0]) - unit[0] * (canvas.y - start[1])
    return np.asarray(turn if side == "l" else -turn)
