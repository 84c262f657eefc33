"""Bodies stand as measured and bend as asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion_gen.body import KEYPOINTS, LIMITS, build_figure, default_view, keypoints, pose_body
from fashion_gen.body.kinematics import rotation
from fashion_gen.body.lofts import ellipse_axes
from fashion_gen.errors import InvalidBrief
from fashion_gen.records import Framing, Measurements, Pose, Presentation

WOMAN = Measurements(168, 36, 32, 90, 72, 98, 28, 15.5, 57, 36)
BROAD = replace(WOMAN, chest=118, waist=106, hip=124, upper_arm=38, thigh=70)
STANDING = Pose("standing", Framing.FULL, {})


def perimeter(half_width: float, half_depth: float) -> float:
    angle = np.linspace(0, 2 * np.pi, 4001)
    points = np.column_stack([half_width * np.cos(angle), half_depth * np.sin(angle)])
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


@pytest.mark.parametrize("ratio", [0.5, 0.7, 1.0, 1.3])
def test_ellipse_has_the_asked_girth(ratio: float) -> None:
    assert perimeter(*ellipse_axes(96.0, ratio)) == pytest.approx(96.0, rel=1e-3)


@pytest.mark.parametrize(("station", "girth"), [("chest", "chest"), ("waist", "waist"), ("hip", "hip")])
def test_trunk_has_the_measured_girths(station: str, girth: str) -> None:
    section = build_figure(WOMAN, Presentation.FEMININE).trunk[station]
    assert perimeter(section.half_width, section.half_depth) == pytest.approx(getattr(WOMAN, girth), rel=0.01)


def test_broader_measurements_make_a_broader_body_of_the_same_height() -> None:
    slim, broad = (pose_body(build_figure(m, Presentation.FEMININE), STANDING) for m in (WOMAN, BROAD))
    assert broad.section("waist").half_width > 1.3 * slim.section("waist").half_width
    assert broad.joints["crown"][1] == pytest.approx(slim.joints["crown"][1])


def test_maternity_belly_reaches_forward_and_not_sideways() -> None:
    flat, round_ = (build_figure(replace(WOMAN, belly=belly), Presentation.FEMININE) for belly in (0.0, 14.0))
    front = [figure.trunk["waist"].centre[2] + figure.trunk["waist"].half_depth for figure in (flat, round_)]
    assert front[1] - front[0] == pytest.approx(14.0)
    assert round_.trunk["waist"].half_width == flat.trunk["waist"].half_width


def test_stature_from_sole_to_crown_is_the_measured_height() -> None:
    body = pose_body(build_figure(WOMAN, Presentation.FEMININE), STANDING)
    assert body.joints["crown"][1] - body.ground == pytest.approx(168, abs=0.5)


def test_limbs_keep_their_length_in_every_pose() -> None:
    figure = build_figure(WOMAN, Presentation.FEMININE)
    bent = Pose("bent", Framing.FULL, {"left_arm": {"raise": 60, "swing": 40, "twist": 30, "elbow": 100}})
    straight, moved = pose_body(figure, STANDING).joints, pose_body(figure, bent).joints
    for a, b in (("l_shoulder", "l_elbow"), ("l_elbow", "l_wrist"), ("l_hip", "l_knee"), ("r_knee", "r_ankle")):
        assert np.linalg.norm(moved[a] - moved[b]) == pytest.approx(np.linalg.norm(straight[a] - straight[b]))


@pytest.mark.parametrize(
    ("group", "angles", "joint", "axis", "sign"),
    [
        ("left_arm", {"raise": 60}, "l_wrist", 0, 1),
        ("right_arm", {"raise": 60}, "r_wrist", 0, -1),
        ("left_arm", {"swing": 60}, "l_wrist", 2, 1),
        ("left_arm", {"elbow": 90}, "l_wrist", 2, 1),
        ("right_arm", {"elbow": 90, "twist": 80}, "r_wrist", 0, 1),
        ("left_leg", {"swing": 60}, "l_knee", 2, 1),
        ("left_leg", {"knee": 60}, "l_ankle", 2, -1),
        ("right_leg", {"raise": 30}, "r_ankle", 0, -1),
        ("torso", {"yaw": 40}, "l_shoulder", 2, -1),
        ("torso", {"bend": 15}, "neck", 0, 1),
        ("torso", {"lean": 30}, "neck", 2, 1),
        ("head", {"nod": 30}, "nose", 1, -1),
        ("head", {"yaw": 30}, "nose", 0, 1),
        ("head", {"tilt": 20}, "crown", 0, 1),
    ],
)
def test_positive_angles_go_the_documented_way(
    group: str, angles: dict[str, float], joint: str, axis: int, sign: int
) -> None:
    figure = build_figure(WOMAN, Presentation.FEMININE)
    before = pose_body(figure, STANDING).joints[joint]
    after = pose_body(figure, Pose("moved", Framing.FULL, {group: angles})).joints[joint]
    assert sign * (after - before)[axis] > 1.0


def test_an_angle_beyond_the_joint_is_refused_by_name() -> None:
    with pytest.raises(InvalidBrief, match=r'Pose "broken": left_arm.elbow is 170 degrees'):
        pose_body(
            build_figure(WOMAN, Presentation.FEMININE), Pose("broken", Framing.FULL, {"left_arm": {"elbow": 170}})
        )


@given(st.sampled_from(["x", "y", "z"]), st.floats(-180, 180))
def test_rotations_are_rigid(axis: str, degrees: float) -> None:
    matrix = rotation(axis, degrees)
    assert np.allclose(matrix @ matrix.T, np.eye(3))
    assert np.linalg.det(matrix) == pytest.approx(1)


@st.composite
def poses(draw: st.DrawFn) -> Pose:
    angles = {
        group: {name: draw(st.floats(low, high)) for name, (low, high) in table.items()}
        for group, table in LIMITS.items()
    }
    return Pose("any", draw(st.sampled_from(list(Framing))), angles)


@settings(max_examples=40, deadline=None)
@given(poses())
def test_keypoints_of_any_pose_are_finite_and_hidden_outside_the_canvas(pose: Pose) -> None:
    body = pose_body(build_figure(WOMAN, Presentation.ANDROGYNOUS), pose)
    points = keypoints(body, default_view(body, pose.framing, 320, 480))
    assert points.shape == (len(KEYPOINTS), 3)
    assert np.isfinite(points).all()
    outside = ((points[:, :2] < 0) | (points[:, :2] > 1)).any(axis=1)
    assert not points[outside, 2].any()


def test_full_framing_shows_the_whole_body() -> None:
    body = pose_body(build_figure(WOMAN, Presentation.FEMININE), STANDING)
    assert keypoints(body, default_view(body, Framing.FULL, 320, 480))[:, 2].all()


def test_lower_framing_hides_the_head_and_shows_the_feet() -> None:
    body = pose_body(build_figure(WOMAN, Presentation.FEMININE), STANDING)
    seen = dict(zip(KEYPOINTS, keypoints(body, default_view(body, Framing.LOWER, 320, 480))[:, 2], strict=True))
    assert seen["nose"] == 0
    assert seen["l_ankle"] == 1


def test_a_turned_head_hides_the_ear_behind_it() -> None:
    body = pose_body(build_figure(WOMAN, Presentation.FEMININE), Pose("t", Framing.FULL, {"head": {"yaw": 50}}))
    seen = dict(zip(KEYPOINTS, keypoints(body, default_view(body, Framing.FULL, 320, 480))[:, 2], strict=True))
    assert (seen["l_ear"], seen["r_ear"]) == (0, 1)
