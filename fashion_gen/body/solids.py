"""The posed body as lofts: trunk, neck, limbs and feet of an abstract shop-window figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import PchipInterpolator

from fashion_gen.body.figure import Vector
from fashion_gen.body.kinematics import PosedBody, Rotation
from fashion_gen.body.lofts import Loft, Mesh, mesh, rounded, unit
from fashion_gen.body.neck import neck_loft
from fashion_gen.body.parts import Part

Colour = tuple[float, float, float]

#: How far a shoulder is domed over its joint, of the arm's half width.
DOME = 0.75
TRUNK_RINGS = 26
LIMB_RINGS = 10
#: Within this share of a limb the middle line turns round a joint, instead of at it.
BEND = 0.13
_YOKE_UNIT = 100.0  # rest x of a shoulder joint on the yoke: far more than its thickness adds


@dataclass(frozen=True, eq=False)
class Solids:
    """The lofts of a posed body, by name: clothes are offset from them. Head and hands have rooms of their own."""

    trunk: Loft
    hip_line: float  #: rest height of the trunk under which it is hips, cm
    yoke: Loft  #: from one shoulder over the nape to the other
    neck: Loft
    arms: Mapping[str, Loft]  #: "l", "r": shoulder to wrist
    legs: Mapping[str, Loft]  #: "l", "r": groin to ankle
    feet: Mapping[str, Loft]

    def meshes(self, *, barefoot: bool = True) -> list[Mesh]:
        """Skin without head, neck and hands, each triangle named by the part it shows; shoes bring their own feet."""
        pieces = [_from(mesh(self.trunk), self.hip_line, Part.HIPS), _yoke_mesh(self.yoke)]
        for side, arm in self.arms.items():
            limb = mesh(rounded(arm, start=float(arm.half_width[0]) * DOME, end=0.5))
            pieces.append(_from(limb, _middle_joint(arm), Part[f"{side.upper()}_LOWER_ARM"]))
        for side, leg in self.legs.items():
            # Below its joint an ankle runs into the foot.
            limb = mesh(rounded(leg, start=2.0, end=3.2))
            pieces.append(_from(limb, _middle_joint(leg), Part[f"{side.upper()}_SHIN"]))
        return pieces + [mesh(foot) for foot in (self.feet.values() if barefoot else ())]


def _yoke_mesh(yoke: Loft) -> Mesh:
    """The yoke, an arm's past the shoulder joints and the trunk's between them."""
    piece = mesh(yoke)
    across = piece.local[piece.triangles, 0].mean(axis=1) / _YOKE_UNIT
    part = np.select([across < -0.95, across > 0.95], [Part.R_UPPER_ARM, Part.L_UPPER_ARM], Part.TORSO)
    return replace(piece, part=part.astype(np.uint8))


def _middle_joint(limb: Loft) -> float:
    """Rest y of elbow or knee (`_chain`)."""
    assert limb.local is not None  # limbs carry their rest coordinates
    return float(limb.local[-1, 1]) / 2


def _from(piece: Mesh, level: float, part: Part) -> Mesh:
    """The mesh with everything under a rest height named `part`."""
    below = piece.local[piece.triangles, 1].mean(axis=1) < level
    return replace(piece, part=np.where(below, np.uint8(part), piece.part).astype(np.uint8))


def build_solids(body: PosedBody, skin: Colour) -> Solids:
    """Every part in the skin's colour."""
    return Solids(
        trunk=_trunk(body, skin),
        hip_line=float(body.figure.trunk["high_hip"].centre[1]),
        yoke=_yoke(body, skin),
        neck=neck_loft(body, skin),
        arms={side: _arm(body, side, skin) for side in "lr"},
        legs={side: _leg(body, side, skin) for side in "lr"},
        feet={side: _foot(body, side, skin) for side in "lr"},
    )


def _trunk(body: PosedBody, colour: Colour) -> Loft:
    stations = sorted(body.figure.trunk.values(), key=lambda section: section.centre[1])
    heights = np.array([station.centre[1] for station in stations])
    columns = np.array([[*station.centre, station.half_width, station.half_depth] for station in stations])
    y = np.linspace(heights[0], heights[-1], TRUNK_RINGS)
    smooth = PchipInterpolator(heights, columns)(y)
    rest = smooth[:, :3]
    centres = np.stack([body.trunk_point(point) for point in rest])
    share = np.array([body.trunk_share(float(value)) for value in y])[:, None]
    hips, chest = body.frames["hips"], body.frames["chest"]
    right = unit((1 - share) * hips[:, 0] + share * chest[:, 0])
    front = unit((1 - share) * hips[:, 2] + share * chest[:, 2])
    return rounded(
        Loft(centres, right, front, smooth[:, 3], smooth[:, 4], Part.TORSO, colour, square=2.35, local=rest),
        start=3.0,
        end=1.0,
    )


def _yoke(body: PosedBody, colour: Colour) -> Loft:
    """Deltoid, trapezius and deltoid in one sweep: without it the arms would hang beside the trunk like a doll's."""
    g = body.figure.girths
    up = body.frames["chest"][:, 1]
    left, right = body.joints["l_shoulder"], body.joints["r_shoulder"]
    middle = (left + right) / 2
    nape = body.trunk_point(np.asarray(body.figure.trunk["neck"].centre))
    shoulder, arm = g["shoulder"], g["upper_arm"]
    rise = max(float((nape - middle) @ up) - 1.6, shoulder[0])
    # From the middle of an upper arm (2) over its joint (1) to the nape (0): the upper edge's height, and half thickness.
    slope = shoulder[0] + (rise - shoulder[0]) * 0.34
    thick = np.array([shoulder[0] * 0.60, shoulder[0] * 0.62, shoulder[0] * 0.94])
    heights = np.array([rise, slope, shoulder[0] * 0.94]) - thick
    inner = [middle + share * (left - middle) for share in (0.0, 0.52, 0.94)]
    half = [at + height * up for at, height in zip(inner, heights, strict=True)]
    ends = {side: body.joints[f"{side}_shoulder"] * 0.55 + body.joints[f"{side}_elbow"] * 0.45 for side in "lr"}
    mirrored = [2 * middle - at + 2 * ((at - middle) @ up) * up for at in half]
    path = np.stack([ends["r"], *mirrored[:0:-1], half[0], *half[1:], ends["l"]])
    deep = np.array([shoulder[1] * 0.80, shoulder[1] * 0.90, shoulder[1] * 0.98, arm[1] * 0.9])
    wide = np.array([*thick, arm[0] * 0.9])
    rings = PchipInterpolator(
        np.array([-2.0, -1, -0.5, 0, 0.5, 1, 2]),
        np.column_stack([path, np.r_[wide[:0:-1], wide], np.r_[deep[:0:-1], deep]]),
    )(np.linspace(-2, 2, 33))
    along = unit(np.gradient(rings[:, :3], axis=0))
    front = np.tile(body.frames["chest"][:, 2], (len(rings), 1))
    front = unit(front - np.einsum("rk,rk->r", front, along)[:, None] * along)
    return Loft(
        centres=rings[:, :3],
        right=np.cross(front, along),
        front=front,
        half_width=rings[:, 3],
        half_depth=rings[:, 4],
        part=Part.TORSO,
        colour=colour,
        local=np.stack([np.linspace(-2, 2, 33) * _YOKE_UNIT, np.zeros(33), np.zeros(33)], axis=1),
    )


def head_centre(body: PosedBody) -> Vector:
    """The middle of the skull, halfway between chin and crown."""
    middle: Vector = body.joints["crown"] - body.frames["head"][:, 1] * body.figure.head[1]
    return middle


def _chain(
    points: Sequence[Vector],
    frames: Sequence[Rotation],
    stations: Sequence[tuple[float, float, float]],
    parts: tuple[Part, Colour],
) -> Loft:
    """A limb through three joints. `stations`: (t, half width, half depth), t = 0 at the first joint, 1 and 2 at the others."""
    table = np.array(stations)
    t = np.linspace(0, 2, 2 * LIMB_RINGS + 1)
    profile = PchipInterpolator(table[:, 0], table[:, 1:])(t)
    segment = np.minimum(t.astype(int), 1)
    along = (t - segment)[:, None]
    start, end = np.stack(points[:-1])[segment], np.stack(points[1:])[segment]
    # Blend the two limb frames over the joint, so that an elbow bends as a tube and not as two sticks.
    blend = np.clip((t - 0.75) / 0.5, 0, 1)[:, None]
    right = unit((1 - blend) * frames[0][:, 0] + blend * frames[1][:, 0])
    front = unit((1 - blend) * frames[0][:, 2] + blend * frames[1][:, 2])
    length = float(np.linalg.norm(points[1] - points[0]))
    return Loft(
        centres=_rounded_joint(start + along * (end - start), t, points),
        right=right,
        front=front,
        half_width=profile[:, 0],
        half_depth=profile[:, 1],
        part=parts[0],
        colour=parts[1],
        local=np.stack([np.zeros_like(t), -t * length, np.zeros_like(t)], axis=1),
    )


def _rounded_joint(line: Vector, t: Vector, points: Sequence[Vector]) -> Vector:
    """`line` (R, 3) at `t` with a quadratic curve in place of the corner at t = 1."""
    before = points[1] + BEND * (points[0] - points[1])
    after = points[1] + BEND * (points[2] - points[1])
    s = np.clip((t - 1 + BEND) / (2 * BEND), 0, 1)[:, None]
    curve = (1 - s) ** 2 * before + 2 * s * (1 - s) * points[1] + s**2 * after
    return np.where(np.abs(t - 1)[:, None] < BEND, curve, line)


def _arm(body: PosedBody, side: str, colour: Colour) -> Loft:
    g = body.figure.girths
    part = Part.L_UPPER_ARM if side == "l" else Part.R_UPPER_ARM
    return _chain(
        [body.joints[f"{side}_{name}"] for name in ("shoulder", "elbow", "wrist")],
        [body.frames[f"{side}_upper_arm"], body.frames[f"{side}_forearm"]],
        [
            (0.0, *g["shoulder"]),
            (0.2, *g["deltoid"]),
            (0.45, *g["upper_arm"]),
            (0.95, *g["elbow"]),
            (1.25, *g["forearm"]),
            # A wrist is wide where the hand is: from the thumb's side to the little finger's.
            (1.85, *g["wrist"][::-1]),
            (2.0, *g["wrist"][::-1]),
        ],
        (part, colour),
    )


def _leg(body: PosedBody, side: str, colour: Colour) -> Loft:
    g = body.figure.girths
    part = Part.L_THIGH if side == "l" else Part.R_THIGH
    return _chain(
        [body.joints[f"{side}_{name}"] for name in ("hip", "knee", "ankle")],
        [body.frames[f"{side}_thigh"], body.frames[f"{side}_shin"]],
        [
            (0.0, *g["thigh_top"]),
            (0.15, *g["thigh_top"]),
            (0.4, *g["thigh"]),
            (0.95, *g["knee"]),
            (1.3, *g["calf"]),
            (1.85, *g["ankle"]),
            # It narrows into the foot.
            (2.0, g["ankle"][0] * 0.86, g["ankle"][1] * 0.92),
        ],
        (part, colour),
    )


def _foot(body: PosedBody, side: str, colour: Colour) -> Loft:
    """Heel to toes along the sole."""
    part = Part.L_FOOT if side == "l" else Part.R_FOOT
    frame = body.frames[f"{side}_foot"]
    ankle, toe = body.joints[f"{side}_ankle"], body.joints[f"{side}_toe"]
    ahead, up, across = frame[:, 2], frame[:, 1], frame[:, 0]
    length = float((toe - ankle) @ ahead) / 0.72
    drop = body.figure.ankle
    t = np.array([-0.24, -0.16, 0.0, 0.2, 0.42, 0.58, 0.70, 0.76])
    high = drop * np.array([0.55, 0.85, 1.05, 0.82, 0.55, 0.40, 0.30, 0.18])
    half = length * np.array([0.09, 0.125, 0.135, 0.15, 0.18, 0.19, 0.165, 0.10])
    sole = ankle - up * drop
    return rounded(
        Loft(
            centres=sole + t[:, None] * length * ahead + (high / 2)[:, None] * up,
            right=np.tile(across, (len(t), 1)),
            front=np.tile(up, (len(t), 1)),
            half_width=half,
            half_depth=high / 2,
            part=part,
            colour=colour,
            square=2.5,
            local=np.stack([np.zeros_like(t), high / 2, t * length], axis=1),
        ),
        start=0.8,
        end=0.8,
    )


def limb_between(loft: Loft, start: float, stop: float, rings: int = 14) -> Loft:
    """The piece of a sweep from share `start` to share `stop` of its length, resampled."""
    rings_in = np.linspace(0, 1, len(loft.centres))
    rest = loft.centres if loft.local is None else loft.local
    halves = np.stack([loft.half_width, loft.half_depth], axis=1)
    # One interpolation of all columns: building a dozen small ones costs more than drawing the picture.
    columns = np.hstack([loft.centres, loft.right, loft.front, halves, rest])
    at = np.asarray(PchipInterpolator(rings_in, columns)(np.linspace(start, stop, rings)))
    return Loft(
        centres=at[:, 0:3],
        right=unit(at[:, 3:6]),
        front=unit(at[:, 6:9]),
        half_width=at[:, 9],
        half_depth=at[:, 10],
        part=loft.part,
        colour=loft.colour,
        square=loft.square,
        local=None if loft.local is None else at[:, 11:14],
    )
