"""From photo to garment: what is told, what is overridden, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from garment_shapes import LONG_SLEEVE, SKIRT, T_SHIRT, TROUSERS, matte_of, overlap, photo_of, picture_of

from fashion_gen.errors import GarmentRefused, InvalidBrief
from fashion_gen.garment import extract, open_segmenter, preflight
from fashion_gen.garment.category import CategoryGuess, _softmax, guess_category, probabilities_of
from fashion_gen.garment.extract import _category, _like_a_body
from fashion_gen.garment.features import features
from fashion_gen.garment.outline import outline_of
from fashion_gen.records import Category, Kind
from fashion_gen.testing import FixedSegmenter

CLASSICAL = open_segmenter("classical")


def test_a_shirt_on_a_sheet_becomes_a_garment() -> None:
    garment = extract(photo_of(picture_of(T_SHIRT)), CLASSICAL)
    assert (garment.category, garment.kind, garment.segmenter) == (Category.TOP, Kind.FLAT, "classical")
    assert overlap(garment.matte, matte_of(T_SHIRT, 400)) > 0.96
    assert 0 < garment.category_confidence <= 1


@pytest.mark.parametrize("shape", [T_SHIRT, LONG_SLEEVE, TROUSERS, SKIRT])
def test_colours_are_the_photos_where_the_matte_is_one(shape: tuple[tuple[int, int], ...]) -> None:
    photo = photo_of(picture_of(shape))
    garment = extract(photo, CLASSICAL)
    assert np.array_equal(garment.colour[garment.matte == 1], photo.rgb[garment.matte == 1])
    assert garment.matte.shape == garment.inside.shape == photo.rgb.shape[:2]


def test_every_landmark_lies_on_the_garment() -> None:
    garment = extract(photo_of(picture_of(T_SHIRT)), CLASSICAL)
    near = matte_of(T_SHIRT, 400) > 0
    for name, mark in garment.landmarks.items():
        x, y = int(mark.x * 399), int(mark.y * 399)
        assert near[max(0, y - 6) : y + 7, max(0, x - 6) : x + 7].any(), name


def test_what_the_user_states_wins() -> None:
    photo = photo_of(picture_of(T_SHIRT))
    garment = extract(photo, CLASSICAL, kind=Kind.GHOST, category=Category.OUTERWEAR)
    assert (garment.kind, garment.kind_confidence) == (Kind.GHOST, 1.0)
    assert (garment.category, garment.category_confidence) == (Category.OUTERWEAR, 1.0)


def test_a_given_mask_replaces_the_segmenter() -> None:
    garment = extract(
        photo_of(picture_of(T_SHIRT)),
        FixedSegmenter(np.zeros((400, 400), np.float32)),
        mask=matte_of(T_SHIRT, 400) > 0.5,
    )
    assert garment.segmenter == "mask"
    assert overlap(garment.matte, matte_of(T_SHIRT, 400)) > 0.97


def test_a_mask_of_another_size_is_an_invalid_brief() -> None:
    with pytest.raises(InvalidBrief, match="same size"):
        extract(photo_of(picture_of(T_SHIRT)), CLASSICAL, mask=np.ones((10, 10), bool))


def test_a_cut_out_is_taken_by_its_alpha_channel_whatever_the_back_end() -> None:
    alpha = matte_of(LONG_SLEEVE, 400)
    garment = extract(photo_of(picture_of(LONG_SLEEVE), alpha), FixedSegmenter(np.zeros((400, 400), np.float32)))
    assert (garment.segmenter, garment.kind) == ("alpha", Kind.GHOST)


def test_a_garment_on_studio_white_counts_as_ghost() -> None:
    white = picture_of(LONG_SLEEVE, ground=(255, 255, 255), noise=0.2)
    assert extract(photo_of(white), CLASSICAL).kind is Kind.GHOST


def test_a_hook_over_the_neck_tells_a_hanger() -> None:
    rgb = picture_of(T_SHIRT)
    rgb[20:62, 198:202] = 20
    assert extract(photo_of(rgb), FixedSegmenter(matte_of(T_SHIRT, 400))).kind is Kind.HANGER


def test_nobody_having_looked_for_people_lowers_the_confidence_of_the_kind() -> None:
    photo = photo_of(picture_of(T_SHIRT))
    assert extract(photo, CLASSICAL).kind_confidence < extract(photo, CLASSICAL, people=()).kind_confidence


def test_an_empty_photo_is_refused() -> None:
    with pytest.raises(GarmentRefused, match="No garment") as refused:
        extract(photo_of(np.full((400, 400, 3), 200, np.uint8)), CLASSICAL)
    assert refused.value.code == "no_garment"


def test_two_garments_are_refused_unless_a_mask_or_category_says_which() -> None:
    both = np.concatenate([picture_of(T_SHIRT), picture_of(T_SHIRT)], axis=1)
    with pytest.raises(GarmentRefused) as refused:
        extract(photo_of(both), CLASSICAL)
    assert refused.value.code == "several_garments"
    one = np.zeros((400, 800), bool)
    one[:, :400] = matte_of(T_SHIRT, 400) > 0.5
    assert extract(photo_of(both), CLASSICAL, mask=one).box[2] < 400


@pytest.mark.parametrize("thing", ["shoes", "hat"])
def test_what_cannot_be_dressed_is_refused_only_when_it_is_sure(thing: str) -> None:
    sure = CategoryGuess(thing, 0.8, ((thing, 0.8), ("top", 0.2)))
    with pytest.raises(GarmentRefused) as refused:
        _category(sure, None, bodily=False)
    assert refused.value.code == thing
    assert _category(sure, None, bodily=True) == (Category.TOP, 0.2)
    assert _category(sure, Category.SKIRT, bodily=False) == (Category.SKIRT, 1.0)
    unsure = CategoryGuess(thing, 0.4, ((thing, 0.4), ("dress", 0.35), ("top", 0.25)))
    assert _category(unsure, None, bodily=False) == (Category.DRESS, 0.35)


@pytest.mark.parametrize(("shape", "category"), [(T_SHIRT, Category.TOP), (TROUSERS, Category.TROUSERS)])
def test_plain_shapes_are_told_apart(shape: tuple[tuple[int, int], ...], category: Category) -> None:
    matte = matte_of(shape, 400)
    assert guess_category(outline_of(matte), picture_of(shape), matte).category is category


def test_networks_that_are_stacked_are_averaged() -> None:
    draw = np.random.default_rng(3).normal
    shapes = {"w1": (2, 5, 4), "b1": (2, 4), "w2": (2, 4, 3), "b2": (2, 3)}
    both = {"low": np.full(5, -1.0), "high": np.ones(5)} | {name: draw(size=shape) for name, shape in shapes.items()}
    alone = [{name: values[i] if name in shapes else values for name, values in both.items()} for i in (0, 1)]
    vector = draw(size=7)  # two more than they read
    odds = [_softmax(one, vector) for one in alone]
    assert np.abs(odds[0] - odds[1]).max() > 0.01
    assert _softmax(both, vector) == pytest.approx(np.mean(odds, axis=0))


def test_the_category_hangs_on_the_seams_too() -> None:
    plain = features(outline_of(matte := matte_of(T_SHIRT, 400)), picture_of(T_SHIRT), matte)
    other = plain.copy()
    other[-582:] = 0.0  # what the outline's network does not read
    assert probabilities_of(plain) != probabilities_of(other)
    assert sum(probabilities_of(plain).values()) == pytest.approx(1)


def test_what_two_sides_of_the_picture_cut_off_is_taken_for_a_body() -> None:
    matte = np.zeros((400, 400), np.float32)
    matte[150:, :200] = 1
    assert _like_a_body(outline_of(matte), matte)
    matte[:, :20] = 0
    matte[-20:] = 0
    assert not _like_a_body(outline_of(matte), matte)


def test_the_part_of_the_wearer_limits_the_category() -> None:
    matte = matte_of(T_SHIRT, 400)
    guess = guess_category(outline_of(matte), picture_of(T_SHIRT), matte, part="lower")
    assert guess.category in (Category.TROUSERS, Category.SHORTS, Category.SKIRT)
    assert sum(p for _, p in guess.ranked) == pytest.approx(1)


def test_preflight_turns_a_refusal_into_a_problem_that_refuses() -> None:
    (problem,) = preflight(photo_of(np.full((400, 400, 3), 200, np.uint8)), CLASSICAL)
    assert problem.code == "no_garment"
    assert problem.refuse
    assert problem.cure
