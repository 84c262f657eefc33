"""The Monk Skin Tone scale (Ellis Monk, Google, 2022; skintone.google) as colours."""

from __future__ import annotations

MONK_HEX = ("f6ede4", "f3e7db", "f7ead0", "eadaba", "d7bd96", "a07e56", "825c43", "604134", "3a312a", "292420")
TONES = range(1, 11)


def tone_rgb(tone: int) -> tuple[int, int, int]:
    """The sRGB swatch of tone 1 (lightest) to 10."""
    if tone not in TONES:
        raise ValueError(f"Monk tones are 1 to 10, not {tone}.")
    red, green, blue = bytes.fromhex(MONK_HEX[tone - 1])
    return red, green, blue
