"""Joint angles to posed joints and limb frames.

Angles in degrees, 0 = the rest pose (upright, arms hanging, legs straight). Positive means:

    torso      yaw    chest turns to the viewer's right      lean   forward        bend  to the viewer's right
    head       yaw    to the viewer's right, on top of torso nod    down           tilt  to the viewer's right
    *_arm      raise  away from the body (90 = horizontal)   swing  forward        twist forearm inward   elbow  flexion
    *_leg      raise  away from the other leg                swing  forward        twist toes outward     knee   flexion

Limits are the adult active ranges of the AAOS (American Academy of Orthopaedic Surgeons, 1965), rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.figure import Figure, Section, Vector
from fashion_gen.errors import InvalidBrief
from fashion_gen.records import Pose

Rotation = NDArray[np.float64]

_ARM = {"raise": (-10.0, 175.0), "swing": (-45.0, 160.0), "twist": (-80.0, 90.0), "elbow": (0.0, 145.0)}
_LEG = {"raise": (-15.0, 45.0), "swing": (-25.0, 115.0), "twist": (-30.0, 45.0), "knee": (0.0, 130.0)}
LIMITS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "torso": {"yaw": (-70.0, 70.0), "lean": (-10.0, 45.0), "bend": (-20.0, 20.0)},
    "head": {"yaw": (-60.0, 60.0), "nod": (-30.0, 40.0), "tilt": (-30.0, 30.0)},
    "left_arm": _ARM,
    "right_arm": _ARM,
    "left_leg": _LEG,
    "right_leg": _LEG,
}

#: Share of a turn that the pelvis makes; the spine makes the rest.
PELVIS_SHARE = 0.75


@dataclass(frozen=True, slots=True, eq=False)
class PosedBody:
    """A figure in a pose: joint name -> (3,) cm, and limb name -> (3, 3) rotation out of the rest pose."""

    figure: Figure
    joints: Mapping[str, Vector]
    frames: Mapping[str, Rotation]
    seat: str = "none"

    def section(self, name: str) -> Section:
        """A cross-section of the trunk, moved with the pose."""
        rest = self.figure.trunk[name]
        centre = self.trunk_point(np.asarray(rest.centre))
        return Section((float(centre[0]), float(centre[1]), float(centre[2])), rest.half_width, rest.half_depth)

    def trunk_point(self, rest: Vector) -> Vector:
        """Where a (3,) point of the resting trunk is now."""
        share = self.trunk_share(float(rest[1]))
        low = self.frames["hips"] @ rest
        pivot = self.figure.joints["waist"]
        high = self.joints["waist"] + self.frames["chest"] @ (rest - pivot)
        return (1 - share) * low + share * high

    def trunk_share(self, y: float) -> float:
        """0 where the trunk follows the pelvis, 1 where it follows the chest; smooth between."""
        low = float(self.figure.trunk["hip"].centre[1])
        high = float(self.figure.trunk["underbust"].centre[1])
        t = float(np.clip((y - low) / max(high - low, 1e-6), 0, 1))
        return t * t * (3 - 2 * t)

    @property
    def ground(self) -> float:
        """Y of the floor: the lower sole, in cm."""
        return min(float(self.joints[f"{side}_ankle"][1]) for side in "lr") - self.figure.ankle


def rotation(axis: str, degrees: float) -> Rotation:
    """The (3, 3) right-handed rotation about "x", "y" or "z"."""
    t = np.deg2rad(degrees)
    c, s = float(np.cos(t)), float(np.sin(t))
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix = np.eye(3)
    matrix[i, i] = matrix[j, j] = c
    matrix[i, j], matrix[j, i] = -s, s
    return matrix


def angle(pose: Pose, group: str, name: str) -> float:
    """An angle of the pose, 0 where it says nothing.

    Raises:
        InvalidBrief: the angle is outside the joint's range.
    """
    value = float(pose.angles.get(group, {}).get(name, 0.0))
    low, high = LIMITS[group][name]
    if not low <= value <= high:
        raise InvalidBrief(
            f'Pose "{pose.name}": {group}.{name} is {value:g} degrees; a body reaches {low:g} to {high:g}.'
        )
    return value


def pose_body(figure: Figure, pose: Pose) -> PosedBody:
    """Forward kinematics."""
    frames = _frames(pose)
    return PosedBody(figure, _joints(figure, frames), frames, pose.seat)


def _frames(pose: Pose) -> dict[str, Rotation]:
    def get(group: str, name: str) -> float:
        return angle(pose, group, name)

    yaw = get("torso", "yaw")
    hips = rotation("y", yaw * PELVIS_SHARE)
    chest = (
        hips
        @ rotation("y", yaw * (1 - PELVIS_SHARE))
        @ rotation("z", -get("torso", "bend"))
        @ rotation("x", get("torso", "lean"))
    )
    head = (
        chest
        @ rotation("x", -get("torso", "lean") * 0.7)
        @ rotation("y", get("head", "yaw"))
        @ rotation("x", get("head", "nod"))
        @ rotation("z", -get("head", "tilt"))
    )
    frames = {"hips": hips, "chest": chest, "head": head}
    for side, sign, group in (("l", 1.0, "left"), ("r", -1.0, "right")):
        arm, leg = f"{group}_arm", f"{group}_leg"
        upper = (
            chest
            @ rotation("z", sign * get(arm, "raise"))
            @ rotation("x", -get(arm, "swing"))
            @ rotation("y", -sign * get(arm, "twist"))
        )
        lower = upper @ rotation("x", -get(arm, "elbow"))
        thigh = (
            hips
            @ rotation("z", sign * get(leg, "raise"))
            @ rotation("x", -get(leg, "swing"))
            @ rotation("y", sign * get(leg, "twist"))
        )
        shin = thigh @ rotation("x", get(leg, "knee"))
        # A standing foot stays flat; a lifted or trailing one follows half of the shin's pitch.
        pitch = float(np.clip((get(leg, "knee") - get(leg, "swing")) * 0.5, -10.0, 40.0))
        foot = hips @ rotation("y", sign * (get(leg, "twist") + 6.0)) @ rotation("x", pitch)
        frames |= {
            f"{side}_upper_arm": upper,
            f"{side}_forearm": lower,
            f"{side}_hand": lower,
            f"{side}_thigh": thigh,
            f"{side}_shin": shin,
            f"{side}_foot": foot,
        }
    return frames


def _joints(figure: Figure, frames: Mapping[str, Rotation]) -> dict[str, Vector]:
    rest = figure.joints
    hips = np.zeros(3)
    waist = frames["hips"] @ rest["waist"]
    posed: dict[str, Vector] = {"hips": hips, "waist": waist}
    for name in ("chest", "neck", "l_shoulder", "r_shoulder"):
        posed[name] = waist + frames["chest"] @ (rest[name] - rest["waist"])
    half_turn = (frames["chest"] + frames["head"]) / 2
    posed["head"] = posed["neck"] + half_turn @ (rest["head"] - rest["neck"])
    for name in ("crown", "nose", "l_eye", "r_eye", "l_ear", "r_ear"):
        posed[name] = posed["head"] + frames["head"] @ (rest[name] - rest["head"])
    chain = (
        ("elbow", "shoulder", "upper_arm"),
        ("wrist", "elbow", "forearm"),
        ("hand", "wrist", "hand"),
        ("knee", "hip", "thigh"),
        ("ankle", "knee", "shin"),
        ("toe", "ankle", "foot"),
    )
    for side in "lr":
        posed[f"{side}_hip"] = frames["hips"] @ rest[f"{side}_hip"]
        for name, parent, limb in chain:
            child, start = f"{side}_{name}", f"{side}_{parent}"
            posed[child] = posed[start] + frames[f"{side}_{limb}"] @ (rest[child] - rest[start])
    return posed
