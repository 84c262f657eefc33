"""Named points of a garment by category. See `upper.py` and `lower.py` for how each is found."""

from __future__ import annotations

from collections.abc import Mapping

from fashion_gen.garment.lower import leg_landmarks, skirt_landmarks, trouser_landmarks
from fashion_gen.garment.outline import Outline
from fashion_gen.garment.upper import Found, upper_landmarks
from fashion_gen.records import Category, Landmark

NAMES = (
    "neck", "left_neck", "right_neck", "left_shoulder", "right_shoulder", "left_sleeve_end", "right_sleeve_end",
    "left_armpit", "right_armpit", "left_waist", "right_waist", "left_hem", "right_hem", "crotch", "left_leg_end", "right_leg_end",
)  # fmt: skip


def find_landmarks(outline: Outline, category: Category, size: tuple[int, int]) -> Mapping[str, Landmark]:
    """Landmarks in [0, 1] of a photo of `size` (width, height); a name is absent when the garment has no such point."""
    found = _found(outline, category)
    width, height = size
    placed = {}
    for name in NAMES:
        if name in found:
            point, confidence = found[name]
            x, y = outline.to_photo(point)
            placed[name] = Landmark(_unit((x + 0.5) / width), _unit((y + 0.5) / height), round(float(confidence), 3))
    return placed


def _found(outline: Outline, category: Category) -> Found:
    if category in (Category.TROUSERS, Category.SHORTS):
        return trouser_landmarks(outline)
    if category is Category.SKIRT:
        return skirt_landmarks(outline)
    found = upper_landmarks(outline)
    if category is Category.JUMPSUIT:
        found |= leg_landmarks(outline)
    return found


def _unit(value: float) -> float:
    return float(min(1.0, max(0.0, value)))
