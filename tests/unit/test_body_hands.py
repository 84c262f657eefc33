"""Hands: joined to the forearm, alike left and right, in the gesture of the pose, over what they touch; nails and palms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fashion_gen import library
from fashion_gen.body import build_figure, pose_body
from fashion_gen.body.hand.model import LENGTH, _painted, form, hand_meshes
from fashion_gen.body.hand.reach import FLAT, HIP, RELAXED, REST, over, reach
from fashion_gen.body.kinematics import PosedBody
from fashion_gen.body.lofts import Loft
from fashion_gen.body.parts import Part
from fashion_gen.body.solids import Solids, build_solids
from fashion_gen.records import Persona, Pose

SKIN = (0.7, 0.5, 0.4)


@pytest.fixture(scope="module")
def persona() -> Persona:
    return library.personas()[min(library.personas())]


def posed(persona: Persona, name: str) -> tuple[PosedBody, Solids]:
    body = pose_body(build_figure(persona.measurements, persona.presentation), library.find_pose(name))
    return body, build_solids(body, SKIN)


@pytest.mark.parametrize(
    ("pose", "side", "gesture"),
    [
        ("standing-relaxed", "l", RELAXED),
        ("arms-away", "r", RELAXED),
        ("hands-on-hips", "l", HIP),
        ("hand-on-hip", "l", HIP),
        ("hand-on-hip", "r", RELAXED),
        ("hand-to-collar", "r", FLAT),
        ("seated-stool", "r", REST),
    ],
)
def test_gesture_follows_from_the_pose(persona: Persona, pose: str, side: str, gesture: int) -> None:
    assert reach(*posed(persona, pose), side).gesture == gesture


def test_axes_of_a_hand_are_a_rotation(persona: Persona) -> None:
    for name in library.poses():
        body, solids = posed(persona, name)
        for side in "lr":
            axes = reach(body, solids, side).axes
            assert np.allclose(axes.T @ axes, np.eye(3), atol=1e-6), name
            assert np.linalg.det(axes) > 0, name


def test_wrist_bends_no_further_than_a_wrist_does(persona: Persona) -> None:
    for name in library.poses():
        body, solids = posed(persona, name)
        for side in "lr":
            bend = -reach(body, solids, side).axes[:, 1] @ -body.frames[f"{side}_hand"][:, 1]
            assert bend > np.cos(np.deg2rad(63)), name


def test_hand_on_the_hip_lies_over_the_cloth(persona: Persona) -> None:
    body, solids = posed(persona, "hands-on-hips")
    for mesh in hand_meshes(body, solids, persona, SKIN):
        fingers = form().mean[HIP][:, 1] < -0.5
        height, _ = over(solids.trunk, mesh.points[fingers])
        assert 0.5 < height.min() < 4.0


def test_both_hands_of_a_straight_pose_are_mirror_images(persona: Persona) -> None:
    left, right = hand_meshes(*posed(persona, "standing-straight"), persona, SKIN)
    assert np.allclose(left.points, right.points * [-1, 1, 1], atol=1e-6)
    assert np.allclose(left.normals, right.normals * [-1, 1, 1], atol=1e-6)


def test_skin_goes_on_from_the_forearm_without_a_step(persona: Persona) -> None:
    body, solids = posed(persona, "hand-to-collar")
    mesh = hand_meshes(body, solids, persona, SKIN)[1]
    y = form().mean[FLAT][:, 1]
    joint = (y > 0.01) & (y < 0.10)
    height, _ = over(solids.arms["r"], mesh.points[joint])
    assert np.abs(height).max() < 0.35


def test_hand_is_as_long_as_the_figure_says_and_pointed_out_of_the_body(persona: Persona) -> None:
    body, solids = posed(persona, "standing-straight")
    mesh = hand_meshes(body, solids, persona, SKIN)[0]
    reach_ = np.linalg.norm(mesh.points - body.joints["l_wrist"], axis=1).max()
    whole = float(np.linalg.norm(body.joints["l_hand"] - body.joints["l_wrist"]))
    assert 0.75 * whole < reach_ < 1.05 * whole
    assert set(np.unique(mesh.part)) == {int(Part.L_HAND), int(Part.L_LOWER_ARM)}


def test_light_between_fingers_is_less_than_on_the_back(persona: Persona) -> None:
    mesh = hand_meshes(*posed(persona, "standing-straight"), persona, SKIN)[0]
    open_ = np.linalg.norm(mesh.normals, axis=1)
    assert open_.max() <= 1 + 1e-9
    assert np.quantile(open_, 0.02) < 0.6
    assert np.quantile(open_[form().palm < 0.1], 0.5) > 0.85


def test_presentation_changes_a_hand_only_a_little(persona: Persona) -> None:
    body, solids = posed(persona, "standing-straight")
    other = next(one for one in library.personas().values() if one.presentation != persona.presentation)
    changed = replace(persona, presentation=other.presentation)
    a, b = (hand_meshes(body, solids, one, SKIN)[0].points for one in (persona, changed))
    assert 0.01 < np.abs(a - b).max() < 1.5


@pytest.mark.parametrize("tone", [0.15, 0.45, 0.8])
def test_nails_are_paler_than_the_skin_around_them_in_every_tone(tone: float) -> None:
    nails = form().nails
    at = np.concatenate([nails[:, 0], nails[:, 0] * [1, 0.8, 1]])
    skin = np.tile(np.array([tone, 0.8 * tone, 0.7 * tone], np.float32), (10, 1))
    out = _painted(skin, at.astype(np.float32), np.zeros(10, np.float32), 0.05)
    assert (out[:5].mean(axis=1) > out[5:].mean(axis=1)).all()


def test_palms_of_dark_skin_are_light_and_those_of_light_skin_hardly_differ() -> None:
    middle = np.tile(np.array([0.0, -0.4 * LENGTH, 0.0], np.float32), (2, 1))
    palm = np.array([0.0, 1.0], np.float32)

    def gap(tone: float) -> float:
        back, inner = _painted(np.full((2, 3), tone, np.float32), middle, palm, 0.1).mean(axis=1)
        return float(inner - back)

    assert gap(0.2) > 0.12
    assert abs(gap(0.85)) < 0.05


def test_height_over_a_sweep_is_the_distance_to_its_surface() -> None:
    ring = np.ones((5, 1))
    tube = Loft(
        centres=np.linspace(0, 20, 5)[:, None] * [0.0, 1.0, 0.0],
        right=ring * [1.0, 0, 0],
        front=ring * [0, 0, 1.0],
        half_width=np.full(5, 3.0),
        half_depth=np.full(5, 3.0),
        part=Part.TORSO,
        colour=SKIN,
    )
    height, normal = over(tube, np.array([[5.0, 9.0, 0.0], [0.0, 3.0, -1.0], [3.0, 12.0, 4.0]]))
    assert np.allclose(height, [2.0, -2.0, 2.0], atol=1e-6)
    assert np.allclose(normal, [[1, 0, 0], [0, 0, -1], [0.6, 0, 0.8]], atol=1e-6)


def test_hand_of_a_pose_with_bent_elbows_in_the_air_keeps_its_own_axes(persona: Persona) -> None:
    pose = Pose(name="offering", framing=library.find_pose("arms-away").framing, angles={
        side: {"raise": 20.0, "swing": 80.0, "elbow": 60.0} for side in ("left_arm", "right_arm")
    }, tags=(), seat="none")  # fmt: skip
    body = pose_body(build_figure(persona.measurements, persona.presentation), pose)
    held = reach(body, build_solids(body, SKIN), "l")
    assert held.gesture == RELAXED
    assert np.allclose(held.axes, body.frames["l_hand"])
