"""Companion clothes: what a garment is shown with, in colours that let it stand out."""

from __future__ import annotations

import numpy as np

from fashion_gen import library
from fashion_gen.casting.tones import lab, monk_lab
from fashion_gen.records import Category, Persona, Piece, Points, Presentation, Styling

#: The slots that a garment of a category leaves open. Under outerwear a top is seen at the open front.
OPEN_SLOTS: dict[Category, tuple[str, ...]] = {
    Category.TOP: ("bottom", "shoes"),
    Category.OUTERWEAR: ("top", "bottom", "shoes"),
    Category.DRESS: ("shoes",),
    Category.JUMPSUIT: ("shoes",),
    Category.TROUSERS: ("top", "shoes"),
    Category.SHORTS: ("top", "shoes"),
    Category.SKIRT: ("top", "shoes"),
}

# How much each companion counts in the choice: what lies next to the garment and is large counts most.
_WEIGHT = {"top": 1.0, "bottom": 1.0, "shoes": 0.3}
# Differences in Lab beyond this do not look any better, they only look harder.
_ENOUGH_CONTRAST = 45.0
_SATURATED = 22.0
_CLASH = 25.0
_BEST = 4
# Nearer than this in Lab, cloth is taken for skin or for a part of the garment: legs look bare, a top looks like a dress.
_LIKE_SKIN, _LIKE_GARMENT = 21.0, 16.0
_MISTAKEN = 60.0
_NOT_MASCULINE = frozenset({"a-line-skirt", "pencil-skirt", "heels", "flats"})


def style(
    category: Category,
    persona: Persona,
    styling: str,
    garment_rgb: tuple[float, float, float] | Points,
    rng: np.random.Generator,
) -> Styling:
    """The companion clothes for a garment of a mean colour, without the slots that the garment itself covers.

    `styling` is the name of one under templates/styling, or "auto": then one of the four that suit garment and skin best
    is drawn, so that the looks of a set differ but never clash.

    Raises:
        NotFound: there is no such styling.
    """
    known = library.stylings()
    if styling != "auto":
        return _open(library.lookup("styling", styling, known), category)
    suiting = [_open(s, category) for s in known.values() if _suits(s, category, persona)]
    garment = lab(np.asarray(garment_rgb, np.float32))[0]
    skin = monk_lab()[persona.tone - 1]
    ranked = sorted(suiting, key=lambda s: (-_harmony(s, garment, skin), s.name))
    best = ranked[:_BEST]
    good = [s for s in best if _harmony(s, garment, skin) > _harmony(best[0], garment, skin) - _MISTAKEN / 3]
    return good[int(rng.integers(len(good)))]


def _open(styling: Styling, category: Category) -> Styling:
    return Styling(styling.name, tuple(p for p in styling.pieces if p.slot in OPEN_SLOTS[category]))


def _suits(styling: Styling, category: Category, persona: Persona) -> bool:
    if persona.presentation is not Presentation.MASCULINE:
        return True
    return not any(p.shape in _NOT_MASCULINE for p in _open(styling, category).pieces)


def _harmony(styling: Styling, garment: Points, skin: Points) -> float:
    """Higher is better: enough contrast to garment and skin, no second strong colour of another hue."""
    scores = [_WEIGHT[p.slot] * _match(p, garment, skin) for p in styling.pieces]
    return sum(scores) / sum(_WEIGHT[p.slot] for p in styling.pieces)


def _match(piece: Piece, garment: Points, skin: Points) -> float:
    other = lab(np.array(piece.colour, np.float32))[0]
    apart, bare = float(np.linalg.norm(other - garment)), float(np.linalg.norm(other - skin))
    strong = min(np.hypot(*garment[1:]), np.hypot(*other[1:])) > _SATURATED
    turn = np.degrees(abs(np.arctan2(garment[2], garment[1]) - np.arctan2(other[2], other[1])))
    clash = strong and 30 < min(turn, 360 - turn) < 150
    mistaken = bare < _LIKE_SKIN or (apart < _LIKE_GARMENT and piece.slot != "shoes")
    return min(apart, _ENOUGH_CONTRAST) - (_CLASH if clash else 0.0) - (_MISTAKEN if mistaken else 0.0)
