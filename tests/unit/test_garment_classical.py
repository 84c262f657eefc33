"""The cut-out that needs no weights, on drawn photos."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from garment_shapes import LONG_SLEEVE, T_SHIRT, TROUSERS, Shape, matte_of, overlap, photo_of, picture_of
from numpy.typing import NDArray

from fashion_gen.garment import classical, open_segmenter, proposals, saliency
from fashion_gen.garment.cutout import cutout_matte, is_cutout
from fashion_gen.garment.proposals import follow, grabcut
from fashion_gen.garment.saliency import against_backdrop, to_lab
from fashion_gen.records import Picture


def cut(rgb: Picture, alpha: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
    return open_segmenter("classical").segment(photo_of(rgb, alpha))


@pytest.mark.parametrize("shape", [T_SHIRT, LONG_SLEEVE, TROUSERS])
@pytest.mark.parametrize(
    ("cloth", "ground"),
    [((40, 60, 130), (225, 222, 215)), ((245, 244, 240), (70, 40, 35)), ((20, 20, 22), (60, 62, 66))],
    ids=["blue on pale", "white on brown", "dark on dark"],
)
def test_a_plain_garment_on_a_plain_ground_is_cut_out(
    shape: Shape, cloth: tuple[int, int, int], ground: tuple[int, int, int]
) -> None:
    matte = cut(picture_of(shape, cloth=cloth, ground=ground))
    assert overlap(matte, matte_of(shape, 400)) > 0.95


def test_white_on_white_is_found_by_its_outline() -> None:
    rgb = picture_of(T_SHIRT, cloth=(250, 250, 250), ground=(255, 255, 255), noise=0.3).astype(np.int16)
    truth = matte_of(T_SHIRT, 400)
    rim = cv2.morphologyEx(truth, cv2.MORPH_GRADIENT, np.ones((3, 3)))
    rgb -= (rim[..., None] * 25).astype(np.int16)  # the thin shadow that every edge of cloth throws
    assert overlap(cut(np.clip(rgb, 0, 255).astype(np.uint8)), truth) > 0.93


def test_uneven_light_on_the_ground_is_not_taken_for_the_garment() -> None:
    rgb = picture_of(T_SHIRT).astype(np.float32)
    light = np.linspace(0.75, 1.0, 400)[None, :, None]
    assert overlap(cut((rgb * light).astype(np.uint8)), matte_of(T_SHIRT, 400)) > 0.95


def test_a_soft_shadow_on_the_ground_is_left_out() -> None:
    rgb, truth = picture_of(T_SHIRT).astype(np.float32), matte_of(T_SHIRT, 400)
    shadow = cv2.GaussianBlur(np.roll(truth, (10, 10), (0, 1)), (0, 0), 8) * (1 - truth)
    assert overlap(cut((rgb * (1 - 0.25 * shadow[..., None])).astype(np.uint8)), truth) > 0.93


def test_a_print_in_the_colour_of_the_ground_stays_part_of_the_garment() -> None:
    rgb = picture_of(T_SHIRT, ground=(240, 240, 240), noise=0.5)
    rgb[180:220, 170:230] = 240
    assert cut(rgb)[200, 200] == 1


def test_the_gap_between_arm_and_body_is_a_hole() -> None:
    rgb = picture_of(T_SHIRT)
    cv2.ellipse(rgb, (150, 260), (14, 60), 0, 0, 360, (225, 222, 215), -1)
    matte = cut(rgb)
    assert matte[260, 150] == 0
    assert matte[260, 200] == 1


def test_an_empty_photo_gives_an_empty_matte() -> None:
    grain = np.random.default_rng(0).normal(0, 1.5, (300, 300, 3))
    assert cut(np.clip(200 + grain, 0, 255).astype(np.uint8)).max() == 0


def test_the_same_photo_gives_the_same_matte() -> None:
    rgb = picture_of(LONG_SLEEVE)
    assert np.array_equal(cut(rgb), cut(rgb))


def test_an_alpha_channel_is_the_matte_and_its_floor_shadow_is_dropped() -> None:
    alpha = matte_of(T_SHIRT, 400)
    alpha[380:390, 100:300] = 0.3  # a soft shadow under the shirt
    matte = cut(picture_of(T_SHIRT), alpha)
    assert matte[385, 200] == 0
    assert np.array_equal(matte > 0.5, matte_of(T_SHIRT, 400) > 0.5)


def test_a_picture_that_is_opaque_everywhere_is_no_cut_out() -> None:
    assert not is_cutout(photo_of(picture_of(T_SHIRT), np.ones((400, 400), np.float32)))
    assert not is_cutout(photo_of(picture_of(T_SHIRT)))


def test_soft_edges_of_a_cut_out_are_kept() -> None:
    alpha = cv2.GaussianBlur(matte_of(T_SHIRT, 400), (0, 0), 1.0)
    matte = cutout_matte(alpha)
    assert ((matte > 0.1) & (matte < 0.5)).any()


def test_a_sleeve_at_the_border_does_not_bend_the_backdrop() -> None:
    rgb = picture_of(T_SHIRT, noise=0.5)
    rgb[150:260, :40] = (40, 60, 130)
    ground = against_backdrop(to_lab(rgb))
    assert ground.explained > 0.85
    assert np.abs(ground.field[200, 20] - to_lab(rgb)[20, 200]).max() < 4


def test_grabcut_without_contrast_in_its_seeds_answers_with_the_threshold() -> None:
    rgb = np.full((40, 40, 3), 128, np.uint8)
    assert grabcut(rgb, np.zeros((40, 40), np.float32)).sum() == 0
    assert follow(rgb, np.zeros((20, 20), bool)).sum() == 0


def test_garment_that_the_border_is_known_to_cut_is_not_believed_less() -> None:
    rgb = np.full((240, 200, 3), 230, np.uint8)
    rgb[60:, 40:160] = (30, 40, 70)  # a shirt whose hem lies below the picture
    shirt = (rgb == (30, 40, 70)).all(axis=2)
    lab = saliency.to_lab(rgb)
    gradient = proposals.gradient_of(lab)
    whole = proposals.score(lab, gradient, shirt, shirt)
    assert whole > 1.2 * proposals.score(lab, gradient, shirt)
    short = shirt.copy()
    short[-12:] = False
    assert whole > proposals.score(lab, gradient, short, shirt)


def test_what_the_expected_map_doubts_does_not_join_the_garment() -> None:
    rng = np.random.default_rng(5)
    rgb = rng.choice(np.array([(40, 160, 90), (220, 140, 190), (60, 90, 200), (235, 220, 150)], np.uint8), (12, 10))
    rgb = np.asarray(rgb.repeat(20, axis=0).repeat(20, axis=1))  # a quilt
    shirt = np.zeros(rgb.shape[:2], bool)
    shirt[50:200, 60:140] = True
    rgb[shirt] = (22, 22, 26)
    expected = np.where(shirt, 0.99, 0.05).astype(np.float32)
    expected[50:90, 140:170] = 0.7  # a patch of the quilt, taken for a sleeve
    found = classical.find(rgb, expected=expected).mask
    assert found[shirt].mean() > 0.95
    assert found[50:90, 145:170].mean() < 0.2
