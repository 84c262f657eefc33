"""What is wrong with a photo, and that a good one is left in peace."""

from __future__ import annotations

import cv2
import numpy as np
from garment_shapes import T_SHIRT, matte_of, photo_of, picture_of

from fashion_gen.garment.outline import outline_of
from fashion_gen.garment.preflight import edge_contrast, problems_of, sharpness
from fashion_gen.records import Matte, Picture


def codes(rgb: Picture, matte: Matte) -> set[str]:
    return {problem.code for problem in problems_of(photo_of(rgb), matte, outline_of(matte))}


def printed(size: int = 1000) -> Picture:
    """A large shirt with a print to focus on."""
    rgb = picture_of(T_SHIRT, size=size)
    cv2.putText(
        rgb, "PRINT", (size // 3, size // 2), cv2.FONT_HERSHEY_SIMPLEX, size / 400, (250, 250, 250), 3, cv2.LINE_AA
    )
    return rgb


def test_a_good_photo_has_no_problems() -> None:
    assert codes(printed(), matte_of(T_SHIRT, 1000)) == set()


def test_a_small_garment_is_reported() -> None:
    assert "too_small" in codes(picture_of(T_SHIRT), matte_of(T_SHIRT, 400))


def test_a_garment_that_runs_out_of_the_picture_is_reported() -> None:
    rgb, matte = printed()[:700], matte_of(T_SHIRT, 1000)[:700]
    assert "cut_off" in codes(rgb, matte)


def test_a_blurred_photo_is_reported() -> None:
    assert "blurred" in codes(cv2.GaussianBlur(printed(), (0, 0), 8), matte_of(T_SHIRT, 1000))


def test_low_contrast_is_reported_unless_the_photo_is_cut_out() -> None:
    rgb, matte = picture_of(T_SHIRT, size=1000, cloth=(222, 220, 214)), matte_of(T_SHIRT, 1000)
    assert "low_contrast" in codes(rgb, matte)
    outline = outline_of(matte)
    assert "low_contrast" not in {p.code for p in problems_of(photo_of(rgb, matte), matte, outline)}


def test_a_hidden_sleeve_is_reported_unless_a_person_wears_it() -> None:
    one_sleeve = ((75, 25), (110, 25), (110, 175), (63, 175), (63, 80), (20, 110), (8, 90), (50, 35))
    matte, rgb = matte_of(one_sleeve, 1000), picture_of(one_sleeve, size=1000)
    assert "folded" in codes(rgb, matte)
    assert "folded" not in {p.code for p in problems_of(photo_of(rgb), matte, outline_of(matte), worn=True)}


def test_every_problem_names_a_cure() -> None:
    matte = matte_of(T_SHIRT, 400)[:300]
    for problem in problems_of(photo_of(picture_of(T_SHIRT)[:300]), matte, outline_of(matte)):
        assert problem.cure.endswith(".")
        assert not problem.refuse


def test_measures_of_nothing_are_zero() -> None:
    nothing = np.zeros((100, 100), np.float32)
    assert sharpness(np.zeros((100, 100, 3), np.uint8), nothing) == 0
    assert edge_contrast(np.zeros((100, 100, 3), np.uint8), nothing) == 0
