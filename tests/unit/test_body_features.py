"""Faces: the same person has the same face, others another; features are read on every tone and at every size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fashion_gen.body import Part, build_figure, draw_mannequin, pose_body
from fashion_gen.body.features import face_of, paint_features
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
    """(120, 80, 3): the front of a head as a flat map, painted."""
    figure = build_figure(who.measurements, who.presentation)
    y, x = np.meshgrid(np.linspace(1, -1, 120), np.linspace(-1, 1, 80), indexing="ij")
    local = np.stack([x * figure.head[0], y * figure.head[1], np.ones_like(x)], axis=-1).reshape(-1, 3)
    skin = np.tile(np.array(tone_rgb(who.tone)) / 255, (len(local), 1))
    painted = paint_features(skin, local, np.ones(len(local), bool), figure, face_of(who, BROWN), pixel=pixel)
    return painted.reshape(120, 80, 3)


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
def test_features_stand_out_on_every_tone(tone: int) -> None:
    light = flat_face(replace(ANNA, tone=tone)).mean(axis=2)
    assert np.ptp(light[40:100]) > 0.3


@pytest.mark.parametrize("tone", range(1, 11))
def test_most_of_a_face_keeps_its_tone(tone: int) -> None:
    painted = flat_face(replace(ANNA, tone=tone)).reshape(-1, 3)
    assert np.abs(np.median(painted, axis=0) - np.array(tone_rgb(tone)) / 255).max() < 0.05


def test_the_back_of_a_head_stays_bare() -> None:
    figure = build_figure(WOMAN, Presentation.FEMININE)
    local, skin = np.array([[2.0, 1.0, -5.0]]), np.array([[0.5, 0.4, 0.3]])
    assert np.array_equal(paint_features(skin, local, np.array([False]), figure, face_of(ANNA, BROWN)), skin)


def test_thin_strokes_grow_where_pixels_are_coarse() -> None:
    fine, coarse = flat_face(ANNA), flat_face(ANNA, pixel=0.8)
    assert (coarse.mean(axis=2) < 0.25).sum() > (fine.mean(axis=2) < 0.25).sum()


@pytest.mark.parametrize("side", [56, 224])
def test_a_close_up_has_eyes_with_white_and_pupil(side: int) -> None:
    face = head(ANNA, side).mean(axis=1)
    skin = np.median(face)
    assert face.max() > skin + 15
    assert face.min() < skin - 60
