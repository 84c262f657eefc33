"""A drawing in the light of a painting: strokes stay, light comes, nothing bleeds over an outline or out of a garment."""

from __future__ import annotations

import numpy as np

from fashion_gen import compose
from fashion_gen.compose.relight import MOST

CANVAS = np.full((120, 80, 3), 120, np.uint8)
DRAWING = np.full((480, 320, 3), 120, np.uint8)
DRAWING[:, 160] = 20  # a stroke
FIGURE = np.zeros((480, 320), bool)
FIGURE[:, 80:240] = True
BARE = np.zeros((120, 80), np.float32)


def test_strokes_stay_and_the_light_comes() -> None:
    lit = compose.relit(DRAWING, CANVAS, CANVAS + 30, person=FIGURE, garment=BARE, skin=())
    assert (lit[:, 160] == 50).all()
    assert (lit[:, 100] == 150).all()


def test_a_painting_that_changed_nothing_leaves_the_drawing() -> None:
    assert (compose.relit(DRAWING, CANVAS, CANVAS, person=FIGURE, garment=BARE, skin=()) == DRAWING).all()


def test_light_of_the_figure_does_not_bleed_into_the_backdrop() -> None:
    painting = CANVAS.copy()
    painting[:, 20:60] += 30
    lit = compose.relit(DRAWING, CANVAS, painting, person=FIGURE, garment=BARE, skin=()).astype(int)
    assert (np.abs(lit[:, :79] - 120) <= 1).all()
    assert (np.abs(lit[:, 100] - 150) <= 1).all()


def test_what_the_painting_did_to_the_garment_is_no_light() -> None:
    painting, garment = CANVAS.copy(), BARE.copy()
    painting[40:80] = 250
    garment[40:80] = 1
    lit = compose.relit(DRAWING, CANVAS, painting, person=FIGURE, garment=garment, skin=())
    assert (lit == DRAWING).all()


def test_another_thing_at_a_place_counts_as_little_as_a_strong_light() -> None:
    lit = compose.relit(DRAWING, CANVAS, np.full_like(CANVAS, 255), person=FIGURE, garment=BARE, skin=())
    assert int(lit.max()) <= 120 + MOST


def test_a_figure_without_any_backdrop_is_lit_all_the_same() -> None:
    lit = compose.relit(DRAWING, CANVAS, CANVAS + 10, person=np.ones_like(FIGURE), garment=BARE, skin=())
    assert (lit[:, 100] == 130).all()


def test_skin_keeps_its_tone_and_takes_the_light_that_models_it() -> None:
    painting = CANVAS + 20
    painting[:60] += 16
    skin = FIGURE.copy()
    lit = compose.relit(DRAWING, CANVAS, painting, person=FIGURE, garment=BARE, skin=(skin,)).astype(int)
    assert abs(float(np.median(lit[:, 90:150])) - 120) <= 8
    assert lit[60, 100, 0] - lit[420, 100, 0] == 16
