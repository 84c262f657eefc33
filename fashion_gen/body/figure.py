"""A body at rest: where its joints are and how thick it is, from tailors' measurements.

Lengths follow Drillis and Contini (1966) as printed in Winter, "Biomechanics and Motor Control of Human Movement",
fig. 4.1; depth-to-width ratios of the trunk follow ANSUR II (2012) breadth and depth medians. Axes: X to the viewer's right
(the wearer's left), Y up, Z to the viewer; the origin is the midpoint of the hip joints; centimetres.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.lofts import ellipse_axes
from fashion_gen.records import Measurements, Presentation

Vector = NDArray[np.float64]

# Height above the ground as a share of stature.
LEVEL = {
    "ankle": 0.039,
    "knee": 0.271,
    "crotch": 0.47,
    "hip_joint": 0.518,
    "hip": 0.505,
    "waist": 0.615,
    "underbust": 0.685,
    "chest": 0.722,
    "armpit": 0.755,
    "shoulder": 0.812,
    "neck": 0.848,
    "chin": 0.872,
    "eye": 0.936,
    "crown": 1.0,
}
UPPER_ARM, FOREARM, HAND, FOOT = 0.172, 0.146, 0.105, 0.150


@dataclass(frozen=True, slots=True)
class Section:
    """An elliptic cross-section: centre (3,), half axes in cm."""

    centre: tuple[float, float, float]
    half_width: float
    half_depth: float


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A body in its rest pose: upright, arms and legs straight down.

    `joints`: name -> (3,) cm. `trunk`: stations from crotch to neck, bottom up. `girths`: limb station -> (half width, half depth).
    """

    joints: Mapping[str, Vector]
    trunk: Mapping[str, Section]
    girths: Mapping[str, tuple[float, float]]
    head: tuple[float, float, float]  #: half width, half height, half depth
    femininity: float  #: 0 masculine .. 1 feminine, softens jaw and shoulders
    stature: float
    ankle: float  #: height of the ankle joint over the sole


FEMININITY = {Presentation.FEMININE: 1.0, Presentation.ANDROGYNOUS: 0.5, Presentation.MASCULINE: 0.0}


def build_figure(measurements: Measurements, presentation: Presentation) -> Figure:
    """The adult body with these measurements."""
    m, femininity = measurements, FEMININITY[presentation]
    y = {name: (level - LEVEL["hip_joint"]) * m.height for name, level in LEVEL.items()}
    joints = _joints(m, y)
    head_width = 7.3 + 0.012 * (m.height - 170) - 0.25 * femininity
    head = (head_width, (y["crown"] - y["chin"]) / 2, head_width * 1.27)
    return Figure(
        joints, _trunk(m, y, femininity), _girths(m, femininity), head, femininity, m.height, LEVEL["ankle"] * m.height
    )


def _joints(m: Measurements, y: Mapping[str, float]) -> dict[str, Vector]:
    hip_x = 0.049 * m.height + 0.01 * (m.hip - 95)
    # The shoulder joint lies inside and below the acromion, whose breadth tailors measure.
    shoulder_x = m.shoulder / 2 - 2.2
    points: dict[str, tuple[float, float, float]] = {
        "hips": (0, 0, 0),
        "waist": (0, y["waist"], 0),
        "chest": (0, y["chest"], -1.0),
        "neck": (0, y["neck"] - 1.0, -2.0),
        "head": (0, y["chin"] + 1.5, -0.5),
        "crown": (0, y["crown"], 0),
        "nose": (0, y["chin"] + 0.38 * (y["crown"] - y["chin"]), 0.055 * m.height + 1.2),
    }
    for side, sign in (("l", 1.0), ("r", -1.0)):
        shoulder_y = y["shoulder"] - 3.2
        elbow_y = shoulder_y - UPPER_ARM * m.height
        wrist_y = elbow_y - FOREARM * m.height
        points |= {
            f"{side}_shoulder": (sign * shoulder_x, shoulder_y, -1.5),
            f"{side}_elbow": (sign * shoulder_x, elbow_y, -1.5),
            f"{side}_wrist": (sign * shoulder_x, wrist_y, -1.5),
            f"{side}_hand": (sign * shoulder_x, wrist_y - HAND * m.height, -1.5),
            f"{side}_hip": (sign * hip_x, 0, 0),
            f"{side}_knee": (sign * hip_x * 0.95, y["knee"], 0.5),
            f"{side}_ankle": (sign * hip_x * 0.9, y["ankle"], -1.5),
            f"{side}_toe": (sign * hip_x * 0.9, y["ankle"] - 0.03 * m.height, -1.5 + 0.72 * FOOT * m.height),
            f"{side}_eye": (sign * 3.1, y["eye"], 0.05 * m.height),
            f"{side}_ear": (sign * 7.3, y["eye"] - 0.8, -0.5),
        }
    return {name: np.array(point) for name, point in points.items()}


def _trunk(m: Measurements, y: Mapping[str, float], femininity: float) -> dict[str, Section]:
    fullness = float(np.clip((m.waist / m.height - 0.42) / 0.25, 0, 1))
    hip = ellipse_axes(m.hip, 0.66 + 0.12 * fullness)
    waist = ellipse_axes(m.waist, 0.74 + 0.14 * fullness)
    chest = ellipse_axes(m.chest, 0.70 + 0.06 * femininity + 0.08 * fullness)
    under = ellipse_axes(m.chest * (0.93 - 0.05 * femininity) * 0.6 + m.waist * 0.4, 0.74 + 0.08 * fullness)
    neck = ellipse_axes(m.neck, 0.98)
    bone = m.shoulder / 2
    belly = m.belly
    return {
        "crotch": Section((0, y["crotch"], -1.0), hip[0] * 0.86, hip[1] * 0.80),
        "hip": Section((0, y["hip"] + 1.0, -1.2), *hip),
        "high_hip": Section(
            (0, (y["hip"] + y["waist"]) / 2 + 1.0, -0.2 + belly * 0.40),
            (hip[0] * 0.55 + waist[0] * 0.45) * 1.0,
            (hip[1] + waist[1]) / 2 + belly * 0.45,
        ),
        "waist": Section((0, y["waist"], -0.8 + belly * 0.50), waist[0], waist[1] + belly * 0.50),
        "underbust": Section((0, y["underbust"], -0.9 + belly * 0.15), under[0], under[1] + belly * 0.15),
        "chest": Section((0, y["chest"], -0.6), *chest),
        "armpit": Section((0, y["armpit"], -1.0), max(chest[0] * 0.97, bone * 0.86), chest[1] * 0.93),
        "shoulders": Section((0, y["shoulder"] - 0.9, -1.8), bone * 0.92, chest[1] * 0.66),
        "yoke": Section((0, y["shoulder"] + 1.5, -2.0), bone * 0.70, chest[1] * 0.50),
        "neck": Section((0, y["neck"], -2.0), neck[0] * 1.12, neck[1] * 1.1),
    }


def _girths(m: Measurements, femininity: float) -> dict[str, tuple[float, float]]:
    def round_(girth: float, ratio: float = 1.0) -> tuple[float, float]:
        return ellipse_axes(girth, ratio)

    knee = 0.42 * m.thigh + 0.42 * m.calf
    return {
        "neck": round_(m.neck, 0.98),
        "shoulder": round_(m.upper_arm * 0.92, 1.15),
        "deltoid": round_(m.upper_arm * 1.10, 1.08),
        "upper_arm": round_(m.upper_arm, 1.1),
        "elbow": round_(0.55 * m.upper_arm + 0.60 * m.wrist, 1.0),
        "forearm": round_(0.62 * m.upper_arm + 0.50 * m.wrist, 1.0),
        "wrist": round_(m.wrist, 0.72),
        "thigh_top": round_(m.thigh * 1.02, 1.06),
        "thigh": round_(m.thigh * 0.93, 1.05),
        "knee": round_(knee, 1.02),
        "calf": round_(m.calf, 1.06),
        "ankle": round_(0.60 * m.calf, 1.1),
    }
