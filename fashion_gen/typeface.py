"""Text on sheets: Source Sans (SIL OFL 1.1), and a system font for scripts that it does not have."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

from PIL import ImageFont

Font = ImageFont.FreeTypeFont

#: Fonts with Chinese, Japanese and Korean characters as systems install them; Pillow searches the font folders.
_WIDE_FONTS = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansSC-Regular.otf",
    "SourceHanSansSC-Regular.otf",
    "DroidSansFallbackFull.ttf",
    "wqy-microhei.ttc",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "msyh.ttc",
    "malgun.ttf",
    "Arial Unicode.ttf",
    "DejaVuSans.ttf",
)
_NO_CHARACTER = "\uffff"
ELLIPSIS = "…"


@cache
def face(size: int, weight: str = "Regular") -> Font:
    """Source Sans at a size in pixels; `weight` is "Regular", "Semibold" or "Light"."""
    folder = files("font_source_sans_pro") / "files"
    with as_file(folder / f"SourceSansPro-{weight}.ttf") as path:
        return ImageFont.truetype(path, size)


def face_for(text: str, size: int, weight: str = "Regular") -> Font:
    """The face that can write `text`: Source Sans, else the first system font that can, else Source Sans with gaps."""
    ours = face(size, weight)
    if _writes(ours, text):
        return ours
    return next((font for name in _WIDE_FONTS if (font := _system(name, size)) and _writes(font, text)), ours)


def width(text: str, font: Font) -> int:
    """Pixels that the text takes on one line."""
    return round(font.getlength(text))


def shortened(text: str, font: Font, most: int) -> str:
    """The text, cut with an ellipsis where it is wider than `most` pixels."""
    if width(text, font) <= most:
        return text
    kept = text
    while kept and width(kept + ELLIPSIS, font) > most:
        kept = kept[:-1]
    return kept.rstrip() + ELLIPSIS


def wrapped(text: str, font: Font, most: int, *, lines: int) -> list[str]:
    """Break the text into at most `lines` lines of `most` pixels, the last cut with an ellipsis where more is left.

    A word that is wider than a line (a file name, Chinese) is broken where it must be.
    """
    rows: list[str] = []
    rest = text.strip()
    while rest and len(rows) < lines - 1:
        end = _break_at(rest, font, most)
        rows.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*rows, shortened(rest, font, most)] if rest else rows


def _break_at(text: str, font: Font, most: int) -> int:
    """How many characters go on the first line: up to the last space or joint that fits, or as many as fit."""
    if width(text, font) <= most:
        return len(text)
    fitting = next(end for end in range(len(text), 0, -1) if end == 1 or width(text[:end], font) <= most)
    space = text.rfind(" ", 0, fitting + 1)
    if space > 0:
        return space
    joint = max(text.rfind(mark, 0, fitting) for mark in "-_.+")  # the joints of file names
    return joint + 1 if joint > 0 else fitting


def _writes(font: Font, text: str) -> bool:
    return all(character.isspace() or _has(font, character) for character in set(text))


@cache
def _has(font: Font, character: str) -> bool:
    """Whether the font has the character: what it lacks is drawn as the same box as what no font has."""
    drawn, box = font.getmask(character), font.getmask(_NO_CHARACTER)
    return drawn.size != box.size or bytes(drawn) != bytes(box)


@cache
def _system(name: str, size: int) -> Font | None:
    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return None  # not installed here: the next one
