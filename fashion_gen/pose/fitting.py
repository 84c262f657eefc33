"""A garment laid on a body: where it hangs, the limbs that go into it, and the joints that it hides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fashion_gen.body import KEYPOINTS, PosedBody
from fashion_gen.pose.limbs import arm, arm_angles, covered, fit_arm, fit_leg, hidden_share, leg, rests, seen_bend
from fashion_gen.pose.place import Placement, place
from fashion_gen.pose.trunk import Trunk
from fashion_gen.pose.upright import Upright
from fashion_gen.records import Garment, Persona, Points, Pose, View

_HIDDEN = 0.12  # share of a bare arm that may slip behind the garment before it is moved aside
SIDES = {"left": "right", "right": "left"}  #: the wearer's to the viewer's


@dataclass(frozen=True, slots=True, eq=False)
class Fitting:
    """The garment hung on a body, before the limbs are fitted."""

    garment: Garment
    shape: Upright
    placement: Placement
    body: PosedBody

    def landmark(self, name: str) -> Points | None:
        """(2,) X, Y in body centimetres."""
        point = self.shape.points.get(name)
        return None if point is None else self.placement.to_body(point[None])[0]


def laid_on(garment: Garment, shape: Upright, persona: Persona, body: PosedBody, grade: bool) -> Fitting:
    """Hang a garment on a posed body, cut to the persona's size if `grade` allows."""
    cut, placement = place(garment, shape, Trunk(body), persona, grade=grade)
    return Fitting(garment, cut, placement, body)


def arms(fitting: Fitting, pose: Pose) -> dict[str, Mapping[str, float]]:
    """Angles of both arms: in the sleeves, or beside the garment where bare."""
    bend = pose.angles.get("torso", {}).get("bend", 0.0)
    fitted: dict[str, Mapping[str, float]] = {}
    for side, seen in SIDES.items():
        limb, wanted = arm(fitting.body, side), seen_bend(fitting.body, side, ("shoulder", "elbow", "wrist"))
        end = fitting.landmark(f"{seen}_sleeve_end") if fitting.garment.category.covers_top else None
        if end is None and hidden_share(fitting.body, side, fitting.shape, fitting.placement) <= _HIDDEN:
            continue
        found = fit_arm(limb, fitting.shape, fitting.placement, end, wanted, rest=_rest(fitting, side))
        fitted[f"{side}_arm"] = arm_angles(found, bend if side == "left" else -bend)
    return fitted


def _rest(fitting: Fitting, side: str) -> Points | None:
    """(2,) X, Y of the wrist of a hand that the pose lays on the hip: moved out to the garment's side if it lies before it."""
    if not rests(fitting.body, side):
        return None
    wrist, sign = fitting.body.joints[f"{side[0]}_wrist"][:2], 1.0 if side == "left" else -1.0
    row = (fitting.placement.y0 - wrist[1]) / fitting.placement.k
    if not fitting.shape.top < row < fitting.shape.bottom:
        return np.asarray(wrist)
    edge = fitting.placement.x0 + fitting.placement.k * fitting.shape.row(row)[1 if sign > 0 else 0]
    return np.array([sign * max(sign * wrist[0], sign * edge), wrist[1]])


def legs(fitting: Fitting, pose: Pose) -> dict[str, Mapping[str, float]]:
    """Angles of both legs: in the trouser legs, or inside the hem."""
    if not fitting.garment.category.covers_legs:
        return {}
    fitted: dict[str, Mapping[str, float]] = {}
    for side, seen in SIDES.items():
        limb, wanted = leg(fitting.body, side), seen_bend(fitting.body, side, ("hip", "knee", "ankle"))
        leg_end = fitting.landmark(f"{seen}_leg_end")
        end = _in_hem(fitting, side) if leg_end is None else leg_end
        found = fit_leg(limb, fitting.shape, fitting.placement, end, wanted, trousers=leg_end is not None)
        fitted[f"{side}_leg"] = dict(pose.angles.get(f"{side}_leg", {})) | {
            "raise": float(np.clip(found.raised, -8, 40))
        }
    return fitted


def _in_hem(fitting: Fitting, side: str) -> Points:
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


def uncovered(fitting: Fitting, body: PosedBody) -> Points:
    """(18, 3) factors of keypoints: visibility 0 where the garment hides a limb that it does not clothe.

    Clothes do not make a joint invisible, but a shirt's tail before the knees of who sits, or a skirt before a hand, does.
    """
    category = fitting.garment.category
    factors = np.ones((len(KEYPOINTS), 3))
    for side, seen in SIDES.items():
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


def outline(fitting: Fitting) -> Points:
    """(2, 2) corners of the garment's box in body centimetres."""
    ys, xs = np.nonzero(fitting.shape.mask)
    return fitting.placement.to_body(np.array([[xs.min(), ys.min()], [xs.max() + 1, ys.max() + 1]], np.float64))


def to_canvas(fitting: Fitting, view: View) -> Points:
    """(2, 3) affine, photo pixels to canvas pixels."""
    k = fitting.placement.k * view.scale
    shift = np.array([view.x0 + fitting.placement.x0 * view.scale, view.y0 - fitting.placement.y0 * view.scale])
    matrix = k * fitting.shape.from_photo
    matrix[:, 2] += shift
    return np.asarray(matrix)
