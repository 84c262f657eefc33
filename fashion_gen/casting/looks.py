"""Hair and names of invented people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

import numpy as np

from fashion_gen.records import AgeBand, Presentation

#: Every hair style that a persona may have; `body.head.hair` draws each. "hijab" covers the hair.
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
#: The darkest tone, and the hair colours up to it; equally often.
_GROWN: tuple[tuple[int, tuple[str, ...]], ...] = (
    (3, ("blond", "light-brown", "brown", "red", "dark-brown", "black")),
    (5, ("dark-brown", "brown", "black", "light-brown")),
    (8, ("black", "black", "dark-brown", "brown")),
    # Hair lighter than the face would be read as the back of a head, by people and by pose detectors.
    (10, ("black", "black", "black", "dark-brown")),
)

#: Given names from many places that are given to anyone; none says a tone or a presentation.
NAMES = (
    "ade", "adi", "aki", "akira", "alex", "amal", "amari", "anan", "angel", "ariel", "ariki", "aroha", "asa", "ayo",
    "bao", "baraka", "bente", "bisi", "bo", "bola", "camille", "chi", "chris", "cielo", "cruz", "dani", "dara",
    "dawa", "deniz", "dominique", "drew", "eden", "eike", "eli", "ellis", "eun", "femi", "fen", "gael", "gurpreet",
    "haru", "hikaru", "hoa", "ife", "imani", "imara", "indigo", "inti", "isa", "jae", "jaya", "jin", "jiwoo", "jo",
    "jules", "juno", "jyoti", "kai", "kalani", "kamari", "kanoa", "karabo", "karma", "kei", "kelechi", "kim", "kiran",
    "kirti", "koa", "lan", "lerato", "lesedi", "lin", "linh", "lior", "loren", "luca", "makana", "makena", "manpreet",
    "manu", "maxime", "mika", "milan", "min", "mpho", "nalu", "nao", "neo", "ngozi", "nico", "nima", "noa", "noel",
    "nohea", "noor", "nour", "nuri", "nuru", "paz", "pema", "quinn", "rain", "rangi", "rei", "remy", "ren", "rio",
    "robin", "rosario", "roshan", "rowan", "saba", "sacha", "sami", "sasha", "selam", "sena", "shadi", "shay",
    "simran", "siya", "skye", "sol", "sora", "subin", "suman", "sun", "tal", "tashi", "temi", "tenzin", "tiwa",
    "tobi", "toni", "trinidad", "tui", "tumelo", "uche", "uli", "umi", "umut", "val", "wei", "wren", "yona", "yuki",
    "yun", "zhen", "ziv", "zuri",
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
    colours = next(colours for darkest, colours in _GROWN if tone <= darkest)
    return colours[int(pick * len(colours))]
