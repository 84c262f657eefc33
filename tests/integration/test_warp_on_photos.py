"""Prints on the supplied logo garments, bent into asked poses: straight lines stay straight, text stays as it is.

Most of these were photographed as ghost shots, which are never bent; here they are taken as lying flat, so that the warp has
something to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import pytest

from fashion_gen import casting, compose, library
from fashion_gen.body.measurements import measure_for
from fashion_gen.garment import extract, open_segmenter
from fashion_gen.images import open_photo
from fashion_gen.pose import choose
from fashion_gen.records import Brief, Garment, Kind, Points, Staging

pytestmark = pytest.mark.slow

LOGOS = ("d01", "d02", "d15", "d16", "d17", "d18", "d19")
POSES = ("arms-away", "standing-straight")
EACH = list(product(LOGOS, POSES))
WIDTH, HEIGHT = 320, 480
STRAIGHT = 0.02  # of a line's length
INK = (255, 0, 255)


@pytest.fixture(scope="module")
def logos(shared: Path) -> Mapping[str, Garment]:
    found = {}
    for name in LOGOS:
        photo = open_photo(next((shared / "photos").glob(f"{name}_*")))
        found[name] = replace(extract(photo, open_segmenter("classical")), kind=Kind.FLAT)
    return found


@pytest.fixture(scope="module")
def stagings(logos: Mapping[str, Garment]) -> Mapping[tuple[str, str], Staging]:
    (who,) = casting.cast(Brief(looks=1, seed=1), measure=measure_for)
    return {
        (name, pose): choose(logos[name], who, pose=library.poses()[pose], framing=None, width=WIDTH, height=HEIGHT)
        for name, pose in EACH
    }


def print_region(worn: Garment) -> Points:
    """(4, 2) photo pixels: between the armpits and the hem, a sixth in from the sides, where prints are."""
    height, width = worn.matte.shape
    left, right, low_left, low_right = (
        np.array([worn.landmarks[name].x * width, worn.landmarks[name].y * height])
        for name in ("left_armpit", "right_armpit", "left_hem", "right_hem")
    )
    top, bottom = (min(left[1], right[1]), max(low_left[1], low_right[1]))
    x0, x1 = max(left[0], low_left[0]), min(right[0], low_right[0])
    dx, dy = (x1 - x0) / 6, (bottom - top) / 8
    return np.array([[x0 + dx, top], [x1 - dx, top], [x1 - dx, bottom - dy], [x0 + dx, bottom - dy]])


def deviation(worn: Garment, staging: Staging, start: Points, end: Points) -> float:
    """How far a line drawn on the print is from straight in the picture, as a share of its length."""
    paper, ink = np.full_like(worn.colour, 255), np.zeros(worn.matte.shape, np.uint8)
    cv2.line(ink, tuple(np.int32(start)), tuple(np.int32(end)), 1, max(2, worn.matte.shape[1] // 200))
    paper[ink > 0] = INK
    drawn = replace(worn, colour=paper)
    seen = compose.place(drawn, staging.garment_to_canvas, WIDTH, (960, 1440), warp=staging.warp)
    points = np.argwhere((seen.rgb[..., 1] < 120) & (seen.matte > 0.9)).astype(float)
    assert len(points) > 50
    centred = points - points.mean(axis=0)
    _, _, (along, across) = np.linalg.svd(centred, full_matrices=False)
    length = np.ptp(centred @ along)
    bins = np.floor((centred @ along - (centred @ along).min()) / length * 20)
    middles = [np.mean((centred @ across)[bins == b]) for b in range(20) if (bins == b).sum() > 3]
    return float(np.ptp(middles) / length)


def test_several_of_the_logo_garments_are_bent(stagings: Mapping[tuple[str, str], Staging]):
    bent = {name for (name, _), staging in stagings.items() if staging.warp is not None}
    assert len(bent) >= 3, bent


@pytest.mark.parametrize(("name", "pose"), EACH)
def test_straight_lines_on_the_print_stay_straight(
    logos: Mapping[str, Garment], stagings: Mapping[tuple[str, str], Staging], name: str, pose: str
):
    worn, staging = logos[name], stagings[name, pose]
    a, b, c, d = print_region(worn)
    for start, end in ((a, c), (b, d), (a, b), (d, c), ((a + b) / 2, (c + d) / 2)):
        assert deviation(worn, staging, start, end) < STRAIGHT


@pytest.mark.parametrize(("name", "pose"), EACH)
def test_the_print_is_pixel_for_pixel_the_unbent_one(
    logos: Mapping[str, Garment], stagings: Mapping[tuple[str, str], Staging], name: str, pose: str
):
    worn, staging = logos[name], stagings[name, pose]
    bent, lying = (
        compose.place(worn, staging.garment_to_canvas, WIDTH, (960, 1440), warp=warp) for warp in (staging.warp, None)
    )
    corners = np.column_stack([print_region(worn), np.ones(4)]) @ staging.garment_to_canvas.T * 3
    inside = np.zeros(bent.matte.shape, np.uint8)
    cv2.fillConvexPoly(inside, np.int32(corners), 1)
    change = np.abs(bent.rgb.astype(int) - lying.rgb).max(axis=2)[inside > 0]
    # What a sleeve that hangs down now covers does not count; there is little of that.
    assert (change > 4).mean() < 0.04


@pytest.mark.parametrize(("name", "pose"), EACH)
def test_whoever_is_not_bent_is_told_why(stagings: Mapping[tuple[str, str], Staging], name: str, pose: str):
    notes = stagings[name, pose].notes
    if any(note.startswith("arms follow the sleeves") for note in notes):
        assert any(" sleeve is turned by " in note or "lies as photographed" in note for note in notes)
