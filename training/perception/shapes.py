"""Garments as flat outlines with exactly known landmarks: bodies, sleeves and legs as polygons, x to the right, y down.

Lengths are in units of about the height of a torso. Everything is drawn from the front; left is the viewer's.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

Rng = np.random.Generator
Floats = np.ndarray
UPPERS = ("top", "outerwear", "dress", "jumpsuit")


@dataclass
class Shape:
    """One garment. Pieces are drawn in order; `inside` is the hollow of the neck, `lines` are seams and openings."""

    category: str
    pieces: list[Floats] = field(default_factory=list)
    inside: list[Floats] = field(default_factory=list)
    lines: list[Floats] = field(default_factory=list)
    landmarks: dict[str, Floats] = field(default_factory=dict)
    chest: Floats = field(default_factory=lambda: np.zeros((2, 2)))  #: top left and bottom right of where prints are
    above: Floats = field(default_factory=lambda: np.zeros((2, 2)))  #: where a hanger's arms would end


def sample(rng: Rng, category: str, hanging: bool) -> Shape:
    """A garment of a category; `hanging` ones let their sleeves and legs down."""
    if category in UPPERS:
        return upper(rng, category, hanging)
    return skirt(rng) if category == "skirt" else legs(rng, category)


def curve(a: Floats, b: Floats, bend: float, n: int = 12) -> Floats:
    """(n, 2) points from a to b, bowed to the right of the way by `bend` of its length (y down: negative bows left)."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    along = b - a
    middle = (a + b) / 2 + bend * np.array([-along[1], along[0]])
    t = np.linspace(0, 1, n)[:, None]
    return np.asarray((1 - t) ** 2 * a + 2 * t * (1 - t) * middle + t**2 * b)


def upper(rng: Rng, category: str, hanging: bool) -> Shape:
    """Tops, jackets, dresses and jumpsuits."""
    u = rng.uniform
    shape = Shape(category)
    sleeve = str(rng.choice(["none", "short", "elbow", "long"], p=_sleeves(category)))
    strappy = sleeve == "none" and category != "outerwear" and u() < 0.45
    wide = u(0.24, 0.36) + (0.03 if category == "outerwear" else 0)  # half of the chest
    neck = u(0.09, 0.15) + (0.05 * u() if strappy else 0)
    shoulder = (
        np.array([neck + u(0.03, 0.06), u(0.0, 0.03)]) if strappy else np.array([wide * u(0.8, 1.04), u(0.04, 0.11)])
    )
    pit = np.array([wide, shoulder[1] + u(0.2, 0.34)])
    hem_y, hem_x, waist = _length(rng, category, wide)
    waist_y = pit[1] + u(0.35, 0.55) * (min(hem_y, 1.1) - pit[1])
    waist_x = wide * u(0.75, 0.95) if waist else float(np.interp(waist_y, [pit[1], hem_y], [wide, hem_x]))
    legs_from = u(0.78, 0.95) if category == "jumpsuit" else None
    arms = _sleeve_pair(rng, sleeve, hanging)
    for name, side in (("left", -1.0), ("right", 1.0)):
        flip = np.array([side, 1.0])
        wobble = rng.normal(0, 0.008, (4, 2))
        s, p, w = shoulder + wobble[0], pit + wobble[1], np.array([waist_x, waist_y]) + wobble[2]
        shape.landmarks |= {
            f"{name}_neck": np.array([neck, 0.0]) * flip,
            f"{name}_shoulder": s * flip,
            f"{name}_armpit": p * flip,
            f"{name}_waist": w * flip,
        }
        if sleeve != "none":
            _sleeve(rng, shape, name, s, p, arms[name])
    shape.landmarks["neck"] = np.array([0.0, 0.0])
    if legs_from is None:
        _skirt_part(rng, shape, hem_x, hem_y)
    else:
        _leg_part(rng, shape, np.array([waist_x * u(1.0, 1.2), legs_from]), hem_y)
    _torso(rng, shape, hem=None if legs_from else (hem_x, hem_y), crotch_y=legs_from)
    _neckline(rng, shape, category, neck, hem_y)
    shape.chest = np.array([[-0.6 * wide, pit[1] - 0.05], [0.6 * wide, min(hem_y, pit[1] + 0.45)]])
    shape.above = np.array([shape.landmarks["left_shoulder"], shape.landmarks["right_shoulder"]])
    return shape


def _sleeves(category: str) -> tuple[float, ...]:
    return {
        "top": (0.2, 0.35, 0.12, 0.33), "outerwear": (0.07, 0.03, 0.05, 0.85),
        "dress": (0.45, 0.25, 0.12, 0.18), "jumpsuit": (0.4, 0.3, 0.1, 0.2),
    }[category]  # fmt: skip


def _length(rng: Rng, category: str, wide: float) -> tuple[float, float, bool]:
    """Hem's y, half of its width, and whether there is a waist."""
    u = rng.uniform
    if category == "dress":
        return u(1.2, 2.1), wide * u(0.95, 2.2), u() < 0.75
    if category == "jumpsuit":
        return u(1.25, 2.1), wide, u() < 0.7
    long_ = u(1.05, 1.6) if category == "outerwear" and u() < 0.35 else u(0.68, 1.12)
    return long_, wide * u(0.88, 1.22), u() < 0.3


@dataclass(frozen=True)
class Sleeve:
    """How one sleeve lies. Angles in radians from straight down, outwards."""

    length: float
    angle: float
    turn: float  #: at the elbow; 0 straight
    cuff: float  #: half of its width
    bow: float
    banded: bool


def _sleeve_pair(rng: Rng, length: str, hanging: bool) -> dict[str, Sleeve]:
    """Both sleeves lie much alike, but for one garment in seven."""
    u = rng.uniform

    def one() -> Sleeve:
        spread = [u(15, 45), u(45, 80), u(-8, 15)]
        angle = u(4, 24) if hanging else float(rng.choice(spread, p=[0.62, 0.28, 0.1]))
        bent = length == "long" and angle > 20 and u() < 0.45
        long_ = {"short": u(0.14, 0.3), "elbow": u(0.3, 0.48)}.get(length, u(0.55, 0.78))
        cuff = u(0.055, 0.1) * (1.0 if length == "long" else u(1.0, 1.6))
        turn = np.radians(u(-60, 25)) if bent else 0.0
        return Sleeve(long_, float(np.radians(angle)), float(turn), cuff, u(-0.1, 0.02), u() < 0.4)

    left = one()
    if rng.random() < 0.15:
        return {"left": left, "right": replace(one(), length=left.length, cuff=left.cuff, banded=left.banded)}
    turn = left.turn + rng.normal(0, 0.08) if left.turn else 0.0
    return {"left": left, "right": replace(left, angle=left.angle + rng.normal(0, 0.05), turn=turn)}


def _sleeve(rng: Rng, shape: Shape, name: str, s: Floats, p: Floats, arm: Sleeve) -> None:
    flip = np.array([-1.0 if name == "left" else 1.0, 1.0])
    way, across = _direction(arm.angle)
    middle = (s + p) / 2
    if arm.turn:
        elbow = middle + way * arm.length * 0.5
        bent, end_across = _direction(arm.angle + arm.turn)
        end = elbow + bent * arm.length * 0.5
        half = across * float(np.linalg.norm(s - p)) * 0.36
        outer = np.vstack([curve(s, elbow + half, -0.05), curve(elbow + half, end + end_across * arm.cuff, -0.02)])
        inner = np.vstack([curve(end - end_across * arm.cuff, elbow - half, 0.0), curve(elbow - half, p, 0.03)])
        way, across = bent, end_across
    else:
        end = middle + way * arm.length
        outer = curve(s, end + across * arm.cuff, arm.bow)
        inner = curve(end - across * arm.cuff, p, float(rng.uniform(-0.03, 0.06)))
    inwards = np.array([[p[0] * 0.75, p[1]], [s[0] * 0.8, s[1] + 0.03]])
    shape.pieces.append(np.vstack([outer, inner, inwards]) * flip)
    shape.lines.append(curve(s, p, float(rng.uniform(-0.05, 0.12))) * flip)
    if arm.banded:
        shape.lines.append(
            np.array([end + across * arm.cuff - way * 0.05, end - across * arm.cuff - way * 0.05]) * flip
        )
    shape.landmarks[f"{name}_sleeve_end"] = end * flip


def _direction(angle: float) -> tuple[Floats, Floats]:
    """Along and across (outwards) of something that lies at an angle from straight down."""
    return np.array([np.sin(angle), np.cos(angle)]), np.array([np.cos(angle), -np.sin(angle)])


def _skirt_part(rng: Rng, shape: Shape, hem_x: float, hem_y: float) -> None:
    for name, side in (("left", -1.0), ("right", 1.0)):
        shape.landmarks[f"{name}_hem"] = np.array([hem_x * side, hem_y]) + rng.normal(0, 0.008, 2)


def _leg_part(rng: Rng, shape: Shape, hip: Floats, end_y: float) -> None:
    """Two legs from the hips down, with landmarks; the hem corners are the outer corners of the legs."""
    u = rng.uniform
    spread, cuff = u(0.02, 0.3), hip[0] * u(0.28, 0.62)
    crotch = np.array([rng.normal(0, 0.006), hip[1] + u(0.03, 0.12)])
    for name, side in (("left", -1.0), ("right", 1.0)):
        middle = np.array([side * (hip[0] / 2 + spread * (end_y - hip[1]) * 0.35), end_y + rng.normal(0, 0.01)])
        outer, inner = middle + (side * cuff / 2, 0), middle - (side * cuff / 2, 0)
        side_hip = hip * (side, 1.0)
        leg = np.vstack([curve(side_hip, outer, u(-0.04, 0.04)), curve(inner, crotch, u(-0.02, 0.03))])
        shape.pieces.append(np.vstack([leg, [[0.0, hip[1] - 0.1], side_hip * (1.0, 1.0) - (0, 0.1)]]))
        shape.landmarks[f"{name}_leg_end"] = middle
        shape.landmarks[f"{name}_hem"] = outer
        if u() < 0.3:
            shape.lines.append(np.array([outer - (0, 0.04), inner - (0, 0.04)]))
    shape.landmarks["crotch"] = crotch


def _torso(rng: Rng, shape: Shape, hem: tuple[float, float] | None, crotch_y: float | None) -> None:
    marks, u = shape.landmarks, rng.uniform
    down = []
    armhole = u(0.06, 0.22)
    for name, order in (("right", 1), ("left", -1)):
        bottom = marks[f"{name}_hem"] if hem else np.array([marks[f"{name}_waist"][0] * 1.08, crotch_y])
        side = np.vstack(
            [
                curve(marks[f"{name}_neck"], marks[f"{name}_shoulder"], -0.03 * order),
                curve(marks[f"{name}_shoulder"], marks[f"{name}_armpit"], armhole * order),
                curve(marks[f"{name}_armpit"], marks[f"{name}_waist"], 0.02 * order),
                curve(marks[f"{name}_waist"], bottom, u(-0.05, 0.05) * order),
            ]
        )
        down.append(side if order > 0 else side[::-1])
    sag = curve(down[0][-1], down[1][0], u(-0.03, 0.09))
    back = curve(marks["left_neck"], marks["right_neck"], u(-0.12, 0.02))
    shape.pieces.append(np.vstack([down[0], sag, down[1], back]))
    if hem and u() < 0.5:
        shape.lines.append(sag - (0, 0.03))


def _neckline(rng: Rng, shape: Shape, category: str, neck: float, hem_y: float) -> None:
    """The front of the neck with the hollow behind it; collars, hoods, openings."""
    u = rng.uniform
    left, right = shape.landmarks["left_neck"], shape.landmarks["right_neck"]
    depth = u(0.04, 0.26)
    low = np.array([0.0, depth])
    if u() < 0.35:
        front = np.vstack([curve(left, low, 0.0), curve(low, right, 0.0)])
    else:
        front = curve(left, right, depth / (2 * neck) * 1.0)[::1]
        front[:, 1] = np.abs(front[:, 1])
    shape.inside.append(np.vstack([front, curve(right, left, u(-0.1, 0.1))]))
    shape.lines.append(front)
    opens = category == "outerwear" or (category in ("top", "dress") and u() < 0.25)
    if opens:
        shape.lines.append(np.array([[0.0, depth], [rng.normal(0, 0.01), hem_y]]))
        if u() < 0.5:
            shape.lines.append(np.array([[0.04, depth], [0.04, hem_y]]))
    if u() < (0.6 if category == "outerwear" else 0.2):  # a collar or a hood stands above
        high = u(0.04, 0.09) if u() < 0.6 else u(0.14, 0.3)
        shape.pieces.append(np.vstack([curve(left, right, -high / neck), [right, left]]))


def legs(rng: Rng, category: str) -> Shape:
    """Trousers and shorts."""
    u = rng.uniform
    shape = Shape(category)
    band, hip = u(0.2, 0.3), u(1.05, 1.3)
    rise = u(0.26, 0.42)
    end = rise + (u(0.08, 0.35) if category == "shorts" else u(0.75, 1.35))
    _leg_part(rng, shape, np.array([band * hip, rise - 0.06]), end)
    return _banded(rng, shape, band, np.array([band * hip, rise - 0.05]))


def skirt(rng: Rng) -> Shape:
    """Skirts, straight to wide."""
    u = rng.uniform
    shape = Shape("skirt")
    band, end = u(0.2, 0.3), u(0.35, 1.1)
    _skirt_part(rng, shape, band * u(0.95, 2.1), end)
    marks, hip = shape.landmarks, np.array([band * u(1.05, 1.3), u(0.12, 0.24)])
    right = np.vstack([curve(hip, marks["right_hem"], u(-0.06, 0.06))])
    left = np.vstack([curve(marks["left_hem"], hip * (-1, 1), u(-0.06, 0.06))])
    shape.pieces.append(np.vstack([right, curve(marks["right_hem"], marks["left_hem"], u(-0.02, 0.1)), left]))
    return _banded(rng, shape, band, hip)


def _banded(rng: Rng, shape: Shape, band: float, hip: Floats) -> Shape:
    """Add what lies between the waistband and the hips."""
    u = rng.uniform
    left, right = np.array([-band, 0.0]) + rng.normal(0, 0.006, 2), np.array([band, 0.0]) + rng.normal(0, 0.006, 2)
    shape.landmarks |= {"left_waist": left, "right_waist": right}
    dip = curve(left, right, u(-0.03, 0.07))
    middle = [hip * (1, 1) + (0, 0.06), hip * (-1, 1) + (0, 0.06)]
    shape.pieces.append(np.vstack([dip, curve(right, hip, -0.06), middle, curve(hip * (-1, 1), left, -0.06)]))
    if u() < 0.8:
        shape.lines.append(dip + (0, u(0.03, 0.08)))
    if u() < 0.5:
        shape.lines.append(np.array([[0.0, 0.02], [0.0, hip[1]]]))
    shape.chest = np.array([[-0.7 * band, hip[1]], [0.7 * band, hip[1] + 0.15]])
    shape.above = np.array([left, right])
    return shape
