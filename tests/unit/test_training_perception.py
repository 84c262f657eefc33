"""What the perception net learns from: drawn garments, odd pictures, dummies, and the phone's camera."""

from __future__ import annotations

import numpy as np
import pytest

from fashion_gen.garment.landmarks import NAMES
from fashion_gen.garment.perception import CATEGORIES, KINDS, PARTS
from training.people.layers import Label
from training.perception import camera, flat, odd, people, shapes
from training.perception.evaluate import boundary_f, overlap
from training.perception.grounds import DRAWN, around
from training.perception.photos import Labelled, Pictures, kept_out, landmarks
from training.perception.sample import UNKNOWN, Sample

SIZE = 128
SEEDS = range(12)


def drawn(seed: int) -> Sample:
    return flat.draw(np.random.default_rng(seed), SIZE, None, None)


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    """Drawn garments in the place of the labelled photos."""
    found = []
    for seed in range(8):
        sample = drawn(seed)
        name = next(f"{seed}-{i}" for i in range(100) if not kept_out(f"{seed}-{i}"))
        category = CATEGORIES[sample.category]
        found.append(Labelled(name, sample.picture, sample.matte, sample.landmarks, sample.kind, category, False, True))
    return Pictures(found)


@pytest.mark.parametrize("category", flat.CATEGORY_ODDS)
def test_every_category_has_the_landmarks_of_its_kind(category: str) -> None:
    for seed in SEEDS:
        shape = shapes.sample(np.random.default_rng(seed), category, hanging=bool(seed % 2))
        assert set(shape.landmarks) <= set(NAMES)
        assert {"left_hem", "right_hem", "left_waist", "right_waist"} <= set(shape.landmarks)
        assert ("crotch" in shape.landmarks) == (category in ("trousers", "shorts", "jumpsuit"))
        assert ("left_armpit" in shape.landmarks) == (category in shapes.UPPERS)


@pytest.mark.parametrize("category", flat.CATEGORY_ODDS)
def test_the_left_of_a_garment_is_the_viewers(category: str) -> None:
    for seed in SEEDS:
        marks = shapes.sample(np.random.default_rng(seed), category, hanging=False).landmarks
        assert marks["left_hem"][0] < marks["right_hem"][0]
        assert marks["left_waist"][0] < marks["right_waist"][0]


def test_landmarks_lie_on_the_drawn_garment() -> None:
    for seed in SEEDS:
        sample = drawn(seed)
        for x, y, there in sample.landmarks:
            if there == 1 and 3 <= x < SIZE - 3 and 3 <= y < SIZE - 3:
                near = sample.matte[int(y) - 3 : int(y) + 4, int(x) - 3 : int(x) + 4]
                assert near.max() > 0, (seed, x, y)


def test_the_same_seed_draws_the_same_picture() -> None:
    assert np.array_equal(drawn(3).picture, drawn(3).picture)
    assert not np.array_equal(drawn(3).picture, drawn(4).picture)


def test_parts_and_matte_of_a_drawn_garment_agree() -> None:
    for seed in SEEDS:
        sample = drawn(seed)
        assert np.array_equal(sample.parts > 0, sample.matte > 127)


@pytest.mark.parametrize("ground", DRAWN)
def test_grounds_are_pictures(ground: flat.Photos) -> None:
    picture = ground(np.random.default_rng(1), SIZE)
    assert picture.shape == (SIZE, SIZE, 3)
    assert picture.dtype == np.uint8


def test_the_ground_beside_a_garment_holds_nothing_of_it() -> None:
    rgb = np.full((90, 60, 3), 200, np.uint8)
    matte = np.zeros((90, 60), bool)
    matte[30:, 10:50] = True
    rgb[matte] = (10, 20, 30)
    found = around(rgb, matte, np.random.default_rng(0), SIZE)
    assert found is not None
    assert (found == 200).all()


def test_a_mirrored_photo_swaps_left_and_right() -> None:
    sample = drawn(2)
    marks = np.zeros((len(NAMES), 3), np.float32)
    marks[NAMES.index("left_hem")] = (20, 60, 1)
    marks[NAMES.index("right_hem")] = (100, 60, 1)
    sample.landmarks = marks
    for seed in SEEDS:
        shot = camera.framed(np.random.default_rng(seed), sample, SIZE, 0.0, 0.0).landmarks
        assert shot[NAMES.index("left_hem"), 0] < shot[NAMES.index("right_hem"), 0]


def nearest_to_the_middle(sample: Sample) -> int:
    """The landmark that no turn moves out of the picture."""
    away = np.hypot(*(sample.landmarks[:, :2] - SIZE / 2).T)
    return int(np.where(sample.landmarks[:, 2] == 1, away, np.inf).argmin())


def test_landmarks_move_with_the_picture() -> None:
    sample = drawn(5)
    i = nearest_to_the_middle(sample)
    x, y = sample.landmarks[i, :2].astype(int)
    sample.picture[:] = 0
    sample.picture[y - 2 : y + 3, x - 2 : x + 3] = 255
    for seed in SEEDS:
        shot = camera.framed(np.random.default_rng(seed), sample, SIZE, 10.0, 0.1)
        seen = [mark for mark in shot.landmarks if mark[2] == 1]
        ys, xs = np.nonzero(shot.picture[..., 0] > 128)
        if len(ys):
            away = min(np.hypot(xs.mean() - mark[0], ys.mean() - mark[1]) for mark in seen)
            assert away < 3, seed


def test_points_outside_the_frame_are_absent() -> None:
    sample = drawn(1)
    shot = camera.framed(np.random.default_rng(0), sample, SIZE, 0.0, 0.0)
    sample.landmarks[:, 0] = -50.0
    shot = camera.framed(np.random.default_rng(0), sample, SIZE, 0.0, 0.0)
    assert not (shot.landmarks[:, 2] == 1).any()


def test_odd_pictures_are_what_they_say(pictures: Pictures) -> None:
    rng = np.random.default_rng(7)
    assert not odd.empty(rng, SIZE, pictures).matte.any()
    assert odd.bag(rng, SIZE, pictures).category == CATEGORIES.index("bag")
    both = odd.several(rng, SIZE, pictures)
    assert both.several == 1
    assert both.category == UNKNOWN


def test_a_garment_moves_to_another_ground_with_its_matte(pictures: Pictures) -> None:
    rng = np.random.default_rng(11)
    one = pictures.all[0]
    moved = pictures.elsewhere(rng, one)
    outside = one.matte < 5
    assert np.abs(moved[outside].astype(int) - one.rgb[outside].astype(int)).mean() > 3


def a_figure() -> people.Figure:
    """A stick of a person in a top and trousers, 60 x 120."""
    labels = np.zeros((120, 60), np.uint8)
    labels[8:24, 24:36] = Label.SKIN
    labels[4:8, 24:36] = Label.HAIR
    labels[24:64, 18:42] = Label.GARMENT
    labels[24:70, 12:16] = Label.SKIN
    labels[64:110, 20:40] = Label.CLOTHES
    labels[110:116, 18:42] = Label.SHOES
    joints = np.zeros((18, 3))
    joints[people.NOSE, :2], joints[people.NECK, :2] = (30, 14), (30, 25)
    for right, left, y, dx in (
        (people.R_HIP, people.L_HIP, 64, 6),
        (people.R_ELBOW, people.L_ELBOW, 44, 16),
        (people.R_WRIST, people.L_WRIST, 62, 16),
    ):
        joints[right, :2], joints[left, :2] = (30 - dx, y), (30 + dx, y)
    rgb = np.full((120, 60, 3), 120, np.uint8)
    return people.Figure(rgb, (labels > 0).astype(np.uint8) * 255, labels, joints, "top")


def test_body_parts_of_a_person() -> None:
    parts = people.body_parts(a_figure())
    names = {name: parts == PARTS.index(name) for name in PARTS}
    assert names["face"][14, 30]
    assert names["hair"][5, 30]
    assert names["skin"][40, 14]
    assert names["hands"][67, 14]
    assert names["upper"][40, 30]
    assert names["lower"][90, 30]
    assert names["shoes"][112, 30]


def test_a_dummy_has_no_skin_and_a_ghost_nobody_in_it() -> None:
    figure = a_figure()
    parts = people.body_parts(figure)
    for seed in SEEDS:
        _, _, told, kind = people.dummy(np.random.default_rng(seed), figure, parts)
        assert kind == "mannequin"
        assert not np.isin(told, [PARTS.index(name) for name in ("skin", "face", "hands", "hair")]).any()
    garment = figure.labels == Label.GARMENT
    _, alpha, told, kind = people.emptied(np.random.default_rng(0), figure, garment, parts)
    assert kind == "ghost"
    assert set(np.unique(told)) <= {0, PARTS.index("upper")}
    assert alpha[90, 30] == 0


def test_the_category_is_asked_only_where_the_garment_dominates() -> None:
    figure = a_figure()
    parts = people.body_parts(figure)
    matte = (figure.labels == Label.GARMENT).astype(np.uint8) * 255
    assert people.shown(figure, matte, parts) == UNKNOWN  # as much of the trousers shows
    assert people.shown(figure, matte[:70], parts[:70]) == CATEGORIES.index("top")


def test_points_that_a_category_never_has_are_known_to_be_absent() -> None:
    matte = np.zeros((100, 80), np.uint8)
    matte[10:90, 20:60] = 255
    marks = landmarks(matte, "skirt")
    assert marks[NAMES.index("left_armpit"), 2] == 0
    assert marks[NAMES.index("crotch"), 2] == 0
    assert marks[NAMES.index("left_hem"), 2] == 1


def test_the_fifth_that_is_kept_out_is_a_fifth() -> None:
    share = np.mean([kept_out(f"{n}.jpg") for n in range(2000)])
    assert 0.17 < share < 0.23


def test_kinds_noted_by_eye_are_kinds() -> None:
    from training.perception.photos import KINDS_NOTED, rows

    noted = rows(KINDS_NOTED)
    assert {row["kind"] for row in noted} <= set(KINDS)
    assert len({row["file"] for row in noted}) == len(noted)


def test_measures_of_masks() -> None:
    a = np.zeros((400, 400), bool)
    a[100:300, 100:300] = True
    assert overlap(a, a) == boundary_f(a, a) == 1.0
    assert boundary_f(a, np.roll(a, 2, axis=1)) == 1.0
    assert boundary_f(a, np.roll(a, 30, axis=1)) < 0.8
    assert overlap(a, ~a) == 0.0
