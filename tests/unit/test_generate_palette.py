"""The colour axis that mini's autoencoder drops comes back from the canvas."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fashion_gen.generate.palette import _axes, _picture, restore


def scene(trousers: tuple[int, int, int], *, hem: int = 40) -> np.ndarray:
    """A grey wall with a block of cloth that ends at column `hem`."""
    picture = np.full((60, 80, 3), 200, np.uint8)
    picture[20:, 20:hem] = trousers
    return picture


def drained(picture: np.ndarray) -> np.ndarray:
    """What the autoencoder leaves of a picture: brightness and blue-orange."""
    bright, orange, green = _axes(picture)
    return _picture(bright, orange, np.zeros_like(green))


def test_a_drained_picture_gets_its_colours_back() -> None:
    canvas = scene((190, 40, 70))
    assert np.abs(restore(drained(canvas), canvas).astype(int) - canvas).mean() < 4


def test_colour_follows_the_painted_outline_not_the_canvas() -> None:
    canvas, painted = scene((190, 40, 70), hem=40), drained(scene((190, 40, 70), hem=48))
    found = restore(painted, canvas).astype(int)
    grown = found[40, 44]
    assert grown[0] - grown[1] > 80, "cloth that grew past the canvas is as red as the rest"
    wall = found[40, 60]
    assert np.ptp(wall) < 12, "the wall beside it stays grey"


def test_grey_stays_grey() -> None:
    canvas = np.full((40, 40, 3), 128, np.uint8)
    assert np.ptp(restore(canvas, canvas).astype(int), axis=2).max() <= 1


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_axes_can_be_undone(red: int, green: int, blue: int) -> None:
    pixel = np.array([[[red, green, blue]]], np.uint8)
    assert np.abs(_picture(*_axes(pixel)).astype(int) - pixel).max() <= 1
