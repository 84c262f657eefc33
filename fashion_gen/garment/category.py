"""What the garment is, from its outline and a little of what is drawn inside it.

A softmax network with 24 hidden units over the numbers of `features.py`, fitted to 1,203 CC0 pictures by
`training/category_fit.py`; right on 75 % of 283 more that were kept out (half of the jackets are taken for tops, and 57 % of
shoes and hats are refused, with 2 % of garments). Its numbers lie in `category_model.json`.
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

MODEL = Path(__file__).with_name("category_model.json")
ON_BODY = {
    "upper": ("top", "outerwear"),
    "lower": ("trousers", "shorts", "skirt"),
    "whole": ("dress", "jumpsuit", "outerwear"),
}
REFUSED = ("shoes", "hat")


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
    if told["trousers"] + told["shorts"] < 0.5 and _is_jumpsuit(outline):
        told = {name: 0.4 * p for name, p in told.items()} | {"jumpsuit": 0.6}
    if part is not None:
        told = {name: told.get(name, 0.0) + 1e-6 for name in ON_BODY[part]}
        told = {name: p / sum(told.values()) for name, p in told.items()}
    ranked = tuple(sorted(told.items(), key=lambda item: -item[1]))
    return CategoryGuess(ranked[0][0], ranked[0][1], ranked)


def probabilities_of(vector: NDArray[np.float64]) -> Mapping[str, float]:
    """Class probabilities of one feature vector; inputs outside the range that was fitted to are brought to its edge."""
    classes, numbers = _model()
    hidden = np.maximum(np.clip(vector, numbers["low"], numbers["high"]) @ numbers["w1"] + numbers["b1"], 0.0)
    logits = hidden @ numbers["w2"] + numbers["b2"]
    odds = np.exp(logits - logits.max())
    return {name: float(p) for name, p in zip(classes, odds / odds.sum(), strict=True)}


@cache
def _model() -> tuple[tuple[str, ...], Mapping[str, NDArray[np.float64]]]:
    stored = json.loads(MODEL.read_text())
    return tuple(stored.pop("classes")), {name: np.array(values) for name, values in stored.items()}


def _is_jumpsuit(outline: Outline) -> bool:
    """Legs that part in the lower half of something tall, under two sleeves: there is no jumpsuit to fit to, so be strict."""
    notch = crotch_notch(outline)
    if notch is None or not 1.6 < outline.height / outline.width < 3.2:
        return False
    level = (notch.bottom[1] - outline.box[1]) / outline.height
    sleeves = all(pit.sleeved and pit.point[1] < notch.bottom[1] for pit in armpits(outline).values())
    return sleeves and outline.symmetry > 0.8 and 0.43 < level < 0.75 and notch.depth > 0.2 * outline.height
