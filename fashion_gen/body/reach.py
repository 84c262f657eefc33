"""What a hand does in a pose: which gesture it makes, and how it lies on what it touches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fashion_gen.body.figure import Vector
from fashion_gen.body.kinematics import PosedBody, Rotation
from fashion_gen.body.lofts import Array, Loft, unit
from fashion_gen.body.solids import Solids

#: Gestures of the form, in its order.
RELAXED, HIP, FLAT, REST = range(4)
#: The middle of the palm's bones lies this far over skin that it touches: cloth and half a hand, cm.
_CLEAR = 2.8
#: A hand within this of skin, cm, is laid on it, unless it hangs from a straighter elbow than this.
_NEAR, _BENT = 9.0, 40.0
#: A wrist bends no further than this, degrees.
_LIMIT = 62.0


@dataclass(frozen=True, eq=False)
class Reach:
    """A hand's gesture and its axes: columns are out of its back (on the right hand out of the palm), up, to the thumb."""

    gesture: int
    axes: Rotation


def reach(body: PosedBody, solids: Solids, side: str) -> Reach:
    """Read gesture and axes of the hand of `side` ("l", "r") from the pose."""
    frame = body.frames[f"{side}_hand"]
    elbow = _flexion(body, side)
    if elbow < _BENT:
        return Reach(RELAXED, frame)
    other = "r" if side == "l" else "l"
    things = (solids.trunk, solids.arms[other], solids.legs["l"], solids.legs["r"])
    axes, height, thing = _laid(body, side, things)
    if height > _NEAR:
        return Reach(REST if body.seat != "none" else RELAXED, frame)
    if thing >= 2:
        return Reach(REST, axes)
    low = float(body.joints[f"{side}_wrist"][1]) < float(body.joints["waist"][1]) + 4
    return Reach(HIP if thing == 0 and low else FLAT, axes)


def _flexion(body: PosedBody, side: str) -> float:
    """Degrees that the elbow is bent."""
    shoulder, elbow, wrist = (body.joints[f"{side}_{name}"] for name in ("shoulder", "elbow", "wrist"))
    cos = float(unit(elbow - shoulder) @ unit(wrist - elbow))
    return float(np.degrees(np.arccos(np.clip(cos, -1, 1))))


def _laid(body: PosedBody, side: str, things: Sequence[Loft]) -> tuple[Rotation, float, int]:
    """The hand's axes when its palm lies on the nearest of `things`; how far that was, cm, and which it is."""
    wrist, tip = body.joints[f"{side}_wrist"], body.joints[f"{side}_hand"]
    length = float(np.linalg.norm(tip - wrist))
    arm = unit(tip - wrist)
    down = arm
    away, thing = np.inf, 0
    normal = arm
    for turn in range(5):
        middle = wrist + 0.5 * length * down
        heights = [over(loft, middle) for loft in things]
        if turn == 0:
            thing = int(np.argmin([height for height, _ in heights]))
            away = heights[thing][0]
        height, normal = heights[thing]
        down = unit(down + (_CLEAR - height) / (0.5 * length) * normal)
        down = _within(down, arm)
    back = unit(normal - (normal @ down) * down)
    thumb = np.cross(back, -down) if side == "l" else np.cross(-back, -down)
    return np.stack([back if side == "l" else -back, -down, thumb], axis=1), float(away), thing


def _within(down: Vector, arm: Vector) -> Vector:
    """`down`, bent no further from the forearm `arm` than a wrist allows."""
    cos, limit = float(down @ arm), np.cos(np.deg2rad(_LIMIT))
    if cos >= limit:
        return down
    aside = unit(down - cos * arm)
    return np.asarray(limit * arm + np.sqrt(1 - limit**2) * aside)


def over(loft: Loft, point: Vector) -> tuple[float, Vector]:
    """How far a (3,) point is over the sweep's surface, cm, and the (3,) direction out of it there."""
    k = int(np.argmin(np.linalg.norm(loft.centres - point, axis=1)))
    low = max(k - 1, 0), min(k + 1, len(loft.centres) - 1)
    along = unit(loft.centres[low[1]] - loft.centres[low[0]])
    # Between two rings: the point's own share of the way to the next.
    step = float((point - loft.centres[k]) @ along)
    span = max(float(np.linalg.norm(loft.centres[low[1]] - loft.centres[low[0]])) / 2, 1e-6)
    at = float(np.clip(k + np.clip(step / span, -1, 1), 0, len(loft.centres) - 1))
    width, depth = (_at(values, at) for values in (loft.half_width, loft.half_depth))
    out = point - np.array([_at(column, at) for column in loft.centres.T])
    x, z = float(out @ loft.right[k]) / width, float(out @ loft.front[k]) / depth
    q = loft.square
    ring = max((abs(x) ** q + abs(z) ** q) ** (1 / q), 1e-6)
    normal = unit(
        np.sign(x) * abs(x) ** (q - 1) / width * loft.right[k] + np.sign(z) * abs(z) ** (q - 1) / depth * loft.front[k]
    )
    # First order: the implicit function over the length of its gradient.
    slope = np.hypot(abs(x) ** (q - 1) / width, abs(z) ** (q - 1) / depth) * ring ** (1 - q)
    return float((ring - 1) / max(slope, 1e-6)), normal


def _at(values: Array, at: float) -> float:
    return float(np.interp(at, np.arange(len(values)), values))
