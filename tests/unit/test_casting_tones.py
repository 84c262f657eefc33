"""The Monk scale and reading a tone off a picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion_gen.casting import balance, measure_tone, monk_lab, nearest_tone, tone_rgb
from fashion_gen.casting.tones import lab
from fashion_gen.monk import TONES


def _face(tone: int, size: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """A flat patch of a tone on grey, and where it is."""
    picture = np.full((size * 2, size * 2, 3), 200, np.uint8)
    where = np.zeros(picture.shape[:2], bool)
    where[size // 2 : -size // 2, size // 2 : -size // 2] = True
    picture[where] = tone_rgb(tone)
    return picture, where


@pytest.mark.parametrize("tone", TONES)
def test_every_swatch_is_its_own_tone(tone: int) -> None:
    assert nearest_tone(monk_lab()[tone - 1]) == tone
    assert measure_tone(*_face(tone)) == tone


def test_the_scale_gets_darker() -> None:
    lightness = monk_lab()[:, 0]
    assert lightness[0] == pytest.approx(94.2, abs=0.3)
    assert lightness[9] == pytest.approx(14.6, abs=0.3)
    assert (np.diff(lightness[2:]) < 0).all()


@pytest.mark.parametrize("tone", TONES)
def test_brows_gloss_and_noise_do_not_move_the_tone(tone: int) -> None:
    picture, where = _face(tone)
    rng = np.random.default_rng(tone)
    rows = np.flatnonzero(where.any(1))
    picture[rows[:6]] = 20
    picture[rows[6:9]] = 250
    noisy = np.clip(picture + rng.normal(0, 3, picture.shape), 0, 255).astype(np.uint8)
    measured = measure_tone(noisy, where)
    assert measured is not None
    assert abs(measured - tone) <= 1


def test_too_few_pixels_say_nothing() -> None:
    picture, where = _face(5)
    few = np.zeros_like(where)
    few[30, 30:40] = True
    assert measure_tone(picture, few) is None
    assert measure_tone(picture, few & False) is None


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("light", [(0.7, 0.7, 0.7), (1.0, 0.94, 0.8), (0.85, 0.93, 1.0)])
def test_balance_takes_the_light_out(tone: int, light: tuple[float, float, float]) -> None:
    picture, where = _face(tone)
    lit = (255 * ((picture / 255.0) ** 2.2 * light) ** (1 / 2.2)).round().astype(np.uint8)
    patch = np.zeros_like(where)
    patch[:10] = True
    measured = measure_tone(balance(lit, patch, (200, 200, 200)), where)
    assert measured is not None
    assert abs(measured - tone) <= 1


def test_balance_leaves_a_picture_alone_where_the_patch_says_nothing() -> None:
    picture, where = _face(3)
    assert balance(picture, where & False, (1, 2, 3)) is picture
    assert balance(picture * 0, where, (200, 200, 200)).max() == 0


@pytest.mark.parametrize("tone", [0, 11])
def test_there_are_ten_tones(tone: int) -> None:
    with pytest.raises(ValueError, match="1 to 10"):
        tone_rgb(tone)


@settings(max_examples=60, deadline=None)
@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_any_colour_has_a_nearest_tone(rgb: tuple[int, int, int]) -> None:
    assert nearest_tone(lab(np.array(rgb, np.uint8))[0]) in TONES
