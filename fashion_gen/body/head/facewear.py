"""What stands off a face: lashes and glasses, as strips that move with the head."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.head.eyes import EYE, LID_X, UPPER_LID
from fashion_gen.body.head.model import EYEBALL, Head, canonical
from fashion_gen.body.kinematics import PosedBody
from fashion_gen.body.lofts import Array, Mesh, unit
from fashion_gen.body.parts import Part
from fashion_gen.body.solids import Colour, head_centre

_LASH: Colour = (0.06, 0.045, 0.04)
_FRAME: Colour = (0.07, 0.07, 0.08)


@cache
def _lid() -> NDArray[Any]:
    """(12,) the points of the form that lie along the left upper lid's rim, inner corner first."""
    points = canonical()
    x = np.linspace(-1.15, 1.30, 12)
    goal = np.stack([EYE[0] + x, EYE[1] + np.interp(x, LID_X, UPPER_LID) + 0.03], axis=1)
    front = np.where((points[:, 2] > 7.2) & (points[:, 0] > 0), 0, 100)
    return np.array([int(np.argmin(np.hypot(*(points[:, :2] - at).T) + front)) for at in goal])


def lashes(body: PosedBody, head: Head, femininity: float) -> list[Mesh]:
    """Upper lashes: pointed strips from the rim, forward, up and fanned outward."""
    rim = head.points[_lid()]
    fine = np.linspace(0, 1, 45)
    rim = np.stack([np.interp(fine, np.linspace(0, 1, len(rim)), rim[:, k]) for k in range(3)], axis=1)
    length = (0.30 + 0.22 * femininity) * np.clip(np.sin(np.pi * (0.12 + 0.80 * fine)), 0.2, 1)
    fan = np.stack([0.9 * (fine - 0.35), np.full(45, 0.22), np.full(45, 0.95)], axis=1)
    tips = rim + length[:, None] * unit(fan)
    ragged = np.where(np.arange(45) % 2, 0.35, -0.9)
    keep = np.concatenate([np.ones(45), ragged])
    return [_strip(body, rim * [side, 1, 1], tips * [side, 1, 1], _LASH, keep) for side in (1.0, -1.0)]


def glasses(body: PosedBody, head: Head) -> list[Mesh]:
    """Two rounded frames before the eyes, a bridge and the temples."""
    front = float(head.points[head.points[:, 2].argmax(), 2]) - 0.6
    turn = np.linspace(0, 2 * np.pi, 41)
    cos, sin = np.cos(turn), np.sin(turn)
    rounded = np.stack([np.sign(v) * np.abs(v) ** 0.72 for v in (cos, sin)], axis=1)
    out = []
    for side in (1.0, -1.0):
        centre = np.array([side * (head.eye[0] + 0.2), head.eye[1] - 0.35, min(front, head.eye[2] + 2.9)])
        ring = centre + np.column_stack([rounded[:, 0] * 2.55, rounded[:, 1] * 2.0, -0.25 * np.abs(rounded[:, 0]) ** 2])
        inner = centre + np.column_stack(
            [rounded[:, 0] * 2.28, rounded[:, 1] * 1.73, -0.25 * np.abs(rounded[:, 0]) ** 2]
        )
        out.append(_strip(body, ring, inner, _FRAME))
        outer = centre + [side * 2.45, 0.75, -0.3]
        ear = np.array([side * (body.figure.head[0] * 1.02), outer[1] - 0.2, -0.2])
        line = outer + np.linspace(0, 1, 6)[:, None] * (ear - outer)
        out.append(_strip(body, line + [0, 0.16, 0], line - [0, 0.16, 0], _FRAME))
    span = np.linspace(-1, 1, 9)
    arch = np.column_stack(
        [span * (head.eye[0] - 2.2), head.eye[1] + 0.25 - 0.25 * span**2, np.full(9, min(front, head.eye[2] + 2.9))]
    )
    out.append(_strip(body, arch + [0, 0.13, 0], arch - [0, 0.13, 0], _FRAME))
    return out


def _strip(body: PosedBody, one: Array, other: Array, colour: Colour, keep: Array | None = None) -> Mesh:
    """A ribbon between two rest lines (N, 3); its local z says that it is not skin."""
    count = len(one)
    rest = np.concatenate([one, other])
    k = np.arange(count - 1)
    triangles = np.concatenate([np.stack([k, k + 1, k + count], 1), np.stack([k + 1, k + count + 1, k + count], 1)])
    points = head_centre(body) + rest @ body.frames["head"].T
    return Mesh(
        points=points,
        normals=np.tile(body.frames["head"][:, 2], (len(rest), 1)),
        local=rest * [1, 1, 0] + [0, 0, 2 * EYEBALL],
        keep=np.ones(len(rest)) if keep is None else keep,
        triangles=triangles.astype(np.int32),
        part=np.full(len(triangles), int(Part.FACE), np.uint8),
        colour=np.broadcast_to(np.asarray(colour, np.float64), (len(triangles), 3)),
    )
