"""Arms into sleeves and legs into trouser legs: which joint angles put a limb inside the cloth that should cover it.

A garment seen from the front fixes two angles of a limb, both in the picture's plane: how far it is raised, and how far its lower
half is bent. They are searched on a grid; the cost of a candidate is the limb's thickness that sticks out of its sleeve, the
distance of the sleeve's end from the limb, bare skin that slips under the cloth, and the distance from the asked pose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from fashion_gen.body import PosedBody
from fashion_gen.pose.place import Placement
from fashion_gen.pose.upright import Upright
from fashion_gen.records import Points

_STEPS = 24  # samples along each half of a limb
_FREE = 9.0  # cm below the shoulder where an arm may lie in front of a sleeveless garment: the armhole
_FEET = 5.0  # cm from the middle to an ankle when the feet stand together
_SPLAY = 11.0  # degrees that a leg of a standing person may point outward unasked
_HIDDEN_SKIN = 25.0  # cost of a wholly hidden arm: a viewer misses a hand more than a pose
_FLEXED = 40.0  # degrees of an elbow whose hand does not just hang
_BY_HIP, _AT_HIP = 11.0, 14.0  # cm sideways and up or down from the hip to a wrist whose hand rests there
_NATURAL_ELBOW = 12.0  # degrees; a quite straight arm looks stiff
_TWIST_IN, _TWIST_OUT = 72.0, -68.0
_SEARCH_LONGEST = 25.0  # cm of hand beyond the wrist that a sleeve's end may be matched to: none of it is skin yet


@dataclass(frozen=True, slots=True, eq=False)
class Limb:
    """An arm or a leg in the picture's plane. `sign` is +1 for the viewer's right (the wearer's left)."""

    root: Points  #: (2,) cm
    sign: float
    upper: float  #: cm
    lower: float
    hand: float  #: cm beyond the lower half that count as skin (hand or foot)
    radii: tuple[float, float, float, float]  #: cm at root, middle joint, end, tip


def arm(body: PosedBody, side: str) -> Limb:
    """`side`: "left" or "right" of the wearer."""
    s = side[0]
    girths, joints = body.figure.girths, body.figure.joints
    return Limb(
        root=body.joints[f"{s}_shoulder"][:2],
        sign=1.0 if s == "l" else -1.0,
        upper=float(np.linalg.norm(joints[f"{s}_elbow"] - joints[f"{s}_shoulder"])),
        lower=float(np.linalg.norm(joints[f"{s}_wrist"] - joints[f"{s}_elbow"])),
        hand=float(np.linalg.norm(joints[f"{s}_hand"] - joints[f"{s}_wrist"])),
        radii=(girths["upper_arm"][0], girths["elbow"][0], girths["wrist"][0], girths["wrist"][0]),
    )


def leg(body: PosedBody, side: str) -> Limb:
    """`side`: "left" or "right" of the wearer."""
    s = side[0]
    girths, joints = body.figure.girths, body.figure.joints
    return Limb(
        root=body.joints[f"{s}_hip"][:2],
        sign=1.0 if s == "l" else -1.0,
        upper=float(np.linalg.norm(joints[f"{s}_knee"] - joints[f"{s}_hip"])),
        lower=float(np.linalg.norm(joints[f"{s}_ankle"] - joints[f"{s}_knee"])),
        hand=0.0,
        radii=(girths["thigh"][0], girths["knee"][0], girths["ankle"][0], girths["ankle"][0]),
    )


@dataclass(frozen=True, slots=True)
class Bend:
    """Degrees in the picture's plane: `raised` from hanging straight down, outward; `bent` of the lower half, inward."""

    raised: float
    bent: float


def fit_arm(
    limb: Limb,
    shape: Upright,
    placement: Placement,
    end: Points | None,
    wanted: Bend,
    *,
    clothed: float = 0.0,
    rest: Points | None = None,
) -> Bend:
    """The bend that puts the arm into its sleeve, or beside the garment where there is no sleeve.

    Args:
        end: (2,) X, Y of the sleeve's end in cm, None for a sleeveless garment.
        wanted: what the pose asks for; kept as far as the garment leaves it free.
        clothed: cm of the arm that a sleeve which is not part of `shape` hides; only what is bare must not slip behind it.
        rest: (2,) X, Y of the wrist of a hand on the hip. The hand may go behind the garment there, the forearm may not.
    """
    raised, bent = np.meshgrid(np.arange(-4.0, 130.0, 2.0), np.arange(-40.0, 126.0, 3.0), indexing="ij")
    return _search(limb, shape, placement, end, wanted, (raised.ravel(), bent.ravel()), clothed, rest)


def fit_leg(
    limb: Limb, shape: Upright, placement: Placement, end: Points | None, wanted: Bend, *, trousers: bool = True
) -> Bend:
    """The same for a leg, which has no bend in the picture's plane; only trousers lead a leg further out than asked."""
    # Inward only until the feet stand side by side: ankles must not cross under a narrow hem.
    inmost = np.degrees(np.arcsin(min(0.0, (_FEET - abs(limb.root[0])) / (limb.upper + limb.lower))))
    # Trousers are often laid out with their legs apart; nobody stands like that, and the cloth hides what it must.
    raised = np.arange(inmost, max(wanted.raised, _SPLAY if trousers else 0.0) + 3.0, 0.5)
    return _search(limb, shape, placement, end, wanted, (raised, np.zeros_like(raised)))


def _search(
    limb: Limb,
    shape: Upright,
    placement: Placement,
    end: Points | None,
    wanted: Bend,
    grid: tuple[Points, Points],
    clothed: float = 0.0,
    rest: Points | None = None,
) -> Bend:
    raised, bent = grid
    points, along = _polyline(limb, raised, bent)
    depth = _depth(shape, placement, points)
    radius = np.interp(along, np.cumsum([0, limb.upper, limb.lower, max(limb.hand, 0.1)]), limb.radii)
    wanted, tolerance = _wish(limb, end, wanted)
    if _leads(limb, end):
        rest = None  # a long sleeve brings the hand where it ends
    lower = raised - bent - wanted.raised + wanted.bent if rest is None else _astray(limb, points, along, rest)
    off = ((raised - wanted.raised) ** 2 + lower**2) / tolerance**2
    # Linear far away: a pose that the garment cannot take at all is no reason to take the next worst.
    cost = 2 * (np.sqrt(1 + off) - 1)
    if end is None:
        reach = np.full(len(raised), clothed)
    else:
        gap = np.hypot(*np.moveaxis(points - end, 2, 0))
        reach = along[gap.argmin(axis=1)]
        opening = _half_opening(limb, shape, placement, end)
        cost += (np.clip(gap.min(axis=1) - opening, 0, None) / 3.0) ** 2
    covered = along[None] <= np.clip(reach - 1.0, 0, None)[:, None]
    # At its root a limb lies under the trunk's cloth and is thinner than its girth says.
    covered &= (along[None] > 4.0) & (end is not None)
    sticking_out = np.clip(radius + 0.4 - depth, 0, 8) * covered
    cost += 3.0 * (sticking_out**2).sum(axis=1) / np.maximum(covered.sum(axis=1), 6) / 4
    bare = along[None] > np.maximum(reach + 3.0, _FREE)[:, None]
    if rest is not None:
        bare &= along[None] < limb.upper + limb.lower
    hidden = np.clip(depth + radius, 0, 2 * radius) / (2 * radius) * bare
    cost += _HIDDEN_SKIN * hidden.sum(axis=1) / len(along)
    best = int(cost.argmin())
    return Bend(float(raised[best]), float(bent[best]))


def _astray(limb: Limb, points: Points, along: Points, rest: Points) -> Points:
    """(N,) degrees that the lower half would turn by to move its end as far as it is from `rest`."""
    end = int(np.argmin(np.abs(along - limb.upper - limb.lower)))
    return np.asarray(np.degrees(np.hypot(*(points[:, end] - rest).T) / limb.lower))


def _half_opening(limb: Limb, shape: Upright, placement: Placement, end: Points) -> float:
    """Centimetres from the middle of a sleeve's end that an arm may pass it at: the sleeve's half width less a little."""
    inward = (limb.root - end) / max(float(np.hypot(*(limb.root - end))), 1e-6)
    inside = np.stack([end + step * inward for step in (3.0, 5.0, 7.0)])
    return max(1.5, float(_depth(shape, placement, inside[None]).max()) - 1.0)


def _wish(limb: Limb, end: Points | None, wanted: Bend) -> tuple[Bend, float]:
    """What the limb would do if the cloth had no thickness, and how many degrees of deviation are cheap.

    Down to the elbow a sleeve leaves the forearm to the pose; a longer one is followed straight to its end.
    """
    if end is None or not _leads(limb, end):
        return wanted, 25.0
    x, y = end - limb.root
    return Bend(float(np.degrees(np.arctan2(limb.sign * x, -y))), 0.0), 15.0


def _leads(limb: Limb, end: Points | None) -> bool:
    """Whether a sleeve reaches over the elbow."""
    return end is not None and bool(np.hypot(*(end - limb.root)) >= 1.1 * limb.upper)


def passes(limb: Limb, bend: Bend, points: Points) -> Points:
    """(N,) cm from (N, 2) points to a bent limb."""
    course, _ = _polyline(limb, np.array([bend.raised]), np.array([bend.bent]))
    return np.asarray(np.hypot(*np.moveaxis(course[0][None] - points[:, None], 2, 0)).min(axis=1))


def _polyline(limb: Limb, raised: Points, bent: Points) -> tuple[Points, Points]:
    """(N, S, 2) X, Y of samples along N candidate limbs, and (S,) their distance from the root in cm."""
    upper = _direction(limb.sign, raised)
    lower = _direction(limb.sign, raised - bent)
    middle = limb.root + limb.upper * upper
    total = limb.lower + limb.hand
    t, u = np.linspace(0, 1, _STEPS), np.linspace(0, 1, _STEPS + 1)[1:]
    first = limb.root + t[:, None] * limb.upper * upper[:, None]
    second = middle[:, None] + u[:, None] * total * lower[:, None]
    return np.concatenate([first, second], axis=1), np.concatenate([t * limb.upper, limb.upper + u * total])


def _direction(sign: float, degrees: Points) -> Points:
    """(N, 2) unit vectors: 0 hangs down, 90 points away from the body."""
    t = np.deg2rad(degrees)
    return np.column_stack([sign * np.sin(t), -np.cos(t)])


def _depth(shape: Upright, placement: Placement, points: Points) -> Points:
    """(N, S) centimetres from the garment's edge, positive inside."""
    pixels = placement.to_garment(points.reshape(-1, 2)).astype(np.float32).reshape(*points.shape)
    far = float(shape.depth.min())
    sampled = cv2.remap(
        shape.depth, pixels[..., 0], pixels[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=far
    )
    return np.asarray(sampled, np.float64) * placement.k


def hidden_share(body: PosedBody, side: str, shape: Upright, placement: Placement) -> float:
    """[0, 1] of a posed arm below the armhole that lies behind the garment."""
    s = side[0]
    joints = [body.joints[f"{s}_{name}"][:2] for name in ("shoulder", "elbow", "wrist", "hand")]
    t = np.linspace(0, 1, _STEPS)[:, None]
    points = np.concatenate([a + t * (b - a) for a, b in pairwise(joints)])
    far = np.hypot(*(points - joints[0]).T) > _FREE
    depth = _depth(shape, placement, points[None])[0]
    return float((depth[far] > 0).mean()) if far.any() else 0.0


def rests(body: PosedBody, side: str) -> bool:
    """Whether who stands in this pose has the hand of `side` on the hip or in a pocket there: the wrist near it, elbow bent."""
    shoulder, elbow, wrist = (body.joints[f"{side[0]}_{name}"] for name in ("shoulder", "elbow", "wrist"))
    first, second = elbow - shoulder, wrist - elbow
    flexed = np.degrees(np.arccos(np.clip(first @ second / np.linalg.norm(first) / np.linalg.norm(second), -1, 1)))
    hip = body.section("high_hip")
    aside = abs(wrist[0] - hip.centre[0]) - hip.half_width
    return bool(
        body.seat == "none" and flexed > _FLEXED and abs(aside) < _BY_HIP and abs(wrist[1] - hip.centre[1]) < _AT_HIP
    )


def covered(point: Points, shape: Upright, placement: Placement) -> bool:
    """Whether a (2,) point of the body in cm lies behind the garment."""
    return bool(_depth(shape, placement, point[None, None])[0, 0] > 0)


# Between the picture's plane and joint angles.


def seen_bend(body: PosedBody, side: str, joints: tuple[str, str, str]) -> Bend:
    """How a posed limb looks from the front; joints are e.g. ("shoulder", "elbow", "wrist")."""
    s, sign = side[0], 1.0 if side[0] == "l" else -1.0
    root, middle, end = (body.joints[f"{s}_{name}"][:2] for name in joints)
    raised = float(np.degrees(np.arctan2(sign * (middle - root)[0], -(middle - root)[1])))
    lower = float(np.degrees(np.arctan2(sign * (end - middle)[0], -(end - middle)[1])))
    return Bend(raised, raised - lower)


def arm_angles(bend: Bend, lean: float) -> Mapping[str, float]:
    """Joint angles of an arm that looks like `bend`; `lean` degrees the trunk leans to this arm's side."""
    elbow, twist = _elbow(bend.bent)
    return {"raise": _limited(bend.raised + lean, -10, 175), "swing": 3.0, "twist": twist, "elbow": elbow}


def _elbow(bent: float) -> tuple[float, float]:
    """(elbow, twist) that show `bent` degrees from the front.

    An elbow flexes forward; turning the upper arm about itself brings that into the picture's plane. Small bends keep a natural
    elbow and turn it only partly.
    """
    turn = np.deg2rad(_TWIST_IN if bent >= 0 else _TWIST_OUT)
    size = np.deg2rad(abs(bent))
    elbow = float(np.degrees(np.arctan2(np.sin(size), np.cos(size) * abs(np.sin(turn)))))
    if elbow >= _NATURAL_ELBOW:
        return _limited(elbow, 0, 145), float(np.degrees(turn))
    ratio = np.tan(size) / np.tan(np.deg2rad(_NATURAL_ELBOW))
    return _NATURAL_ELBOW, float(np.copysign(np.degrees(np.arcsin(min(ratio, 1.0))), bent))


def _limited(value: float, low: float, high: float) -> float:
    return float(min(max(value, low), high))
