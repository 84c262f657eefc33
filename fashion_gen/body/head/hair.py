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
    "short": Style("cropped", length=4.6, over=1.0, cap=0.06),
    "side-part": Style("parted", length=7.5, over=1.2, part=0.42, shift=0.08, cap=0.06),
    "curly-short": Style("curls", length=2.4, over=1.5, cap=0.9),
    "afro": Style("afro", length=2.6, over=5.4, cap=4.6),
    "bob": Style("falling", length=27, over=1.6, part=0.16, shift=0.16, end=-1.08, ragged=0.05, flare=-0.12, cap=0.1),
    "medium-wavy": Style(
        "falling", length=33, over=1.8, part=0.20, shift=0.20, end=-1.30, ragged=0.22, flare=0.06, wave=0.9, cap=0.1
    ),
    "long": Style("falling", length=50, over=1.5, part=0.06, shift=0.14, flare=0.25, wave=0.25, cap=0.1),
    "long-wavy": Style("falling", length=50, over=1.9, part=0.14, shift=0.16, flare=0.32, wave=1.1, cap=0.1),
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


def hair_meshes(body: PosedBody, head: Head, style: str, colour: Colour, *, seed: int = 0) -> list[Mesh]:
    """The hair (or the cloth over it) of a style on a posed head; parting and strands lie otherwise with another `seed`."""
    shape = STYLES[style]
    return FAMILIES[shape.family](Haircut(body, head, shape, colour, seed % 2**32))


def hair_colour(style: str, colour: str) -> Colour:
    """RGB in [0, 1]; a hijab has its cloth's colour."""
    return VEIL_COLOUR if style == "hijab" else HAIR_COLOURS[colour]
