"""Strokes: what they bring in, what they take out, and what they leave alone."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from garment_shapes import LONG_SLEEVE, T_SHIRT, matte_of, overlap, photo_of, picture_of
from numpy.typing import NDArray

from fashion_gen import images
from fashion_gen.errors import InvalidBrief
from fashion_gen.garment import extract
from fashion_gen.garment.matting import BAND, refine
from fashion_gen.garment.strokes import REACH, apply
from fashion_gen.records import Matte, Photo, Picture, Stroke
from fashion_gen.testing import FixedSegmenter

WOOD = (150, 105, 60)
SLEEVE = Stroke(((0.24, 0.45), (0.20, 0.88)), include=True)  # down the viewer's left sleeve of LONG_SLEEVE
HOOK = Stroke(((0.5, 0.03), (0.5, 0.13)), include=False)


@pytest.fixture(scope="module")
def one_sleeved() -> tuple[Picture, Matte]:
    """A long-sleeved top, and its matte without the left sleeve."""
    matte = matte_of(LONG_SLEEVE, 400)
    matte[150:, :122] = 0
    rgb = picture_of(LONG_SLEEVE)
    return rgb, refine(rgb, matte)


@pytest.fixture(scope="module")
def hung() -> tuple[Picture, Matte, NDArray[np.bool_]]:
    """A T-shirt on a wooden hook, its matte with the hook in it, and where the hook is."""
    rgb = picture_of(T_SHIRT)
    hook = np.zeros(rgb.shape[:2], np.uint8)
    cv2.line(hook, (200, 8), (200, 57), 1, 10)
    rgb[hook > 0] = WOOD
    return rgb, refine(rgb, np.maximum(matte_of(T_SHIRT, 400), hook.astype(np.float32))), hook > 0


def test_one_line_brings_a_forgotten_sleeve_in(one_sleeved: tuple[Picture, Matte]):
    rgb, matte = one_sleeved
    truth = matte_of(LONG_SLEEVE, 400)

    mended = apply(rgb, matte, [SLEEVE])

    assert overlap(matte, truth) < 0.88
    assert overlap(mended, truth) > 0.97


def test_sleeve_of_another_colour_comes_in_too(one_sleeved: tuple[Picture, Matte]):
    rgb, matte = one_sleeved
    truth = matte_of(LONG_SLEEVE, 400)
    raglan = rgb.copy()
    raglan[:, :122][truth[:, :122] > 0.5] = (150, 40, 40)

    assert overlap(apply(raglan, matte, [SLEEVE]), truth) > 0.96


def test_one_line_takes_a_hanger_out_and_leaves_the_shirt(hung: tuple[Picture, Matte, NDArray[np.bool_]]):
    rgb, matte, hook = hung

    mended = apply(rgb, matte, [HOOK])

    assert matte[hook].mean() > 0.9
    assert mended[hook].mean() < 0.05
    assert overlap(mended, matte_of(T_SHIRT, 400)) > 0.97


def test_far_pixels_are_the_same_bit_for_bit(one_sleeved: tuple[Picture, Matte]):
    rgb, matte = one_sleeved
    grainy = np.clip(matte + np.random.default_rng(1).uniform(0, 0.01, matte.shape), 0, 1).astype(np.float32)
    before = grainy.copy()
    line = np.full(matte.shape, 255, np.uint8)
    cv2.polylines(line, [np.array([(0.24 * 399, 0.45 * 399), (0.20 * 399, 0.88 * 399)], np.int32)], False, 0, 5)
    far = cv2.distanceTransform(line, cv2.DIST_L2, 5) > (REACH + 3 * BAND) * 400 + 2

    mended = apply(rgb, grainy, [SLEEVE])

    assert np.array_equal(mended[far], grainy[far])
    assert not np.array_equal(mended, grainy)
    assert np.array_equal(grainy, before)


def test_no_strokes_change_nothing(one_sleeved: tuple[Picture, Matte]):
    rgb, matte = one_sleeved
    assert apply(rgb, matte, ()) is matte


def test_stroke_on_what_is_right_already_changes_nothing(one_sleeved: tuple[Picture, Matte]):
    rgb, matte = one_sleeved
    strokes = [Stroke(((0.5, 0.5),), include=True), Stroke(((0.9, 0.05),), include=False)]
    assert np.array_equal(apply(rgb, matte, strokes), matte)


def test_under_a_stroke_the_matte_is_what_was_drawn_and_the_later_one_counts(one_sleeved: tuple[Picture, Matte]):
    rgb, matte = one_sleeved
    across = ((0.3, 0.5), (0.7, 0.5))

    taken = apply(rgb, matte, [Stroke(across, include=True), Stroke(across, include=False)])
    kept = apply(rgb, matte, [Stroke(across, include=False), Stroke(across, include=True)])

    assert np.all(taken[199:201, 130:270] == 0)
    assert np.all(kept[199:201, 130:270] == 1)


def test_point_is_a_stroke(hung: tuple[Picture, Matte, NDArray[np.bool_]]):
    rgb, matte, hook = hung
    assert apply(rgb, matte, [Stroke(((0.5, 0.08),), include=False)])[hook].mean() < 0.05


def test_strokes_find_a_garment_where_nothing_was_found():
    rgb = picture_of(T_SHIRT)
    line = Stroke(((0.4, 0.3), (0.6, 0.3), (0.5, 0.8)), include=True)

    found = apply(rgb, np.zeros((400, 400), np.float32), [line])

    assert overlap(found, matte_of(T_SHIRT, 400)) > 0.8
    assert found[matte_of(T_SHIRT, 400) == 0].mean() < 0.02


@pytest.mark.parametrize("value", [0.0, 1.0])
@pytest.mark.parametrize("include", [True, False])
def test_matte_without_any_edge_takes_strokes(value: float, include: bool):
    flat = np.full((60, 80), value, np.float32)
    mended = apply(np.full((60, 80, 3), 120, np.uint8), flat, [Stroke(((0.5, 0.5),), include=include)])
    assert mended[30, 40] == float(include)


def test_same_strokes_give_the_same_matte(one_sleeved: tuple[Picture, Matte]):
    rgb, matte = one_sleeved
    assert np.array_equal(apply(rgb, matte, [SLEEVE]), apply(rgb, matte, [SLEEVE]))


@pytest.mark.parametrize("point", [(-0.1, 0.5), (0.5, 1.2), (float("nan"), 0.5), (0.5, float("inf"))])
def test_stroke_outside_the_picture_is_refused(point: tuple[float, float]):
    with pytest.raises(InvalidBrief, match=r"lies outside the picture: give x and y between 0 and 1"):
        Stroke(((0.5, 0.5), point), include=True)


def test_stroke_without_points_is_refused():
    with pytest.raises(InvalidBrief, match="has no points: give at least one"):
        Stroke((), include=True)


@pytest.mark.parametrize("width", [0.0, -0.01, 0.5, float("nan")])
def test_stroke_of_an_impossible_width_is_refused(width: float):
    with pytest.raises(InvalidBrief, match=r"wide: give a width over 0 and up to 0\.2"):
        Stroke(((0.5, 0.5),), include=True, width=width)


def test_extract_applies_strokes_to_whatever_made_the_matte(one_sleeved: tuple[Picture, Matte]):
    rgb, matte = one_sleeved
    truth, photo = matte_of(LONG_SLEEVE, 400), photo_of(rgb)

    by_segmenter = extract(photo, FixedSegmenter(matte), strokes=[SLEEVE])
    by_mask = extract(photo, FixedSegmenter(truth), mask=matte > 0.5, strokes=[SLEEVE])
    by_alpha = extract(photo_of(rgb, matte), FixedSegmenter(truth), strokes=[SLEEVE])

    assert [seen.segmenter for seen in (by_segmenter, by_mask, by_alpha)] == [
        "fixed, strokes",
        "mask, strokes",
        "alpha, strokes",
    ]
    assert min(overlap(seen.matte, truth) for seen in (by_segmenter, by_mask, by_alpha)) > 0.97


def test_line_on_a_wearers_arm_takes_skin_and_no_shirt(shared: Path):
    photo = images.open_photo(shared / "photos" / "d26_tank-top_mag.jpg")
    worn = refine(photo.rgb, (photo.rgb.min(axis=2) < 235).astype(np.float32))  # the wearer on her white ground
    shirt = area(photo, (0.47, 0.45), (0.66, 0.50), (0.68, 0.78), (0.54, 0.78), (0.54, 0.60)) & (worn == 1)
    arm = area(photo, (0.30, 0.42), (0.33, 0.44), (0.17, 0.57), (0.21, 0.62), (0.19, 0.63), (0.13, 0.575))
    line = Stroke(((0.22, 0.62), (0.14, 0.575), (0.30, 0.43)), include=False)

    mended = apply(photo.rgb, worn, [line])

    assert worn[arm].mean() > 0.95
    assert mended[arm].mean() < 0.02
    assert mended[shirt].mean() > 0.995


def area(photo: Photo, *corners: tuple[float, float]) -> NDArray[np.bool_]:
    """(H, W) True within a polygon of points in [0, 1]."""
    canvas = np.zeros((photo.height, photo.width), np.uint8)
    cv2.fillPoly(canvas, [np.rint(np.array(corners) * (photo.width, photo.height)).astype(np.int32)], 1)
    return canvas > 0
