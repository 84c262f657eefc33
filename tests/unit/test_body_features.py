"""Faces: the same person has the same face, others another; features are read on every tone and at every size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fashion_gen.body import Part, build_figure, draw_mannequin, pose_body
from fashion_gen.body.head.features import face_of, paint_features
from fashion_gen.body.head.model import EYEBALL, SIZE
from fashion_gen.monk import tone_rgb
from fashion_gen.records import (
    AgeBand,
    Framing,
    Measurements,
    Persona,
    Pose,
    Presentation,
    Scene,
    SizeType,
    Styling,
    View,
)

WOMAN = Measurements(168, 36, 32, 90, 72, 98, 28, 15.5, 57, 36)
ANNA = Persona("anna", 5, SizeType.REGULAR, AgeBand.YOUNG, Presentation.FEMININE, "short", "brown", WOMAN, seed=1)
GREY = Scene("studio-grey", "gradient", (214, 214, 214), (196, 196, 196), "a grey studio")
BROWN = (0.33, 0.21, 0.14)


def flat_face(who: Persona, *, pixel: float = 0.0) -> np.ndarray:
    """(240, 160, 3): the front of a head as a flat map, painted."""
    y, x = np.meshgrid(np.linspace(1, -1, 240), np.linspace(-1, 1, 160), indexing="ij")
    local = np.stack([x * SIZE[0], y * SIZE[1], np.full_like(x, 8.0)], axis=-1).reshape(-1, 3)
    skin = np.tile(np.array(tone_rgb(who.tone)) / 255, (len(local), 1))
    painted = paint_features(skin, local, face_of(who, BROWN), pixel=pixel)
    return painted.reshape(240, 160, 3)


def head(who: Persona, side: int) -> np.ndarray:
    """Face pixels of a close-up of `side` pixels."""
    body = pose_body(build_figure(who.measurements, who.presentation), Pose("still", Framing.UPPER, {}))
    x, y = body.joints["nose"][:2]
    scale = side / 34
    view = View(side, side, scale, side / 2 - x * scale, side / 2 + y * scale)
    drawn = draw_mannequin(body, view, persona=who, scene=GREY, styling=Styling("bare", ()))
    return drawn.rgb[drawn.parts == Part.FACE]


def test_the_same_persona_has_the_same_face() -> None:
    assert np.array_equal(flat_face(ANNA), flat_face(ANNA))


def test_personas_of_other_seeds_do_not_look_alike() -> None:
    assert np.abs(flat_face(ANNA) - flat_face(replace(ANNA, seed=2))).max() > 0.1


def test_age_draws_more_lines() -> None:
    young, middle, old = (flat_face(replace(ANNA, age=age)) for age in (AgeBand.YOUNG, AgeBand.MIDDLE, AgeBand.SENIOR))
    assert 0 < np.abs(middle - young).mean() < np.abs(old - young).mean()


@pytest.mark.parametrize("tone", range(1, 11))
def test_eyes_stand_out_on_every_tone(tone: int) -> None:
    face = head(replace(ANNA, tone=tone, hair="bald"), 224).mean(axis=1)
    assert np.ptp(face) > 0.4 * 255


@pytest.mark.parametrize("tone", range(1, 11))
def test_most_of_a_face_keeps_its_tone(tone: int) -> None:
    painted = flat_face(replace(ANNA, tone=tone)).reshape(-1, 3)
    assert np.abs(np.median(painted, axis=0) - np.array(tone_rgb(tone)) / 255).max() < 0.05


def test_the_back_of_a_head_stays_bare() -> None:
    local, skin = np.array([[2.0, 1.0, -5.0]]), np.array([[0.5, 0.4, 0.3]])
    assert np.allclose(paint_features(skin, local, face_of(ANNA, BROWN)), skin, atol=0.02)


def test_what_is_worn_on_a_face_is_not_painted() -> None:
    local, frame = np.array([[2.9, 0.0, 2 * EYEBALL]]), np.array([[0.07, 0.07, 0.08]])
    assert np.allclose(paint_features(frame, local, face_of(ANNA, BROWN)), frame)


def test_an_eyeball_has_a_dark_pupil_in_a_lighter_iris_in_a_light_white() -> None:
    local = np.array([[EYEBALL + x, -0.20, EYEBALL + 1] for x in (-0.8, -0.45, 0.0, 0.45, 0.8)])
    left, iris, pupil, other, right = paint_features(np.full((5, 3), 0.9), local, face_of(ANNA, BROWN)).mean(axis=1)
    assert pupil < 0.1 < min(iris, other)
    assert min(left, right) > max(iris, other) + 0.15


def whites(who: Persona) -> np.ndarray:
    """Luminance of the left eye's white between its lids, without iris and reflections, in a face of `who`."""
    x, y = np.meshgrid(np.linspace(-1.2, 1.2, 60), np.linspace(-0.5, 0.15, 30))
    eye = np.stack([EYEBALL + x, y, np.full_like(x, EYEBALL + 1)], axis=-1).reshape(-1, 3)
    cheek = np.array([[3.0, -3.0, 8.0]] * 50)
    skin = np.tile(np.array(tone_rgb(who.tone)) / 255, (50, 1))
    colours = np.concatenate([np.full((len(eye), 3), 0.92), skin])
    painted = paint_features(colours, np.concatenate([eye, cheek]), face_of(who, BROWN))
    return painted[: len(eye)].mean(axis=1)[np.hypot(x.ravel() + 0.02, y.ravel() + 0.13) > 0.75]


@pytest.mark.parametrize("tone", range(1, 11))
def test_a_sclera_is_never_bright_nor_glares_in_a_dark_face(tone: int) -> None:
    white, skin = whites(replace(ANNA, tone=tone)), np.mean(tone_rgb(tone)) / 255
    assert white.max() < 0.82
    assert white.max() < skin + 0.46


def test_lids_and_lashes_shade_the_sclera_most_below_the_upper_one() -> None:
    local = np.array([[EYEBALL + 0.75, y, EYEBALL + 1] for y in (0.08, -0.28)])
    shaded, open_ = paint_features(np.full((2, 3), 0.9), local, face_of(ANNA, BROWN)).mean(axis=1)
    assert shaded < 0.8 * open_


@pytest.mark.parametrize("tone", [1, 2, 3])
def test_blood_shows_in_cheeks_and_tip_of_the_nose_of_light_skin(tone: int) -> None:
    places = np.array([[0.0, 2.2, 8.5], [4.4, -2.8, 7.0], [0.0, -3.9, 10.5]])
    skin = np.tile(np.array(tone_rgb(tone)) / 255, (3, 1))
    forehead, cheek, nose = paint_features(skin, places, face_of(replace(ANNA, tone=tone), BROWN))
    for warm in (cheek, nose):
        assert warm[0] / warm[1] > 1.04 * forehead[0] / forehead[1]


def test_skin_has_a_grain_that_only_fine_pixels_show() -> None:
    y, x = np.meshgrid(np.linspace(-5.5, -4.0, 120), np.linspace(-6.0, -4.0, 120), indexing="ij")
    local = np.stack([x, y, np.full_like(x, 6.0)], axis=-1).reshape(-1, 3)
    skin = np.tile(np.array(tone_rgb(5)) / 255, (len(local), 1))

    def grain(pixel: float) -> float:
        painted = paint_features(skin, local, face_of(ANNA, BROWN), pixel=pixel).mean(axis=1).reshape(120, 120)
        return float(np.abs(np.diff(painted, axis=1)).mean())

    assert 1.5 * grain(0.5) < grain(0.01) < 0.02


def test_brows_are_strokes_where_pixels_can_hold_them() -> None:
    x = np.linspace(2.0, 4.0, 400)
    local = np.stack([x, np.full_like(x, 1.68), np.full_like(x, 8.0)], axis=1)
    skin = np.tile(np.array(tone_rgb(3)) / 255, (len(local), 1))
    fine, coarse = (
        paint_features(skin, local, face_of(ANNA, BROWN), pixel=pixel).mean(axis=1) for pixel in (0.01, 0.3)
    )
    assert fine.std() > 2 * coarse.std()
    assert (np.diff(np.sign(np.diff(fine))) != 0).sum() > 6


def test_lips_are_redder_than_the_skin_beside_them() -> None:
    painted = paint_features(np.full((2, 3), 0.7), np.array([[0.6, -7.2, 9.0], [3.9, -7.2, 8.0]]), face_of(ANNA, BROWN))
    lip, cheek = (colour[0] / colour[1] for colour in painted)
    assert lip > cheek + 0.1


def test_thin_strokes_grow_where_pixels_are_coarse() -> None:
    fine, coarse = flat_face(ANNA), flat_face(ANNA, pixel=0.8)
    assert (coarse.mean(axis=2) < 0.4).sum() > (fine.mean(axis=2) < 0.4).sum()


@pytest.mark.parametrize("side", [56, 224])
def test_a_close_up_has_eyes_with_white_and_pupil(side: int) -> None:
    face = head(ANNA, side).mean(axis=1)
    skin = np.median(face)
    assert face.max() > skin + 15
    assert face.min() < skin - 60
