"""The sheet a seller would forward: photo, cut-out, and every look with who wears it and its verdict."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from fashion_gen import images
from fashion_gen.records import Garment, Inspection, Look, Picture

COLUMNS = 4
CELL = 420  #: width of a look on the sheet
MARGIN, GAP, CAPTION = 48, 28, 132
PAPER, INK, FAINT = (250, 249, 247), (28, 28, 30), (122, 120, 116)
GOOD, BAD, OPEN = (38, 122, 78), (176, 58, 46), (150, 120, 40)
CHECKER = (236, 214)


def draw(worn: Garment, looks: Sequence[Look], *, quality: int = 90) -> bytes:
    """Return the sheet as a JPEG."""
    height = max(round(CELL * look.image.height / look.image.width) for look in looks) if looks else CELL * 3 // 2
    columns = min(COLUMNS, max(len(looks), 2))
    rows = -(-len(looks) // columns)
    head = _head(worn)
    width = 2 * MARGIN + columns * CELL + (columns - 1) * GAP
    total = 2 * MARGIN + head.height + GAP + rows * (height + CAPTION)
    sheet = Image.new("RGB", (max(width, head.width + 2 * MARGIN), total), PAPER)
    sheet.paste(head, (MARGIN, MARGIN))
    pen = ImageDraw.Draw(sheet)
    for number, look in enumerate(looks):
        x = MARGIN + (number % columns) * (CELL + GAP)
        y = MARGIN + head.height + GAP + (number // columns) * (height + CAPTION)
        small = images.resize(np.asarray(look.image), CELL, round(CELL * look.image.height / look.image.width))
        sheet.paste(Image.fromarray(small), (x, y))
        _caption(pen, look, (x, y + small.shape[0] + 12))
    return images.encode(np.asarray(sheet), "jpeg", quality=quality)


def _head(worn: Garment) -> Image.Image:
    """Photo and cut-out beside what was understood."""
    side = 300
    text_width = 620
    head = Image.new("RGB", (2 * (side + GAP) + text_width, side), PAPER)
    head.paste(_fitted(worn.photo.rgb, side), (0, 0))
    head.paste(_fitted(_over_checker(worn), side), (side + GAP, 0))
    pen = ImageDraw.Draw(head)
    x, y = 2 * (side + GAP), 6
    pen.text((x, y), _shortened(worn.photo.name, 34), INK, font=_font(30))
    category, kind = worn.category.value, worn.kind.value
    pen.text((x, y + 50), f"{category}, photographed as {kind}; cut out by {worn.segmenter}", FAINT, font=_font(19))
    line = y + 92
    for problem in (*worn.photo.problems, *worn.problems)[:4]:
        pen.text((x, line), _shortened(f"! {problem.message} {problem.cure}", 72), OPEN, font=_font(17))
        line += 28
    return head


def _over_checker(worn: Garment) -> Picture:
    height, width = worn.matte.shape
    step = max(8, max(height, width) // 32)
    tiles = (np.add.outer(np.arange(height) // step, np.arange(width) // step) % 2).astype(bool)
    ground = np.where(tiles, *CHECKER).astype(np.float32)[..., None]
    matte = worn.matte[..., None]
    return np.clip(worn.colour * matte + ground * (1 - matte) + 0.5, 0, 255).astype(np.uint8)


def _fitted(rgb: Picture, side: int) -> Image.Image:
    """The picture inside a square."""
    k = side / max(rgb.shape[:2])
    small = cv2.resize(rgb, (max(1, round(rgb.shape[1] * k)), max(1, round(rgb.shape[0] * k))), interpolation=cv2.INTER_AREA)
    square = Image.new("RGB", (side, side), PAPER)
    square.paste(Image.fromarray(small), ((side - small.shape[1]) // 2, (side - small.shape[0]) // 2))
    return square


def _caption(pen: ImageDraw.ImageDraw, look: Look, at: tuple[int, int]) -> None:
    x, y = at
    persona, seen = look.persona, look.inspection
    pen.text((x, y), persona.name, INK, font=_font(24))
    who = f"tone {persona.tone}, {persona.size.value}, {persona.age.value}, {persona.presentation.value}"
    pen.text((x, y + 32), who, FAINT, font=_font(17))
    words, colour = verdict(seen)
    pen.text((x, y + 58), _shortened(words, 50), colour, font=_font(17))
    pen.text((x, y + 82), _shortened(_numbers(seen), 58), FAINT, font=_font(15))


def verdict(seen: Inspection) -> tuple[str, tuple[int, int, int]]:
    """Words and colour of an inspection."""
    if not seen.passed:
        return "Failed: " + "; ".join(seen.reasons), BAD
    open_ = [name for name, value in (("pose", seen.pose_pck), ("people", seen.people)) if value is None]
    return ("Passed" + (f" ({' and '.join(open_)} not judged)" if open_ else ""), GOOD)


def _numbers(seen: Inspection) -> str:
    parts = [f"garment delta {seen.garment_max_delta}"]
    if seen.expansion is not None:
        parts.append(f"growth {seen.expansion:.1%}")
    if seen.tone_measured is not None:
        parts.append(f"tone {seen.tone_measured} of {seen.tone_asked}")
    if seen.pose_pck is not None:
        parts.append(f"pose {seen.pose_pck:.2f}")
    return ", ".join(parts)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own typeface: no font needs to be installed."""
    return ImageFont.load_default(size)
