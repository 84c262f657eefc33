"""What a net learns from: one picture and what is known about it. What is not known is marked and not asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fashion_gen.records import Picture

UNKNOWN = -1
IGNORED = 255  #: a part nobody knows
Floats = np.ndarray


@dataclass(eq=False)
class Sample:
    """S x S pixels."""

    picture: Picture  #: (S, S, 3)
    matte: Picture  #: (S, S) 0..255
    parts: Picture  #: (S, S) places in PARTS, or IGNORED
    landmarks: Floats  #: (len(NAMES), 3) x, y in pixels, and 1 there, 0 not in the picture, UNKNOWN
    kind: int  #: place in KINDS, or UNKNOWN
    category: int  #: place in CATEGORIES, or UNKNOWN
    several: int = 0  #: 1 more than one garment, UNKNOWN
    trust: float = 1.0  #: in the matte and the parts


def part_of(category: str) -> str:
    """Which part of PARTS a garment of a category is."""
    if category in ("trousers", "shorts", "skirt"):
        return "lower"
    if category in ("dress", "jumpsuit"):
        return "one-piece"
    return {"top": "upper", "outerwear": "upper", "shoes": "shoes"}.get(category, "other")


def no_landmarks(count: int, known: bool) -> Floats:
    """Landmarks of a picture without any, or of which nobody knows."""
    return np.tile(np.float32([0, 0, 0 if known else UNKNOWN]), (count, 1))
