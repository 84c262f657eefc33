"""Gradient histograms of drawn garments."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from garment_shapes import DRESS, LONG_SLEEVE, T_SHIRT, Shape, matte_of, picture_of

from fashion_gen.garment.features import features
from fashion_gen.garment.gradients import CELLS, DIRECTIONS, gradients
from fashion_gen.garment.outline import outline_of
from fashion_gen.records import Picture


def inside(picture: Picture) -> np.ndarray:
    """(rows, columns, directions) of the picture's own histograms."""
    half = CELLS * CELLS // 2 * DIRECTIONS
    return gradients(picture, matte_of(T_SHIRT, 400))[:half].reshape(CELLS, CELLS // 2, DIRECTIONS)


@pytest.mark.parametrize("shape", [T_SHIRT, LONG_SLEEVE, DRESS])
def test_a_picture_and_its_mirror_image_give_the_same_numbers(shape: Shape) -> None:
    picture, matte = picture_of(shape), matte_of(shape, 400)
    picture[120:200, 130:180] = (200, 60, 30)  # a pocket on one side
    mirrored = gradients(np.ascontiguousarray(picture[:, ::-1]), np.ascontiguousarray(matte[:, ::-1]))
    assert np.abs(gradients(picture, matte) - mirrored).mean() < 0.01


def test_a_zip_and_a_hoop_are_told_apart() -> None:
    zipped, hooped = picture_of(T_SHIRT, noise=0.0), picture_of(T_SHIRT, noise=0.0)
    zipped[100:340, 196:204] = 230
    hooped[236:244, 150:250] = 230
    # The zip's gradients point across, the hoop's up and down.
    assert inside(zipped)[4, -1].argmax() in (0, DIRECTIONS - 1)
    assert inside(hooped)[4, -1].argmax() in (DIRECTIONS // 2, DIRECTIONS // 2 + 1)


def test_what_lies_beside_the_garment_does_not_count() -> None:
    plain, busy = picture_of(T_SHIRT, noise=0.0), picture_of(T_SHIRT, noise=0.0)
    away = cv2.dilate(matte_of(T_SHIRT, 400), np.ones((49, 49), np.uint8)) == 0
    busy[::4][away[::4]] = 0
    assert np.abs(inside(plain) - inside(busy)).max() < 1e-6


def test_a_garment_that_fills_the_photo_differs_from_one_in_the_middle_only_by_its_framing() -> None:
    matte, picture = matte_of(T_SHIRT, 400), picture_of(T_SHIRT)
    ys, xs = np.flatnonzero((matte > 0.5).any(axis=1)), np.flatnonzero((matte > 0.5).any(axis=0))
    box = slice(ys[0], ys[-1] + 1), slice(xs[0], xs[-1] + 1)
    whole = features(outline_of(matte), picture, matte)
    close = features(outline_of(matte[box]), picture[box], matte[box])
    assert np.abs(whole[:-6] - close[:-6]).max() < 1e-6
    assert (close[-6:] > whole[-6:]).all()
