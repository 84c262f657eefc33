"""Hands: a form fitted to many adults (`training/hand_form.py`), in the gesture that the pose asks for, joined to the forearm."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation as Turn

from fashion_gen.body.drawing.seen import Floats, Seen
from fashion_gen.body.hand.reach import Reach, reach
from fashion_gen.body.head.model import known, vertex_normals
from fashion_gen.body.kinematics import PosedBody
from fashion_gen.body.lofts import Array, Mesh
from fashion_gen.body.parts import Part
from fashion_gen.body.solids import Colour, Solids
from fashion_gen.records import Persona

FORM = Path(__file__).with_name("hand_form.npz")
#: Length of the straight hand that is painted, cm.
LENGTH = 18.0
#: The form's own wrist: half its width, in hands.
_WRIST = 0.135


@dataclass(frozen=True, eq=False)
class Form:
    """The statistic of a left hand, decoded; in hands (wrist to the tip of the middle finger)."""

    mean: Array  #: (G, P, 3) X out of the back, Y toward the elbow, Z toward the thumb
    axes: Array  #: (3, G, P, 3): presentation, years, fullness
    triangles: NDArray[np.int32]  #: (T, 3)
    open: Array  #: (G, P) share of the sky that a point sees
    canonical: Array  #: (P, 3) cm: the straight hand of everybody, to paint in
    palm: Array  #: (P,) 1 on the palm's side, 0 on the back
    nails: Array  #: (5, 3, 3) cm: middle of a nail on the canonical hand, its half length and its half width as vectors


@cache
def form() -> Form:
    """Read the statistic once."""
    with np.load(FORM) as stored:
        canonical = stored["straight"].astype(np.float64) * LENGTH
        triangles = stored["triangles"].astype(np.int32)
        return Form(
            mean=stored["mean"].astype(np.float64),
            axes=stored["axes"] * stored["axes_scale"].astype(np.float64),
            triangles=triangles,
            open=stored["open"] / 255.0,
            canonical=canonical,
            palm=np.clip(0.5 - 1.4 * vertex_normals(canonical, triangles)[:, 0], 0, 1),
            nails=stored["nails"].astype(np.float64) * LENGTH,
        )


def hand_meshes(body: PosedBody, solids: Solids, persona: Persona, skin: Colour) -> list[Mesh]:
    """Both hands of a posed body. A normal's length is how open its point is: near 0 between the fingers."""
    return [_mesh(body, persona, side, reach(body, solids, side), skin) for side in "lr"]


def _mesh(body: PosedBody, persona: Persona, side: str, held: Reach, skin: Colour) -> Mesh:
    data = form()
    shape = data.mean[held.gesture] + np.tensordot(known(persona), data.axes[:, held.gesture], axes=1)
    points, cuff = _placed(body, side, held, shape)
    triangles = data.triangles if side == "l" else data.triangles[:, ::-1]
    open_ = data.open[held.gesture] + cuff * (1 - data.open[held.gesture])
    hand, arm = (Part.L_HAND, Part.L_LOWER_ARM) if side == "l" else (Part.R_HAND, Part.R_LOWER_ARM)
    above = shape[triangles, 1].mean(axis=1) > 0
    return Mesh(
        points=points,
        normals=vertex_normals(points, triangles) * open_[:, None],
        local=data.canonical,
        keep=np.ones(len(points)),
        triangles=triangles,
        part=np.where(above, int(arm), int(hand)).astype(np.uint8),
        colour=np.broadcast_to(np.asarray(skin, np.float64), (len(triangles), 3)),
        folds=np.stack([data.palm, np.zeros(len(points)), np.full(len(points), 99.0)], axis=1),
    )


def _placed(body: PosedBody, side: str, held: Reach, shape: Array) -> tuple[Array, Array]:
    """(P, 3) the hand in the picture's centimetres, and (P,) how far each point lies on the forearm instead."""
    wrist, tip = body.joints[f"{side}_wrist"], body.joints[f"{side}_hand"]
    arm = body.frames[f"{side}_forearm"]
    narrow, wide = sorted(body.figure.girths["wrist"])
    length = float(np.linalg.norm(tip - wrist))
    # Somebody with strong wrists has a broad hand, but not as much so.
    broad = float(np.clip((wide / (_WRIST * length)) ** 0.5, 0.92, 1.15))
    size = length * np.array([broad if side == "l" else -broad, 1.0, broad])
    local = shape * size
    y = shape[:, 1]
    # The wrist bends within its own length, as a tube.
    bend = Turn.from_matrix(arm.T @ held.axes).as_rotvec()
    turned = Turn.from_rotvec(_smooth((0.04 - y) / 0.18)[:, None] * bend).apply(local)
    cuff = _smooth((y + 0.20) / 0.19)
    around = np.hypot(local[:, 0] / narrow, local[:, 2] / wide)
    # The upper end of the skin dives under the forearm's.
    sink = 1.012 - 0.06 * np.clip((y - 0.12) / 0.05, 0, 1)
    ring = local * np.stack([sink / around, np.ones(len(y)), sink / around], axis=1)
    placed = wrist + turned @ arm.T
    placed = held.lifted(placed, np.clip(-y, 0, 1))
    return placed + cuff[:, None] * (wrist + ring @ arm.T - placed), cuff


def _smooth(t: Array) -> Array:
    t = np.clip(t, 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def paint_hands(seen: Seen) -> None:
    """Nails, knuckles and the palm's lighter skin on the hands of `seen`, in place."""
    hands = seen.of(Part.L_HAND, Part.R_HAND)
    if hands.any():
        seen.paint[hands] = _painted(seen.paint[hands], seen.local[hands], seen.folds[hands][:, 0], 1 / seen.scale)


def _painted(paint: Floats, local: Floats, palm: Floats, pixel: float) -> Floats:
    """(N, 3) colours of `paint` at `local` cm of the canonical hand; `palm` is 1 on its inner side."""
    dark = np.clip(1.2 - 1.5 * paint.mean(axis=1), 0, 1)
    out = paint.astype(np.float64)
    # Palms have little pigment: the darker the skin, the more that shows.
    down = -local[:, 1].astype(np.float64)
    inner = (_smooth((palm.astype(np.float64) - 0.5) / 0.5) * _smooth((down - 0.5) / 4.0))[:, None]
    pale = 0.62 * out + 0.38 * np.array([0.80, 0.60, 0.51])
    out += inner * dark[:, None] * (pale - out)
    out *= 1 - inner * (1 - dark[:, None]) * [0.0, 0.03, 0.03]
    # Blood shows at the fingertips.
    out *= 1 - _smooth((down - 0.86 * LENGTH) / 2.0)[:, None] * [0.01, 0.05, 0.05]
    for middle, along, across in form().nails:
        out = _nail(out, local, palm, (middle, along, across), pixel)
    return np.asarray(out, np.float32)


def _nail(out: Array, local: Floats, palm: Floats, nail: tuple[Array, Array, Array], pixel: float) -> Array:
    middle, along, across = nail
    half = float(np.linalg.norm(along)), float(np.linalg.norm(across))
    away = local - middle
    u, v = away @ along / half[0] ** 2, away @ across / half[1] ** 2
    near = (np.abs(u) < 1.6) & (np.abs(v) < 1.6) & (palm < 0.75) & (np.linalg.norm(away, axis=1) < 1.6 * half[0])
    edge = (np.abs(u[near]) ** 3 + np.abs(v[near]) ** 3) ** (1 / 3)
    soft = max(pixel, 0.05) / half[1]
    share = np.clip((1 - edge) / soft + 0.5, 0, 1)[:, None]
    rim = np.exp(-(((edge - 1.05) / max(0.14, soft)) ** 2))[:, None]
    skin = out[near]
    plate = skin * [0.70, 0.66, 0.67] + np.array([0.29, 0.245, 0.24])
    tip = _smooth((u[near] - 0.62) / 0.25)[:, None]
    plate += 0.35 * tip * (np.array([0.93, 0.89, 0.85]) - plate)
    out[near] = skin * (1 - 0.16 * rim * (1 - share)) + share * (plate - skin)
    return out
