"""Net and outline put together: kind, category and landmarks from answers made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from garment_shapes import T_SHIRT, photo_of, picture_of
from numpy.typing import NDArray

from fashion_gen.garment import perceptive, understand
from fashion_gen.garment.landmarks import NAMES
from fashion_gen.garment.perception import CATEGORIES, PARTS, Seen
from fashion_gen.records import Category, Kind, Landmark

SIDE = 20


def seen(
    kinds: Mapping[str, float] | None = None,
    categories: Mapping[str, float] | None = None,
    areas: Mapping[str, slice] | None = None,
    landmarks: Mapping[str, Landmark] | None = None,
) -> Seen:
    """Answers with everything else flat, a top, and background; `areas` are the rows that show a part."""
    parts = np.zeros((len(PARTS), SIDE, SIDE), np.float32)
    parts[0] = 1
    for name, rows in (areas or {}).items():
        parts[:, rows] = 0
        parts[PARTS.index(name), rows] = 1
    return Seen(
        matte=parts[PARTS.index("upper")],
        parts=parts,
        kinds=dict.fromkeys(Kind, 0.0) | {Kind(name): p for name, p in (kinds or {"flat": 1.0}).items()},
        categories=dict.fromkeys(CATEGORIES, 0.0) | dict(categories or {"top": 1.0}),
        landmarks=dict.fromkeys(NAMES, Landmark(0.5, 0.5, 0.0)) | dict(landmarks or {}),
        several=0.0,
    )


ON_A_TABLE = photo_of(picture_of(T_SHIRT, ground=(120, 90, 60), noise=12.0))
IN_A_STUDIO = photo_of(picture_of(T_SHIRT, ground=(250, 250, 250), noise=0.5))


def test_where_skin_shows_somebody_wears_it_whatever_the_net_says_of_the_kind() -> None:
    bare = seen({"hanger": 0.6, "person": 0.3}, areas={"upper": slice(5, 15), "hands": slice(18, 19)})
    assert understand.kind_of(bare, ON_A_TABLE).kind is Kind.PERSON
    dummy = seen({"mannequin": 0.4, "person": 0.1}, areas={"upper": slice(5, 15), "skin": slice(18, 19)})
    assert understand.kind_of(dummy, ON_A_TABLE).kind is Kind.MANNEQUIN


def test_on_nobody_before_studio_white_is_a_ghost() -> None:
    assert understand.kind_of(seen({"flat": 0.6}), IN_A_STUDIO).kind is Kind.GHOST
    assert understand.kind_of(seen({"flat": 0.6}), ON_A_TABLE).kind is Kind.FLAT
    assert understand.kind_of(seen({"hanger": 0.9}), IN_A_STUDIO).kind is Kind.HANGER


def test_what_the_caller_says_of_the_kind_counts_more() -> None:
    bare = seen({"person": 0.9}, areas={"face": slice(0, 5)})
    assert not understand.on_somebody(bare, Kind.FLAT)
    assert understand.on_somebody(seen(), Kind.PERSON)


def test_on_somebody_the_category_agrees_with_the_clothes_that_show() -> None:
    odds = {"dress": 0.5, "top": 0.4, "shoes": 0.1}
    worn = seen(categories=odds, areas={"upper": slice(4, 12), "lower": slice(12, 16)})
    assert understand.category_of(worn, worn=False).name == "dress"
    assert understand.category_of(worn, worn=True).category is Category.TOP
    assert understand.category_on(worn, "lower").category in (Category.TROUSERS, Category.SHORTS, Category.SKIRT)


def test_shoes_that_somebody_wears_do_not_refuse_the_photo() -> None:
    worn = seen(categories={"shoes": 0.9, "trousers": 0.1}, areas={"lower": slice(4, 16), "shoes": slice(16, 18)})
    assert understand.category_of(worn, worn=True).name == "trousers"


@pytest.mark.parametrize(
    ("told", "traced", "chosen_x"),
    [
        (Landmark(0.31, 0.5, 0.9), Landmark(0.30, 0.5, 0.2), 0.30),  # they nearly agree: the outline is exact
        (Landmark(0.60, 0.5, 0.6), Landmark(0.30, 0.5, 0.9), 0.60),  # they do not: the net, where it is sure
        (Landmark(0.60, 0.5, 0.2), Landmark(0.30, 0.5, 0.1), 0.30),
    ],
)
def test_landmarks_come_from_the_outline_unless_the_net_is_sure_of_another_place(
    told: Landmark, traced: Landmark, chosen_x: float
) -> None:
    chosen = understand.landmarks_of(seen(landmarks={"left_armpit": told}), {"left_armpit": traced}, 0.5)
    assert set(chosen) == {"left_armpit"}
    assert chosen["left_armpit"].x == chosen_x


def test_parts_are_named_and_the_background_is_none() -> None:
    found = understand.parts_of(seen(areas={"upper": slice(4, 12), "hair": slice(0, 2)}))
    assert set(found) == {"upper", "hair"}
    assert found["upper"].mean() == pytest.approx(0.4, abs=0.05)


def test_hair_before_a_garment_is_told_with_its_share() -> None:
    net = seen(areas={"upper": slice(4, 16)})
    net.parts[:, 8:10, 8:12] = 0
    net.parts[PARTS.index("hair"), 8:10, 8:12] = 1
    matte = np.zeros((SIDE, SIDE), np.float32)
    matte[4:16] = 1
    matte[8:10, 8:12] = 0
    hidden = perceptive.covered_by(net, matte)
    assert hidden["hair"] == pytest.approx(8 / 232, rel=0.01)
    assert hidden["hands"] == 0


def test_of_a_person_too_close_to_be_seen_the_surest_is_the_garment() -> None:
    picture = np.full((120, 120, 3), (20, 22, 24), np.uint8)
    shirt, arm = np.s_[20:90, 40:80], np.s_[30:110, 82:100]
    picture[shirt], picture[arm] = (170, 70, 60), (190, 140, 110)
    likely = np.zeros((SIDE, SIDE), np.float32)
    likely[3:15, 6:13], likely[5:18, 13:17] = 0.99, 0.7
    net = replace(seen(), matte=likely)
    matte = perceptive.garment_on(net, picture, Category.TOP)
    assert matte[shirt].mean() > 0.9
    assert matte[arm].mean() < 0.05


def test_what_is_worn_below_a_top_is_left_out_though_its_colour_is_the_same() -> None:
    picture = np.full((120, 120, 3), (235, 235, 235), np.uint8)
    picture[20:110, 40:80] = (60, 60, 70)
    net = seen(areas={"upper": slice(3, 12), "lower": slice(12, 19)})
    net.parts[1:, :, :6] = net.parts[1:, :, 13:] = 0
    likely = net.matte.copy()
    likely[12:19, 6:13] = 0.6  # it is not sure of the end
    net = replace(net, matte=likely)
    matte = perceptive.garment_on(net, picture, Category.TOP)
    assert matte[24:68, 44:76].mean() > 0.9
    assert matte[80:108, 44:76].mean() < 0.1


def dressed() -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Lab pixels of a face and a shirt, and the odds of garment, skin and hair: all told rightly."""
    lab = np.full((60, 60, 3), (90, 0, 0), np.float32)
    likely, body, hair = np.zeros((3, 60, 60), np.float32)
    lab[FACE], body[FACE] = SKIN, 1
    lab[SHIRT], likely[SHIRT] = (40, -20, -20), 0.97
    return lab, likely, body, hair


FACE, SHIRT, ARM, SKIN = np.s_[2:12, 25:35], np.s_[20:50, 15:35], np.s_[20:50, 36:44], (60, 18, 22)


def test_a_wearers_arm_that_the_net_took_for_cloth_is_told_by_the_colour_of_their_face() -> None:
    lab, likely, body, hair = dressed()
    lab[ARM], likely[ARM] = SKIN, 0.97
    bare, clothed = perceptive.mistaken(lab, likely, body, hair)
    assert bare[ARM].mean() > 0.8
    assert not bare[SHIRT].any()
    assert not clothed.any()
    lab[SHIRT] = SKIN  # a garment of that very colour stays whole
    assert not np.any(perceptive.mistaken(lab, likely, body, hair))


def test_a_sleeve_that_the_net_took_for_skin_is_told_by_the_colours_of_the_cloth() -> None:
    lab, likely, body, hair = dressed()
    lab[30:50, 15:35] = lab[ARM] = (15, 0, 0)  # the lower half of the shirt is as dark as its sleeve
    body[ARM], likely[ARM] = 0.7, 0.1
    bare, clothed = perceptive.mistaken(lab, likely, body, hair)
    assert clothed[ARM].mean() > 0.8
    assert not bare.any()
    hair[12:20, 36:44] = 1  # it may be a lock of hair
    assert not perceptive.mistaken(lab, likely, body, hair)[1][20:27, 36:44].any()


def test_a_corner_of_the_outline_is_not_moved() -> None:
    told, traced = Landmark(0.6, 0.5, 0.9), Landmark(0.3, 0.5, 0.85)
    assert understand.landmarks_of(seen(landmarks={"left_hem": told}), {"left_hem": traced}, 0.5)["left_hem"].x == 0.3


def test_the_end_of_a_long_sleeve_that_hangs_against_the_body_is_the_nets() -> None:
    by_outline = {"left_shoulder": Landmark(0.3, 0.1, 0.5), "left_hem": Landmark(0.3, 0.9, 0.9)}
    for y, found in ((0.8, True), (0.2, False)):  # high up it is the armhole of a garment without sleeves
        net = seen(landmarks={"left_sleeve_end": Landmark(0.25, y, 0.7)})
        assert ("left_sleeve_end" in understand.landmarks_of(net, by_outline, 0.5)) is found


def test_a_sleeve_that_stands_clear_ends_where_the_outline_says() -> None:
    traced = {"left_sleeve_end": Landmark(0.3, 0.7, 0.9)}
    for sure, x in ((0.6, 0.3), (0.9, 0.1)):
        net = seen(landmarks={"left_sleeve_end": Landmark(0.1, 0.5, sure)})
        assert understand.landmarks_of(net, traced, 0.5)["left_sleeve_end"].x == x
