"""The camera: what the framing asks for, and the whole garment with air around it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fashion_gen.body import PosedBody, default_view
from fashion_gen.body.view import HEAD_ROOM
from fashion_gen.records import Framing, Points, View

_MARGIN = 0.03  # of the canvas, around the garment
_HAIR = 5.0  # cm above the crown that hair or a covering may reach
_LAP = 26.0  # cm below the knees of who sits: with less of the shins a lap looks like thighs that stand
_AIR = 2.0  # cm beside elbows that stand out
_CLEAR = 0.045  # of the stature, between the lower edge and the joints
_WIDEN = 0.82  # of the framing's scale, at the furthest, to keep raised elbows in the picture


def frame(body: PosedBody, framing: Framing, width: int, height: int, garment: Points) -> View:
    """The framing's own view, moved and, if need be, widened until the garment is inside with a margin.

    Args:
        garment: (N, 2) X, Y in cm of the garment's outline or its box.
    """
    view = default_view(body, framing, width, height)
    must = np.vstack([garment, *_shown(body, framing)])
    arms = np.array([body.joints[f"{side}_{name}"][0] for side in "lr" for name in ("elbow", "wrist", "hand")])
    thick = body.figure.girths["elbow"][0] + _AIR
    spread = float(np.ptp(np.concatenate([arms - thick, arms + thick, must[:, 0]])))
    room = np.array([width, height]) * (1 - 2 * _MARGIN)
    fits = float((room / np.ptp(must, axis=0)).min())
    fits = min(fits, max(width / spread, _WIDEN * view.scale))
    if fits < view.scale:
        view = _scaled(view, fits, framing)
        if framing in (Framing.COWBOY, Framing.UPPER):
            view = _clear_of_joints(view, body)
    first, last = (view.x0 + view.scale * float(x) for x in (arms.min() - thick, arms.max() + thick))
    aside = _into(first, last, 0.0, width) if last - first <= width else (width - first - last) / 2
    view = replace(view, x0=view.x0 + aside)
    return _shifted(view, must.min(axis=0), must.max(axis=0))


def _shown(body: PosedBody, framing: Framing) -> list[Points]:
    """What must be seen whatever the garment: the head with its hair, and the lap of who sits."""
    points = [] if framing is Framing.LOWER else [body.joints["crown"][:2] + (0.0, _HAIR)]
    if body.seat != "none" and framing is Framing.COWBOY:
        points += [body.joints[f"{side}_knee"][:2] - (0.0, _LAP) for side in "lr"]
    return points


def _scaled(view: View, scale: float, framing: Framing) -> View:
    """The same view from further away; a picture that ends above the feet keeps the air over the head and shows more leg."""
    x = view.width / 2
    y = view.height * (HEAD_ROOM if framing in (Framing.COWBOY, Framing.UPPER) else 1 / 3)
    k = scale / view.scale
    return View(view.width, view.height, scale, x + (view.x0 - x) * k, y + (view.y0 - y) * k)


def _clear_of_joints(view: View, body: PosedBody) -> View:
    """The view moved up until its lower edge cuts between joints: a picture that ends at a knee looks like a mishap."""
    clear = _CLEAR * body.figure.stature
    for joint in ("ankle", "knee", "hip"):
        level = float(body.joints[f"l_{joint}"][1] + body.joints[f"r_{joint}"][1]) / 2
        bottom = (view.y0 - view.height) / view.scale
        if abs(bottom - level) < clear:
            view = replace(view, y0=view.y0 + (level + clear - bottom) * view.scale)
    return view


def _shifted(view: View, low: Points, high: Points) -> View:
    """The view moved as little as needed to bring the box inside."""
    left, right = view.x0 + low[0] * view.scale, view.x0 + high[0] * view.scale
    top, bottom = view.y0 - high[1] * view.scale, view.y0 - low[1] * view.scale
    dx = _into(left, right, _MARGIN * view.width, (1 - _MARGIN) * view.width)
    dy = _into(top, bottom, _MARGIN * view.height, (1 - _MARGIN) * view.height)
    return replace(view, x0=view.x0 + dx, y0=view.y0 + dy)


def _into(low: float, high: float, first: float, last: float) -> float:
    """The shortest move that brings [low, high] into [first, last]; the start wins where both ends do not fit."""
    move = min(0.0, last - high)
    return float(max(move, first - low)) if low + move < first else float(move)
