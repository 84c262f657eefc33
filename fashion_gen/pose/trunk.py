"""The trunk of a posed body as seen from the front: how wide it is at a height, where the shoulders' top lies."""

from __future__ import annotations

import numpy as np

from fashion_gen.body import PosedBody
from fashion_gen.records import Points

_STATIONS = ("crotch", "hip", "high_hip", "waist", "underbust", "chest", "armpit", "shoulders", "yoke", "neck")
_TOP = ("neck", "yoke", "shoulders")


class Trunk:
    """Outline of the trunk, in body centimetres (X to the viewer's right, Y up)."""

    def __init__(self, body: PosedBody) -> None:
        sections = [body.section(name) for name in _STATIONS]
        order = np.argsort([s.centre[1] for s in sections])
        self._y = np.array([sections[i].centre[1] for i in order])
        self._x = np.array([sections[i].centre[0] for i in order])
        self._half = np.array([_seen_half(body, sections[i].half_width, sections[i].half_depth) for i in order])
        self._tops = {name: body.section(name) for name in _TOP}
        self.body = body

    def level(self, name: str) -> float:
        """Y of a station such as "waist"."""
        return float(self.body.section(name).centre[1])

    def edges(self, y: float) -> tuple[float, float]:
        """(left, right) X of the trunk at height y."""
        x, half = float(np.interp(y, self._y, self._x)), float(np.interp(y, self._y, self._half))
        return x - half, x + half

    def width(self, y: float) -> float:
        left, right = self.edges(y)
        return right - left

    def shoulder_top(self, x: float) -> float:
        """Y of the top of the shoulder, at X = x on either side of the neck."""
        along = [self._tops[name] for name in _TOP]
        half = np.array([s.half_width for s in along])
        tops = np.array([s.centre[1] for s in along])
        away = abs(x - along[0].centre[0])
        joint = abs(self.body.joints["l_shoulder"] - self.body.joints["r_shoulder"])[0] / 2
        radius = self.body.figure.girths["deltoid"][0]
        height = float(self.body.joints["l_shoulder"][1] + self.body.joints["r_shoulder"][1]) / 2
        # The deltoid's cap over the joint rises above the trunk's own line.
        cap = height + np.sqrt(max(radius**2 - (away - joint) ** 2, 0.0)) if abs(away - joint) < radius else -np.inf
        return float(max(np.interp(away, half, tops), cap))

    def joint(self, name: str) -> Points:
        """(2,) X and Y of a joint."""
        return self.body.joints[name][:2]


def _seen_half(body: PosedBody, half_width: float, half_depth: float) -> float:
    """Half the visible width of an elliptic section that is turned about the vertical."""
    ahead = body.frames["hips"][:, 2]
    return float(np.hypot(half_width * ahead[2], half_depth * ahead[0]))
