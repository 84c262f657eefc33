"""What the camera shows: air over the head, and no joint on the lower edge."""

from __future__ import annotations

import numpy as np
import pytest
from pose_garments import PLUS, SLIM, TALL

from fashion_gen import library
from fashion_gen.body import PosedBody, build_figure, pose_body
from fashion_gen.pose.frame import frame
from fashion_gen.records import Framing, Measurements, Presentation, View

WIDTH, HEIGHT = 320, 480
NARROW, WIDE, WIDEST = 20.0, 55.0, 75.0  # cm from the axis to the sleeves' ends


def framed(measurements: Measurements, pose: str, reach: float) -> tuple[PosedBody, View]:
    body = pose_body(build_figure(measurements, Presentation.FEMININE), library.poses()[pose])
    chest = body.joints["chest"][:2]
    garment = np.array([chest + (-reach, 15.0), chest + (reach, -20.0)])
    return body, frame(body, library.poses()[pose].framing, WIDTH, HEIGHT, garment)


@pytest.mark.parametrize("pose", ["upper-relaxed", "relaxed-cowboy"])
@pytest.mark.parametrize("reach", [NARROW, WIDE, WIDEST])
@pytest.mark.parametrize("measurements", [SLIM, PLUS, TALL], ids=["slim", "plus", "tall"])
def test_a_wide_garment_moves_no_head_down_the_picture(pose: str, reach: float, measurements: Measurements):
    body, view = framed(measurements, pose, reach)
    above = view.project(body.joints["crown"][None])[0, 1] / HEIGHT
    assert 0.02 < above < 0.2


@pytest.mark.parametrize("pose", ["upper-relaxed", "relaxed-cowboy"])
@pytest.mark.parametrize("reach", [WIDE, WIDEST])
@pytest.mark.parametrize("measurements", [SLIM, PLUS, TALL], ids=["slim", "plus", "tall"])
def test_a_widened_picture_ends_at_no_joint(pose: str, reach: float, measurements: Measurements):
    body, view = framed(measurements, pose, reach)
    for joint in ("hip", "knee", "ankle"):
        level = (body.joints[f"l_{joint}"] + body.joints[f"r_{joint}"]) / 2
        assert abs(view.project(level[None])[0, 1] - HEIGHT) > 0.04 * body.figure.stature * view.scale


def test_who_sits_shows_half_of_the_shins_in_a_three_quarter_picture():
    body, view = framed(SLIM, "wheelchair-cowboy", NARROW)
    assert library.poses()["wheelchair-cowboy"].framing is Framing.COWBOY
    for side in "lr":
        middle = (body.joints[f"{side}_knee"] + body.joints[f"{side}_ankle"]) / 2
        assert view.project(middle[None])[0, 1] < HEIGHT
