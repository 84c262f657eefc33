"""Where a tailor measures, and any surface in a tailor's coordinates: along arms and legs, by height on the trunk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from training.people.anatomy import Vertices
from training.people.kit import Kit, Regions
from training.people.posing import bone_head

Floats = NDArray[np.float32]


def smooth(x: Floats, low: float, high: float) -> Floats:
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


@dataclass(frozen=True, eq=False)
class Frame:
    """Where a tailor measures, on one body in the rest pose (cm)."""

    arms: NDArray[np.float64]  #: (2, 3, 3) side; shoulder, elbow, wrist
    legs: NDArray[np.float64]  #: (2, 3, 3) side; hip, knee, ankle
    hip: float
    crotch: float
    waist: float
    chest: float
    armpit: float
    neck_side: float  #: height of the shoulder line beside the neck
    neck_z: float
    centre_z: float
    join: float


@dataclass(frozen=True, eq=False)
class Places:
    """Points of a surface in tailor's coordinates."""

    p: Floats  #: (V, 3)
    arm: Floats  #: (V,) share of arm
    side: NDArray[np.int64]  #: (V,) nearer arm
    along_arm: Floats  #: (V,) 0 shoulder, 0.5 elbow, 1 wrist
    leg: Floats
    along_leg: Floats
    arm_axis: Floats  #: (V, 3) the point of the arm's bones beside it
    leg_axis: Floats


def frame(kit: Kit, rest: Vertices) -> Frame:
    head = lambda b: bone_head(kit.data, rest, b)  # noqa: E731
    arms = np.array([[head(f"{b}.{s}") for b in ("upperarm01", "lowerarm01", "wrist")] for s in "LR"])
    legs = np.array([[head(f"{b}.{s}") for b in ("upperleg01", "lowerleg01", "foot")] for s in "LR"])
    hip, shoulder = float(legs[0, 0, 1]), float(arms[0, 0, 1])
    tights = rest[kit.data.groups["helper-tights"]]
    middle = tights[np.abs(tights[:, 0]) < 1.2]
    neck = head("neck01")
    beside = tights[(np.abs(tights[:, 0]) > 8) & (np.abs(tights[:, 0]) < 10) & (np.abs(tights[:, 2] - neck[2]) < 6)]
    return Frame(
        arms,
        legs,
        hip,
        float(middle[:, 1].min()),
        hip + 0.32 * (shoulder - hip),
        hip + 0.72 * (shoulder - hip),
        shoulder - 10.5,
        float(beside[:, 1].max()) + 0.6 if len(beside) else float(neck[1]) - 3,
        float(neck[2]),
        float(head("spine03")[2]) + 1.0,
        hip + 0.21 * (shoulder - hip),
    )


@njit(cache=True, fastmath=True)
def _along(p, line):  # type: ignore[no-untyped-def]
    """Position along a two-segment limb (0..1, beyond at the ends) and the axis point, both smooth across the middle joint."""
    n = p.shape[0]
    s, axis = np.zeros(n, np.float32), np.zeros((n, 3), np.float32)
    for i in range(n):
        total = 0.0
        for k in range(2):
            num, den = 0.0, 0.0
            for c in range(3):
                d = line[k + 1, c] - line[k, c]
                num += (p[i, c] - line[k, c]) * d
                den += d * d
            t = num / den
            t = min(max(t, -1.0 if k == 0 else 0.0), 1.0 if k == 0 else 1.6)
            far = 1e-6
            for c in range(3):
                far += (p[i, c] - line[k, c] - t * (line[k + 1, c] - line[k, c])) ** 2
            w = 1.0 / (far * far * far)
            total += w
            s[i] += w * (t + k) / 2
            for c in range(3):
                axis[i, c] += w * (line[k, c] + t * (line[k + 1, c] - line[k, c]))
        s[i] /= total
        for c in range(3):
            axis[i, c] /= total
    return s, axis


def places(p: Floats, regions: Regions, f: Frame) -> Places:
    side = (p[:, 0] < 0).astype(int)
    arm, leg = regions.arm.max(1), regions.leg.max(1)
    # Both sides are alike: mirror everything to the wearer's left.
    mirror = np.where(side == 0, 1, -1).astype(np.float32)
    left = p * np.stack([mirror, np.ones_like(mirror), np.ones_like(mirror)], 1)
    out = []
    for limbs in (f.arms, f.legs):
        s, axis = _along(np.ascontiguousarray(left, np.float32), limbs[0])
        axis[:, 0] *= mirror
        out.append((s, axis))
    return Places(p, arm, side, out[0][0], leg, out[1][0], out[0][1], out[1][1])


def length(limb: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(np.diff(limb, axis=0), axis=1).sum())
