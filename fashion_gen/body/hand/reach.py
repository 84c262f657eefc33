"""What a hand does in a pose: which gesture it makes, and how it lies on what it touches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from fashion_gen.body.figure import Vector
from fashion_gen.body.kinematics import PosedBody, Rotation
from fashion_gen.body.lofts import Array, Loft, unit
from fashion_gen.body.parts import Part
from fashion_gen.body.solids import Solids, head_centre

#: Gestures of the form, in its order.
RELAXED, HIP, FLAT, REST = range(4)
#: The middle of the hand's bones lies this far over what it touches, cm.
_PALM = 1.4
_STEPS = 14  # along a hand
#: A hand within this of skin, cm, is laid on it, unless it hangs from a straighter elbow than this.
_NEAR, _BENT = 8.0, 40.0
#: How far the thumb of a hanging hand points inward from ahead.
_INWARD = np.radians(35.0)
#: A wrist bends no further than this, degrees.
_LIMIT = 62.0


@dataclass(frozen=True, eq=False)
class Reach:
    """A hand's gesture and its axes: columns are out of its back (on the right hand out of the palm), up, to the thumb."""

    gesture: int
    axes: Rotation
    back: Vector  #: (3,) out of the back of the hand
    on: Loft | None = None  #: what it lies on
    cloth: float = 0.0  #: how thick the cloth on that is, cm

    def lifted(self, points: Array, along: Array) -> Array:
        """(N, 3) `points` of the hand, out of what it lies on; `along` (N,) is 0 at the wrist, 1 at the fingertips.

        Whatever is as far from the wrist is lifted alike, as fingers keep their form.
        """
        if self.on is None:
            return points
        height, normal = over(self.on, points)
        need = np.clip(self.cloth + 0.2 - height, 0, None) * np.clip(normal @ self.back, 0, 1)
        steps = np.linspace(0, 1, _STEPS)
        near = np.clip(np.rint(along * (_STEPS - 1)), 0, _STEPS - 1).astype(int)
        lift = np.array([need[near == k].max(initial=0.0) for k in range(_STEPS)])
        # The largest around, then smooth: never less than is needed.
        lift = uniform_filter1d(maximum_filter1d(lift, 5, mode="nearest"), 5, mode="nearest")
        return np.asarray(points + np.interp(along, steps, lift)[:, None] * self.back)


def reach(body: PosedBody, solids: Solids, side: str) -> Reach:
    """Read gesture and axes of the hand of `side` ("l", "r") from the pose."""
    frame = body.frames[f"{side}_hand"]
    back = frame[:, 0] if side == "l" else -frame[:, 0]
    if _flexion(body, side) < _BENT:
        hanging = _hanging(body, side, frame[:, 1])
        return Reach(RELAXED, hanging, hanging[:, 0] if side == "l" else -hanging[:, 0])
    middle = (body.joints[f"{side}_wrist"] + body.joints[f"{side}_hand"])[None] / 2
    away = {thing: float(over(thing.loft, middle)[0][0]) - thing.cloth for thing in _things(body, solids, side)}
    nearest = min(away, key=lambda thing: away[thing])
    if away[nearest] > _NEAR:
        return Reach(REST if body.seat != "none" else RELAXED, frame, back)
    return _laid(body, side, nearest)


def _hanging(body: PosedBody, side: str, up: Vector) -> Rotation:
    """Axes of a hand that hangs: the thumb goes before it and a little inward, so that its narrow side is seen."""
    chest = body.frames["chest"]
    inward = -chest[:, 0] if side == "l" else chest[:, 0]
    ahead = np.cos(_INWARD) * chest[:, 2] + np.sin(_INWARD) * inward
    thumb = unit(ahead - (ahead @ up) * up)
    return np.column_stack([np.cross(up, thumb), up, thumb])


@dataclass(frozen=True, eq=False)
class Thing:
    """What a hand may lie on."""

    loft: Loft
    gesture: int
    cloth: float  #: over it, cm


def _things(body: PosedBody, solids: Solids, side: str) -> list[Thing]:
    other = "r" if side == "l" else "l"
    low = float(body.joints[f"{side}_wrist"][1]) < float(body.joints["waist"][1]) + 4
    things = [
        Thing(solids.trunk, HIP if low else FLAT, 1.5),
        Thing(solids.arms[other], FLAT, 0.6),
        Thing(_head(body), FLAT, 2.5),
    ]
    if body.seat != "none":
        # Standing, a hand hangs beside its thigh; in a lap it lies on it. The knee's end of the leg points elsewhere.
        things += [Thing(leg.between(0, len(leg.centres) // 2 - 1), REST, 3.6) for leg in solids.legs.values()]
    return things


def _head(body: PosedBody) -> Loft:
    """The skull with its hair, as upright as the head is."""
    width, height, depth = body.figure.head
    rise = np.array([-0.9, -0.6, 0.0, 0.5, 0.8, 1.0])
    round_ = np.sqrt(np.maximum(1 - rise**2, 0.02))
    frame = body.frames["head"]
    return Loft(
        centres=head_centre(body) + rise[:, None] * height * frame[:, 1],
        right=np.tile(frame[:, 0], (len(rise), 1)),
        front=np.tile(frame[:, 2], (len(rise), 1)),
        half_width=width * round_,
        half_depth=depth * round_,
        part=Part.FACE,
        colour=(0.0, 0.0, 0.0),
    )


def _flexion(body: PosedBody, side: str) -> float:
    """Degrees that the elbow is bent."""
    shoulder, elbow, wrist = (body.joints[f"{side}_{name}"] for name in ("shoulder", "elbow", "wrist"))
    cos = float(unit(elbow - shoulder) @ unit(wrist - elbow))
    return float(np.degrees(np.arccos(np.clip(cos, -1, 1))))


def _laid(body: PosedBody, side: str, thing: Thing) -> Reach:
    """The hand of `side`, turned at the wrist to lie on `thing`."""
    wrist, tip = body.joints[f"{side}_wrist"], body.joints[f"{side}_hand"]
    half = float(np.linalg.norm(tip - wrist)) / 2
    arm = unit(tip - wrist)
    down, normal = arm, arm
    for _ in range(4):
        heights, normals = over(thing.loft, (wrist + half * down)[None])
        normal = normals[0]
        down = _within(unit(down + (thing.cloth + _PALM - float(heights[0])) / half * normal), arm)
    back = unit(normal - (normal @ down) * down)
    across = back if side == "l" else -back
    axes = np.stack([across, -down, np.cross(across, -down)], axis=1)
    return Reach(thing.gesture, axes, back, thing.loft, thing.cloth)


def _within(down: Vector, arm: Vector) -> Vector:
    """`down`, bent no further from the forearm `arm` than a wrist allows."""
    cos, limit = float(down @ arm), np.cos(np.deg2rad(_LIMIT))
    if cos >= limit:
        return down
    aside = unit(down - cos * arm)
    return np.asarray(limit * arm + np.sqrt(1 - limit**2) * aside)


def over(loft: Loft, points: Array) -> tuple[Array, Array]:
    """How far (N, 3) points are over the sweep's surface, (N,) cm, and the (N, 3) directions out of it there."""
    rings = len(loft.centres)
    near = np.linalg.norm(loft.centres[None] - points[:, None], axis=2).argmin(axis=1)
    low, high = np.maximum(near - 1, 0), np.minimum(near + 1, rings - 1)
    way = loft.centres[high] - loft.centres[low]
    span = np.linalg.norm(way, axis=1) / (high - low)
    # Between two rings: the point's own share of the way to the next.
    step = np.einsum("nk,nk->n", points - loft.centres[near], unit(way)) / np.maximum(span, 1e-6)
    at = np.clip(near + np.clip(step, -1, 1), 0, rings - 1)
    table = np.column_stack([loft.centres, loft.half_width, loft.half_depth])
    first = np.minimum(at.astype(int), rings - 2)
    share = (at - first)[:, None]
    here = table[first] * (1 - share) + table[first + 1] * share
    out, width, depth = points - here[:, :3], here[:, 3], here[:, 4]
    right, front = loft.right[near], loft.front[near]
    x, z = np.einsum("nk,nk->n", out, right) / width, np.einsum("nk,nk->n", out, front) / depth
    q = loft.square
    ring = np.maximum((np.abs(x) ** q + np.abs(z) ** q) ** (1 / q), 1e-6)
    slope_x, slope_z = np.sign(x) * np.abs(x) ** (q - 1) / width, np.sign(z) * np.abs(z) ** (q - 1) / depth
    # First order: the implicit function over the length of its gradient.
    slope = np.maximum(np.hypot(slope_x, slope_z) * ring ** (1 - q), 1e-6)
    normal = unit(slope_x[:, None] * right + slope_z[:, None] * front)
    return np.asarray((ring - 1) / slope), normal
