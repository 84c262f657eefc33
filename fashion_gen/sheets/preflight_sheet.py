"""The sheet of a preflight: every photo with what was seen in it, its cut-out, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, sqrt

import numpy as np
from PIL import Image, ImageDraw

from fashion_gen import images
from fashion_gen.records import Garment, Landmark, Mask, Photo, Picture, Problem, Stroke
from fashion_gen.sheets import overlay
from fashion_gen.sheets.blocks import (
    BAD,
    FAINT,
    GAP,
    GOOD,
    INK,
    MARGIN,
    PAPER,
    TEXT,
    WARN,
    Colour,
    fitted,
    flowing,
    framed,
    headline,
    rows,
    rule,
    space,
    stacked,
    text,
)
from fashion_gen.sheets.contact_sheet import PHOTOGRAPHED
from fashion_gen.typeface import face, width

HALF, TALLEST = 500, 640  #: most that a picture takes; the photo and its cut-out stand side by side
PANEL = 2 * HALF + GAP
MOST_PANELS = 12  #: a page
MOST_ACROSS = 3
INSIDE = (255, 176, 0)
#: Areas of a wearer; a name that is not here is drawn as "other".
PARTS: Mapping[str, Colour] = {
    "skin": (240, 128, 60),
    "hair": (122, 72, 200),
    "face": (255, 214, 10),
    "hands": (214, 40, 40),
    "upper": (0, 158, 115),
    "lower": (0, 114, 178),
    "one-piece": (86, 180, 233),
    "shoes": (204, 121, 167),
    "other": (140, 140, 140),
}
CHIP = (44, 24)  #: width and height of a sample in the legend


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a preflight saw in one file."""

    file: str
    problems: tuple[Problem, ...]
    photo: Photo | None = None  #: None where the file cannot be opened
    worn: Garment | None = None  #: None where no garment was taken from the photo
    parts: Mapping[str, Mask] = field(default_factory=dict)  #: (h, w) areas of the photo by name, see `PARTS`
    strokes: Sequence[Stroke] = ()  #: those that the cut-out was mended with

    @property
    def usable(self) -> bool:
        return not any(problem.refuse for problem in self.problems)


def pages(photos: int) -> int:
    """How many pages so many photos take."""
    return max(1, -(-photos // MOST_PANELS))


def draw(panels: Sequence[Image.Image], *, first: int, of: int, parts: Iterable[str] = ()) -> Picture:
    """A page of `panel`s as (H, W, 3); the first of them shows photo number `first` of `of`; `parts` are in the legend."""
    across = min(MOST_ACROSS, ceil(sqrt(len(panels))))
    grid = rows(panels, across)
    last = first + len(panels) - 1
    told = f"Photo {first} of {of}" if first == last else f"Photos {first} to {last} of {of}"
    blocks = [
        text("Preflight", 34, grid.width, INK, weight="Semibold"),
        text(told, 21, grid.width, TEXT),
        space(20),
        grid,
        space(GAP),
        rule(grid.width),
        space(14),
        _legend(parts, grid.width),
    ]
    body = stacked(blocks, grid.width)
    sheet = Image.new("RGB", (body.width + 2 * MARGIN, body.height + 2 * MARGIN), PAPER)
    sheet.paste(body, (MARGIN, MARGIN))
    return np.asarray(sheet)


def panel(seen: Seen) -> Image.Image:
    """One photo, `PANEL` pixels wide: marked, cut out, and in words."""
    verdict, colour = ("Good" if not seen.problems else "Usable", GOOD) if seen.usable else ("Not usable", BAD)
    said = [
        text(f"{problem.message} {problem.cure}".strip(), 19, PANEL, BAD if problem.refuse else WARN, lines=4)
        for problem in seen.problems
    ]
    blocks = [
        _pictures(seen),
        space(10),
        headline(seen.file, verdict, colour, PANEL),
        *(text(line, size, PANEL, tone, lines=2) for line, size, tone in _told(seen)),
        *([space(6)] if said else []),
        *said,
    ]
    return stacked(blocks, PANEL)


def marked(worn: Garment, parts: Mapping[str, Mask], strokes: Sequence[Stroke] = ()) -> Picture:
    """The photo with parts, inside, edge, strokes and landmarks on it, at the size of a panel's half."""
    picture = fitted(overlay.shown(worn.photo), HALF, TALLEST)
    for name, mask in parts.items():
        picture = overlay.with_tint(picture, _as_large(mask, picture), PARTS.get(name, PARTS["other"]))
    picture = overlay.with_hatching(picture, _as_large(worn.inside, picture), INSIDE)
    picture = overlay.with_edge(picture, images.resize(worn.matte, picture.shape[1], picture.shape[0]))
    return overlay.with_names(overlay.with_strokes(picture, strokes), worn.landmarks)


def _pictures(seen: Seen) -> Image.Image:
    """What there is to see of a file: marked photo and cut-out, the plain photo, or that there is nothing."""
    if seen.photo is None:
        return rows([_nothing("This file cannot be opened."), _nothing("")], 2)
    if seen.worn is None:
        photo = framed(fitted(overlay.shown(seen.photo), HALF, TALLEST), HALF)
        return rows([photo, _nothing("No garment was cut out.", photo.height)], 2)
    cut = fitted(overlay.cutout(seen.worn), HALF, TALLEST)
    return rows([framed(marked(seen.worn, seen.parts, seen.strokes), HALF), framed(cut, HALF)], 2)


def _nothing(words: str, height: int = 200) -> Image.Image:
    """An empty place that says why it is empty."""
    said = text(words, 19, HALF, FAINT)
    block = Image.new("RGB", (HALF, height), PAPER)
    block.paste(said, (0, 0))
    return block


def _told(seen: Seen) -> list[tuple[str, int, Colour]]:
    """What was understood, as lines with their size and colour."""
    if seen.photo is None:
        return []
    size = f"photo of {seen.photo.width} x {seen.photo.height} pixels"
    if seen.worn is None:
        return [(size.capitalize(), 17, FAINT)]
    worn = seen.worn
    category = f"{worn.category.value.capitalize()} ({worn.category_confidence:.0%})"
    kind = f"{PHOTOGRAPHED[worn.kind]} ({worn.kind_confidence:.0%})"
    cut = f"Cut-out by {worn.segmenter}, {len(worn.landmarks)} landmarks, {size}"
    return [(f"{category}, {kind}", 21, TEXT), (cut, 17, FAINT)]


def _as_large(mask: Mask, picture: Picture) -> Mask:
    return images.resize(mask.astype(np.float32), picture.shape[1], picture.shape[0]) > 0.5


def _legend(parts: Iterable[str], most: int) -> Image.Image:
    """A sample of each mark with its meaning, in as many lines as they take."""
    ground = np.full((CHIP[1], CHIP[0], 3), 168, np.uint8)
    whole = np.ones(ground.shape[:2], bool)
    # The line goes around what it encloses: a piece of a larger sample has only one side of it.
    wide = np.full((3 * CHIP[1], 2 * CHIP[0], 3), 168, np.uint8)
    half = np.tile(np.linspace(1, 0, wide.shape[1], dtype=np.float32), (wide.shape[0], 1))
    edge = overlay.with_edge(wide, half)[CHIP[1] : 2 * CHIP[1], CHIP[0] // 2 : CHIP[0] // 2 + CHIP[0]]

    def dot(confidence: float) -> Picture:
        return overlay.with_dots(ground, {"": Landmark(0.5, 0.5, confidence)})

    samples = [
        (edge, "edge of the cut-out"),
        (overlay.with_hatching(ground, whole, INSIDE), "inside of the garment"),
        (dot(1.0), "landmark"),
        (dot(0.0), f"landmark that is less than {overlay.SURE:.0%} sure"),
    ]
    samples += [(overlay.with_tint(ground, whole, PARTS.get(name, PARTS["other"])), name) for name in parts]
    entries = [_entry(sample, words) for sample, words in samples]
    return flowing(entries, most)


def _entry(sample: Picture, words: str) -> Image.Image:
    font = face(17)
    block = Image.new("RGB", (CHIP[0] + 10 + width(words, font), 30), PAPER)
    block.paste(Image.fromarray(sample), (0, 3))
    ImageDraw.Draw(block).text((CHIP[0] + 10, 15), words, TEXT, font=font, anchor="lm")
    return block
