"""The condition of a training picture: our own body, fitted to the rendered one.

At use, the mannequin comes from `fashion_gen.body`. So it does here: the rendered body's joints and thicknesses are measured and a
`PosedBody` is built from them. Whatever the net is shown in training is drawn by the code that will draw it at use.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.figure import LEVEL, Figure, Section
from fashion_gen.body.kinematics import PosedBody
from fashion_gen.body.lofts import unit
from training.pack import BodyData
from training.people.anatomy import Vertices
from training.people.posing import Posed, bone_head

Vector = NDArray[np.float64]

TRUNK_LEVELS = {
    "crotch": LEVEL["crotch"],
    "hip": LEVEL["hip"] + 0.006,
    "high_hip": (LEVEL["hip"] + LEVEL["waist"]) / 2 + 0.006,
    "waist": LEVEL["waist"],
    "underbust": LEVEL["underbust"],
    "chest": LEVEL["chest"],
    "armpit": LEVEL["armpit"],
    "shoulders": LEVEL["shoulder"] - 0.014,
    "yoke": LEVEL["shoulder"] + 0.007,
    "neck": LEVEL["neck"],
}
#: station -> (first bone, second bone, share of the way, bones whose vertices count)
LIMB_STATIONS = {
    "shoulder": ("upperarm01", "lowerarm01", 0.06, "upperarm", "arm"),
    "deltoid": ("upperarm01", "lowerarm01", 0.22, "upperarm", "arm"),
    "upper_arm": ("upperarm01", "lowerarm01", 0.45, "upperarm", "arm"),
    "elbow": ("upperarm01", "lowerarm01", 0.94, "arm0", "arm"),
    "forearm": ("lowerarm01", "wrist", 0.25, "lowerarm", "arm"),
    "wrist": ("lowerarm01", "wrist", 0.92, "lowerarm", "arm"),
    "thigh_top": ("upperleg01", "lowerleg01", 0.17, "upperleg", "leg"),
    "thigh": ("upperleg01", "lowerleg01", 0.42, "upperleg", "leg"),
    "knee": ("upperleg01", "lowerleg01", 0.95, "leg0", "leg"),
    "calf": ("lowerleg01", "foot", 0.30, "lowerleg", "leg"),
    "ankle": ("lowerleg01", "foot", 0.90, "lowerleg", "leg"),
}


class Fitter:
    """Measures rendered bodies. Holds which vertices belong to which limb, found once."""

    def __init__(self, data: BodyData) -> None:
        self.data = data
        dominant = _dominant_bones(data)
        body = data.groups["body"]
        names = np.array(data.bones)[dominant[body]]
        limb = np.array([_is_limb(name) for name in names])
        head = np.array([_is_head(name) for name in names])
        self._trunk = body[~limb & ~head]
        upper_leg = np.array([name.startswith("upperleg") for name in names])
        self._seat = body[(~limb & ~head) | upper_leg]
        self._head = body[head]
        self._limb = {
            name: body[np.array([station[3] in bone and bone.endswith(".L") for bone in names])]
            for name, station in LIMB_STATIONS.items()
        }

    def fit(self, posed: Posed, *, masculine: float) -> PosedBody:
        """Our body with the joints and thicknesses of a rendered one."""
        joints = _joints(self.data, posed)
        rest = posed.rest - _hips(self.data, posed.rest)
        figure = self._figure(rest.astype(np.float64), posed, masculine)
        return PosedBody(figure, joints, _frames(self.data, posed, joints))

    def _figure(self, rest: Vector, posed: Posed, masculine: float) -> Figure:
        data = self.data
        neck_y = float(bone_head(data, rest.astype(np.float32), "neck01")[1])
        waist_y = _height(LEVEL["waist"], neck_y)
        trunk = {name: self._slice(rest, _height(level, neck_y), name) for name, level in TRUNK_LEVELS.items()}
        # The source stands with its legs apart: below the hips a slice would measure the gap as well.
        crotch, hip = trunk["crotch"], trunk["hip"]
        trunk["crotch"] = Section(crotch.centre, hip.half_width * 0.82, min(crotch.half_depth, hip.half_depth) * 0.9)
        girths = {name: self._limb_radius(rest, name) for name in LIMB_STATIONS}
        neck = self._slice(rest, neck_y + 3.0, "neck")
        girths["neck"] = (min(neck.half_width, 8.5) * 0.92, min(neck.half_depth, 8.5) * 0.92)
        head = rest[self._head]
        chin = float(np.median(np.sort(head[:, 1])[:12]))
        crown = float(head[:, 1].max())
        skull = head[head[:, 1] > chin + 0.62 * (crown - chin)]
        body = rest[data.groups["body"]]
        stature = float(body[:, 1].max() - body[:, 1].min())
        ankle = float(bone_head(data, rest.astype(np.float32), "foot.L")[1] - body[:, 1].min())
        return Figure(
            joints={"waist": np.array([0.0, waist_y, 0.0]), "l_ankle": np.zeros(3)},
            trunk=trunk,
            girths=girths,
            head=(
                float(np.abs(skull[:, 0]).max()),
                (crown - chin) / 2,
                float(skull[:, 2].max() - skull[:, 2].min()) / 2,
            ),
            femininity=1 - masculine,
            stature=stature,
            ankle=ankle,
        )

    def _slice(self, rest: Vector, y: float, name: str) -> Section:
        picked = self._seat if name in ("crotch", "hip") else self._trunk
        points = rest[picked]
        near = points[np.abs(points[:, 1] - y) < (2.2 if name not in ("yoke", "neck", "shoulders") else 1.6)]
        if name in ("yoke", "neck", "shoulders") or len(near) < 8:
            near = points[np.argsort(np.abs(points[:, 1] - y))[:40]]
        half_width = float(np.abs(near[:, 0]).max())
        low, high = float(near[:, 2].min()), float(near[:, 2].max())
        return Section((0.0, y, (low + high) / 2), half_width, (high - low) / 2)

    def _limb_radius(self, rest: Vector, name: str) -> tuple[float, float]:
        first, second, share, _, _ = LIMB_STATIONS[name]
        start = bone_head(self.data, rest.astype(np.float32), f"{first}.L")
        end = bone_head(self.data, rest.astype(np.float32), f"{second}.L")
        axis = end - start
        length = float(np.linalg.norm(axis))
        axis = axis / length
        offset = rest[self._limb[name]] - start
        along = offset @ axis / length
        near = offset[np.abs(along - share) < 0.08]
        if len(near) < 6:
            near = offset[np.argsort(np.abs(along - share))[:12]]
        radial = near - (near @ axis)[:, None] * axis
        radius = float(np.linalg.norm(radial - radial.mean(0), axis=1).mean())
        return (radius, radius * (0.78 if name == "wrist" else 1.0))


def _height(level: float, neck_y: float) -> float:
    return (level - LEVEL["hip_joint"]) / (LEVEL["neck"] - LEVEL["hip_joint"]) * (neck_y + 1.0)


def _dominant_bones(data: BodyData) -> NDArray[np.int64]:
    """(V,) index of the bone with the largest weight on each vertex."""
    count = len(data.weight_starts) - 1
    owner = np.repeat(np.arange(count), np.diff(data.weight_starts))
    order = np.lexsort((data.weight_values, owner))
    best = np.zeros(count, np.int64)
    best[owner[order]] = data.weight_bones[order]
    return best


def _is_limb(bone: str) -> bool:
    return any(
        word in bone for word in ("upperarm", "lowerarm", "wrist", "finger", "metacarpal", "leg0", "foot", "toe")
    )


def _is_head(bone: str) -> bool:
    words = (
        "head",
        "jaw",
        "eye",
        "oris",
        "orbicularis",
        "tongue",
        "temporalis",
        "levator",
        "risorius",
        "oculi",
        "neck03",
    )
    return any(word in bone for word in words) or bone.startswith("special")


def _hips(data: BodyData, vertices: Vertices) -> Vector:
    left, right = (bone_head(data, vertices, f"upperleg01.{side}") for side in "LR")
    middle: Vector = (left + right) / 2
    return middle


def _joints(data: BodyData, posed: Posed) -> dict[str, Vector]:
    """The joints that the renderer names, with fingertips where our hands have them."""
    joints = {name: np.asarray(point, np.float64) for name, point in posed.joints.items()}
    neck_y = float(bone_head(data, posed.rest, "neck01")[1] - _hips(data, posed.rest)[1])
    # Our waist is where the narrow station is, along the posed spine.
    share = _height(LEVEL["waist"], neck_y) / max(neck_y, 1.0)
    joints["waist"] = joints["hips"] + (joints["chest"] - joints["hips"]) * min(
        1.0, share * neck_y / max(float(np.linalg.norm(joints["chest"] - joints["hips"])), 1.0)
    )
    for side in "lr":
        wrist, knuckle = joints[f"{side}_wrist"], joints[f"{side}_hand"]
        joints[f"{side}_hand"] = wrist + (knuckle - wrist) * 1.95
    return joints


def _basis(up: Vector, front: Vector) -> NDArray[np.float64]:
    """Columns right, up, front; `up` exact, `front` squared to it."""
    y = unit(up)
    z = unit(front - y * float(front @ y))
    return np.stack([np.cross(y, z), y, z], axis=1)


def _frames(data: BodyData, posed: Posed, joints: Mapping[str, Vector]) -> dict[str, NDArray[np.float64]]:
    j = joints
    hips_right, chest_right = j["l_hip"] - j["r_hip"], j["l_shoulder"] - j["r_shoulder"]
    hips_up, chest_up = j["waist"] - j["hips"], j["neck"] - j["waist"]
    head_right = j["l_ear"] - j["r_ear"]
    ear_middle = (j["l_ear"] + j["r_ear"]) / 2
    head_up = np.cross(j["nose"] - ear_middle, head_right)
    frames = {
        "hips": _basis(hips_up, np.cross(hips_right, hips_up)),
        "chest": _basis(chest_up, np.cross(chest_right, chest_up)),
        "head": _basis(head_up, np.cross(head_right, head_up)),
    }
    for side, s in (("l", "L"), ("r", "R")):
        shoulder, elbow, wrist = (j[f"{side}_{name}"] for name in ("shoulder", "elbow", "wrist"))
        hip, knee, ankle, toe = (j[f"{side}_{name}"] for name in ("hip", "knee", "ankle", "toe"))
        fore = wrist - elbow
        upper = elbow - shoulder
        bend = unit(fore) - unit(upper)
        ahead = bend if float(np.linalg.norm(bend)) > 0.12 else frames["chest"][:, 2]
        upper_frame = _basis(-upper, ahead)
        edge = _posed_bone(data, posed, f"finger2-1.{s}") - _posed_bone(data, posed, f"finger5-1.{s}")
        pointing = toe - ankle
        flat = np.array([pointing[0], 0.0, pointing[2]])
        frames |= {
            f"{side}_upper_arm": upper_frame,
            f"{side}_forearm": _basis(-fore, np.cross(upper_frame[:, 0], -fore)),
            f"{side}_hand": _basis(wrist - j[f"{side}_hand"], edge),
            f"{side}_thigh": _basis(hip - knee, pointing),
            f"{side}_shin": _basis(knee - ankle, pointing),
            f"{side}_foot": _basis(np.array([0.0, 1.0, 0.0]), flat),
        }
    return frames


def _posed_bone(data: BodyData, posed: Posed, bone: str) -> Vector:
    return np.asarray(posed.vertices[data.heads[bone]].mean(0), np.float64)
