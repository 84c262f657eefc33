"""Joint angles, as in templates/poses, to bone rotations of the rigged body.

Angles in degrees. Arms: raise (sideways from hanging), swing (forward), twist (of the upper arm, inward), elbow.
Legs: raise, swing, twist (outward), knee. Torso: yaw, lean, bend. Head: yaw, nod, tilt.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from training.pack import BodyData
from training.people.anatomy import Vertices
from training.people.posing import bone_head, rotation

Angles = Mapping[str, Mapping[str, float]]
Matrix = NDArray[np.float64]
X, Y, Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)


def rotations(data: BodyData, rest: Vertices, angles: Angles) -> dict[str, Matrix]:
    """Bone rotations for `posing.pose`. Missing angles are zero: hanging arms, straight legs, facing the viewer."""
    out = _torso(angles.get("torso", {})) | _head(angles.get("head", {}))
    for name, s in (("left", "L"), ("right", "R")):
        out |= _arm(data, rest, s, angles.get(f"{name}_arm", {}), out)
        out |= _leg(data, rest, s, angles.get(f"{name}_leg", {}))
    return out


def _torso(a: Mapping[str, float]) -> dict[str, Matrix]:
    yaw, lean, bend = a.get("yaw", 0.0), a.get("lean", 0.0), a.get("bend", 0.0)
    out = {"root": rotation(Y, yaw * 0.8)}
    for bone, share in (("spine04", 0.3), ("spine03", 0.3), ("spine02", 0.4)):
        out[bone] = rotation(Y, yaw * 0.2 * share) @ rotation(X, lean * share) @ rotation(Z, -bend * share)
    return out


def _head(a: Mapping[str, float]) -> dict[str, Matrix]:
    yaw, nod, tilt = a.get("yaw", 0.0), a.get("nod", 0.0), a.get("tilt", 0.0)
    turn = lambda k: rotation(Y, yaw * k) @ rotation(X, nod * k) @ rotation(Z, -tilt * k)  # noqa: E731
    return {"neck01": turn(0.25), "neck02": turn(0.15), "head": turn(0.6)}


def _frame(along: Matrix, forward: Matrix) -> Matrix:
    u = along / np.linalg.norm(along)
    f = forward - u * (forward @ u)
    f = f / np.linalg.norm(f)
    return np.stack([u, f, np.cross(u, f)], 1)


def _arm(
    data: BodyData, rest: Vertices, s: str, a: Mapping[str, float], body: Mapping[str, Matrix]
) -> dict[str, Matrix]:
    sign = 1.0 if s == "L" else -1.0
    shoulder, elbow, wrist = (bone_head(data, rest, f"{b}.{s}") for b in ("upperarm01", "lowerarm01", "wrist"))
    upper, fore = elbow - shoulder, wrist - elbow
    old = _frame(upper, fore)
    lift, swing = a.get("raise", 0.0), a.get("swing", 0.0)
    clavicle = rotation(Z, sign * max(0.0, lift - 40) * 0.22)
    bone = rotation(X, -swing) @ rotation(Z, sign * lift)
    down, ahead = bone @ np.array([0.0, -1.0, 0.0]), bone @ np.array(Z)
    ahead = rotation(down, sign * -a.get("twist", 0.0)) @ ahead
    turn = clavicle.T @ _frame(down, ahead) @ old.T
    rest_elbow = np.degrees(np.arccos(upper @ fore / np.linalg.norm(upper) / np.linalg.norm(fore)))
    hinge = rotation(old[:, 2], a.get("elbow", 0.0) - rest_elbow)
    # The forearm rolls so that the palm faces the thigh when the arm hangs.
    roll = rotation(fore, sign * a.get("roll", 0.0))
    return {f"clavicle.{s}": clavicle, f"upperarm01.{s}": turn, f"lowerarm01.{s}": hinge, f"lowerarm02.{s}": roll}


def _leg(data: BodyData, rest: Vertices, s: str, a: Mapping[str, float]) -> dict[str, Matrix]:
    sign = 1.0 if s == "L" else -1.0
    hip, knee, ankle = (bone_head(data, rest, f"{b}.{s}") for b in ("upperleg01", "lowerleg01", "foot"))
    thigh, shin = knee - hip, ankle - knee
    old = _frame(thigh, np.array(Z))
    bone = rotation(X, -a.get("swing", 0.0)) @ rotation(Z, sign * (a.get("raise", 0.0) + 2.0))
    down, ahead = bone @ np.array([0.0, -1.0, 0.0]), bone @ np.array(Z)
    ahead = rotation(down, sign * -a.get("twist", 6.0)) @ ahead
    turn = _frame(down, ahead) @ old.T
    # The shin continues the thigh at knee 0 and bends backwards.
    straight = _frame(thigh, np.array(Z)) @ _frame(shin, np.array(Z)).T
    bend = rotation(old[:, 2], -a.get("knee", 0.0)) @ straight
    level = (turn @ bend).T @ rotation(Y, sign * (a.get("twist", 6.0) + 4.0)) if a.get("knee", 0.0) < 60 else np.eye(3)
    return {f"upperleg01.{s}": turn, f"lowerleg01.{s}": bend, f"foot.{s}": level}
