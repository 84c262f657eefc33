"""The pose templates that ship with the package."""

from __future__ import annotations

import numpy as np
import pytest
from pose_garments import PLUS, SLIM, TALL

from fashion_gen import library
from fashion_gen.body import build_figure, keypoints, pose_body
from fashion_gen.pose.frame import frame
from fashion_gen.records import Framing, Pose, Presentation

POSES = sorted(library.poses())


def test_there_are_at_least_22_in_all_four_framings():
    assert len(POSES) >= 22
    assert {library.poses()[name].framing for name in POSES} == set(Framing)


@pytest.mark.parametrize("tag", ["auto", "walking", "three-quarter", "seated", "wheelchair", "sleeves", "akimbo"])
def test_every_kind_of_pose_is_there(tag: str):
    assert [name for name in POSES if tag in library.poses()[name].tags]


@pytest.mark.parametrize("framing", list(Framing))
def test_every_framing_has_a_pose_that_auto_may_take(framing: Framing):
    assert [p for p in library.poses().values() if p.framing is framing and "auto" in p.tags]


@pytest.mark.parametrize("name", POSES)
@pytest.mark.parametrize("measurements", [SLIM, PLUS, TALL], ids=["slim", "plus", "tall"])
def test_a_body_can_take_it_and_its_framing_shows_what_it_says(name: str, measurements):
    pose = library.poses()[name]
    body = pose_body(build_figure(measurements, Presentation.FEMININE), pose)  # raises outside of joint limits
    worn = "hips" if pose.framing is Framing.LOWER else "chest"
    points = keypoints(body, frame(body, pose.framing, 320, 480, body.joints[worn][None, :2] + [[-15, -20], [15, 20]]))
    nose, hips, ankles = points[0], points[[8, 11]], points[[10, 13]]
    if pose.framing is not Framing.LOWER:
        assert nose[2]
    assert hips[:, 2].all()
    if pose.framing in (Framing.FULL, Framing.LOWER):
        assert ankles[:, 2].all()


@pytest.mark.parametrize("name", [n for n in POSES if library.poses()[n].seat == "none"])
def test_standing_poses_keep_their_balance(name: str):
    body = pose_body(build_figure(SLIM, Presentation.FEMININE), library.poses()[name])
    feet = [body.joints[f"{side}_{joint}"][0] for side in "lr" for joint in ("ankle", "toe")]
    assert min(feet) - 8 <= body.joints["chest"][0] <= max(feet) + 8


def test_no_two_poses_are_the_same():
    def values(pose: Pose) -> tuple[float, ...]:
        return tuple(v for group in sorted(pose.angles) for v in pose.angles[group].values())

    seen = [(library.poses()[n].framing, values(library.poses()[n])) for n in POSES]
    assert len(set(seen)) == len(seen)


def test_hands_on_hips_reach_the_hips():
    body = pose_body(build_figure(SLIM, Presentation.FEMININE), library.poses()["hands-on-hips"])
    for side in "lr":
        hip = body.section("high_hip")
        away = abs(body.joints[f"{side}_wrist"][0]) - hip.half_width
        assert abs(away) < 9
        assert np.abs(body.joints[f"{side}_wrist"][1] - hip.centre[1]) < 14
