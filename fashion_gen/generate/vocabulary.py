"""The closed vocabulary of the built-in model `mini`: one word, one token.

The order is the order of the tokens the model was trained with: append at the end, never insert, never remove.
"""

from __future__ import annotations

from fashion_gen.records import AgeBand, Category, Framing, Presentation, SizeType

HAIR_STYLES = (
    "bald",
    "buzz",
    "short",
    "side-part",
    "curly-short",
    "afro",
    "bob",
    "medium-wavy",
    "long",
    "long-wavy",
    "ponytail",
    "bun",
    "braids",
    "hijab",
)
HAIR_COLOURS = ("black", "dark-brown", "brown", "light-brown", "blond", "red", "grey", "white")
SCENES = ("studio-white", "studio-grey", "wall-sand", "wall-sage", "wall-blush", "wall-navy", "street", "room")
FEATURES = ("glasses", "wheelchair", "hearing-aid", "vitiligo", "freckles")  # "hijab" is among the hair styles

#: Said in place of the framing when only the head is painted, at a larger scale.
CLOSEUP = "close-up"
#: Trained as noise words today, so that a later version can give them a meaning without new token numbers.
SPARE = (*(f"scene-{i}" for i in range(1, 9)), CLOSEUP, *(f"spare-{i}" for i in range(2, 9)))

_WORDS: tuple[str, ...] = (
    *Presentation,
    *AgeBand,
    *(f"tone-{i}" for i in range(1, 11)),
    *SizeType,
    *HAIR_STYLES,
    *(f"{colour}-hair" for colour in HAIR_COLOURS),
    *Category,
    *SCENES,
    *Framing,
    *FEATURES,
    *SPARE,
)
_VOCABULARY = tuple(str(word) for word in _WORDS)


def mini_vocabulary() -> tuple[str, ...]:
    """Every word a `mini` prompt may hold, each once, in token order (special tokens come before them)."""
    return _VOCABULARY
