"""Blocks of a sheet: pictures that functions draw and that are stacked, so a block is as high as what it says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from fashion_gen import images
from fashion_gen.records import Picture
from fashion_gen.typeface import face, face_for, shortened, width, wrapped

Colour = tuple[int, int, int]

MARGIN, GAP = 56, 28
PAPER, INK, TEXT, FAINT, LINE = (252, 251, 249), (24, 24, 27), (82, 80, 77), (134, 131, 126), (224, 221, 216)
GOOD, BAD, WARN = (28, 120, 72), (178, 48, 38), (150, 104, 16)


def text(words: str, size: int, most: int, colour: Colour, *, weight: str = "Regular", lines: int = 1) -> Image.Image:
    """The words in a block `most` pixels wide, broken into at most `lines` lines, the last cut with an ellipsis."""
    font = face_for(words, size, weight)
    rows = wrapped(words, font, most, lines=lines)
    step = round(size * 1.36)
    block = Image.new("RGB", (most, step * len(rows) + size // 5), PAPER)
    pen = ImageDraw.Draw(block)
    for place, row in enumerate(rows):
        pen.text((0, place * step + step // 2 + size // 8), row, colour, font=font, anchor="lm")
    return block


def headline(title: str, verdict: str, colour: Colour, most: int, *, size: int = 27, indent: int = 0) -> Image.Image:
    """A title in one line, `indent` pixels in, and at the right a verdict with its dot."""
    block = Image.new("RGB", (most, 38), PAPER)
    pen, font = ImageDraw.Draw(block), face(21, "Semibold")
    start = most - width(verdict, font)
    pen.text((start, 20), verdict, colour, font=font, anchor="lm")
    disc(block, (start - 15, 21), 6, colour)
    name = face_for(title, size, "Semibold")
    pen.text((indent, 19), shortened(title, name, start - 30 - indent), INK, font=name, anchor="lm")
    return block


def fitted(rgb: Picture, most_wide: int, most_high: int) -> Picture:
    """The (H, W, 3) picture as large as it fits, whole."""
    h, w = rgb.shape[:2]
    k = min(most_wide / w, most_high / h)
    return np.ascontiguousarray(images.resize(rgb, max(1, round(w * k)), max(1, round(h * k))))


def framed(rgb: Picture, most_wide: int) -> Image.Image:
    """The (H, W, 3) picture at the left of a block `most_wide` pixels wide, with a hairline around it."""
    h, w = rgb.shape[:2]
    block = Image.new("RGB", (most_wide, h), PAPER)
    block.paste(Image.fromarray(rgb), (0, 0))
    ImageDraw.Draw(block).rectangle((0, 0, w - 1, h - 1), outline=LINE)
    return block


def disc(block: Image.Image, centre: tuple[int, int], radius: int, colour: Colour) -> None:
    """A smooth disc: Pillow's own are jagged."""
    big = 8
    mask = Image.new("L", (2 * radius * big, 2 * radius * big))
    ImageDraw.Draw(mask).ellipse((0, 0, mask.width - 1, mask.height - 1), fill=255)
    mask = mask.resize((2 * radius, 2 * radius), Image.Resampling.BOX)
    block.paste(Image.new("RGB", mask.size, colour), (centre[0] - radius, centre[1] - radius), mask)


def rule(total: int) -> Image.Image:
    """A hairline."""
    return Image.new("RGB", (total, 1), LINE)


def space(height: int) -> Image.Image:
    """Nothing, so many pixels high."""
    return Image.new("RGB", (1, height), PAPER)


def stacked(blocks: Sequence[Image.Image], total: int) -> Image.Image:
    """Blocks below each other on paper `total` pixels wide."""
    stack = Image.new("RGB", (total, sum(block.height for block in blocks)), PAPER)
    y = 0
    for block in blocks:
        stack.paste(block, (0, y))
        y += block.height
    return stack


def rows(cells: Sequence[Image.Image], across: int) -> Image.Image:
    """Cells of one width, `across` in a row with gaps between; a row is as high as its highest cell."""
    wide = cells[0].width if cells else 0
    total = across * wide + (across - 1) * GAP
    groups = [cells[i : i + across] for i in range(0, len(cells), across)]
    lines = [block for group in groups for block in (_row(group, total), space(GAP))]
    return stacked(lines[:-1], total)


def flowing(cells: Sequence[Image.Image], most: int) -> Image.Image:
    """Cells beside each other as words in a paragraph, on paper `most` pixels wide."""
    lines: list[list[Image.Image]] = [[]]
    for cell in cells:
        if lines[-1] and sum(other.width + GAP for other in lines[-1]) + cell.width > most:
            lines.append([])
        lines[-1].append(cell)
    return stacked([_row(line, most) for line in lines if line], most)


def _row(cells: Sequence[Image.Image], total: int) -> Image.Image:
    row = Image.new("RGB", (total, max(cell.height for cell in cells)), PAPER)
    x = 0
    for cell in cells:
        row.paste(cell, (x, 0))
        x += cell.width + GAP
    return row
