"""The garment as the solver sees it."""

from __future__ import annotations

import numpy as np
import pytest
from pose_garments import garment, mirrored, t_shirt, trousers

from fashion_gen.pose.upright import credible, tilt, upright
from fashion_gen.records import Category


@pytest.mark.parametrize("lean", [-12.0, -5.0, 0.0, 7.0, 14.0])
def test_a_crooked_photo_is_turned_upright(lean: float):
    shape = upright(t_shirt(tilt=lean))
    down = shape.middle("hem") - shape.middle("shoulder")
    assert abs(np.degrees(np.arctan2(down[0], down[1]))) < 1.0


def test_more_than_15_degrees_is_how_it_was_laid_and_stays():
    shape = upright(t_shirt(tilt=25.0))
    down = shape.middle("hem") - shape.middle("shoulder")
    assert abs(np.degrees(np.arctan2(down[0], down[1]))) == pytest.approx(25, abs=1)


def test_clues_that_disagree_turn_nothing():
    points = {
        "left_shoulder": np.array([0.0, 0.0]),
        "right_shoulder": np.array([100.0, 0.0]),
        "left_hem": np.array([40.0, 200.0]),
        "right_hem": np.array([140.0, 200.0]),
    }
    assert tilt(points) == 0.0


def test_one_pair_of_landmarks_is_no_axis():
    assert tilt({"left_hem": np.array([0.0, 0.0]), "right_hem": np.array([100.0, 9.0])}) == 0.0


def test_landmarks_lie_where_the_mask_has_them():
    worn = t_shirt(tilt=6.0)
    shape = upright(worn)
    for name in ("left_hem", "right_hem", "left_shoulder"):
        x, y = shape.points[name].round().astype(int)
        assert shape.mask[y - 4 : y + 5, x - 4 : x + 5].any()
        assert not shape.mask[y - 4 : y + 5, x - 4 : x + 5].all()


def test_depth_is_positive_inside_and_negative_outside():
    shape = upright(t_shirt())
    x, y = shape.middle("armpit")
    assert shape.depth[int(y), int(x)] > 50
    assert shape.depth[2, 2] < 0


def test_a_row_between_the_legs_is_one_leg_or_both_never_empty():
    shape = upright(trousers())
    left, right = shape.row(shape.bottom - 4)
    assert right > left


def test_a_row_above_the_garment_has_no_width():
    shape = upright(t_shirt())
    assert shape.width(0) == 0.0


def test_an_open_front_is_bridged():
    half = [(1, 0), (20, 0), (20, 60), (1, 60)]
    outline = mirrored(half)
    shape = upright(garment(outline, {"right_hem": (20.0, 60.0)}, Category.OUTERWEAR))
    middle = (shape.top + shape.bottom) / 2
    assert shape.width(middle) == pytest.approx(40 * 400 / 60, rel=0.05)


def test_without_landmarks_the_axis_is_the_middle_of_the_mask():
    shape = upright(garment(mirrored([(0, 0), (10, 0), (10, 30), (0, 30)]), {}, Category.SKIRT))
    columns = np.flatnonzero(shape.mask.any(axis=0))
    assert shape.axis == pytest.approx(columns.mean())
    assert shape.middle("waist") is None
    assert shape.distance("left_waist", "right_waist") is None


def test_the_edge_of_a_strap_is_no_end_of_a_sleeve():
    cloth = np.full((600, 600), 50, np.float32)
    points = {
        "left_shoulder": np.array([240.0, 100]),
        "left_sleeve_end": np.array([232.0, 130]),
        "left_armpit": np.array([225.0, 200]),
        "right_shoulder": np.array([360.0, 100]),
        "right_sleeve_end": np.array([430.0, 150]),
        "right_armpit": np.array([375.0, 200]),
    }
    assert set(credible(points, cloth)) == set(points) - {"left_sleeve_end"}
