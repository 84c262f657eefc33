"""What shows under the skin of neck and chest: collar bones, the pit between them, the two muscles that turn the head."""

from __future__ import annotations

import numpy as np

from fashion_gen.body.drawing.relief import Ridge
from fashion_gen.body.figure import Vector
from fashion_gen.body.kinematics import PosedBody
from fashion_gen.records import View

_PIT = 1.28  # cm under the shoulders' level where the collar bones meet
_BONE, _BONE_WIDE = 0.34, 0.75  # cm high, cm from the crest to a third of it
_HOLLOW, _HOLLOW_WIDE = -0.30, 1.5  # behind the collar bone
_MUSCLE, _MUSCLE_WIDE = 0.22, 0.8  # sternocleidomastoid, from the pit to behind the ear


def under_skin(body: PosedBody, view: View) -> list[Ridge]:
    """Ridges (and hollows, of negative height) in pixels of `view`; flatter on a fuller body."""
    # A neck of 33 cm has all of it, one of 42 cm a third.
    lean = float(np.clip(3.51 - 0.478 * body.figure.girths["neck"][0], 0.33, 1.0))
    up = body.frames["chest"][:, 1]
    middle = (body.joints["l_shoulder"] + body.joints["r_shoulder"]) / 2
    level = middle + up * (body.figure.girths["shoulder"][0] * 0.55)
    pit = level - up * _PIT
    jaw = body.joints["head"]
    ridges = [_ridge(view, pit, pit + up * 0.1, -0.35, 1.0)]
    for side in "lr":
        shoulder = body.joints[f"{side}_shoulder"]
        out = shoulder - middle
        tip = level + out * 0.86 + up * 0.6
        start = pit + out * 0.13
        ridges += [
            _ridge(view, start, tip, lean * _BONE, _BONE_WIDE),
            _ridge(view, start + out * 0.12 + up * 1.9, tip - out * 0.12 + up * 1.3, lean * _HOLLOW, _HOLLOW_WIDE),
            _ridge(view, pit + out * 0.07 + up, jaw + out * 0.30 + up * 1.5, lean * _MUSCLE, _MUSCLE_WIDE),
        ]
    return ridges


def _ridge(view: View, start: Vector, end: Vector, height: float, wide: float) -> Ridge:
    (a, b), k = view.project(np.stack([start, end])), view.scale
    return Ridge((float(a[0]), float(a[1])), (float(b[0]), float(b[1])), height, wide * k)
