"""The garment warp: sleeves and legs turned into an asked pose, the trunk left alone, resampled once."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from pose_garments import SLIM, long_sleeve, persona, t_shirt, trousers

from fashion_gen import compose, library
from fashion_gen.pose import beside, choose
from fashion_gen.pose.fit import STRETCH, bend_to
from fashion_gen.pose.fit.hinge import Bending, Hinge, Line
from fashion_gen.pose.fit.pieces import Piece, pieces
from fashion_gen.pose.upright import upright
from fashion_gen.records import Garment, Kind, Landmark, Staging

WIDTH, HEIGHT = 320, 480


def stage(worn: Garment, pose: str | None) -> Staging:
    asked = library.poses()[pose] if pose else None
    return choose(worn, persona(SLIM), pose=asked, framing=None, width=WIDTH, height=HEIGHT)


def placed(worn: Garment, staging: Staging, size: tuple[int, int] = (960, 1440)) -> compose.PlacedGarment:
    return compose.place(worn, staging.garment_to_canvas, WIDTH, size, warp=staging.warp)


def sleeve(worn: Garment, name: str = "right sleeve") -> Piece:
    piece = pieces(worn, upright(worn))[name]
    assert isinstance(piece, Piece)
    return piece


@pytest.fixture(scope="module")
def spread() -> Staging:
    """Trousers laid out with their legs apart, on somebody who stands straight."""
    return stage(trousers(spread=10.0), "standing-straight")


# When it happens, and when not.


@pytest.mark.parametrize("worn", [t_shirt(sleeve=65), long_sleeve(sleeve=25), trousers(spread=10.0)])
def test_nothing_is_bent_where_no_pose_was_asked_for(worn: Garment):
    assert stage(worn, None).warp is None


@pytest.mark.parametrize("kind", [Kind.GHOST, Kind.MANNEQUIN, Kind.PERSON])
def test_a_garment_with_a_worn_shape_is_not_bent_and_the_note_says_why(kind: Kind):
    staging = stage(replace(long_sleeve(sleeve=25), kind=kind), "arms-folded")
    assert staging.warp is None
    assert any(f"photographed on a {kind} keeps its shape" in note for note in staging.notes)


def test_legs_that_lie_as_asked_are_let_be():
    staging = stage(trousers(spread=2.0), "standing-straight")
    assert staging.warp is None
    assert not [note for note in staging.notes if not note.startswith("cut for size")]


@pytest.mark.parametrize("missing", ["right_armpit", "right_shoulder"])
def test_a_sleeve_without_its_seams_lies_as_photographed_and_the_other_is_turned(missing: str):
    worn = long_sleeve(sleeve=25)
    unsure = dict(worn.landmarks)
    unsure[missing] = Landmark(unsure[missing].x, unsure[missing].y, 0.1)
    staging = stage(replace(worn, landmarks=unsure), "standing-straight")
    assert staging.warp is not None
    assert len(staging.warp.pieces) == 2
    assert any("the right sleeve lies as photographed" in note and "seams" in note for note in staging.notes)


def test_what_would_tear_the_cloth_is_refused_and_the_pose_is_the_garments_own():
    worn = long_sleeve(sleeve=25)
    staging = stage(worn, "hands-on-hips")
    assert staging.warp is None
    assert all(f"the {seen} sleeve lies as photographed" in " ".join(staging.notes) for seen in ("left", "right"))
    assert any("more than" in note for note in staging.notes)


# What it does to the cloth.


@pytest.mark.parametrize("degrees", [-25, -10, 15])
def test_a_bend_stretches_one_way_only_and_keeps_the_width_and_the_end(degrees: float):
    piece = sleeve(long_sleeve(sleeve=25))
    bending = piece.bending(degrees)
    ys, xs = np.nonzero(piece.cloth[::4, ::4])
    cloth = np.column_stack([xs, ys]) * 4 + 0.5
    here, right, below = (bending.forward(cloth + step) for step in ((0, 0), (1e-3, 0), (0, 1e-3)))
    values = np.linalg.svd(np.stack([right - here, below - here], axis=2) / 1e-3, compute_uv=False)
    assert np.percentile(np.abs(values - 1).min(axis=1), 99) < 0.01
    beyond = piece.joints()[0][1].ahead(cloth) > 2
    assert beyond.sum() > 50
    assert values[beyond] == pytest.approx(np.ones_like(values[beyond]), abs=1e-6)


def test_a_map_and_its_inverse_cancel_on_the_cloth():
    piece = sleeve(t_shirt())
    bending = piece.bending(-18)
    ys, xs = np.nonzero(cv2.erode(piece.cloth.astype(np.uint8), np.ones((7, 7), np.uint8)))
    cloth = np.column_stack([xs, ys]) + 0.5
    assert bending.inverse(bending.forward(cloth)) == pytest.approx(cloth, abs=0.05)


def test_a_hinge_turns_what_lies_beyond_it_by_its_angle():
    start = Line.across(np.array([0.0, 0.0]), np.array([0.0, 40.0]), np.array([1.0, 0.0]))
    end = Line.across(np.array([50.0, 0.0]), np.array([50.0, 40.0]), np.array([60.0, 0.0]))
    bending = Bending.of([Hinge(start, end, 20.0)])
    before = np.array([[-10.0, 5.0], [-3.0, 30.0]])
    assert bending.forward(before) == pytest.approx(before)
    first, second = bending.forward(np.array([[80.0, 20.0], [120.0, 20.0]]))
    assert np.degrees(np.arctan2(*(second - first)[::-1])) == pytest.approx(20.0, abs=1e-6)


@pytest.mark.parametrize(
    ("worn", "pose"),
    [(long_sleeve(sleeve=25), "standing-straight"), (trousers(spread=10.0), "walking")],
)
def test_every_bent_piece_keeps_within_the_stated_bounds(worn: Garment, pose: str):
    from fashion_gen.body import build_figure, pose_body
    from fashion_gen.pose.place import place
    from fashion_gen.pose.trunk import Trunk

    who = persona(SLIM)
    body = pose_body(build_figure(who.measurements, who.presentation), replace(library.poses()[pose], seat="none"))
    shape = upright(worn)
    _, placement = place(worn, shape, Trunk(body), who, grade=False)
    fit = bend_to(worn, shape, placement, body, pose)
    assert fit.bents
    for bent in fit.bents.values():
        least, most = bent.stretch()
        assert STRETCH[0] <= least <= 1 <= most <= STRETCH[1]


# Where it ends up.


def test_a_long_sleeve_ends_on_the_asked_arm():
    worn = long_sleeve(sleeve=25)
    staging = stage(worn, "standing-straight")
    assert staging.warp is not None
    for seen, wrist in (("right", 7), ("left", 4)):  # OpenPose: the wearer's left wrist is the viewer's right
        end = staging.warp.landmarks[f"{seen}_sleeve_end"]
        hand = staging.keypoints[wrist, :2] * (WIDTH, HEIGHT)
        elbow = staging.keypoints[wrist - 1, :2] * (WIDTH, HEIGHT)
        forearm = hand - elbow
        along = (end - elbow) @ forearm / (forearm @ forearm)
        assert 0.6 < along < 1.3
        assert np.hypot(*(end - elbow - along * forearm)) < 0.12 * np.hypot(*forearm)


def test_legs_laid_apart_hang_straight_when_asked_and_the_person_stands_in_them(spread: Staging):
    assert spread.warp is not None
    marks = spread.warp.landmarks
    for seen, ankle in (("right", 13), ("left", 10)):
        x, _ = spread.keypoints[ankle, :2] * (WIDTH, HEIGHT)
        assert abs(marks[f"{seen}_leg_end"][0] - x) < 8
    assert spread.notes[0].startswith("the left leg is turned by")


def test_landmarks_that_do_not_move_stay_where_the_affine_puts_them(spread: Staging):
    worn = trousers(spread=10.0)
    height, width = worn.matte.shape
    for name in ("left_waist", "crotch"):
        point = worn.landmarks[name]
        lying = spread.garment_to_canvas @ (point.x * width, point.y * height, 1)
        assert spread.warp is not None
        assert spread.warp.landmarks[name] == pytest.approx(lying, abs=0.5)


# What the picture shows.


def with_pattern(worn: Garment, cell: int) -> Garment:
    height, width = worn.matte.shape
    y, x = np.mgrid[:height, :width]
    checks = ((x // cell + y // cell) % 2)[..., None] * np.array([200, 150, 100], np.uint8) + np.uint8(30)
    return replace(worn, colour=checks.astype(np.uint8), photo=replace(worn.photo, rgb=checks.astype(np.uint8)))


def test_the_trunk_is_the_same_with_and_without_the_warp():
    worn = with_pattern(long_sleeve(sleeve=25), 24)
    staging = stage(worn, "standing-straight")
    bent, lying = placed(worn, staging), placed(worn, replace(staging, warp=None))
    corners = [staging.garment_to_canvas @ (*mark(worn, name), 1) * 3 for name in ("left_armpit", "right_hem")]
    (x0, y0), (x1, y1) = np.round(corners).astype(int)
    inset = (x1 - x0) // 4  # where no sleeve lies in front of it
    chest = np.s_[y0 : y1 - 8, x0 + inset : x1 - inset]
    assert np.abs(bent.rgb[chest].astype(int) - lying.rgb[chest]).max() <= 2
    assert bent.matte[chest] == pytest.approx(lying.matte[chest], abs=1e-3)


def mark(worn: Garment, name: str) -> tuple[float, float]:
    height, width = worn.matte.shape
    return worn.landmarks[name].x * width, worn.landmarks[name].y * height


def test_a_checkerboard_survives_because_turned_cloth_is_sampled_once_from_the_photo(spread: Staging):
    worn = with_pattern(trousers(spread=10.0), 12)
    assert spread.warp is not None
    size = compose.master_size(spread.garment_to_canvas, WIDTH, HEIGHT)
    bent, scale = placed(worn, spread, size), size[0] / WIDTH
    leg = spread.warp.seen_from(0, 0, scale).pieces[-1].patch(*size)
    assert leg is not None
    once = cv2.remap(worn.colour, leg.source - np.float32(0.5), None, cv2.INTER_CUBIC).astype(int)
    x, y = np.round(spread.warp.landmarks["right_leg_end"] * scale - (0, 60)).astype(int)
    there = np.s_[y - 30 : y + 30, x - 30 : x + 30]
    row, column = y - leg.rows.start, x - leg.columns.start
    patch, expected = bent.rgb[there].astype(int), once[row - 30 : row + 30, column - 30 : column + 30]
    assert np.ptp(patch) > 190
    assert np.percentile(np.abs(patch - expected), 99) <= 3


def test_no_seam_shows_where_pieces_meet():
    worn = long_sleeve(sleeve=25)
    staging = stage(worn, "standing-straight")
    bent = placed(worn, staging)
    assert bent.core.any()
    assert (bent.rgb[bent.core] == np.array([70, 110, 160])).all()
    # The sleeves hang before the trunk now: nothing of the backdrop may glimmer through along their edges.
    _, y = staging.garment_to_canvas @ (*mark(worn, "left_hem"), 1) * 3
    lower = bent.matte[round(y) - 130 : round(y) - 8]
    width = np.flatnonzero((lower > 0.5).any(axis=0))
    inner = lower[:, width[0] + 9 : width[-1] - 9]
    # Single pixels of the seam are thinner by rounding; a line of them would be seen.
    assert inner.min() > 0.75
    assert (inner <= 0.97).sum(axis=0).max() <= 0.05 * len(inner)


def test_a_window_of_the_canvas_shows_the_same_bent_garment(spread: Staging):
    worn = with_pattern(trousers(spread=10.0), 24)
    assert spread.warp is not None
    whole = placed(worn, spread, (WIDTH * 2, HEIGHT * 2))
    affine = spread.garment_to_canvas.copy()
    affine[:, 2] -= (80, 200)
    window = compose.place(worn, affine, 160, (320, 320), warp=spread.warp.seen_from(80, 200, 1.0))
    part = np.s_[400:720, 160:480]
    assert np.abs(window.matte - whole.matte[part]).max() < 0.02
    both = (window.matte > 0.99) & (whole.matte[part] > 0.99)
    assert np.abs(window.rgb[both].astype(int) - whole.rgb[part][both]).max() <= 6


def test_skin_beside_a_turned_leg_is_given_to_the_backdrop_by_where_the_leg_is_now(spread: Staging):
    worn = trousers(spread=10.0)
    shown = placed(worn, spread, (WIDTH, HEIGHT)).matte > 0.9
    hidden = beside(spread, worn, np.full((HEIGHT, WIDTH), 1, np.uint8))
    assert not (hidden & cv2.erode(shown.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool)).any()
