"""What the garment is, from its outline, the seams drawn inside it and how it lies in the photo.

The average of two views that err differently, both of the numbers of `features.py`. The first is a softmax network with 24
hidden units that reads the outline (`category_outline.json`, fitted to 1,203 CC0 pictures); the second is four networks
with 8 units each that read everything (`category_seams.json`, fitted to 1,485 CC0 pictures and crops of rendered people).
In five-fold cross-validation by `training/category_fit.py` the average is right on 82 % of the pictures, the first view
alone on 76 to 77 %; jackets and tops are still mixed up most. Shoes and hats are refused in about 73 %, with 1 % of garments.
Jumpsuits were not among the pictures: they are told by a strict rule (legs that part low, under two sleeves), so most are
taken for trousers or dresses. Bags were not either and cannot be told. The user's `category` always wins.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fashion_gen.garment.features import features
from fashion_gen.garment.lower import crotch_notch
from fashion_gen.garment.outline import Outline
from fashion_gen.garment.upper import armpits
from fashion_gen.records import Category, Matte, Picture

OUTLINE_MODEL, SEAMS_MODEL = (Path(__file__).with_name(f"category_{view}.json") for view in ("outline", "seams"))
ON_BODY = {
    "upper": ("top", "outerwear"),
    "lower": ("trousers", "shorts", "skirt"),
    "whole": ("dress", "jumpsuit", "outerwear"),
    "torso": ("top", "outerwear", "dress"),  # a whole figure: shops that sell trousers crop the head
}
REFUSED = ("shoes", "hat", "bag")

Numbers = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class CategoryGuess:
    """`name` is a `Category` value or one of `REFUSED`; `ranked` holds every class with its probability, best first."""

    name: str
    confidence: float
    ranked: tuple[tuple[str, float], ...]

    @property
    def category(self) -> Category:
        """The most probable class that we dress, whatever `name` says."""
        return Category(next(name for name, _ in self.ranked if name not in REFUSED))


def guess_category(outline: Outline, rgb: Picture, matte: Matte, *, part: str | None = None) -> CategoryGuess:
    """Tell the category of one cut-out garment seen upright; `part` is what of its wearer it covers, when one is seen."""
    told = dict(probabilities_of(features(outline, rgb, matte)))
    # The legs of a whole figure part like a jumpsuit's, whatever it wears.
    if part != "torso" and told["trousers"] + told["shorts"] < 0.5 and _is_jumpsuit(outline):
        told = {name: 0.4 * p for name, p in told.items()} | {"jumpsuit": 0.6}
    if part is not None:
        told = {name: told.get(name, 0.0) + 1e-6 for name in ON_BODY[part]}
        told = {name: p / sum(told.values()) for name, p in told.items()}
    ranked = tuple(sorted(told.items(), key=lambda item: -item[1]))
    return CategoryGuess(ranked[0][0], ranked[0][1], ranked)


def probabilities_of(vector: NDArray[np.float64]) -> Mapping[str, float]:
    """Class probabilities of one feature vector: the average of both views."""
    classes, views = _models()
    told = np.mean([_softmax(numbers, vector) for numbers in views], axis=0)
    return {name: float(p) for name, p in zip(classes, told, strict=True)}


def _softmax(numbers: Numbers, vector: NDArray[np.float64]) -> NDArray[np.float64]:
    """(classes,) what a network, or the average of several stacked along the first axis, says to the numbers it reads."""
    read = np.clip(vector[: len(numbers["low"])], numbers["low"], numbers["high"])  # no further than what was fitted to
    hidden = np.maximum(read @ numbers["w1"] + numbers["b1"], 0.0)
    logits = np.einsum("...h,...hc->...c", hidden, numbers["w2"]) + numbers["b2"]
    odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
    odds /= odds.sum(axis=-1, keepdims=True)
    return np.asarray(odds.reshape(-1, odds.shape[-1]).mean(axis=0))


@cache
def _models() -> tuple[tuple[str, ...], tuple[Numbers, ...]]:
    """The classes, which both views have in the same order, and the numbers of each."""
    stored = [json.loads(path.read_text()) for path in (OUTLINE_MODEL, SEAMS_MODEL)]
    classes, _ = (tuple(one.pop("classes")) for one in stored)
    return classes, tuple({name: np.array(values) for name, values in one.items()} for one in stored)


def _is_jumpsuit(outline: Outline) -> bool:
    """Legs that part in the lower half of something tall, under two sleeves: there is no jumpsuit to fit to, so be strict."""
    notch = crotch_notch(outline)
    if notch is None or not 1.6 < outline.height / outline.width < 3.2:
        return False
    level = (notch.bottom[1] - outline.box[1]) / outline.height
    sleeves = all(pit.sleeved and pit.point[1] < notch.bottom[1] for pit in armpits(outline).values())
    return sleeves and outline.symmetry > 0.8 and 0.43 < level < 0.75 and notch.depth > 0.2 * outline.height
