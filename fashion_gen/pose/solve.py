"""Fit the pose to the garment: which pose, how large, where, and what the garment forbids.

The body does the adapting: the garment is sized and hung by `place`, arms go where the sleeves lie and legs where the trouser legs
lie (`limbs`), and the asked pose rules the rest: head, stance, bare limbs, and the trunk's turn within what a garment photographed
from the front bears. Only where a pose was asked for, and the garment has no worn shape to keep, are sleeves and legs turned
towards it (`fit`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np

from fashion_gen import library
from fashion_gen.body import KEYPOINTS, PosedBody, build_figure, keypoints, pose_body
from fashion_gen.pose.fit import Fit, bend_to, canvas_warp
from fashion_gen.pose.frame import frame
from fashion_gen.pose.limbs import arm, arm_angles, covered, fit_arm, fit_leg, hidden_share, leg, rests, seen_bend
from fashion_gen.pose.place import Placement, place
from fashion_gen.pose.trunk import Trunk
from fashion_gen.pose.upright import Upright, upright
from fashion_gen.records import Category, Framing, Garment, Persona, Points, Pose, Staging, View

#: Degrees that the trunk may turn, lean and bend under a garment that was photographed from the front.
TRUNK_LIMITS = {"yaw": 10.0, "lean": 5.0, "bend": 3.0}
_HIDDEN = 0.12  # share of a bare arm that may slip behind the garment before it is moved aside
_TOLD = 10.0  # degrees of difference from the asked pose that are worth a note
_NODES = 120  # of a warp's map across the canvas
_STEP = 12.0  # degrees that a leg may swing under a skirt

# Tag of the poses that suit a garment lying square to the camera: hands and hair off the cloth.
_AUTO, _WHEELCHAIR = "auto", "wheelchair"
# Tag of the poses for short sleeves that lift the upper arms: hands on the hips, not forearms that hang in the air.
_AKIMBO = "akimbo"
_LIFTED = 38.0  # degrees from hanging, from which a sleeve lifts an arm that ought to hang
_SHORT = 0.7  # of the breadth over the shoulders, up to which a sleeve leaves the forearm bare

_SIDES = {"left": "right", "right": "left"}  # the wearer's to the viewer's


@dataclass(frozen=True, slots=True, eq=False)
class _Fitting:
    """The garment hung on a body, before the limbs are fitted."""

    garment: Garment
    shape: Upright
    placement: Placement
    body: PosedBody

    def landmark(self, name: str) -> Points | None:
        """(2,) X, Y in body centimetres."""
        point = self.shape.points.get(name)
        return None if point is None else self.placement.to_body(point[None])[0]


def choose(
    garment: Garment,
    persona: Persona,
    *,
    pose: Pose | None,
    framing: Framing | None,
    width: int,
    height: int,
    grade: bool = True,
) -> Staging:
    """Put the persona into the garment on a canvas of width x height.

    Args:
        pose: None takes one that suits the garment and the persona.
        framing: None takes the pose's own, or what the category is usually shown in.
        grade: whether the garment may be made a little wider or narrower, as the persona's size is cut (`place.grade`).
    """
    framing, notes = _framing(garment, pose, framing)
    shape = upright(garment)
    asked = replace(pose or _suitable(garment, shape, persona, framing, grade), framing=framing)
    bounded, bounds = _bounded(asked, garment)
    figure = build_figure(persona.measurements, persona.presentation)
    lying = _fitting(garment, shape, persona, pose_body(figure, bounded), grade)
    fit = _fit(lying, asked.name) if pose is not None and not garment.kind.worn else Fit(lying.shape)
    fitting = replace(lying, shape=fit.shape)
    angles = _arms(fitting, bounded) | _legs(fitting, bounded) | _in_turned(fit, bounded)
    solved = replace(bounded, angles=dict(bounded.angles) | angles)
    body = pose_body(figure, solved)
    view = frame(body, framing, width, height, _outline(fitting))
    if pose is not None or "wheelchair" in persona.features:
        notes += bounds + _kept(asked, solved, lying, fit) + fit.notes
    notes += _cut(lying, persona)
    to_canvas = _to_canvas(fitting, view)
    warp = canvas_warp(garment, lying.shape, fit.bents, to_canvas, width / _NODES) if fit.bents else None
    shown = keypoints(body, view) * _uncovered(fitting, body)
    return Staging(persona, solved, view, shown, to_canvas, notes, warp)


def _framing(garment: Garment, pose: Pose | None, framing: Framing | None) -> tuple[Framing, tuple[str, ...]]:
    usual = Framing.COWBOY if garment.category in (Category.TOP, Category.OUTERWEAR) else Framing.FULL
    asked = framing or (pose.framing if pose else usual)
    hidden = Framing.LOWER if garment.category.covers_top else Framing.UPPER
    if asked is hidden:
        shown = usual if garment.category.covers_top else Framing.LOWER
        return shown, (f"framing {shown}: {asked} would not show the {garment.category}",)
    return asked, ()


def _suitable(garment: Garment, shape: Upright, persona: Persona, framing: Framing, grade: bool) -> Pose:
    """The same persona always stands the same way; different personas stand differently."""
    if "wheelchair" in persona.features and not garment.category.covers_legs:
        return _tagged(persona, framing, _WHEELCHAIR)
    pose = _tagged(persona, framing, _AUTO)
    if not _short_sleeved(garment, shape):
        return pose
    bounded, _ = _bounded(pose, garment)
    body = pose_body(build_figure(persona.measurements, persona.presentation), bounded)
    fitted = _arms(_fitting(garment, shape, persona, body, grade), bounded)
    lifted = any(
        arm["raise"] > max(_LIFTED, bounded.angles.get(group, {}).get("raise", 0.0) + _TOLD)
        for group, arm in fitted.items()
    )
    return _tagged(persona, framing, _AKIMBO, _AUTO) if lifted else pose


def _tagged(persona: Persona, framing: Framing, *tags: str) -> Pose:
    """One of the poses with the first tag that there is, in this framing or full."""
    wanted = [(tag, shown) for shown in (framing, Framing.FULL) for tag in tags]
    poses = library.poses().values()
    fit = next(fit for tag, shown in wanted if (fit := [p for p in poses if tag in p.tags and p.framing is shown]))
    return fit[(crc32(persona.name.encode()) + persona.seed) % len(fit)]


def _short_sleeved(garment: Garment, shape: Upright) -> bool:
    """Whether it is a top with a sleeve that leaves the forearm bare."""
    breadth = shape.distance("left_shoulder", "right_shoulder")
    if breadth is None or not garment.category.covers_top or garment.category.covers_legs:
        return False
    sleeves = (shape.distance(f"{side}_shoulder", f"{side}_sleeve_end") for side in _SIDES)
    return any(sleeve is not None and sleeve < _SHORT * breadth for sleeve in sleeves)


def _bounded(pose: Pose, garment: Garment) -> tuple[Pose, tuple[str, ...]]:
    """The pose as far as a garment from the front lets the body take it, and what was given up."""
    angles = {group: dict(values) for group, values in pose.angles.items()}
    torso = angles.get("torso", {})
    angles["torso"] = {k: float(np.clip(torso.get(k, 0.0), -most, most)) for k, most in TRUNK_LIMITS.items()}
    notes = []
    if any(abs(torso.get(k, 0.0)) > most + 5 for k, most in TRUNK_LIMITS.items()):
        notes.append("trunk turned less: the garment was photographed from the front")
    if not garment.category.covers_legs:
        return replace(pose, angles=angles), tuple(notes)
    most = _STEP if garment.category in (Category.SKIRT, Category.DRESS) else 0.0
    for group in ("left_leg", "right_leg"):
        asked = angles.get(group, {})
        swing = float(np.clip(asked.get("swing", 0.0), -most, most))
        angles[group] = dict(asked) | {"swing": swing, "knee": min(asked.get("knee", 0.0), 1.5 * most)}
    if pose.seat != "none":
        notes.append("standing: the garment was photographed straight, a seat would bend it")
    return replace(pose, angles=angles, seat="none"), tuple(notes)


def _fitting(garment: Garment, shape: Upright, persona: Persona, body: PosedBody, grade: bool) -> _Fitting:
    cut, placement = place(garment, shape, Trunk(body), persona, grade=grade)
    return _Fitting(garment, cut, placement, body)


def _cut(lying: _Fitting, persona: Persona) -> tuple[str, ...]:
    """What grading did to the garment, in words."""
    along, across = (float(np.hypot(*axis)) for axis in lying.shape.from_photo[::-1, :2])
    more = round(100 * (across / along - 1))
    if not more:
        return ()
    return (f"cut for size {persona.size}: {abs(more)} % {'wider' if more > 0 else 'narrower'} than photographed",)


def _fit(lying: _Fitting, name: str) -> Fit:
    return bend_to(lying.garment, lying.shape, lying.placement, lying.body, name)


def _in_turned(fit: Fit, pose: Pose) -> dict[str, Mapping[str, float]]:
    """Angles of the limbs in turned sleeves and legs."""
    lean = pose.angles.get("torso", {}).get("bend", 0.0)
    return {
        group: arm_angles(limb, lean if group == "left_arm" else -lean)
        if group.endswith("arm")
        else dict(pose.angles.get(group, {})) | {"raise": float(np.clip(limb.raised, -8, 40))}
        for group, limb in fit.limbs.items()
    }


def _arms(fitting: _Fitting, pose: Pose) -> dict[str, Mapping[str, float]]:
    """Angles of both arms: in the sleeves, or beside the garment where bare."""
    bend = pose.angles.get("torso", {}).get("bend", 0.0)
    fitted: dict[str, Mapping[str, float]] = {}
    for side, seen in _SIDES.items():
        limb, wanted = arm(fitting.body, side), seen_bend(fitting.body, side, ("shoulder", "elbow", "wrist"))
        end = fitting.landmark(f"{seen}_sleeve_end") if fitting.garment.category.covers_top else None
        if end is None and hidden_share(fitting.body, side, fitting.shape, fitting.placement) <= _HIDDEN:
            continue
        found = fit_arm(limb, fitting.shape, fitting.placement, end, wanted, rest=_rest(fitting, side))
        fitted[f"{side}_arm"] = arm_angles(found, bend if side == "left" else -bend)
    return fitted


def _rest(fitting: _Fitting, side: str) -> Points | None:
    """(2,) X, Y of the wrist of a hand that the pose lays on the hip: moved out to the garment's side if it lies before it."""
    if not rests(fitting.body, side):
        return None
    wrist, sign = fitting.body.joints[f"{side[0]}_wrist"][:2], 1.0 if side == "left" else -1.0
    row = (fitting.placement.y0 - wrist[1]) / fitting.placement.k
    if not fitting.shape.top < row < fitting.shape.bottom:
        return np.asarray(wrist)
    edge = fitting.placement.x0 + fitting.placement.k * fitting.shape.row(row)[1 if sign > 0 else 0]
    return np.array([sign * max(sign * wrist[0], sign * edge), wrist[1]])


def _legs(fitting: _Fitting, pose: Pose) -> dict[str, Mapping[str, float]]:
    """Angles of both legs: in the trouser legs, or inside the hem."""
    if not fitting.garment.category.covers_legs:
        return {}
    fitted: dict[str, Mapping[str, float]] = {}
    for side, seen in _SIDES.items():
        limb, wanted = leg(fitting.body, side), seen_bend(fitting.body, side, ("hip", "knee", "ankle"))
        leg_end = fitting.landmark(f"{seen}_leg_end")
        end = _in_hem(fitting, side) if leg_end is None else leg_end
        found = fit_leg(limb, fitting.shape, fitting.placement, end, wanted, trousers=leg_end is not None)
        fitted[f"{side}_leg"] = dict(pose.angles.get(f"{side}_leg", {})) | {
            "raise": float(np.clip(found.raised, -8, 40))
        }
    return fitted


def _in_hem(fitting: _Fitting, side: str) -> Points:
    """(2,) where the asked leg passes the hem, moved inside the hem if it does not."""
    s = side[0]
    hems = [p for p in (fitting.landmark("left_hem"), fitting.landmark("right_hem")) if p is not None]
    bottom = fitting.placement.y0 - fitting.placement.k * fitting.shape.bottom
    y = float(np.mean([p[1] for p in hems])) if hems else bottom
    down = [fitting.body.joints[f"{s}_{name}"] for name in ("ankle", "knee", "hip")]
    x = float(np.interp(y, [p[1] for p in down], [p[0] for p in down]))
    row = (fitting.placement.y0 - y) / fitting.placement.k - 4
    left, right = (fitting.placement.x0 + fitting.placement.k * edge for edge in fitting.shape.row(row))
    radius = fitting.body.figure.girths["knee"][0] + 0.5
    return np.array([np.clip(x, min(left + radius, 0), max(right - radius, 0)), y])


def _kept(asked: Pose, solved: Pose, lying: _Fitting, fit: Fit) -> tuple[str, ...]:
    """What the garment decided, in words."""
    garment = lying.garment
    sleeved = any(f"{side}_sleeve_end" in lying.shape.points for side in _SIDES)
    arms = "arms follow the sleeves" if sleeved else "arms moved out from behind the garment"
    # Every pixel of a garment with a worn shape is kept where it was: bending it would give that promise up.
    why = f": a garment photographed on a {garment.kind} keeps its shape" if garment.kind.worn else ""
    if not why and not fit.notes:
        why = ": the garment lies as photographed, nearly as asked"
    return tuple(
        f"{text}, not the pose {asked.name}{why if sleeved or limb == 'leg' else ''}"
        for limb, text in (("arm", arms), ("leg", "legs follow the garment"))
        if max(_moved(asked, solved, f"{side}_{limb}") for side in _SIDES) > _TOLD
    )


def _moved(asked: Pose, solved: Pose, group: str) -> float:
    """The most that an angle of a limb differs, in degrees; twists do not count, they only turn it about itself."""
    before, after = asked.angles.get(group, {}), solved.angles.get(group, {})
    return max(abs(after.get(name, 0.0) - before.get(name, 0.0)) for name in ("raise", "swing", "elbow", "knee"))


def _uncovered(fitting: _Fitting, body: PosedBody) -> Points:
    """(18, 3) factors of keypoints: visibility 0 where the garment hides a limb that it does not clothe.

    Clothes do not make a joint invisible, but a shirt's tail before the knees of who sits, or a skirt before a hand, does.
    """
    category = fitting.garment.category
    factors = np.ones((len(KEYPOINTS), 3))
    for side, seen in _SIDES.items():
        end = fitting.landmark(f"{seen}_sleeve_end") if category.covers_top else None
        bare: tuple[str, ...] = (
            ("elbow", "wrist") if end is None else ("wrist",) if _leaves_wrist(end, body, side) else ()
        )
        unclothed = bare + (() if category.covers_legs else ("knee", "ankle"))
        for joint in unclothed:
            name = f"{side[0]}_{joint}"
            if covered(body.joints[name][:2], fitting.shape, fitting.placement):
                factors[KEYPOINTS.index(name), 2] = 0.0
    return factors


def _leaves_wrist(end: Points, body: PosedBody, side: str) -> bool:
    """Whether a sleeve that ends at (2,) `end` ends nearer to the elbow than to the wrist, or above it."""
    elbow, wrist = (body.joints[f"{side[0]}_{name}"][:2] for name in ("elbow", "wrist"))
    return bool(np.hypot(*(end - elbow)) < np.hypot(*(end - wrist)))


def _outline(fitting: _Fitting) -> Points:
    """(2, 2) corners of the garment's box in body centimetres."""
    ys, xs = np.nonzero(fitting.shape.mask)
    return fitting.placement.to_body(np.array([[xs.min(), ys.min()], [xs.max() + 1, ys.max() + 1]], np.float64))


def _to_canvas(fitting: _Fitting, view: View) -> Points:
    """(2, 3) affine, photo pixels to canvas pixels."""
    k = fitting.placement.k * view.scale
    shift = np.array([view.x0 + fitting.placement.x0 * view.scale, view.y0 - fitting.placement.y0 * view.scale])
    matrix = k * fitting.shape.from_photo
    matrix[:, 2] += shift
    return np.asarray(matrix)
