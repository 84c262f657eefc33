"""Fit the pose to the garment: which pose, how large, where, and what the garment forbids.

The body does the adapting: the garment is sized and hung by `place`, arms go where the sleeves lie and legs where the trouser legs
lie (`limbs`), and the asked pose rules the rest: head, stance, bare limbs, and the trunk's turn within what a garment photographed
from the front bears. Only where a pose was asked for, and the garment has no worn shape to keep, are sleeves and legs turned
towards it (`fit`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from zlib import crc32

import numpy as np

from fashion_gen import library
from fashion_gen.body import build_figure, keypoints, pose_body
from fashion_gen.pose.fit import Fit, bend_to, canvas_warp
from fashion_gen.pose.fitting import SIDES, Fitting, arms, laid_on, legs, outline, to_canvas, uncovered
from fashion_gen.pose.frame import frame
from fashion_gen.pose.limbs import arm_angles
from fashion_gen.pose.upright import Upright, upright
from fashion_gen.records import Category, Framing, Garment, Persona, Pose, Staging

#: Degrees that the trunk may turn, lean and bend under a garment that was photographed from the front.
TRUNK_LIMITS = {"yaw": 10.0, "lean": 5.0, "bend": 3.0}
_TOLD = 10.0  # degrees of difference from the asked pose that are worth a note
_NODES = 120  # of a warp's map across the canvas
_STEP = 12.0  # degrees that a leg may swing under a skirt

# Tag of the poses that suit a garment lying square to the camera: hands and hair off the cloth.
_AUTO, _WHEELCHAIR = "auto", "wheelchair"
# Tag of the poses for short sleeves that lift the upper arms: hands on the hips, not forearms that hang in the air.
_AKIMBO = "akimbo"
_LIFTED = 38.0  # degrees from hanging, from which a sleeve lifts an arm that ought to hang
_SHORT = 0.7  # of the breadth over the shoulders, up to which a sleeve leaves the forearm bare


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
    lying = laid_on(garment, shape, persona, pose_body(figure, bounded), grade)
    fit = _fit(lying, asked.name) if pose is not None and not garment.kind.worn else Fit(lying.shape)
    fitting = replace(lying, shape=fit.shape)
    angles = arms(fitting, bounded) | legs(fitting, bounded) | _in_turned(fit, bounded)
    solved = replace(bounded, angles=dict(bounded.angles) | angles)
    body = pose_body(figure, solved)
    view = frame(body, framing, width, height, outline(fitting))
    if pose is not None or "wheelchair" in persona.features:
        notes += bounds + _kept(asked, solved, lying, fit) + fit.notes
    notes += _cut(lying, persona)
    affine = to_canvas(fitting, view)
    warp = canvas_warp(garment, lying.shape, fit.bents, affine, width / _NODES) if fit.bents else None
    shown = keypoints(body, view) * uncovered(fitting, body)
    return Staging(persona, solved, view, shown, affine, notes, warp)


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
    fitted = arms(laid_on(garment, shape, persona, body, grade), bounded)
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
    sleeves = (shape.distance(f"{side}_shoulder", f"{side}_sleeve_end") for side in SIDES)
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


def _cut(lying: Fitting, persona: Persona) -> tuple[str, ...]:
    """What grading did to the garment, in words."""
    along, across = (float(np.hypot(*axis)) for axis in lying.shape.from_photo[::-1, :2])
    more = round(100 * (across / along - 1))
    if not more:
        return ()
    return (f"cut for size {persona.size}: {abs(more)} % {'wider' if more > 0 else 'narrower'} than photographed",)


def _fit(lying: Fitting, name: str) -> Fit:
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


def _kept(asked: Pose, solved: Pose, lying: Fitting, fit: Fit) -> tuple[str, ...]:
    """What the garment decided, in words."""
    garment = lying.garment
    sleeved = any(f"{side}_sleeve_end" in lying.shape.points for side in SIDES)
    arms = "arms follow the sleeves" if sleeved else "arms moved out from behind the garment"
    # Every pixel of a garment with a worn shape is kept where it was: bending it would give that promise up.
    why = f": a garment photographed on a {garment.kind} keeps its shape" if garment.kind.worn else ""
    if not why and not fit.notes:
        why = ": the garment lies as photographed, nearly as asked"
    return tuple(
        f"{text}, not the pose {asked.name}{why if sleeved or limb == 'leg' else ''}"
        for limb, text in (("arm", arms), ("leg", "legs follow the garment"))
        if max(_moved(asked, solved, f"{side}_{limb}") for side in SIDES) > _TOLD
    )


def _moved(asked: Pose, solved: Pose, group: str) -> float:
    """The most that an angle of a limb differs, in degrees; twists do not count, they only turn it about itself."""
    before, after = asked.angles.get(group, {}), solved.angles.get(group, {})
    return max(abs(after.get(name, 0.0) - before.get(name, 0.0)) for name in ("raise", "swing", "elbow", "knee"))
