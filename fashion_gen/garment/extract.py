"""A photo in, a garment out: matte, kind, category, landmarks, problems; or a refusal with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fashion_gen.errors import GarmentRefused
from fashion_gen.garment import understand
from fashion_gen.garment.category import CategoryGuess, guess_category
from fashion_gen.garment.hanger import without_hanger
from fashion_gen.garment.inside import neck_inside
from fashion_gen.garment.kind import KindGuess
from fashion_gen.garment.landmarks import find_landmarks
from fashion_gen.garment.matting import decontaminate
from fashion_gen.garment.outline import Outline, outline_of
from fashion_gen.garment.preflight import problems_of, refusal
from fashion_gen.garment.segmenter import Segmenter
from fashion_gen.garment.sighting import Sighting, look
from fashion_gen.garment.strokes import apply
from fashion_gen.records import Category, Garment, Kind, Mask, Matte, Photo, Points, Problem, Stroke

LEAST_AREA = 0.01  #: of the picture
SURE_ENOUGH_TO_REFUSE = 0.5
WAIST = ("left_waist", "right_waist")

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
    strokes: Sequence[Stroke] = (),
) -> Garment:
    """Cut the garment out of a photo and describe it. What the caller states (kind, category, mask) wins over what is seen.

    `mask` is an (H, W) bool array that replaces the segmenter. `people` holds one (18, 3) array of OpenPose keypoints in
    photo pixels with scores per person found, None when nobody looked: then a wearer is told from the outline. `strokes`
    add to the cut-out and take from it, wherever it came from.

    Raises:
        GarmentRefused: codes no_garment, several_garments, shoes, hat, bag.
        InvalidBrief: `mask` has another size than the photo.
    """
    seen = look(photo, segmenter, mask=mask, people=people, kind=kind, category=category)
    hung, seen = seen, _off_the_hanger(seen, kind, category, looked=people is not None)
    clipped = seen.matte is not hung.matte
    if strokes:
        seen = replace(seen, matte=apply(photo.rgb, seen.matte, strokes), segmenter=f"{seen.segmenter}, strokes")
    if float((seen.matte > 0.5).mean()) < LEAST_AREA:
        raise GarmentRefused(
            "no_garment", "No garment was found: photograph one garment on a plain background, or give a mask."
        )
    outline = outline_of(seen.matte)
    guess = seen.guess or guess_category(outline, photo.rgb, seen.matte, part=seen.part)
    is_what, sure = _category(guess, category, bodily=_like_a_body(outline, seen.matte))
    if mask is None and category is None and seen.several:
        raise GarmentRefused(
            "several_garments", "Several garments were found: photograph one at a time, or give a mask."
        )
    told = KindGuess(kind, 1.0) if kind else (hung if clipped else seen).kind(looked=people is not None)
    landmarks = traced = find_landmarks(outline, is_what, (photo.width, photo.height))
    if seen.net is not None:
        landmarks = understand.landmarks_of(seen.net, traced, outline.width / outline.scale / photo.width)
    if clipped:  # the net has seen the waist where the hanger is
        landmarks = {**landmarks, **{name: traced[name] for name in WAIST if name in traced}}
    inside = np.zeros(seen.matte.shape, bool)
    if is_what.covers_top and told.kind is not Kind.PERSON:
        inside = neck_inside(photo.rgb, seen.matte, landmarks)
    return Garment(
        photo=photo,
        matte=seen.matte,
        colour=decontaminate(photo.rgb, seen.matte),
        inside=inside,
        kind=told.kind,
        category=is_what,
        landmarks=landmarks,
        segmenter=seen.segmenter,
        kind_confidence=told.confidence,
        category_confidence=sure,
        problems=problems_of(
            photo, seen.matte, outline, worn=seen.part is not None, hidden=seen.hidden, clipped=clipped
        ),
        parts={} if seen.net is None else understand.parts_of(seen.net),
    )


def preflight(photo: Photo, segmenter: Segmenter) -> tuple[Problem, ...]:
    """What is wrong with a photo, with cures; a refusal comes back as a problem with `refuse` set."""
    try:
        garment = extract(photo, segmenter)
    except GarmentRefused as exc:
        return (*photo.problems, refusal(exc))
    return (*photo.problems, *garment.problems)


def _off_the_hanger(seen: Sighting, kind: Kind | None, category: Category | None, *, looked: bool) -> Sighting:
    """A sighting without clips above the waistband, where we cut out a skirt or trousers that hang on a hanger.

    A stated kind does not hide the hanger that is seen: garments are laid flat with it, too.
    """
    worn = seen.part is not None or (kind is not None and kind.worn)
    if worn or seen.segmenter in ("mask", "alpha") or not (seen.matte > 0.5).any():
        return seen
    if Kind.HANGER not in (kind, seen.kind(looked=looked).kind):
        return seen
    guess = seen.guess or guess_category(outline_of(seen.matte), seen.photo.rgb, seen.matte)
    if (category or guess.category).covers_top:
        return seen
    return replace(seen, matte=without_hanger(seen.photo.rgb, seen.matte))


def _like_a_body(outline: Outline, matte: Matte) -> bool:
    """Tall and as high as the picture, or cut off by two of its sides: a cropped person more often than a shoe.

    Of the labelled shoes and hats 3 % and 2 % are like that; they are then not refused.
    """
    solid = matte > 0.5
    tall = outline.height > 1.4 * outline.width and outline.height / outline.scale > 0.85 * len(solid)
    sides = (solid[0], solid[-1], solid[:, 0], solid[:, -1])
    return tall or sum(float(side.mean()) > 0.05 for side in sides) >= 2


def _category(guess: CategoryGuess, stated: Category | None, *, bodily: bool) -> tuple[Category, float]:
    if stated is not None:
        return stated, 1.0
    if guess.name in REASONS and guess.confidence >= SURE_ENOUGH_TO_REFUSE and not bodily:
        raise GarmentRefused(guess.name, f"{REASONS[guess.name]} If it is a garment, state its category.")
    best = guess.category
    return best, dict(guess.ranked)[best.value]
