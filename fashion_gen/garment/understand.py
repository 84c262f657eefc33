"""What the perception net says and what the outline shows, put together: kind, category, landmarks."""

from __future__ import annotations

from collections.abc import Mapping

import cv2

from fashion_gen.garment.category import CategoryGuess
from fashion_gen.garment.kind import KindGuess
from fashion_gen.garment.perception import PARTS, Seen
from fashion_gen.records import Category, Kind, Landmark, Mask

SURE = 0.5  #: landmarks of the net that are believed
SEVERAL = 0.6
_ON_BODY = {"upper": ("top", "outerwear"), "lower": ("trousers", "shorts", "skirt"), "whole": ("dress", "jumpsuit")}


def category_of(seen: Seen) -> CategoryGuess:
    """The net's answer."""
    ranked = tuple(sorted(seen.categories.items(), key=lambda item: -item[1]))
    return CategoryGuess(ranked[0][0], ranked[0][1], ranked)


def kind_of(seen: Seen) -> KindGuess:
    """The net's answer."""
    return KindGuess(seen.kind, seen.kinds[seen.kind])


def on_somebody(seen: Seen, kind: Kind | None) -> bool:
    """Whether a person or a dummy wears the garment; what the caller says counts more than what is seen."""
    return (seen.kind if kind is None else kind) in (Kind.PERSON, Kind.MANNEQUIN)


def part_of(category: Category) -> str:
    """Which part of its wearer a garment covers."""
    return next(part for part, names in _ON_BODY.items() if category.value in names)


def parts_of(seen: Seen) -> Mapping[str, Mask]:
    """What the picture shows by part, small: (h, w) of a long side of 512. Parts of under a thousandth are left out."""
    shares = seen.parts.transpose(1, 2, 0)
    size = shares.shape[1] * 8, shares.shape[0] * 8  # smooth edges where the net's own cells would show as stairs
    told = cv2.resize(shares, size, interpolation=cv2.INTER_LINEAR).argmax(axis=2)
    masks = {name: told == i for i, name in enumerate(PARTS)}
    return {name: mask for name, mask in masks.items() if name != "background" and float(mask.mean()) > 0.001}


def landmarks_of(seen: Seen, by_outline: Mapping[str, Landmark]) -> Mapping[str, Landmark]:
    """The points that this category has, each from the net where it is sure, else from the outline."""
    chosen = {}
    for name, traced in by_outline.items():
        told = seen.landmarks[name]
        chosen[name] = told if told.confidence >= SURE else traced
    return chosen
