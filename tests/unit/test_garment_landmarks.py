"""Landmarks of drawn garments, whose parts are known."""

from __future__ import annotations

import numpy as np
import pytest
from garment_shapes import (
    DRESS,
    HOODIE,
    JUMPSUIT,
    LONG_SLEEVE,
    SKIRT,
    STRAIGHT_LEGS_TOGETHER,
    T_SHIRT,
    TANK,
    TROUSERS,
    Shape,
    matte_of,
)

from fashion_gen.garment.landmarks import find_landmarks
from fashion_gen.garment.outline import outline_of, pieces
from fashion_gen.records import Category, Landmark


def landmarks(shape: Shape, category: Category) -> dict[str, Landmark]:
    matte = matte_of(shape, 400)
    return dict(find_landmarks(outline_of(matte), category, (400, 400)))


def at(landmark: Landmark) -> tuple[float, float]:
    """In the shapes' own grid."""
    return landmark.x * 200, landmark.y * 200


@pytest.mark.parametrize(
    ("shape", "category", "name", "where"),
    [
        (T_SHIRT, Category.TOP, "left_armpit", (62, 78)),
        (T_SHIRT, Category.TOP, "right_armpit", (138, 78)),
        (T_SHIRT, Category.TOP, "left_sleeve_end", (43, 70)),
        (T_SHIRT, Category.TOP, "left_neck", (70, 30)),
        (T_SHIRT, Category.TOP, "right_neck", (130, 30)),
        (T_SHIRT, Category.TOP, "neck", (100, 30)),
        (T_SHIRT, Category.TOP, "left_hem", (62, 180)),
        (LONG_SLEEVE, Category.OUTERWEAR, "left_armpit", (63, 80)),
        (LONG_SLEEVE, Category.OUTERWEAR, "right_sleeve_end", (161, 186)),
        (LONG_SLEEVE, Category.OUTERWEAR, "right_hem", (137, 175)),
        (HOODIE, Category.TOP, "left_neck", (78, 45)),
        (HOODIE, Category.TOP, "right_neck", (122, 45)),
        (TANK, Category.TOP, "left_armpit", (60, 75)),
        (TANK, Category.TOP, "right_shoulder", (128, 20)),
        (DRESS, Category.DRESS, "left_waist", (80, 85)),
        (DRESS, Category.DRESS, "right_hem", (160, 190)),
        (TROUSERS, Category.TROUSERS, "crotch", (100, 70)),
        (TROUSERS, Category.TROUSERS, "left_waist", (70, 15)),
        (TROUSERS, Category.TROUSERS, "right_leg_end", (126, 188)),
        (SKIRT, Category.SKIRT, "right_waist", (125, 30)),
        (SKIRT, Category.SKIRT, "left_hem", (50, 170)),
        (JUMPSUIT, Category.JUMPSUIT, "crotch", (100, 110)),
    ],
)
def test_a_landmark_lies_where_the_drawing_has_it(
    shape: Shape, category: Category, name: str, where: tuple[int, int]
) -> None:
    found = landmarks(shape, category)[name]
    assert np.hypot(found.x * 200 - where[0], found.y * 200 - where[1]) < 9, (name, at(found))


def test_a_skirt_has_neither_crotch_nor_sleeves() -> None:
    assert set(landmarks(SKIRT, Category.SKIRT)) == {"left_waist", "right_waist", "left_hem", "right_hem"}


def test_a_sleeveless_top_has_no_sleeve_ends() -> None:
    assert "left_sleeve_end" not in landmarks(TANK, Category.TOP)


def test_legs_that_lie_together_get_a_guess_that_says_so() -> None:
    found = landmarks(STRAIGHT_LEGS_TOGETHER, Category.TROUSERS)
    assert found["crotch"].confidence <= 0.25
    assert found["left_leg_end"].x < found["crotch"].x < found["right_leg_end"].x


def test_a_sleeve_seen_on_one_side_only_is_mirrored_with_little_confidence() -> None:
    one_sided = ((70, 30), (130, 30), (138, 40), (138, 180), (62, 180), (62, 78), (50, 85), (35, 55))
    found = landmarks(one_sided, Category.TOP)
    assert found["right_armpit"].confidence < found["left_armpit"].confidence


def test_a_mirrored_garment_has_mirrored_landmarks() -> None:
    straight = landmarks(T_SHIRT, Category.TOP)
    flipped = find_landmarks(outline_of(matte_of(T_SHIRT, 400)[:, ::-1].copy()), Category.TOP, (400, 400))
    for side, other in (("left", "right"), ("right", "left")):
        for part in ("armpit", "hem", "neck", "sleeve_end"):
            assert straight[f"{side}_{part}"].x == pytest.approx(1 - flipped[f"{other}_{part}"].x, abs=0.03)


def test_landmarks_follow_a_garment_that_is_moved_within_the_photo() -> None:
    moved = np.zeros((600, 800), np.float32)
    moved[150:550, 300:700] = matte_of(T_SHIRT, 400)
    found = find_landmarks(outline_of(moved), Category.TOP, (800, 600))["left_armpit"]
    assert found.x * 800 == pytest.approx(300 + 62 * 2, abs=12)
    assert found.y * 600 == pytest.approx(150 + 78 * 2, abs=12)


def test_a_garment_of_a_few_pixels_still_gives_an_outline() -> None:
    matte = np.zeros((50, 50), np.float32)
    matte[20:24, 20:23] = 1
    found = find_landmarks(outline_of(matte), Category.TOP, (50, 50))
    assert all(0 <= point.x <= 1 and 0 <= point.y <= 1 for point in found.values())


def test_two_things_side_by_side_are_counted_apart_and_a_belted_dress_is_not() -> None:
    matte = np.zeros((300, 300), np.float32)
    matte[50:250, 20:120] = 1
    assert pieces(matte) == 1
    matte[50:250, 160:280] = 1
    assert pieces(matte) == 2
    assert pieces(np.zeros((300, 300), np.float32)) == 0
