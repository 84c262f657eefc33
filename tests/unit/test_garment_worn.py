"""Garments on drawn people with known joints."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from garment_shapes import DRESS, LONG_SLEEVE, SKIRT, T_SHIRT, TANK, TROUSERS, Shape, matte_of, photo_of

from fashion_gen.garment import extract
from fashion_gen.garment.figure import person_by_outline
from fashion_gen.garment.worn import garment_on, wearer, wearer_by_outline
from fashion_gen.records import Category, Kind, Matte, Picture, Points
from fashion_gen.testing import FixedSegmenter

TOP, LEGS, SKIN = (180, 30, 40), (30, 40, 90), (150, 105, 80)

JOINTS = {
    "nose": (200, 60), "neck": (200, 110), "r_shoulder": (160, 115), "r_elbow": (140, 190), "r_wrist": (130, 260),
    "l_shoulder": (240, 115), "l_elbow": (260, 190), "l_wrist": (270, 260), "r_hip": (175, 270), "r_knee": (172, 370),
    "r_ankle": (170, 470), "l_hip": (225, 270), "l_knee": (228, 370), "l_ankle": (230, 470), "r_eye": (192, 52),
    "l_eye": (208, 52), "r_ear": (182, 58), "l_ear": (218, 58),
}  # fmt: skip


def joints(score: float = 0.9) -> Points:
    return np.array([(x, y, score) for x, y in JOINTS.values()], np.float64)


def person(top: tuple[int, int, int] = TOP, legs: tuple[int, int, int] = LEGS) -> tuple[Picture, Matte]:
    """A figure of 400 x 520 in a short-sleeved top and trousers before grey, and its silhouette."""
    rgb = np.full((520, 400, 3), 205, np.uint8)
    silhouette = np.zeros((520, 400), np.uint8)

    def bone(a: str, b: str, colour: tuple[int, int, int], thick: int, share: float = 1.0) -> None:
        start, end = np.array(JOINTS[a]), np.array(JOINTS[b])
        stop = np.rint(start + share * (end - start)).astype(int).tolist()
        for canvas, value in ((rgb, colour), (silhouette, 255)):
            cv2.line(canvas, start.tolist(), stop, value, thick)

    for side in ("r", "l"):
        bone(f"{side}_hip", f"{side}_knee", legs, 44)
        bone(f"{side}_knee", f"{side}_ankle", legs, 36)
        bone(f"{side}_shoulder", f"{side}_elbow", SKIN, 26)
        bone(f"{side}_elbow", f"{side}_wrist", SKIN, 22)
        bone(f"{side}_shoulder", f"{side}_elbow", top, 34, 0.6)
    body = np.array([(150, 105), (250, 105), (240, 285), (160, 285)])
    for canvas, cloth, skin in ((rgb, top, SKIN), (silhouette, 255, 255)):
        cv2.fillConvexPoly(canvas, body, cloth)
        cv2.circle(canvas, (200, 60), 38, skin, -1)
    grain = np.random.default_rng(1).normal(0, 2, rgb.shape)
    return np.clip(rgb + grain, 0, 255).astype(np.uint8), (silhouette > 0).astype(np.float32)


def test_the_top_of_a_dressed_person_is_taken_without_skin_and_trousers() -> None:
    rgb, matte = person()
    worn = wearer([joints()], rgb, matte)
    assert worn is not None
    cut, part = garment_on(worn, rgb, None)
    assert part == "upper"
    truth = (np.abs(rgb.astype(int) - TOP).max(axis=2) < 25).astype(np.float32)
    assert ((cut > 0.5) & (truth > 0)).sum() / ((cut > 0.5) | (truth > 0)).sum() > 0.9


def test_the_stated_category_says_which_garment_is_meant() -> None:
    rgb, matte = person()
    garment = extract(photo_of(rgb), FixedSegmenter(matte), people=[joints()], category=Category.TROUSERS)
    assert garment.kind is Kind.PERSON
    assert garment.matte[400, 172] == 1
    assert garment.matte[200, 200] == 0


def test_one_colour_from_shoulder_to_knee_is_one_garment() -> None:
    rgb, matte = person(legs=TOP)
    worn = wearer([joints()], rgb, matte)
    assert worn is not None
    assert garment_on(worn, rgb, None)[1] == "whole"
    assert extract(photo_of(rgb), FixedSegmenter(matte), people=[joints()]).category in (
        Category.DRESS,
        Category.JUMPSUIT,
        Category.OUTERWEAR,
    )


def test_trousers_alone_are_told_by_the_legs() -> None:
    rgb, matte = person()
    legs = joints()
    legs[[0, 1, 2, 5, 14, 15, 16, 17], 2] = 0.0
    worn = wearer([legs], rgb, matte)
    assert worn is not None
    assert garment_on(worn, rgb, None)[1] == "lower"


def test_an_empty_garment_in_which_an_estimator_sees_a_body_is_no_person() -> None:
    _, matte = person()
    rgb = np.full((520, 400, 3), 205, np.uint8)
    rgb[matte > 0] = TOP
    assert wearer([joints()], rgb, matte) is None
    assert extract(photo_of(rgb), FixedSegmenter(matte), people=[joints()]).kind is not Kind.PERSON


@pytest.mark.parametrize("score", [0.1, 0.4])
def test_unsure_joints_make_no_person(score: float) -> None:
    rgb, matte = person()
    assert wearer([joints(score)], rgb, matte) is None


def test_a_bystander_off_the_silhouette_is_ignored() -> None:
    rgb, matte = person()
    away = joints()
    away[:, 0] += 600
    assert wearer([away], rgb, matte) is None
    assert wearer([away, joints()], rgb, matte) is not None


def test_a_stated_kind_keeps_the_whole_silhouette() -> None:
    rgb, matte = person()
    garment = extract(
        photo_of(rgb), FixedSegmenter(matte), people=[joints()], kind=Kind.MANNEQUIN, category=Category.DRESS
    )
    assert garment.kind is Kind.MANNEQUIN
    assert garment.matte[60, 200] == 1


def test_a_torso_that_lies_off_the_silhouette_leaves_the_silhouette() -> None:
    rgb, matte = person()
    worn = wearer([joints()], rgb, matte)
    assert worn is not None
    nothing = np.zeros_like(worn.solid)
    unseen = type(worn)(worn.joints * (1, 1, 0.0), worn.lab, nothing, worn.scale, worn.unit)
    assert garment_on(unseen, rgb, Category.TOP)[1] == "whole"


def test_a_person_is_told_from_the_outline_with_joints_near_the_true_ones() -> None:
    _, matte = person()
    found = person_by_outline(matte)
    assert found is not None
    off = np.hypot(*(found - joints())[:, :2].T)
    assert np.median(off) < 0.08 * 520
    assert np.median(found[:, 2]) > 0.5


@pytest.mark.parametrize("shape", [T_SHIRT, LONG_SLEEVE, TANK, DRESS, TROUSERS, SKIRT])
def test_the_outline_of_an_empty_garment_is_nobody(shape: Shape) -> None:
    assert person_by_outline(matte_of(shape, 400)) is None


def test_an_empty_matte_is_nobody() -> None:
    assert person_by_outline(np.zeros((40, 30), np.float32)) is None


def test_without_a_detector_the_top_is_cut_from_its_wearer_by_the_outline() -> None:
    rgb, matte = person()
    garment = extract(photo_of(rgb), FixedSegmenter(matte))
    assert garment.kind is Kind.PERSON
    assert garment.category in (Category.TOP, Category.OUTERWEAR)
    assert garment.matte[200, 200] == 1
    assert garment.matte[400, 172] == 0


def test_an_outline_like_a_person_in_one_colour_throughout_is_no_wearer() -> None:
    _, matte = person()
    rgb = np.full((520, 400, 3), 205, np.uint8)
    rgb[matte > 0] = TOP
    assert wearer_by_outline(rgb, matte) is None


def test_the_outline_is_not_asked_where_somebody_looked_and_saw_nobody() -> None:
    rgb, matte = person()
    assert extract(photo_of(rgb), FixedSegmenter(matte), people=()).kind is not Kind.PERSON


def test_one_colour_from_shoulder_to_knee_is_no_jumpsuit_where_the_joints_are_guessed_from_the_outline() -> None:
    rgb, matte = person(legs=TOP)
    garment = extract(photo_of(rgb), FixedSegmenter(matte))
    assert garment.kind is Kind.PERSON
    assert garment.category in (Category.TOP, Category.OUTERWEAR, Category.DRESS)
    assert garment.matte[200, 200] == 1
