"""The first look at a photo: which pixels are the garment, whether somebody wears it, and what a net says about it.

Who says what comes first: the caller (a mask, a kind, a category), then the photo's own alpha channel, then the net, and
without a net the joints of whoever wears the garment, or the outline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fashion_gen.errors import InvalidBrief
from fashion_gen.garment import perceptive, understand
from fashion_gen.garment.category import CategoryGuess, guess_category
from fashion_gen.garment.cutout import cutout_matte, is_cutout
from fashion_gen.garment.kind import KindGuess, guess_kind
from fashion_gen.garment.matting import refine
from fashion_gen.garment.outline import outline_of, pieces
from fashion_gen.garment.perception import Seen
from fashion_gen.garment.segmenter import Segmenter
from fashion_gen.garment.worn import garment_on, wearer, wearer_by_outline
from fashion_gen.records import Category, Kind, Mask, Matte, Photo, Points


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """A photo after the first look."""

    photo: Photo
    matte: Matte  #: (H, W) refined
    segmenter: str
    part: str | None = None  #: "upper", "lower" or "whole" of the person who wears it; None when nobody does
    guess: CategoryGuess | None = None  #: where the category was told before the garment was cut
    net: Seen | None = None  #: what the net says, where there is one

    def kind(self, *, looked: bool) -> KindGuess:
        """How it was photographed; `looked`: somebody looked for people."""
        if self.net is not None and (self.part is None or understand.on_somebody(self.net, None)):
            return understand.kind_of(self.net, self.photo)
        return guess_kind(self.photo, self.matte, worn=self.part is not None, looked=looked)

    @property
    def hidden(self) -> Mapping[str, float]:
        """What of its wearer lies before the garment, with its share of the garment's area."""
        return {} if self.net is None or self.part is None else perceptive.covered_by(self.net, self.matte)

    @property
    def several(self) -> bool:
        """More than one garment: by the net, or without one by separate things of similar size."""
        if self.part is not None:
            return False
        return pieces(self.matte) > 1 if self.net is None else self.net.several > understand.SEVERAL


def look(
    photo: Photo,
    segmenter: Segmenter,
    *,
    mask: Mask | None,
    people: Sequence[Points] | None,
    kind: Kind | None,
    category: Category | None,
) -> Sighting:
    """Look at a photo; see `extract.extract` for the arguments.

    Raises:
        InvalidBrief: `mask` has another size than the photo.
    """
    net = segmenter.see(photo)
    worn = net is not None and understand.on_somebody(net, kind)
    guess = None if net is None else understand.category_of(net, worn=worn)
    if mask is not None:
        return Sighting(photo, refine(photo.rgb, _checked(mask, photo)), "mask", None, guess, net)
    if photo.alpha is not None and is_cutout(photo):
        return Sighting(photo, cutout_matte(photo.alpha), "alpha", None, guess, net)
    if net is not None and guess is not None and worn:
        asked = category or guess.category
        coarse = segmenter.sharpen(photo, perceptive.garment_on(net, photo.rgb, asked))
        return Sighting(photo, refine(photo.rgb, coarse), segmenter.name, understand.part_of(asked), guess, net)
    coarse = segmenter.segment(photo)
    if kind in (None, Kind.PERSON) and (net is None or people):
        # Of a very close picture of a person the net may see a garment only, and an estimator the person.
        found = _by_joints(photo, coarse, segmenter.name, people, category)
        if net is None:
            return found
        return replace(found, net=net, guess=understand.category_on(net, found.part) if found.part else guess)
    return Sighting(photo, refine(photo.rgb, coarse), segmenter.name, None, guess, net)


def _by_joints(
    photo: Photo, coarse: Matte, name: str, people: Sequence[Points] | None, category: Category | None
) -> Sighting:
    """A wearer is told from joints, or from the outline, and the garment from its colours."""
    person = wearer_by_outline(photo.rgb, coarse) if people is None else wearer(people, photo.rgb, coarse)
    if person is None:
        return Sighting(photo, refine(photo.rgb, coarse), name)
    worn, part = garment_on(person, photo.rgb, category)
    if part == "whole" and category is None and people is None:
        # Joints guessed from an outline are too rough to call torso and legs one garment by their colours: the whole
        # figure says what is worn, and only then it is cut.
        figure = guess_category(outline_of(coarse), photo.rgb, coarse, part="torso")
        worn, part = garment_on(person, photo.rgb, figure.category)
        return Sighting(photo, refine(photo.rgb, worn), name, part, figure)
    return Sighting(photo, refine(photo.rgb, worn), name, part)


def _checked(mask: Mask, photo: Photo) -> Matte:
    if mask.shape != photo.rgb.shape[:2]:
        raise InvalidBrief(
            f"The mask is {mask.shape[1]} x {mask.shape[0]} pixels but the photo is {photo.width} x {photo.height}: "
            "make them the same size."
        )
    return mask.astype(np.float32)
