"""What is wrong with a photo and how to cure it. Measured on the pixels; nothing is generated.

Not judged: whose size a garment is. Nothing in a product photo tells an adult's from a child's with certainty, so a
child's garment in intimate wear is not recognised here; the terms of use and the platform's catalogue data have to.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from fashion_gen.errors import GarmentRefused, InputError
from fashion_gen.garment.outline import Outline
from fashion_gen.garment.saliency import to_lab
from fashion_gen.garment.scale import at_most
from fashion_gen.records import Mask, Matte, Photo, Picture, Problem

LEAST_SIDE = 600  #: pixels along the garment's long side; a 2,000 px master needs about this much to look sharp
LEAST_SHARPNESS = 0.07  #: see `sharpness`; 150 real photos have 0.25 to 1.8, blurred by two pixels 0.03 to 0.11
LEAST_CONTRAST = 7.0  #: Lab units across the outline; one real photo in a hundred has less than 9
LEAST_SYMMETRY = 0.68  #: one real photo in twenty has less
MOST_CUT = 0.025  #: share of the outline that may lie on the picture's border
MOST_COVERED = 0.02  #: share of the garment that hands and hair may hide

CLIPS = Problem(
    "clips",
    "A hanger's clips stood above the waistband and were cut off; where they lie on the cloth they still show.",
    "Lay the garment flat, or pin it to the hanger from behind, so that no clip lies on it.",
)


def problems_of(
    photo: Photo,
    matte: Matte,
    outline: Outline,
    *,
    worn: bool = False,
    hidden: Mapping[str, float] | None = None,
    clipped: bool = False,
) -> tuple[Problem, ...]:
    """Every problem of a photo whose garment was found. None refuses the photo.

    `worn`: a person moves it out of shape. `hidden`: what lies before the garment, with its share of the garment's area.
    `clipped`: clips of a hanger were cut off above the waistband.
    """
    checks = (
        _too_small(matte),
        _cut_off(matte),
        _blurred(photo.rgb, matte),
        _low_contrast(photo, matte),
        None if worn else _folded(outline),
        _covered(hidden or {}),
        CLIPS if clipped else None,
    )
    return tuple(problem for problem in checks if problem is not None)


def refusal(error: InputError) -> Problem:
    """Why a photo cannot be used, as a problem."""
    if isinstance(error, GarmentRefused):
        cure = "Photograph one garment on a plain background, or state its category if it was mistaken."
        return Problem(error.code, str(error), cure, refuse=True)
    return Problem("unreadable", str(error), "", refuse=True)


def _too_small(matte: Matte) -> Problem | None:
    side = max(_box_size(matte > 0.5))
    if side >= LEAST_SIDE:
        return None
    return Problem(
        "too_small",
        f"The garment is only {side} pixels long, so it will look soft in a large picture.",
        f"Use a photo in which the garment is at least {LEAST_SIDE} pixels long, or move closer.",
    )


def _cut_off(matte: Matte) -> Problem | None:
    solid = matte > 0.5
    border = int(solid[0].sum() + solid[-1].sum() + solid[:, 0].sum() + solid[:, -1].sum())
    height, width = _box_size(solid)
    if border < MOST_CUT * 2 * (height + width):
        return None
    return Problem(
        "cut_off",
        "The garment runs out of the picture, so its missing part would have to be invented.",
        "Step back until the whole garment is in the picture with a little background around it.",
    )


def _blurred(rgb: Picture, matte: Matte) -> Problem | None:
    if sharpness(rgb, matte) >= LEAST_SHARPNESS:
        return None
    return Problem(
        "blurred",
        "The photo is not sharp on the garment.",
        "Hold the camera still, tap the garment to focus, and use more light.",
    )


def _low_contrast(photo: Photo, matte: Matte) -> Problem | None:
    if photo.alpha is not None or edge_contrast(photo.rgb, matte) >= LEAST_CONTRAST:
        return None
    return Problem(
        "low_contrast",
        "The garment hardly differs from its background, so its outline is partly a guess.",
        "Photograph it on a background of another colour, or give a mask.",
    )


def _folded(outline: Outline) -> Problem | None:
    if outline.symmetry >= LEAST_SYMMETRY:
        return None
    return Problem(
        "folded",
        "The two sides of the garment differ much, as if it were folded, crooked or partly hidden.",
        "Lay it out flat and straight, both sleeves or legs visible, and photograph it from straight above.",
    )


def _covered(hidden: Mapping[str, float]) -> Problem | None:
    share = sum(hidden.values())
    if share < MOST_COVERED:
        return None
    what = " and ".join(name for name, part in hidden.items() if part > 0.3 * MOST_COVERED)
    return Problem(
        "covered",
        f"{what.capitalize()} hide about {100 * share:.0f} % of the garment; they were cut out, and that part is missing.",
        "Use a photo in which arms hang beside the garment and hair lies behind the shoulders.",
    )


def sharpness(rgb: Picture, matte: Matte) -> float:
    """How fine the finest detail on the garment is: the strongest Laplacian there over the contrast there, at <= 1,000 px."""
    grey = cv2.cvtColor(at_most(rgb, 1000), cv2.COLOR_RGB2GRAY).astype(np.float32)
    solid = at_most(matte, 1000) > 0.5
    if not solid.any():
        return 0.0
    fine = np.abs(cv2.Laplacian(grey, cv2.CV_32F))[solid]
    contrast = float(np.ptp(np.percentile(grey[cv2.dilate(solid.astype(np.uint8), np.ones((9, 9))) > 0], (1, 99)))) + 5
    return float(np.percentile(fine, 99)) / contrast


def edge_contrast(rgb: Picture, matte: Matte) -> float:
    """Median Lab difference between just inside and just outside the outline, at <= 400 px."""
    lab = to_lab(at_most(rgb, 400))
    mask: Mask = at_most(matte, 400) > 0.5
    kernel = np.ones((5, 5), np.uint8)
    inner = mask & (cv2.erode(mask.astype(np.uint8), kernel, iterations=2) == 0)
    outer = ~mask & (cv2.dilate(mask.astype(np.uint8), kernel, iterations=2) > 0)
    sides = []
    for band in (inner, outer):
        weight = cv2.blur(band.astype(np.float32), (11, 11)) + 1e-6
        sides.append(cv2.blur(lab * band[..., None].astype(np.float32), (11, 11)) / weight[..., None])
    rim = inner & (cv2.dilate(outer.astype(np.uint8), kernel) > 0)
    return float(np.median(np.linalg.norm(sides[0] - sides[1], axis=2)[rim])) if rim.any() else 0.0


def _box_size(solid: Mask) -> tuple[int, int]:
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    return (int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1) if len(rows) else (0, 0)
