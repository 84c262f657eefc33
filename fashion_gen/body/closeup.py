"""Where to stand for a close-up: the head, its hair and the neck, in a square window of a look's own view."""

from __future__ import annotations

from fashion_gen.body.kinematics import PosedBody
from fashion_gen.body.solids import head_centre
from fashion_gen.records import View

#: Half a side of the window, in half heights of the head: an afro, a bun and the neck find room.
REACH = 2.2


def head_view(body: PosedBody, view: View, side: int) -> View:
    """Return the square View of `side` pixels that shows the head as `view` does, only larger or smaller."""
    half = body.figure.head[1]
    x, y = view.project(head_centre(body)[None])[0]
    reach = REACH * half * view.scale
    k = side / (2 * reach)
    return View(side, side, view.scale * k, (view.x0 - (x - reach)) * k, (view.y0 - (y - reach)) * k)
