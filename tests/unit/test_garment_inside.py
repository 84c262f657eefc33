"""The hollow neck."""

from __future__ import annotations

import cv2
import numpy as np
from garment_shapes import T_SHIRT, matte_of, picture_of

from fashion_gen.garment.inside import neck_inside
from fashion_gen.garment.landmarks import find_landmarks
from fashion_gen.garment.outline import outline_of
from fashion_gen.records import Category, Landmark, Mask, Picture


def inside_of(rgb: Picture) -> Mask:
    matte = matte_of(T_SHIRT, 800)
    return neck_inside(rgb, matte, find_landmarks(outline_of(matte), Category.TOP, (800, 800)))


def hollow(colour: tuple[int, int, int]) -> tuple[Picture, Mask]:
    """A shirt whose inner back shows in another colour above the front neckline, and where."""
    rgb = picture_of(T_SHIRT, size=800, cloth=(60, 90, 170))
    opening = np.zeros((800, 800), np.uint8)
    cv2.ellipse(opening, (400, 120), (112, 80), 0, 0, 180, 255, -1)
    opening[matte_of(T_SHIRT, 800) < 0.5] = 0
    rgb[opening > 0] = colour
    return rgb, opening > 0


def test_the_inner_back_seen_through_the_neckline_is_marked() -> None:
    rgb, truth = hollow((25, 38, 75))
    found = inside_of(rgb)
    assert (found & truth).sum() / (found | truth).sum() > 0.8


def test_the_front_neckline_is_followed_as_finely_as_the_photo_shows_it() -> None:
    rgb, truth = hollow((25, 38, 75))
    found = inside_of(rgb)
    columns = np.flatnonzero(truth.any(axis=0))[30:-30]  # beside the corners the arc leaves the edge for the collar
    lowest = [np.array([np.flatnonzero(mask[:, x])[-1] for x in columns]) for mask in (found, truth)]
    assert np.abs(lowest[0] - lowest[1]).max() <= 2
    assert np.abs(np.diff(lowest[0] - lowest[1])).max() <= 1, "no teeth"


def test_a_rib_of_another_colour_belongs_to_the_front() -> None:
    rgb, lining = hollow((235, 235, 230))
    rib = rgb.copy()
    cv2.ellipse(rib, (400, 120), (112, 80), 0, 0, 180, (12, 12, 14), -1)
    cv2.ellipse(rib, (400, 120), (96, 64), 0, 0, 180, (235, 235, 230), -1)
    rib[~lining] = rgb[~lining]
    framed = np.zeros((800, 800), np.uint8)
    cv2.ellipse(framed, (400, 120), (96, 64), 0, 0, 180, 1, -1)
    found = inside_of(rib)
    below = slice(140, None)  # at the corners the rib runs into the back's
    assert (found & lining & (framed == 0))[below].sum() < 0.15 * (lining & (framed == 0))[below].sum()
    assert (found & (framed > 0))[below].sum() > 0.9 * (framed > 0)[below].sum()


def test_a_front_without_an_opening_has_no_inside() -> None:
    assert not inside_of(picture_of(T_SHIRT, size=800)).any()


def test_a_mere_line_at_the_neck_is_a_seam_not_an_opening() -> None:
    rgb = picture_of(T_SHIRT, size=800, cloth=(60, 90, 170))
    cv2.ellipse(rgb, (400, 120), (112, 80), 0, 0, 180, (20, 30, 60), 4)
    assert not inside_of(rgb).any()


def test_a_garment_without_a_neck_has_no_inside() -> None:
    rgb, matte = picture_of(T_SHIRT), matte_of(T_SHIRT, 400)
    assert not neck_inside(rgb, matte, {}).any()
    narrow = {"left_neck": Landmark(0.5, 0.1, 1.0), "right_neck": Landmark(0.501, 0.1, 1.0)}
    assert not neck_inside(rgb, matte, narrow).any()
