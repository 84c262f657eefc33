"""Strokes as people type them: "include 0.31,0.42 0.35,0.60"."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fashion_gen.errors import InvalidBrief
from fashion_gen.records import Stroke

FORM = 'write it as "include X,Y X,Y ..." or "exclude X,Y ... width=0.02", with x and y from 0 to 1'


def read_strokes(texts: Sequence[str], photos: Sequence[Path]) -> tuple[Stroke, ...]:
    """The strokes on the only photo of a run. Raises InvalidBrief: one is malformed, or there are several photos."""
    if texts and len(photos) > 1:
        raise InvalidBrief("Strokes belong to one photo: give one photo, or leave --stroke out.")
    return tuple(read_stroke(text) for text in texts)


def read_stroke(text: str) -> Stroke:
    """One stroke. Raises InvalidBrief."""
    verb, *words = text.split() or [""]
    if verb not in ("include", "exclude"):
        raise InvalidBrief(f'The stroke "{text}" neither includes nor excludes: {FORM}.')
    widths = [word.removeprefix("width=") for word in words if word.startswith("width=")]
    points = tuple(_point(word, text) for word in words if not word.startswith("width="))
    if len(widths) > 1:
        raise InvalidBrief(f'The stroke "{text}" has {len(widths)} widths: give one.')
    if not widths:
        return Stroke(points, verb == "include")
    return Stroke(points, verb == "include", _number(widths[0], text))


def _point(word: str, text: str) -> tuple[float, float]:
    x, comma, y = word.partition(",")
    if not comma:
        raise InvalidBrief(f'"{word}" in the stroke "{text}" is no point: {FORM}.')
    return _number(x, text), _number(y, text)


def _number(word: str, text: str) -> float:
    try:
        return float(word)
    except ValueError as exc:
        raise InvalidBrief(f'"{word}" in the stroke "{text}" is no number: {FORM}.') from exc
