"""Hair styles: a table of their numbers, the colours of hair, and the meshes of a style on a posed head."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fashion_gen.body.head.hair_loose import afro, buzz, cropped, curls, falling, parted
from fashion_gen.body.head.hair_tied import braids, bun, ponytail
from fashion_gen.body.head.haircut import Haircut, Style
from fashion_gen.body.head.model import Head
from fashion_gen.body.head.veil import VEIL_COLOUR, veil
from fashion_gen.body.kinematics import PosedBody
from fashion_gen.body.lofts import Mesh
from fashion_gen.body.solids import Colour

#: sRGB of natural hair, in [0, 1].
HAIR_COLOURS: Mapping[str, Colour] = {
    "black": (0.085, 0.075, 0.07),
    "dark-brown": (0.19, 0.125, 0.09),
    "brown": (0.33, 0.215, 0.14),
    "light-brown": (0.48, 0.34, 0.22),
    "blond": (0.74, 0.59, 0.38),
    "red": (0.52, 0.23, 0.11),
    "grey": (0.50, 0.49, 0.48),
    "white": (0.82, 0.81, 0.79),
}

STYLES: Mapping[str, Style] = {
    "bald": Style("none"),
    "buzz": Style("buzz", cap=0.22),
    "short": Style("cropped", length=4.6, over=0.9, cap=0.55),
    "side-part": Style("parted", length=7.5, over=1.2, part=0.42, cap=0.5),
    "curly-short": Style("curls", length=2.4, over=1.5, cap=0.9),
    "afro": Style("afro", length=2.6, over=5.4, cap=4.6),
    "bob": Style("falling", length=27, over=1.5, part=0.12, end=-1.12, cap=0.6),
    "medium-wavy": Style("falling", length=33, over=1.7, part=0.15, end=-1.75, wave=0.8, cap=0.7),
    "long": Style("falling", length=46, over=1.3, part=0.0, cap=0.55),
    "long-wavy": Style("falling", length=46, over=1.8, part=0.1, wave=1.1, cap=0.7),
    "ponytail": Style("ponytail", over=0.45),
    "bun": Style("bun", over=0.45),
    "braids": Style("braids", over=0.40, part=0.0),
    "hijab": Style("veil"),
}

FAMILIES: Mapping[str, Callable[[Haircut], list[Mesh]]] = {
    "none": lambda _cut: [],
    "buzz": buzz,
    "cropped": cropped,
    "parted": parted,
    "falling": falling,
    "curls": curls,
    "afro": afro,
    "ponytail": ponytail,
    "bun": bun,
    "braids": braids,
    "veil": lambda cut: veil(cut.body, cut.head),
}


def hair_meshes(body: PosedBody, head: Head, style: str, colour: Colour) -> list[Mesh]:
    """The hair (or the cloth over it) of a style on a posed head."""
    shape = STYLES[style]
    return FAMILIES[shape.family](Haircut(body, head, shape, colour))


def hair_colour(style: str, colour: str) -> Colour:
    """RGB in [0, 1]; a hijab has its cloth's colour."""
    return VEIL_COLOUR if style == "hijab" else HAIR_COLOURS[colour]
