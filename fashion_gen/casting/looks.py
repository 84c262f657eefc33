"""Hair and names of invented people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

import numpy as np

from fashion_gen.records import AgeBand, Presentation

#: Every hair style that a persona may have; `body.hair` draws each. "hijab" covers the hair.
HAIR_STYLES = (
    "bald", "buzz", "short", "side-part", "curly-short", "afro", "bob", "medium-wavy", "long", "long-wavy", "ponytail",
    "bun", "braids", "hijab",
)  # fmt: skip
HAIR_COLOURS = ("black", "dark-brown", "brown", "light-brown", "blond", "red", "grey", "white")

_WORN = {
    Presentation.FEMININE: (
        "short", "curly-short", "afro", "bob", "medium-wavy", "long", "long-wavy", "ponytail", "bun", "braids",
    ),
    Presentation.MASCULINE: ("bald", "buzz", "short", "side-part", "curly-short", "afro", "medium-wavy", "bun"),
    Presentation.ANDROGYNOUS: (
        "buzz", "short", "side-part", "curly-short", "afro", "bob", "medium-wavy", "ponytail", "bun",
    ),
}  # fmt: skip
# Tightly coiled styles go with the hair that most often grows above skin of these tones; all others go with every tone.
_COILED = ("afro", "braids")
_COILED_FROM = 5

#: Given names from many places; none says a tone, and most are given to anyone.
NAMES = (
    "adi", "aiko", "akira", "alex", "ali", "amal", "amari", "amina", "andrea", "anil", "ariel", "asa", "asel", "ayo",
    "bao", "beyza", "bo", "bola", "camila", "carmen", "chi", "chidi", "dani", "dara", "daria", "deniz", "diego", "dua",
    "ebru", "eden", "efua", "eli", "elif", "emre", "esi", "eun", "farah", "femi", "finn", "freya", "gael", "gul",
    "hana", "haru", "hoa", "ida", "ife", "imani", "ines", "inti", "isa", "ivo", "jaya", "jin", "jo", "juno", "kai",
    "kalea", "karim", "kei", "keoni", "kim", "kiran", "koa", "lan", "lea", "leila", "lena", "lin", "linh", "luca",
    "lucia", "mai", "malia", "malik", "mara", "marek", "mateo", "mei", "mika", "milan", "mina", "moana", "nadia",
    "nao", "naveen", "nia", "nico", "nilo", "nima", "nina", "nour", "oksana", "omar", "oren", "otto", "parisa", "paz",
    "petra", "pilar", "priya", "quinn", "rafi", "rania", "ravi", "ren", "rio", "robin", "rosa", "sami", "sana", "sanne",
    "selam", "sena", "shira", "sia", "simran", "sofia", "sol", "suda", "suri", "tala", "tamar", "tariq", "temi",
    "tenzin", "thandi", "tomas", "tui", "uma", "vera", "wanjiru", "wei", "xochitl", "yael", "yara", "yuki", "yusuf",
    "zara", "zeki", "ziv", "zola", "zuri",
)  # fmt: skip


def names(rng: np.random.Generator, taken: Collection[str]) -> Iterator[str]:
    """Names without end, each once, none of `taken`; after the last one they go on as "adi-2"."""
    order = [NAMES[i] for i in rng.permutation(len(NAMES))]
    turn = 1
    while True:
        for name in order:
            full = name if turn == 1 else f"{name}-{turn}"
            if full not in taken:
                yield full
        turn += 1


def hair(presentation: Presentation, tone: int, used: Counter[str], rng: np.random.Generator) -> str:
    """A style that this cast has shown least so far."""
    styles = [s for s in _WORN[presentation] if s not in _COILED or tone >= _COILED_FROM]
    least = min(used[s] for s in styles)
    fresh = [s for s in styles if used[s] == least]
    return fresh[int(rng.integers(len(fresh)))]


def hair_colour(tone: int, age: AgeBand, rng: np.random.Generator) -> str:
    """A natural colour: dark above darker skin, grey and white with age."""
    greying = {AgeBand.MIDDLE: 0.3, AgeBand.SENIOR: 0.8}.get(age, 0.0)
    grey, pick = rng.random(2)
    if grey < greying:
        return "white" if grey < greying - 0.5 else "grey"
    if tone <= 3:  # noqa: PLR2004
        colours = ("blond", "light-brown", "brown", "red", "dark-brown", "black")
    elif tone <= 5:  # noqa: PLR2004
        colours = ("dark-brown", "brown", "black", "light-brown")
    else:
        colours = ("black", "black", "dark-brown", "brown")
    return colours[int(pick * len(colours))]
