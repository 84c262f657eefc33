"""Garments on people: is somebody wearing it, and which part of the silhouette is the garment.

Both are told from joints: those that a pose estimator found (`people`), given from outside, or where nobody looked those
that the outline suggests (`figure.py`). Both see bodies in empty hoodies and shoes, so a person is believed only when an
uncovered end of the body (face, wrist, ankle) shows a colour that the garment does not have: a difference from this very
garment, not any particular colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.garment.figure import person_by_outline
from fashion_gen.garment.saliency import Lab, to_lab
from fashion_gen.garment.scale import at_most
from fashion_gen.records import Category, Mask, Matte, Picture, Points

WORK = 320
SEEN = 0.35  #: joint scores under this are guesses
STRANGE = 16.0  #: Lab units from every colour of the garment: not the garment

NOSE, NECK, R_SHOULDER, R_ELBOW, R_WRIST, L_SHOULDER, L_ELBOW, L_WRIST = range(8)
R_HIP, R_KNEE, R_ANKLE, L_HIP, L_KNEE, L_ANKLE, R_EYE, L_EYE, R_EAR, L_EAR = range(8, 18)
ENDS = (NOSE, R_WRIST, L_WRIST, R_ANKLE, L_ANKLE)
BEYOND = (
    (R_ELBOW, R_WRIST),
    (L_ELBOW, L_WRIST),
    (R_KNEE, R_ANKLE),
    (L_KNEE, L_ANKLE),
)  #: a hand or a foot lies past these
#: Bones with their clothed breadth in head heights.
BONES = (
    (R_SHOULDER, L_SHOULDER, 0.5), (R_HIP, L_HIP, 1.0),
    (R_SHOULDER, R_HIP, 0.8), (L_SHOULDER, L_HIP, 0.8), (R_SHOULDER, L_HIP, 0.8), (L_SHOULDER, R_HIP, 0.8),
    (R_SHOULDER, R_ELBOW, 0.7), (L_SHOULDER, L_ELBOW, 0.7), (R_ELBOW, R_WRIST, 0.6), (L_ELBOW, L_WRIST, 0.6),
    (R_HIP, R_KNEE, 1.0), (L_HIP, L_KNEE, 1.0), (R_KNEE, R_ANKLE, 0.8), (L_KNEE, L_ANKLE, 0.8),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Wearer:
    """A person at working size: joints (18, 3) in pixels of `lab`, and what is surely garment above and below."""

    joints: Points
    lab: Lab
    solid: Mask
    scale: float  #: working pixels per photo pixel
    unit: float  #: about a head's height, in working pixels


def wearer(people: Sequence[Points], rgb: Picture, matte: Matte) -> Wearer | None:
    """The most visible person on the matte whose face, wrists or ankles are not of the garment; None without one."""
    scale = min(1.0, WORK / max(matte.shape))
    solid = at_most(matte, WORK) > 0.5
    lab = cv2.GaussianBlur(to_lab(at_most(rgb, WORK)), (0, 0), 0.8)
    for joints in sorted(people, key=lambda j: -float(j[:, 2].sum())):
        person = Wearer(joints * (scale, scale, 1.0), lab, solid, scale, _unit(joints) * scale)
        on = sum(_on(person, i) for i in range(18))
        if on >= 4 and _uncovered(person):
            return person
    return None


def wearer_by_outline(rgb: Picture, matte: Matte) -> Wearer | None:
    """The person whose silhouette the matte is, when nobody has looked for people; None where it looks like a garment."""
    joints = person_by_outline(matte)
    return None if joints is None else wearer([joints], rgb, matte)


def garment_on(person: Wearer, rgb: Picture, category: Category | None) -> tuple[Matte, str]:
    """(H, W) coarse matte of one garment of a dressed person, and which part it is: "upper", "lower" or "whole".

    `category` says which one is meant; without it, the one that shows most.
    """
    upper, lower = _torso(person), _thighs(person)
    part = _part(person, upper, lower, category)
    seeds = {"upper": upper, "lower": lower, "whole": upper | lower}[part]
    others = {"upper": lower, "lower": upper, "whole": np.zeros_like(upper)}[part]
    if not seeds.any():
        return _full(person.solid.astype(np.float32), rgb), "whole"
    others &= _unlike(person.lab, seeds)
    state = np.full(person.solid.shape, cv2.GC_PR_BGD, np.uint8)
    body, like = _envelope(person), ~_unlike(person.lab, seeds)
    state[body & like] = cv2.GC_PR_FGD
    # The silhouette may lack a leg that the joints know of, or hold a wall between two legs.
    state[~body & ~(person.solid & like)] = cv2.GC_BGD
    state[_ends(person, part) | others] = cv2.GC_BGD
    state[seeds] = cv2.GC_FGD
    small = np.ascontiguousarray(at_most(rgb, WORK))
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    cv2.grabCut(small, state, None, *models, 3, cv2.GC_INIT_WITH_MASK)
    found = cv2.morphologyEx((state & 1).astype(np.uint8), cv2.MORPH_OPEN, _disc(1.5))
    return _full(_touching(found > 0, seeds).astype(np.float32), rgb), part


def _unit(joints: Points) -> float:
    """About a head's height in photo pixels, from whichever bones are seen."""
    ratios = (
        (R_SHOULDER, L_SHOULDER, 0.6),
        (R_SHOULDER, R_HIP, 0.42),
        (L_SHOULDER, L_HIP, 0.42),
        (R_HIP, R_KNEE, 0.5),
        (L_HIP, L_KNEE, 0.5),
    )
    seen = [
        k * float(np.hypot(*(joints[a, :2] - joints[b, :2]))) for a, b, k in ratios if min(joints[[a, b], 2]) >= SEEN
    ]
    return max(4.0, float(np.median(seen))) if seen else 40.0


def _on(person: Wearer, joint: int) -> bool:
    x, y, sure = person.joints[joint]
    h, w = person.solid.shape
    inside = 0 <= x < w and 0 <= y < h
    return bool(sure >= SEEN and inside and person.solid[int(y), int(x)])


def _uncovered(person: Wearer) -> bool:
    """Whether an end of the body that is surely seen has a colour unlike torso and thighs."""
    core = _torso(person) | _thighs(person)
    if not core.any():
        return False
    unlike = _unlike(person.lab, core)
    spots = [_spot(person, person.joints[joint, :2], 0.18) for joint in ENDS if person.joints[joint, 2] >= 0.5]
    for before, joint in BEYOND:
        a, b, sure = person.joints[before, :2], person.joints[joint, :2], float(person.joints[[before, joint], 2].min())
        if sure >= 0.5:
            spots.append(_spot(person, b + 0.35 * (b - a), 0.15))
    return any((unlike & spot & person.solid).sum() > 0.6 * spot.sum() for spot in spots)


def _unlike(lab: Lab, core: Mask) -> Mask:
    """(h, w) True where the colour is far from each of the main colours within `core`."""
    pixels = lab[core].astype(np.float32)
    if len(pixels) < 12:
        return np.zeros(core.shape, bool)
    cv2.setRNGSeed(0)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.5)
    _, label, colours = cv2.kmeans(pixels, 4, np.zeros(0), stop, 1, cv2.KMEANS_PP_CENTERS)
    share = np.bincount(label.ravel(), minlength=4) / len(pixels)
    main = colours[share > 0.08]
    distance = np.min([np.linalg.norm((lab - colour) * (0.6, 1.0, 1.0), axis=2) for colour in main], axis=0)
    return np.asarray(distance > STRANGE)


def _torso(person: Wearer) -> Mask:
    """The middle of the chest and belly, on the silhouette; empty when the shoulders are not seen."""
    joints = person.joints
    canvas = np.zeros(person.solid.shape, np.uint8)
    if max(joints[[R_SHOULDER, L_SHOULDER], 2]) < SEEN:
        return canvas > 0
    shoulders = joints[[R_SHOULDER, L_SHOULDER], :2]
    centre = shoulders.mean(axis=0)
    hips = joints[[R_HIP, L_HIP], :2]
    if max(joints[[R_HIP, L_HIP], 2]) < SEEN:
        hips = shoulders + (0.0, 2.4 * person.unit)
    across = (shoulders[1] - shoulders[0]) * 0.28
    top, bottom = centre + 0.25 * (hips.mean(axis=0) - centre), centre + 0.72 * (hips.mean(axis=0) - centre)
    corners = np.array([top - across, top + across, bottom + across * 0.9, bottom - across * 0.9])
    cv2.fillConvexPoly(canvas, np.rint(corners).astype(np.int32), 1)
    return (canvas > 0) & person.solid


def _thighs(person: Wearer) -> Mask:
    """Strips along both thighs (shins where no hip is seen)."""
    canvas = np.zeros(person.solid.shape, np.uint8)
    for hip, knee, ankle in ((R_HIP, R_KNEE, R_ANKLE), (L_HIP, L_KNEE, L_ANKLE)):
        bones = ((hip, knee), (knee, ankle))
        bone = next((b for b in bones if min(person.joints[list(b), 2]) >= SEEN), None)
        if bone is None:
            continue
        a, b = person.joints[bone[0], :2], person.joints[bone[1], :2]
        start, end = np.rint(a + 0.2 * (b - a)).astype(int), np.rint(a + 0.75 * (b - a)).astype(int)
        thick = max(2, round(0.3 * person.unit))
        cv2.line(canvas, (int(start[0]), int(start[1])), (int(end[0]), int(end[1])), 1, thick)
    return canvas > 0


def _envelope(person: Wearer) -> Mask:
    """A generous body around the bones that are seen."""
    canvas = np.zeros(person.solid.shape, np.uint8)
    for a, b, girth in BONES:
        if min(person.joints[[a, b], 2]) >= SEEN:
            start, end = np.rint(person.joints[[a, b], :2]).astype(int)
            thick = max(2, round(girth * person.unit))
            cv2.line(canvas, (int(start[0]), int(start[1])), (int(end[0]), int(end[1])), 1, thick)
    return (canvas > 0) | _torso(person)


def _part(person: Wearer, upper: Mask, lower: Mask, category: Category | None) -> str:
    if category is not None:
        if category in (Category.DRESS, Category.JUMPSUIT):
            return "whole"
        return "upper" if category.covers_top else "lower"
    if not lower.any() or not upper.any():
        return "upper" if upper.any() else "lower"
    foreign = _unlike(person.lab, upper)[lower].mean(), _unlike(person.lab, lower)[upper].mean()
    if max(foreign) < 0.25:
        return "whole"
    # Both show: shops that sell trousers crop the head, so a visible torso is what is sold.
    return "upper"


def _ends(person: Wearer, part: str) -> Mask:
    """What is never garment: the head, and for an upper part what lies far below the hips."""
    canvas = np.zeros(person.solid.shape, bool)
    for joint in (NOSE, R_EYE, L_EYE, R_EAR, L_EAR):
        if person.joints[joint, 2] >= SEEN:
            canvas |= _spot(person, person.joints[joint, :2], 0.3)
    hips = person.joints[[R_HIP, L_HIP]]
    if part == "upper" and max(hips[:, 2]) >= SEEN:
        canvas[max(0, round(float(hips[:, 1].max() + 0.75 * person.unit))) :] = True  # tops end above mid-thigh
    return canvas


def _spot(person: Wearer, point: Points, radius: float) -> Mask:
    canvas = np.zeros(person.solid.shape, np.uint8)
    x, y = point
    cv2.circle(canvas, (round(float(x)), round(float(y))), max(2, round(radius * person.unit)), 1, -1)
    return canvas > 0


def _touching(mask: Mask, seeds: Mask) -> Mask:
    """The pieces of a mask that touch the seeds."""
    _, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    wanted = np.unique(labels[seeds & mask])
    return np.isin(labels, wanted[wanted > 0])


def _disc(radius: float) -> NDArray[np.uint8]:
    n = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (n, n)), np.uint8)


def _full(matte: Matte, rgb: Picture) -> Matte:
    return np.asarray(cv2.resize(matte, rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR))
