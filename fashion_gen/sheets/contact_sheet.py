"""The sheet a seller would forward: photo and cut-out on the left, every look with who wears it and its verdict."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from fashion_gen.monk import tone_rgb
from fashion_gen.records import Garment, Inspection, Kind, Look, Picture
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
    disc,
    fitted,
    framed,
    headline,
    rows,
    rule,
    space,
    stacked,
    text,
)
from fashion_gen.sheets.overlay import cutout, with_dots
from fashion_gen.typeface import face

CELL = 440  #: width of a look on the sheet
SIDE = 372  #: width of the column with photo and cut-out
TALLEST = 372  #: of a picture in that column: two of them are as high as a look with its caption
GUTTER = 48
MOST_PROBLEMS = 4
NOT_JUDGED = "not judged"
IMPRINT = (
    "People and backgrounds are generated; the garment is the photo's own pixels. "
    "Tones are those of the Monk Skin Tone scale, 1 to 10."
)
PHOTOGRAPHED = {
    Kind.FLAT: "lying flat",
    Kind.HANGER: "on a hanger",
    Kind.GHOST: "ghost mannequin",
    Kind.MANNEQUIN: "on a mannequin",
    Kind.PERSON: "worn by a person",
}


def draw(worn: Garment, looks: Sequence[Look]) -> Picture:
    """Return the sheet as (H, W, 3)."""
    side, grid = _side(worn), _grid(looks)
    body_height = max(side.height, grid.height)
    foot = _foot(worn, looks, SIDE + GUTTER + grid.width)
    sheet = Image.new("RGB", (2 * MARGIN + foot.width, 2 * MARGIN + body_height + GAP + foot.height), PAPER)
    sheet.paste(side, (MARGIN, MARGIN))
    sheet.paste(grid, (MARGIN + SIDE + GUTTER, MARGIN))
    sheet.paste(foot, (MARGIN, MARGIN + body_height + GAP))
    return np.asarray(sheet)


def columns(looks: int) -> int:
    """How many looks stand side by side: up to four in one row, then rows as even as can be."""
    if looks <= 4:
        return max(looks, 1)
    widest = 4 if looks <= 12 else 6
    rows = -(-looks // widest)
    return -(-looks // rows)


def _side(worn: Garment) -> Image.Image:
    """Photo and cut-out, and what was understood."""
    told = f"{worn.category.value.capitalize()}, {PHOTOGRAPHED[worn.kind]}"
    seen = f"Cut-out by {worn.segmenter}, {len(worn.landmarks)} landmarks"
    blocks = [
        text(worn.photo.name, 34, SIDE, INK, weight="Semibold", lines=2),
        text(told, 21, SIDE, TEXT, lines=2),
        space(16),
        framed(fitted(worn.photo.rgb, SIDE, TALLEST), SIDE),
        text(f"Photo, {worn.photo.width} x {worn.photo.height}", 17, SIDE, FAINT),
        space(20),
        framed(with_dots(fitted(cutout(worn), SIDE, TALLEST), worn.landmarks), SIDE),
        text(seen, 17, SIDE, FAINT, lines=2),
    ]
    return stacked(blocks, SIDE)


def _grid(looks: Sequence[Look]) -> Image.Image:
    """Every look, in rows; a row is as high as its highest look with its caption."""
    return rows([_look(look) for look in looks], columns(len(looks)))


def _look(look: Look) -> Image.Image:
    """One look: picture, persona, verdict, numbers."""
    seen = look.inspection
    pairs = numbers(seen)
    blocks = [
        framed(fitted(np.asarray(look.image), CELL, round(CELL * 1.8)), CELL),
        space(12),
        _name(look),
        text(who(look), 19, CELL, TEXT, lines=2),
        space(8),
        rule(CELL),
        space(6),
        *(_pair(*pairs[i : i + 2]) for i in range(0, len(pairs), 2)),
    ]
    blocks += [space(8), *(text(_sentence(reason), 18, CELL, BAD, lines=2) for reason in seen.reasons)]
    blocks += [text(remark, 16, CELL, FAINT, lines=2) for remark in remarks(look)]
    return stacked(blocks, CELL)


def who(look: Look) -> str:
    """The persona in one line."""
    persona = look.persona
    parts = (
        f"tone {persona.tone}",
        persona.size.value,
        persona.age.value.replace("-", "–"),
        persona.presentation.value,
    )
    return " · ".join((*parts, *persona.features))


def remarks(look: Look) -> list[str]:
    """What is told in small print: how often it was tried, and the first note of the stages."""
    tries = [f"{look.inspection.attempts} attempts"] if look.inspection.attempts > 1 else []
    return tries + [_sentence(note) for note in look.notes[:1]]


def _sentence(text: str) -> str:
    """The words of a reason, without its code, from a capital letter on."""
    words = text.partition(": ")[2] or text
    return words[:1].upper() + words[1:]


def verdict(seen: Inspection) -> tuple[str, Colour]:
    """Word and colour of an inspection."""
    return ("Passed", GOOD) if seen.passed else ("Failed", BAD)


def numbers(seen: Inspection) -> list[tuple[str, str]]:
    """The certificate as (what, value), six pairs; what nobody measured says so."""
    return [
        ("Garment", _told(seen.garment_max_delta, "{} levels off" if seen.garment_max_delta else "identical")),
        ("Pose", _told(seen.pose_pck, "{:.0%} of joints")),
        ("Growth", _told(seen.expansion, "{:.1%}")),
        ("People", _told(seen.people, "{}")),
        ("Seam", _told(seen.seam_delta_e_p95, "ΔE {:.1f}")),
        ("Tone", _told(seen.tone_measured, f"{{}}, asked {seen.tone_asked}")),
    ]


def _told(value: float | None, words: str) -> str:
    return NOT_JUDGED if value is None else words.format(value)


def _name(look: Look) -> Image.Image:
    """A swatch of the tone, the name, and the verdict at the right."""
    words, colour = verdict(look.inspection)
    block = headline(_title(look.persona.name), words, colour, CELL, indent=34)
    disc(block, (13, 20), 11, tone_rgb(look.persona.tone))
    return block


def _title(name: str) -> str:
    return name if any(character.isupper() for character in name) else name.title()


def _pair(*entries: tuple[str, str]) -> Image.Image:
    """Two measured values side by side, each with its name in front."""
    block = Image.new("RGB", (CELL, 27), PAPER)
    pen = ImageDraw.Draw(block)
    for place, (what, value) in enumerate(entries):
        x = place * (CELL // 2 + 6)
        pen.text((x, 13), what, FAINT, font=face(18), anchor="lm")
        pen.text((x + 76, 13), value, FAINT if value == NOT_JUDGED else INK, font=face(18), anchor="lm")
    return block


def _foot(worn: Garment, looks: Sequence[Look], total: int) -> Image.Image:
    """What would make the looks better, and what a reader who was not there has to know."""
    problems = (*worn.photo.problems, *worn.problems)
    made = sorted({f"preset {look.preset}, weights {look.weights_sha256[:8]}" for look in looks})
    advice = [
        text(f"{problem.message} {problem.cure}", 18, total, BAD if problem.refuse else WARN, lines=3)
        for problem in problems[:MOST_PROBLEMS]
    ]
    return stacked(
        [
            *advice,
            space(12),
            rule(total),
            space(10),
            text(IMPRINT, 17, total, FAINT, lines=3),
            text(" · ".join(("fashion-gen", *made)), 17, total, FAINT, lines=2),
        ],
        total,
    )
