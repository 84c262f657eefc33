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


def test_an_eyeball_has_a_dark_pupil_in_a_light_white() -> None:
    local = np.array([[EYEBALL + x, -0.13, EYEBALL + 1] for x in (-1.0, 0.0, 1.0)])
    left, pupil, right = paint_features(np.full((3, 3), 0.9), local, face_of(ANNA, BROWN)).mean(axis=1)
    assert pupil < 0.1
    assert min(left, right) > 0.5


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
