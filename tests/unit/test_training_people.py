"""The people renderer: exact labels, exact tones, adults only. Needs the packed body (`python -m training.pack`)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from fashion_gen.records import View

pytest.importorskip("numba")

from fashion_gen.monk import tone_rgb
from training import pack
from training.people import hair, render, sheet
from training.people.anatomy import Build, shape, stature
from training.people.kit import Kit, prepare
from training.people.layers import Label
from training.people.posing import pose, rotation
from training.people.spec import SCENES, Companion, Spec, sample_spec

STANDING = {"left_arm": {"raise": 12.0, "elbow": 10.0}, "right_arm": {"raise": 12.0, "elbow": 10.0}}


@pytest.fixture(scope="module")
def kit(packed_body: Path) -> Kit:
    return prepare(pack.load(packed_body))


def a_spec(tone: int = 5, **changes: object) -> Spec:
    plain = Spec(
        tone=tone,
        build=Build(masculine=0.2, age=30, stature=170, weight=0.5),
        hair="short",
        scene="studio-grey",
        companions=(
            Companion("bottom", "straight-trousers", (40, 60, 120)),
            Companion("shoes", "sneakers", (230, 230, 230)),
        ),
        seed=3,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def a_picture(kit: Kit, spec: Spec, framing: str = "full", width: int = 160, height: int = 240) -> render.Rendering:
    posed = render.posed_body(kit, render.body(kit, spec), STANDING)
    return render.render(kit, posed, spec, sheet.frame_view(posed.joints, framing, width, height))


def lab(rgb: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(np.asarray(rgb, np.float32).reshape(1, -1, 3) / 255, cv2.COLOR_RGB2LAB)[0]


def test_bodies_are_adults_only(kit: Kit) -> None:
    with pytest.raises(ValueError, match="adults only"):
        shape(kit.data, Build(age=17))


@pytest.mark.parametrize("height", [150.0, 172.0, 195.0])
def test_stature_is_as_asked(kit: Kit, height: float) -> None:
    assert stature(kit.data, shape(kit.data, Build(stature=height, weight=0.9))) == pytest.approx(height, abs=0.5)


def test_heavier_bodies_are_wider(kit: Kit) -> None:
    def waist(weight: float) -> float:
        v = shape(kit.data, Build(stature=170, weight=weight))[kit.data.groups["body"]]
        level = v[:, 1].min() + 0.62 * 170
        near = (np.abs(v[:, 1] - level) < 1.5) & (np.abs(v[:, 0]) < 30)
        return float(np.ptp(v[near, 0]))

    assert waist(0.2) < waist(0.5) < waist(1.0) < waist(1.4)


def test_the_origin_is_between_the_hips_in_every_pose(kit: Kit) -> None:
    rest = shape(kit.data, Build())
    posed = pose(kit.data, rest, {"root": rotation((0, 1, 0), 30), "upperleg01.L": rotation((1, 0, 0), -40)})
    assert np.allclose((posed.joints["l_hip"] + posed.joints["r_hip"]) / 2, 0, atol=1e-3)


def test_hanging_arms_hang_on_the_wearers_sides(kit: Kit) -> None:
    joints = render.posed_body(kit, shape(kit.data, Build()), STANDING).joints
    assert joints["l_wrist"][0] > joints["l_shoulder"][0] > 0 > joints["r_shoulder"][0] > joints["r_wrist"][0]
    assert joints["l_wrist"][1] < joints["l_elbow"][1] < joints["l_shoulder"][1]


@pytest.mark.parametrize("tone", range(1, 11))
def test_the_face_shows_the_asked_tone(kit: Kit, tone: int) -> None:
    spec = a_spec(tone, hair="bald")
    posed = render.posed_body(kit, render.body(kit, spec), STANDING)
    nose = posed.joints["nose"]
    picture = render.render(kit, posed, spec, View(160, 200, 6.0, 80 - nose[0] * 6, 100 + nose[1] * 6))
    cheeks = picture.image[92:112, 60:100].reshape(-1, 3)
    assert np.linalg.norm(np.median(lab(cheeks), axis=0) - lab(np.array(tone_rgb(tone)))[0]) < 5.5


def test_companions_keep_their_colour(kit: Kit) -> None:
    colour = (160, 60, 50)
    spec = a_spec(companions=(Companion("bottom", "wide-trousers", colour), Companion("shoes", "boots", (30, 30, 30))))
    picture = a_picture(kit, spec)
    seen = picture.image[picture.labels == Label.CLOTHES].mean(0)
    assert np.linalg.norm(lab(seen)[0] - lab(np.array(colour))[0]) < 9


def test_labels_and_mattes_agree(kit: Kit) -> None:
    picture = a_picture(kit, a_spec())
    assert {Label.SKIN, Label.HAIR, Label.GARMENT, Label.CLOTHES, Label.SHOES} <= set(np.unique(picture.labels))
    assert (picture.garment[picture.labels == Label.GARMENT] >= 64).all()
    assert (picture.person[picture.labels == Label.BACKGROUND] <= 192).all()
    assert picture.image.shape == (240, 160, 3)


def test_the_same_spec_gives_the_same_picture(kit: Kit) -> None:
    first, second = (a_picture(kit, a_spec(features=("glasses",))) for _ in range(2))
    assert np.array_equal(first.image, second.image)


@pytest.mark.parametrize("style", hair.STYLES)
def test_every_hair_style_shows_or_hides_hair(kit: Kit, style: str) -> None:
    picture = a_picture(kit, a_spec(hair=style), "upper", 96, 144)
    assert (picture.labels == Label.HAIR).any() == (style != "bald")


@pytest.mark.parametrize("category", ["top", "outerwear", "dress", "jumpsuit", "trousers", "shorts", "skirt"])
def test_every_category_is_worn(kit: Kit, category: str) -> None:
    spec = next(s for s in map(sample_spec, map(np.random.default_rng, range(300))) if s.garment.category == category)
    picture = a_picture(kit, replace(spec, seed=3), "full", 96, 144)
    assert (picture.labels == Label.GARMENT).mean() > 0.015


def test_hair_never_covers_the_garment(kit: Kit) -> None:
    bald, long = (a_picture(kit, a_spec(hair=h), "upper") for h in ("bald", "long"))
    covered = (bald.labels == Label.GARMENT) & (long.labels == Label.HAIR)
    assert covered.sum() < 0.02 * (bald.labels == Label.GARMENT).sum()


def test_a_face_outside_of_the_picture_has_no_box(kit: Kit) -> None:
    assert a_picture(kit, a_spec(), "upper", 96, 144).face_box is not None
    assert a_picture(kit, a_spec(), "lower", 96, 144).face_box is None


def test_draws_cover_tones_categories_and_ages() -> None:
    specs = [sample_spec(np.random.default_rng(k)) for k in range(400)]
    assert {s.tone for s in specs} == set(range(1, 11))
    assert len({s.garment.category for s in specs}) == 7
    assert {s.scene for s in specs} == set(SCENES)
    assert min(s.build.age for s in specs) >= 18


def test_an_unknown_scene_names_the_known_ones(kit: Kit) -> None:
    with pytest.raises(ValueError, match="studio-white"):
        a_picture(kit, a_spec(scene="moon"), "full", 48, 72)


def test_a_missing_pack_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"training\.pack"):
        pack.load(tmp_path / "none.npz")
