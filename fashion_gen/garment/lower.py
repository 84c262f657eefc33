"""Landmarks of what covers the legs: waistband, crotch, leg ends, hem. From the outline alone, in crop pixels."""

from __future__ import annotations

import cv2
import numpy as np

from fashion_gen.garment.outline import Notch, Outline, Point
from fashion_gen.garment.upper import SIDES, Found, corner


def crotch_notch(outline: Outline) -> Notch | None:
    """The dent between two legs: open downwards, near the axis; None when there is none or it is shallow."""
    for notch in outline.notches:
        ends = sorted((notch.start, notch.end))
        off = abs(notch.bottom[0] - outline.axis) / outline.width
        parted = ends[0][0] < notch.bottom[0] < ends[1][0]
        below = min(ends[0][1], ends[1][1]) - notch.bottom[1]
        if off < 0.3 and parted and below > 0.05 * outline.height:
            return notch
    return None


def trouser_landmarks(outline: Outline) -> Found:
    """Waistband corners, crotch, the middle of each leg's end and the outer hem corners of trousers or shorts."""
    return waistband_landmarks(outline) | leg_landmarks(outline)


def skirt_landmarks(outline: Outline) -> Found:
    """Waistband corners and hem corners."""
    return waistband_landmarks(outline) | _hem(outline)


def waistband_landmarks(outline: Outline) -> Found:
    """The two upper outer corners."""
    return {f"{name}_waist": (corner(outline.mask, sign, 0.6, -1.0), 0.85) for name, sign in SIDES}


def leg_landmarks(outline: Outline) -> Found:
    """Crotch, leg ends and hem corners; where the legs lie together, guesses that say so by their confidence."""
    notch = crotch_notch(outline)
    if notch is None:
        return _legs_together(outline)
    sure = float(np.clip(notch.depth / (0.2 * outline.height), 0.3, 1.0))
    found: Found = {"crotch": (notch.bottom, sure)}
    x, y = round(notch.bottom[0]), round(notch.bottom[1])
    legs = outline.mask.astype(np.uint8).copy()
    legs[: y + 1] = 0
    _, labels = cv2.connectedComponents(legs, connectivity=4)
    column = np.arange(labels.shape[1])
    for name, sign in SIDES:
        here = (labels > 0) & (sign * (column - x) > 0)
        if not here.any():
            continue
        rows = np.flatnonzero(here.any(axis=1))
        tip = here & (np.arange(len(here))[:, None] >= rows[-1] - 0.04 * outline.height)
        ys, xs = np.nonzero(tip)
        found[f"{name}_leg_end"] = (float(xs.mean()), float(ys.mean())), sure
        found[f"{name}_hem"] = corner(here, sign, 0.6, 1.0), 0.8 * sure
    return found


def _legs_together(outline: Outline) -> Found:
    _, top, _, bottom = outline.box
    run = outline.middle_run(bottom - round(0.02 * outline.height)) or (outline.box[0], outline.box[2])
    quarter = (run[1] - run[0]) / 4
    ends: dict[str, Point] = {
        "left_leg_end": (run[0] + quarter, float(bottom)),
        "right_leg_end": (run[1] - quarter, float(bottom)),
        "crotch": (outline.axis, top + 0.3 * (bottom - top)),  # rise over outseam of trousers is about 0.3
    }
    return {name: (point, 0.2) for name, point in ends.items()} | _hem(outline)


def _hem(outline: Outline) -> Found:
    return {f"{name}_hem": (corner(outline.mask, sign, 0.6, 1.0), 0.85) for name, sign in SIDES}
