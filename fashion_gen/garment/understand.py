"""What the perception net says and what the outline shows, put together: kind, category, landmarks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import cv2

from fashion_gen.garment.category import CategoryGuess
from fashion_gen.garment.kind import KindGuess, product_shot
from fashion_gen.garment.perception import PARTS, Seen
from fashion_gen.records import Category, Kind, Landmark, Mask, Photo

NEAR = 0.04
SURE = 0.3  #: confidence from which the net is believed against the outline
#: Share of the picture. Of the 30 photos, a hood before a dark opening shows half of it where nobody is, and one very close
#: picture of a person less than all of it.
LEAST_BODY = 0.008
_CORNERS = ("left_hem", "right_hem", "left_leg_end", "right_leg_end")  #: ends of the outline itself
_SLEEVES = ("left_sleeve_end", "right_sleeve_end")
_STANDS_CLEAR = 0.85  #: confidence of the outline in the end of a sleeve with a gap beside it
_SURE_OF_SLEEVES = 0.7  #: confidence from which the net is believed all the same
_TOLD = 0.7  #: confidence in what the maps tell
SEVERAL = 0.12  #: 331 real pictures of one garment have up to 0.08, 20 drawn ones of several 0.15 to 1
_LONG = 0.45  #: of the way from shoulder to hem; where there is no sleeve, the net points at the armhole or the strap
_SLACK = 0.15  #: how much a category counts whose part does not show at all
_PART_NAMES = {"upper": "upper", "lower": "lower", "whole": "one-piece"}
_ON_BODY = {"upper": ("top", "outerwear"), "lower": ("trousers", "shorts", "skirt"), "whole": ("dress", "jumpsuit")}


def category_of(seen: Seen, *, worn: bool) -> CategoryGuess:
    """The net's answer; on somebody, it has to agree with the parts of clothing that show."""
    if not worn:
        return _ranked(seen.categories)
    areas = {part: float(seen.part(name).sum()) for part, name in _PART_NAMES.items()}
    whole = sum(areas.values()) + 1e-6
    return _ranked({c.value: seen.categories[c.value] * (areas[part_of(c)] / whole + _SLACK) for c in Category})


def category_on(seen: Seen, part: str) -> CategoryGuess:
    """The net's answer among what covers a part of the wearer: "upper", "lower" or "whole"."""
    return _ranked({name: seen.categories[name] + 1e-6 for name in _ON_BODY[part]})


def _ranked(odds: Mapping[str, float]) -> CategoryGuess:
    whole = sum(odds.values())
    ranked = tuple((name, p / whole) for name, p in sorted(odds.items(), key=lambda item: -item[1]))
    return CategoryGuess(ranked[0][0], ranked[0][1], ranked)


def kind_of(seen: Seen, photo: Photo) -> KindGuess:
    """The net's answer, but for two things that its maps and the picture tell better.

    Where a body shows, somebody wears the garment; what nobody wears before the even white of a product shot is a ghost.
    """
    worn = on_somebody(seen, None)
    if worn:
        dummy = seen.kinds[Kind.MANNEQUIN] > seen.kinds[Kind.PERSON]
        kind = Kind.MANNEQUIN if dummy else Kind.PERSON
        return KindGuess(kind, max(seen.kinds[kind], _TOLD))
    if seen.kinds[Kind.HANGER] < 0.8 and product_shot(photo):
        return KindGuess(Kind.GHOST, max(seen.kinds[Kind.GHOST], _TOLD))
    return KindGuess(seen.kind, seen.kinds[seen.kind])


def on_somebody(seen: Seen, kind: Kind | None) -> bool:
    """Whether a person or a dummy wears the garment; what the caller says counts more than what is seen."""
    if kind is not None:
        return kind in (Kind.PERSON, Kind.MANNEQUIN)
    return seen.body > LEAST_BODY or seen.kinds[Kind.PERSON] + seen.kinds[Kind.MANNEQUIN] > 0.5


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


def landmarks_of(seen: Seen, by_outline: Mapping[str, Landmark], width: float) -> Mapping[str, Landmark]:
    """The points that this category has: from the net where it is sure and the outline says something else, else by outline.

    The outline is the more exact one at its own corners, and where both nearly agree: within `NEAR` of the garment's
    `width`, which is in photo widths.
    """
    chosen = {}
    for name, traced in by_outline.items():
        told = seen.landmarks[name]
        near = abs(told.x - traced.x) + abs(told.y - traced.y) < NEAR * width
        if near or _plain(name, traced, told):
            chosen[name] = replace(traced, confidence=max(told.confidence, traced.confidence))
        else:
            chosen[name] = told if told.confidence >= SURE else traced
    return {**chosen, **_hanging_sleeves(seen, chosen)}


def _plain(name: str, traced: Landmark, told: Landmark) -> bool:
    """Whether the outline shows a point so plainly that the net does not move it.

    Its own corners; and the end of a sleeve that stands clear of the body all along, which the net may seek at the elbow.
    """
    if name in _CORNERS:
        return traced.confidence > 0.8
    return name in _SLEEVES and traced.confidence > _STANDS_CLEAR and told.confidence < _SURE_OF_SLEEVES


def _hanging_sleeves(seen: Seen, chosen: Mapping[str, Landmark]) -> Mapping[str, Landmark]:
    """Ends of long sleeves that hang against the garment: no outline shows them, and arms beside them would be a second pair."""
    found = {}
    for side in ("left", "right"):
        told, name = seen.landmarks[f"{side}_sleeve_end"], f"{side}_sleeve_end"
        shoulder, hem = chosen.get(f"{side}_shoulder"), chosen.get(f"{side}_hem")
        if name in chosen or shoulder is None or hem is None or told.confidence < SURE:
            continue
        if told.y - shoulder.y > _LONG * (hem.y - shoulder.y):
            found[name] = told
    return found
