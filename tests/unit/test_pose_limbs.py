"""Between the picture's plane and joint angles, and the search of a limb in its sleeve."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pose_garments import SLIM, t_shirt

from fashion_gen.body import build_figure, pose_body
from fashion_gen.pose.limbs import Bend, arm, arm_angles, fit_arm, hidden_share, seen_bend
from fashion_gen.pose.place import Placement
from fashion_gen.pose.upright import upright
from fashion_gen.records import Framing, Pose, Presentation

FIGURE = build_figure(SLIM, Presentation.ANDROGYNOUS)
ARM = ("shoulder", "elbow", "wrist")


def posed(**groups):
    return pose_body(FIGURE, Pose("test", Framing.FULL, groups))


@settings(max_examples=60, deadline=None)
@given(raised=st.floats(0, 120), bent=st.floats(-35, 115), side=st.sampled_from(["left", "right"]))
def test_arm_angles_look_like_the_bend_they_were_made_from(raised: float, bent: float, side: str):
    body = posed(**{f"{side}_arm": arm_angles(Bend(raised, bent), 0.0)})
    seen = seen_bend(body, side, ARM)
    assert seen.raised == pytest.approx(raised, abs=3)
    assert seen.bent == pytest.approx(bent, abs=6)


def test_a_leaning_trunk_is_allowed_for():
    for side, lean in (("left", 8.0), ("right", -8.0)):
        body = posed(torso={"bend": 8.0}, **{f"{side}_arm": arm_angles(Bend(40, 0), lean)})
        assert seen_bend(body, side, ARM).raised == pytest.approx(40, abs=3)


def test_a_straight_arm_keeps_a_soft_elbow():
    assert arm_angles(Bend(20, 0), 0)["elbow"] == pytest.approx(12)


def fitted(sleeve: float) -> tuple:
    shape = upright(t_shirt(sleeve=sleeve))
    # True to size, shoulders at the joints' height plus the thickness of a shoulder.
    k = 50 / (shape.points["right_armpit"][0] - shape.points["left_armpit"][0])
    placement = Placement(k, -k * shape.axis, 52 + k * shape.points["right_shoulder"][1])
    return shape, placement


@pytest.mark.parametrize("sleeve", [25.0, 45.0, 70.0])
def test_the_arm_rises_with_the_sleeve(sleeve: float):
    shape, placement = fitted(sleeve)
    end = placement.to_body(shape.points["right_sleeve_end"][None])[0]
    bend = fit_arm(arm(posed(), "left"), shape, placement, end, Bend(8, 5))
    assert sleeve - 25 < bend.raised < sleeve + 20
    assert bend.raised - bend.bent < 35  # the bare forearm hangs as the pose wants it


def test_a_bare_arm_moves_out_from_behind_the_garment():
    shape, placement = fitted(40.0)
    wide = Placement(placement.k * 1.15, -placement.k * 1.15 * shape.axis, placement.y0)
    body = posed()
    assert hidden_share(body, "left", shape, wide) > 0.3
    bend = fit_arm(arm(body, "left"), shape, wide, None, seen_bend(body, "left", ARM))
    moved = posed(left_arm=arm_angles(bend, 0.0))
    assert hidden_share(moved, "left", shape, wide) < hidden_share(body, "left", shape, wide) / 2
