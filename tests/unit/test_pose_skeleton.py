"""The OpenPose-style drawing."""

from __future__ import annotations

import numpy as np
import pytest

from fashion_gen.body import KEYPOINTS
from fashion_gen.pose.skeleton import COLOURS, LIMBS, draw_skeleton


def only(*points: tuple[str, float, float]) -> np.ndarray:
    """Keypoints of which only these are visible."""
    keypoints = np.zeros((18, 3))
    for name, x, y in points:
        keypoints[KEYPOINTS.index(name)] = (x, y, 1)
    return keypoints


def test_a_keypoint_is_a_disc_in_its_own_colour():
    picture = draw_skeleton(only(("neck", 0.5, 0.25)), 200, 400)
    assert picture.shape == (400, 200, 3)
    assert tuple(picture[100, 100]) == COLOURS[KEYPOINTS.index("neck")] == (255, 85, 0)


def test_a_limb_is_drawn_at_60_percent_of_its_colour():
    picture = draw_skeleton(only(("r_hip", 0.5, 0.2), ("r_knee", 0.5, 0.8)), 200, 400)
    limb = LIMBS.index((KEYPOINTS.index("r_hip"), KEYPOINTS.index("r_knee")))
    assert tuple(picture[200, 100]) == tuple(round(c * 0.6) for c in COLOURS[limb])


def test_a_limb_with_an_invisible_end_is_left_out():
    picture = draw_skeleton(only(("r_hip", 0.5, 0.2)), 200, 400)
    assert picture[:60].sum() == 0
    assert picture[110:].sum() == 0


def test_nothing_visible_is_a_black_picture():
    assert draw_skeleton(np.zeros((18, 3)), 64, 96).sum() == 0


def test_there_are_17_limbs_and_the_hues_are_20_degrees_apart():
    assert len(LIMBS) == 17
    assert len(set(COLOURS)) == 18
    assert COLOURS[6] == (0, 255, 0)


@pytest.mark.parametrize("side", [320, 640, 1280])
def test_sticks_grow_with_the_canvas(side: int):
    picture = draw_skeleton(only(("l_hip", 0.5, 0.2), ("l_knee", 0.5, 0.8)), side, side)
    thickness = (picture[side // 2].max(axis=1) > 60).sum()
    assert thickness == pytest.approx(side / 48, abs=3)


def test_edges_are_antialiased():
    picture = draw_skeleton(only(("neck", 0.5, 0.5)), 320, 480)
    assert len(np.unique(picture[..., 0])) > 8


def test_a_limb_of_no_length_does_not_fail():
    picture = draw_skeleton(only(("l_hip", 0.5, 0.5), ("l_knee", 0.5, 0.5)), 100, 100)
    assert picture.any()
