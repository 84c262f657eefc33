"""A photo in, a garment out: matte, kind, category, landmarks, problems; or a refusal with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fashion_gen.errors import GarmentRefused, InvalidBrief
from fashion_gen.garment import perceptive, understand
from fashion_gen.garment.category import CategoryGuess, guess_category
from fashion_gen.garment.cutout import cutout_matte, is_cutout
from fashion_gen.garment.inside import neck_inside
from fashion_gen.garment.kind import KindGuess, guess_kind
from fashion_gen.garment.landmarks import find_landmarks
from fashion_gen.garment.matting import decontaminate, refine
from fashion_gen.garment.outline import Outline, outline_of, pieces
from fashion_gen.garment.perception import Seen
from fashion_gen.garment.preflight import problems_of, refusal
from fashion_gen.garment.segmenter import Segmenter
from fashion_gen.garment.strokes import apply
from fashion_gen.garment.worn import garment_on, wearer, wearer_by_outline
from fashion_gen.records import Category, Garment, Kind, Mask, Matte, Photo, Points, Problem, Stroke

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
    seen = _see(photo, segmenter, mask, people, kind, category)
    if strokes:
        seen = replace(seen, matte=apply(photo.rgb, seen.matte, strokes), segmenter=f"{seen.segmenter}, strokes")
    if float((seen.matte > 0.5).mean()) < LEAST_AREA:
        raise GarmentRefused(
            "no_garment", "No garment was found: photograph one garment on a plain background, or give a mask."
        )
    outline = outline_of(seen.matte)
    guess = seen.guess or guess_category(outline, photo.rgb, seen.matte, part=seen.part)
    is_what, sure = _category(guess, category, bodily=_like_a_body(outline, seen.matte))
    if mask is None and category is None and seen.part is None and _several(seen):
        raise GarmentRefused(
            "several_garments", "Several garments were found: photograph one at a time, or give a mask."
        )
    told = KindGuess(kind, 1.0) if kind else _kind(photo, seen, looked=people is not None)
    landmarks = find_landmarks(outline, is_what, (photo.width, photo.height))
    if seen.sight is not None:
        landmarks = understand.landmarks_of(seen.sight, landmarks)
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
        problems=problems_of(photo, seen.matte, outline, worn=seen.part is not None, hidden=_hidden(seen)),
    )


def preflight(photo: Photo, segmenter: Segmenter) -> tuple[Problem, ...]:
    """What is wrong with a photo, with cures; a refusal comes back as a problem with `refuse` set."""
    try:
        garment = extract(photo, segmenter)
    except GarmentRefused as exc:
        return (*photo.problems, refusal(exc))
    return (*photo.problems, *garment.problems)


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    matte: Matte
    segmenter: str
    part: str | None = None  #: "upper", "lower" or "whole" of the person who wears it; None when nobody does
    guess: CategoryGuess | None = None  #: where the category was told before the garment was cut
    sight: Seen | None = None  #: what a net says, where there is one


def _see(
    photo: Photo,
    segmenter: Segmenter,
    mask: Mask | None,
    people: Sequence[Points] | None,
    kind: Kind | None,
    category: Category | None,
) -> _Seen:
    sight = segmenter.see(photo)
    guess = None if sight is None else understand.category_of(sight)
    if mask is not None:
        return _Seen(refine(photo.rgb, _checked(mask, photo)), "mask", None, guess, sight)
    if photo.alpha is not None and is_cutout(photo):
        return _Seen(cutout_matte(photo.alpha), "alpha", None, guess, sight)
    if sight is not None and guess is not None and understand.on_somebody(sight, kind):
        worn = perceptive.garment_on(sight, photo.rgb, category or guess.category)
        part = understand.part_of(category or guess.category)
        return _Seen(refine(photo.rgb, worn), segmenter.name, part, guess, sight)
    coarse = segmenter.segment(photo)
    if sight is not None or kind not in (None, Kind.PERSON):
        return _Seen(refine(photo.rgb, coarse), segmenter.name, None, guess, sight)
    return _see_worn(photo, coarse, segmenter.name, people, category)


def _see_worn(
    photo: Photo, coarse: Matte, name: str, people: Sequence[Points] | None, category: Category | None
) -> _Seen:
    """Without a net: a wearer is told from joints, or from the outline, and the garment from its colours."""
    person = wearer_by_outline(photo.rgb, coarse) if people is None else wearer(people, photo.rgb, coarse)
    if person is None:
        return _Seen(refine(photo.rgb, coarse), name)
    worn, part = garment_on(person, photo.rgb, category)
    if part == "whole" and category is None and people is None:
        # Joints guessed from an outline are too rough to call torso and legs one garment by their colours: the whole
        # figure says what is worn, and only then it is cut.
        figure = guess_category(outline_of(coarse), photo.rgb, coarse, part="torso")
        worn, part = garment_on(person, photo.rgb, figure.category)
        return _Seen(refine(photo.rgb, worn), name, part, figure)
    return _Seen(refine(photo.rgb, worn), name, part)


def _kind(photo: Photo, seen: _Seen, *, looked: bool) -> KindGuess:
    if seen.sight is not None and not is_cutout(photo):
        return understand.kind_of(seen.sight)
    return guess_kind(photo, seen.matte, worn=seen.part is not None, looked=looked)


def _hidden(seen: _Seen) -> Mapping[str, float]:
    """What of its wearer lies before the garment."""
    return perceptive.covered_by(seen.sight, seen.matte) if seen.sight is not None and seen.part is not None else {}


def _several(seen: _Seen) -> bool:
    """Separate things of similar size; a net that sees one garment in two pieces is believed."""
    if seen.sight is None:
        return pieces(seen.matte) > 1
    return seen.sight.several > understand.SEVERAL or (pieces(seen.matte) > 1 and seen.sight.several > 0.2)


def _checked(mask: Mask, photo: Photo) -> Matte:
    if mask.shape != photo.rgb.shape[:2]:
        raise InvalidBrief(
            f"The mask is {mask.shape[1]} x {mask.shape[0]} pixels but the photo is {photo.width} x {photo.height}: "
            "make them the same size."
        )
    return mask.astype(np.float32)


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
