"""A photo in, a garment out: matte, kind, category, landmarks, problems; or a refusal with a reason."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fashion_gen.errors import GarmentRefused, InvalidBrief
from fashion_gen.garment.category import CategoryGuess, guess_category
from fashion_gen.garment.cutout import cutout_matte, is_cutout
from fashion_gen.garment.inside import neck_inside
from fashion_gen.garment.kind import KindGuess, guess_kind
from fashion_gen.garment.landmarks import find_landmarks
from fashion_gen.garment.matting import decontaminate, refine
from fashion_gen.garment.outline import outline_of
from fashion_gen.garment.preflight import problems_of
from fashion_gen.garment.segmenter import Segmenter
from fashion_gen.records import Category, Garment, Kind, Mask, Matte, Photo, Points, Problem

LEAST_AREA = 0.01  #: of the picture
SURE_ENOUGH_TO_REFUSE = 0.5

REASONS = {
    "shoes": "The photo seems to show shoes, which cannot be dressed yet.",
    "hat": "The photo seems to show a hat, which cannot be dressed yet.",
    "bag": "The photo seems to show a bag, which cannot be dressed yet.",
}


def extract(
    photo: Photo,
    segmenter: Segmenter,
    *,
    kind: Kind | None = None,
    category: Category | None = None,
    mask: Mask | None = None,
    people: Sequence[Points] | None = None,
) -> Garment:
    """Cut the garment out of a photo and describe it. What the caller states (kind, category, mask) wins over what is seen.

    `mask` is an (H, W) bool array that replaces the segmenter. `people` holds one (18, 3) array of OpenPose keypoints in
    photo pixels with scores per person found, None when nobody looked.

    Raises:
        GarmentRefused: codes no_garment, several_garments, shoes, hat, bag, not_a_garment.
        InvalidBrief: `mask` has another size than the photo.
    """
    cut_out = mask is None and is_cutout(photo)
    matte, source = _matte(photo, segmenter, mask)
    if float((matte > 0.5).mean()) < LEAST_AREA:
        raise GarmentRefused("no_garment", "No garment was found: photograph one garment on a plain background, or give a mask.")
    outline = outline_of(matte)
    told_category = _category(guess_category(outline, photo.rgb, matte), category)
    told_kind = KindGuess(kind, 1.0) if kind else guess_kind(photo, matte, outline, cut_out=cut_out, people=people)
    landmarks = find_landmarks(outline, told_category[0], (photo.width, photo.height))
    inside = np.zeros(matte.shape, bool)
    if told_category[0].covers_top and told_kind.kind is not Kind.PERSON:
        inside = neck_inside(photo.rgb, matte, landmarks)
    return Garment(
        photo=photo,
        matte=matte,
        colour=decontaminate(photo.rgb, matte),
        inside=inside,
        kind=told_kind.kind,
        category=told_category[0],
        landmarks=landmarks,
        segmenter=source,
        kind_confidence=told_kind.confidence,
        category_confidence=told_category[1],
        problems=problems_of(photo, matte, outline),
    )


def preflight(photo: Photo, segmenter: Segmenter) -> tuple[Problem, ...]:
    """What is wrong with a photo, with cures; a refusal comes back as a problem with `refuse` set."""
    try:
        garment = extract(photo, segmenter)
    except GarmentRefused as refusal:
        cure = "Photograph one garment on a plain background, or state its category if it was mistaken."
        return (*photo.problems, Problem(refusal.code, str(refusal), cure, refuse=True))
    return (*photo.problems, *garment.problems)


def _matte(photo: Photo, segmenter: Segmenter, mask: Mask | None) -> tuple[Matte, str]:
    if mask is not None:
        if mask.shape != photo.rgb.shape[:2]:
            raise InvalidBrief(
                f"The mask is {mask.shape[1]} x {mask.shape[0]} pixels but the photo is {photo.width} x {photo.height}: "
                "make them the same size."
            )
        return refine(photo.rgb, mask.astype(np.float32)), "mask"
    if photo.alpha is not None and is_cutout(photo):
        return cutout_matte(photo.alpha), "alpha"
    return refine(photo.rgb, segmenter.segment(photo)), segmenter.name


def _category(guess: CategoryGuess, stated: Category | None) -> tuple[Category, float]:
    if stated is not None:
        return stated, 1.0
    if guess.name in REASONS and guess.confidence >= SURE_ENOUGH_TO_REFUSE:
        raise GarmentRefused(guess.name, f"{REASONS[guess.name]} If it is a garment, state its category.")
    best = guess.category
    return best, dict(guess.ranked)[best.value]
