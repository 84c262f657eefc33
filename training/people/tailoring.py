"""Cut and drape: where a piece of clothing is on the body, and how its surface lies.

Everything happens in the rest pose; the rig moves the result. Below the armpits cloth is a tube around the trunk whose
radius is looked up by angle and height: it rests on the body and hangs from the widest place above. Arms and legs are
tubes around their bones.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.people.anatomy import Vertices
from training.people.cloth import Cloth
from training.people.kit import Kit
from training.people.measuring import Frame, Places, length, smooth
from training.people.posing import shell_rest

Floats = NDArray[np.float32]
ANGLES, ROWS = 72, 96


SLEEVE = -1000.0  # sleeves are looked up that far down: a print on the chest does not repeat on them

NECKS = {  # half width, drop in front, drop at the back, exponent
    "crew": (8.0, 4.8, 0.2, 2.0),
    "v": (8.2, 15.0, 0.2, 1.1),
    "scoop": (10.2, 12.0, 2.0, 2.4),
    "boat": (12.0, 3.0, 1.5, 2.2),
    "turtle": (7.4, 4.0, 0.6, 2.0),
    "collar": (7.8, 4.4, 0.2, 1.5),
}


def hem_height(f: Frame, share: float) -> float:
    ankle = float(f.legs[0, 2, 1])
    return f.waist + (ankle - f.waist) * share


def neck_field(c: Cloth, at: Places, f: Frame) -> Floats:
    """cm below the neckline."""
    if c.neck == "turtle":
        return np.asarray(f.neck_side + 7.0 + 0.25 * (f.neck_z - at.p[:, 2]) - at.p[:, 1], np.float32)
    half, front, back, power = NECKS[c.neck]
    t = smooth(at.p[:, 2], f.neck_z - 3, f.neck_z + 4)
    drop = back + (front - back) * t
    x = np.abs(at.p[:, 0]) / half
    edge = f.neck_side - drop * (1 - x**power) + 6.0 * np.maximum(0, x - 1) * half
    return np.asarray(edge - at.p[:, 1], np.float32)


def _armhole(c: Cloth, at: Places, f: Frame) -> Floats:
    if c.sleeve > 0.03:
        return np.asarray(
            (c.sleeve - at.along_arm) * length(f.arms[0]) + 60 * (1 - smooth(at.arm, 0.02, 0.3)), np.float32
        )
    top = NECKS[c.neck][0] + 4.5
    x = np.abs(at.p[:, 0])
    lift = smooth(at.p[:, 1], f.armpit - 1, f.armpit + 5)
    strap = top + (abs(f.arms[0, 0, 0]) + 0.5 - top) * (1 - smooth(at.p[:, 1], f.armpit + 1, f.neck_side + 1)) - x
    return np.asarray(np.minimum((0.42 - at.arm) * 12, strap + 40 * (1 - lift)), np.float32)


def _opening(c: Cloth, at: Places, f: Frame) -> Floats:
    """An open front: the strip between the two edges is not covered."""
    if c.opening != "open":
        return np.full(len(at.p), 500, np.float32)
    down = np.clip((f.neck_side - at.p[:, 1]) / 60, 0, 1.5)
    strip = np.abs(at.p[:, 0]) - (3.5 + 5.5 * down)
    return np.asarray(np.where(at.p[:, 2] > f.centre_z, strip, 500), np.float32)


def field(c: Cloth, at: Places, f: Frame) -> Floats:
    """(V,) cm inside the piece's nearest edge; negative where there is no cloth."""
    # The camera looks down a little: hems are arcs, lower in front.
    y = at.p[:, 1] + 0.09 * (at.p[:, 2] - f.centre_z)
    upper = c.category in ("top", "outerwear", "dress", "jumpsuit")
    out = np.full(len(y), 500, np.float32)
    if upper:
        out = np.minimum(np.minimum(neck_field(c, at, f), _armhole(c, at, f)), _opening(c, at, f))
    else:
        out = np.minimum(f.waist + c.rise - y, (0.25 - at.arm) * 40)
    if c.category in ("trousers", "shorts", "jumpsuit"):
        return np.minimum(out, (c.hem - at.along_leg) * length(f.legs[0]) + 60 * (1 - smooth(at.leg, 0.02, 0.3)))
    return np.minimum(out, y - hem_height(f, c.hem) + 300 * smooth(at.arm, 0.1, 0.4))


@dataclass(frozen=True, eq=False)
class Tube:
    """Radius of the trunk's cloth by angle (front 0) and height."""

    table: Floats  #: (ROWS, ANGLES)
    top: float
    bottom: float
    z: float

    def radius(self, p: Floats) -> Floats:
        theta = np.arctan2(p[:, 0], p[:, 2] - self.z) / (2 * np.pi) % 1.0 * ANGLES
        row = np.clip((self.top - p[:, 1]) / (self.top - self.bottom) * (ROWS - 1), 0, ROWS - 1.001)
        i, j = row.astype(int), theta.astype(int)
        u, v = row - i, theta - j
        j, k = j % ANGLES, (j + 1) % ANGLES
        t = self.table
        return np.asarray(
            (1 - u) * ((1 - v) * t[i, j] + v * t[i, k]) + u * ((1 - v) * t[i + 1, j] + v * t[i + 1, k]), np.float32
        )


def trunk(kit: Kit, rest: Vertices, f: Frame, c: Cloth) -> Tube:
    """Rest the cloth on the body, let it hang, add air and flare."""
    tights, skirt = shell_rest(kit.data.shells["tights"], rest), shell_rest(kit.data.shells["skirt"], rest)
    on = (kit.regions["tights"].arm.max(1) < 0.25) & (tights[:, 1] > f.hip - 1)
    p = np.concatenate([tights[on], skirt[skirt[:, 1] < f.hip + 3]])
    top, bottom = f.armpit + 6, float(f.legs[0, 2, 1]) - 6
    row = np.clip((top - p[:, 1]) / (top - bottom) * (ROWS - 1), 0, ROWS - 1)
    theta = np.arctan2(p[:, 0], p[:, 2] - f.centre_z) / (2 * np.pi) % 1.0 * ANGLES
    r = np.hypot(p[:, 0], p[:, 2] - f.centre_z)
    inside = p[:, 1] <= top
    total, count = np.zeros((ROWS, ANGLES), np.float32), np.zeros((ROWS, ANGLES), np.float32)
    np.add.at(total, (row[inside].astype(int), theta[inside].astype(int) % ANGLES), r[inside])
    np.add.at(count, (row[inside].astype(int), theta[inside].astype(int) % ANGLES), 1)
    table = _blur(total, 1.1) / np.maximum(_blur(count, 1.1), 1e-4)
    step = (top - bottom) / (ROWS - 1)
    slope = (1 - c.hang) ** 2 * 1.2 * step
    hang_from = int(np.clip((top - (f.waist - 1 if c.category == "skirt" else f.chest + 4)) / step, 0, ROWS - 2))
    for k in range(max(1, hang_from), ROWS):
        fall = slope if (top - k * step) > f.crotch else 0.02 * step
        table[k] = np.maximum(table[k], table[k - 1] - fall)
    y = top - np.arange(ROWS) * step
    start = {"skirt": f.waist - 3, "dress": f.waist + 2}.get(c.category, f.chest)
    fall = np.maximum(0, start - y)
    near = 0.3 if c.category == "skirt" else 0.75
    gain = c.ease * (near + (1 - near) * smooth(fall.astype(np.float32), 0, 20)) + c.flare * fall / 10
    return Tube(_blur(table, 0.9) + gain[:, None].astype(np.float32), top, bottom, f.centre_z)


def _blur(t: Floats, sigma: float) -> Floats:
    wide = np.concatenate([t[:, -12:], t, t[:, :12]], 1)
    return np.asarray(cv2.GaussianBlur(wide, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)[:, 12:-12])


def lay_trunk(p: Floats, n: Floats, at: Places, f: Frame, c: Cloth, tube: Tube, close_fit: bool = True) -> Floats:
    """Move shell points of trunk and arms onto the cloth's surface."""
    close = 0.7 + 0.12 * c.ease
    sleeve = close + (c.sleeve_ease - close) * smooth(at.along_arm, 0.02, 0.3)
    if c.sleeve > 0.03:
        sleeve = sleeve + c.sleeve_flare * smooth(at.along_arm / c.sleeve, 0.3, 1.0)
    air = close + (sleeve - close) * smooth(at.arm, 0.05, 0.6)
    # Wide sleeves hang under the arm.
    hanging = np.maximum(0, -n[:, 1]) * np.maximum(0, c.sleeve_ease - 2) * 0.5 * smooth(at.arm, 0.3, 0.9)
    out = p + n * air[:, None]
    out[:, 1] -= hanging
    share = (1 - smooth(at.arm, 0.05, 0.35)) * (1 - smooth(p[:, 1], f.armpit - 4, f.armpit + 5))
    flat = np.stack([p[:, 0], p[:, 2] - f.centre_z], 1)
    r = np.maximum(np.linalg.norm(flat, axis=1), 1e-3)
    # The skirt's helper surface is loose itself; only the close one may push the cloth out.
    target = np.maximum(tube.radius(p), r + 0.5) if close_fit else tube.radius(p)
    wide = flat * (target / r)[:, None]
    out[:, 0] += share * (wide[:, 0] - out[:, 0])
    out[:, 2] += share * (wide[:, 1] + f.centre_z - out[:, 2])
    out[:, 1] += share * (p[:, 1] - out[:, 1])
    return out.astype(np.float32)


def lay_legs(p: Floats, n: Floats, at: Places, c: Cloth) -> Floats:
    """Move shell points of hips and legs onto a trouser's surface."""
    out = p + n * np.float32(min(c.leg_ease, 1.0 + 0.35 * c.leg_ease))
    radial = p - at.leg_axis
    r = np.maximum(np.linalg.norm(radial, axis=1), 1e-3)
    thigh = float(np.percentile(r[(at.leg > 0.9) & (at.along_leg > 0.12) & (at.along_leg < 0.25)], 70)) + c.leg_ease
    t = np.clip((at.along_leg - 0.15) / max(c.hem - 0.15, 0.1), 0, 1)
    goal = thigh + (c.leg_hem - thigh) * t ** (0.7 if c.leg_hem < thigh else 1.0)
    target = np.maximum(goal, r + 0.5 + 0.25 * c.leg_ease * (1 - t))
    share = smooth(at.along_leg, 0.1, 0.3) * smooth(at.leg, 0.5, 0.95)
    leg = at.leg_axis + radial * (target / r)[:, None]
    return np.asarray(out + share[:, None] * (leg - out), np.float32)


def fold_strength(at: Places, f: Frame, c: Cloth) -> Floats:
    """(V, 2) cm: long folds of falling cloth, short creases where a body bends."""
    y = at.p[:, 1]
    loose = 0.3 + 0.18 * min(c.ease if c.category not in ("trousers", "shorts") else c.leg_ease, 9.0)
    fall = 1 - smooth(y, f.hip - 30, f.chest + 4)
    drape = loose * (0.35 + 1.1 * fall) + 0.06 * max(c.flare, 0) * np.maximum(0, f.waist - y) / 10
    bend = (
        np.exp(-(((at.along_arm - 0.5) / 0.13) ** 2)) * at.arm
        + 0.5 * np.exp(-(((at.along_arm - 0.05) / 0.12) ** 2)) * at.arm
    )
    knee = np.exp(-(((at.along_leg - 0.52) / 0.1) ** 2)) * at.leg + 0.8 * smooth(at.along_leg, 0.82, 1.0) * at.leg
    waist = np.exp(-(((y - f.waist + 3) / 7) ** 2)) * (1 - at.arm)
    crotch = np.exp(-(((y - f.crotch) / 6) ** 2)) * (1 - at.arm)
    pants = c.category in ("trousers", "shorts", "jumpsuit")
    wrinkle = 0.24 + 1.0 * bend + (0.8 * knee + 0.7 * crotch if pants else 0) + (0.65 * waist if not pants else 0)
    return np.stack([drape, wrinkle], 1).astype(np.float32) * np.float32(c.folds)


def arm_coords(at: Places, f: Frame) -> Floats:
    """Where prints and folds of sleeves are looked up: a hanging tube of its own, y along the arm."""
    shoulder, elbow = f.arms[at.side, 0], f.arms[at.side, 1]
    direction = elbow - shoulder
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    front = np.cross(direction, np.array([0.0, 1.0, 0.0]))
    front *= np.where(front[:, 2:] < 0, -1, 1) / np.linalg.norm(front, axis=1, keepdims=True)
    across = np.cross(front, direction)
    across *= np.where(across[:, :1] < 0, -1, 1)
    radial = at.p - at.arm_axis
    down = SLEEVE + f.arms[0, 0, 1] - at.along_arm * length(f.arms[0])
    return np.stack([(radial * across).sum(1), down, (radial * front).sum(1)], 1).astype(np.float32)


def leg_coords(laid: Floats, at: Places, f: Frame, side: int) -> Floats:
    """The same for a trouser leg (side 1 the wearer's left, -1 right): a tube of its own below the crotch."""
    out = laid.copy()
    share = smooth(-at.p[:, 1], -f.hip, -(f.crotch - 6))
    out[:, 0] -= share * side * np.abs(at.leg_axis[:, 0])
    out[:, 2] -= share * (at.leg_axis[:, 2] - f.centre_z)
    return out.astype(np.float32)
