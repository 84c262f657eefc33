"""The sheet a seller would forward: photo and cut-out on the left, every look with who wears it and its verdict.

Blocks are pictures: each function draws one, and they are stacked. So a block is as high as its text, whatever that says.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw

from fashion_gen import images
from fashion_gen.monk import tone_rgb
from fashion_gen.records import Garment, Inspection, Kind, Look, Picture
from fashion_gen.typeface import face, face_for, shortened, width, wrapped

Colour = tuple[int, int, int]

CELL = 440  #: width of a look on the sheet
SIDE = 372  #: width of the column with photo and cut-out
TALLEST = 372  #: of a picture in that column: two of them are as high as a look with its caption
MARGIN, GUTTER, GAP = 56, 48, 28
PAPER, INK, TEXT, FAINT, LINE = (252, 251, 249), (24, 24, 27), (82, 80, 77), (134, 131, 126), (224, 221, 216)
GOOD, BAD, WARN = (28, 120, 72), (178, 48, 38), (150, 104, 16)
DOT, RING = (0, 122, 204), (255, 255, 255)
CHECKER = (242, 224)
SURE = 0.5  #: landmarks below this confidence are drawn hollow
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
        _text(worn.photo.name, 34, SIDE, INK, weight="Semibold", lines=2),
        _text(told, 21, SIDE, TEXT, lines=2),
        _space(16),
        _framed(worn.photo.rgb, SIDE, TALLEST),
        _text(f"Photo, {worn.photo.width} x {worn.photo.height}", 17, SIDE, FAINT),
        _space(20),
        _framed(cutout(worn), SIDE, TALLEST, dots=_dots(worn)),
        _text(seen, 17, SIDE, FAINT, lines=2),
    ]
    return _stacked(blocks, SIDE)


def cutout(worn: Garment) -> Picture:
    """The garment on the checkerboard that stands for transparency, (H, W, 3)."""
    height, width_ = worn.matte.shape
    step = max(8, max(height, width_) // 36)
    odd = (np.add.outer(np.arange(height) // step, np.arange(width_) // step) % 2).astype(bool)
    ground = np.where(odd, *CHECKER).astype(np.float32)[..., None]
    matte = worn.matte[..., None]
    return np.clip(worn.colour * matte + ground * (1 - matte) + 0.5, 0, 255).astype(np.uint8)


def _dots(worn: Garment) -> list[tuple[float, float, bool]]:
    return [(point.x, point.y, point.confidence >= SURE) for point in worn.landmarks.values()]


def _grid(looks: Sequence[Look]) -> Image.Image:
    """Every look, in rows; a row is as high as its highest look with its caption."""
    across = columns(len(looks))
    total = across * CELL + (across - 1) * GAP
    rows = [_row([_look(look) for look in looks[i : i + across]], total) for i in range(0, len(looks), across)]
    return _stacked([block for row in rows for block in (row, _space(GAP))][:-1], total)


def _row(cells: Sequence[Image.Image], total: int) -> Image.Image:
    row = Image.new("RGB", (total, max(cell.height for cell in cells)), PAPER)
    for place, cell in enumerate(cells):
        row.paste(cell, (place * (CELL + GAP), 0))
    return row


def _look(look: Look) -> Image.Image:
    """One look: picture, persona, verdict, numbers."""
    seen = look.inspection
    pairs = numbers(seen)
    blocks = [
        _framed(np.asarray(look.image), CELL, round(CELL * 1.8)),
        _space(12),
        _name(look),
        _text(who(look), 19, CELL, TEXT, lines=2),
        _space(8),
        _rule(CELL),
        _space(6),
        *(_pair(*pairs[i : i + 2]) for i in range(0, len(pairs), 2)),
    ]
    blocks += [_space(8), *(_text(_sentence(reason), 18, CELL, BAD, lines=2) for reason in seen.reasons)]
    blocks += [_text(remark, 16, CELL, FAINT, lines=2) for remark in remarks(look)]
    return _stacked(blocks, CELL)


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
    block = Image.new("RGB", (CELL, 38), PAPER)
    pen = ImageDraw.Draw(block)
    _disc(block, (13, 20), 11, tone_rgb(look.persona.tone))
    words, colour = verdict(look.inspection)
    font = face(21, "Semibold")
    start = CELL - width(words, font)
    pen.text((start, 20), words, colour, font=font, anchor="lm")
    _disc(block, (start - 15, 21), 6, colour)
    name = face_for(look.persona.name, 27, "Semibold")
    pen.text((34, 19), shortened(_title(look.persona.name), name, start - 30 - 34), INK, font=name, anchor="lm")
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
        _text(f"{problem.message} {problem.cure}", 18, total, BAD if problem.refuse else WARN, lines=3)
        for problem in problems[:MOST_PROBLEMS]
    ]
    return _stacked(
        [
            *advice,
            _space(12),
            _rule(total),
            _space(10),
            _text(IMPRINT, 17, total, FAINT, lines=3),
            _text(" · ".join(("fashion-gen", *made)), 17, total, FAINT, lines=2),
        ],
        total,
    )


def _framed(
    rgb: Picture, most_wide: int, most_high: int, *, dots: Sequence[tuple[float, float, bool]] = ()
) -> Image.Image:
    """The picture at the size that fits, with a hairline around it; dots are (x, y) in [0, 1] and whether filled."""
    height, width_ = rgb.shape[:2]
    k = min(most_wide / width_, most_high / height)
    w, h = max(1, round(width_ * k)), max(1, round(height * k))
    small = np.ascontiguousarray(images.resize(rgb, w, h))
    for x, y, filled in dots:
        at = (round(x * w * 16), round(y * h * 16))
        cv2.circle(small, at, 5 * 16 + 8, RING, -1 if filled else 5, cv2.LINE_AA, 4)
        cv2.circle(small, at, 4 * 16 if filled else 5 * 16 + 8, DOT, -1 if filled else 2, cv2.LINE_AA, 4)
    block = Image.new("RGB", (most_wide, h), PAPER)
    block.paste(Image.fromarray(small), (0, 0))
    ImageDraw.Draw(block).rectangle((0, 0, w - 1, h - 1), outline=LINE)
    return block


def _text(text: str, size: int, most: int, colour: Colour, *, weight: str = "Regular", lines: int = 1) -> Image.Image:
    font = face_for(text, size, weight)
    rows = wrapped(text, font, most, lines=lines)
    step = round(size * 1.36)
    block = Image.new("RGB", (most, step * len(rows) + size // 5), PAPER)
    pen = ImageDraw.Draw(block)
    for place, row in enumerate(rows):
        pen.text((0, place * step + step // 2 + size // 8), row, colour, font=font, anchor="lm")
    return block


def _disc(block: Image.Image, centre: tuple[int, int], radius: int, colour: Colour) -> None:
    """A smooth disc: Pillow's own are jagged."""
    big = 8
    mask = Image.new("L", (2 * radius * big, 2 * radius * big))
    ImageDraw.Draw(mask).ellipse((0, 0, mask.width - 1, mask.height - 1), fill=255)
    mask = mask.resize((2 * radius, 2 * radius), Image.Resampling.BOX)
    block.paste(Image.new("RGB", mask.size, colour), (centre[0] - radius, centre[1] - radius), mask)


def _rule(total: int) -> Image.Image:
    return Image.new("RGB", (total, 1), LINE)


def _space(height: int) -> Image.Image:
    return Image.new("RGB", (1, height), PAPER)


def _stacked(blocks: Sequence[Image.Image], total: int) -> Image.Image:
    stack = Image.new("RGB", (total, sum(block.height for block in blocks)), PAPER)
    y = 0
    for block in blocks:
        stack.paste(block, (0, y))
        y += block.height
    return stack
