"""Heads: a person's own form, where the joints of the pose say; hair grows on them and leaves the eyes free."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fashion_gen.body import Part, PosedBody, build_figure, default_view, draw_mannequin, head_view, pose_body
from fashion_gen.body.head.hair import STYLES
from fashion_gen.body.head.model import Head, canonical, form, model_head, smile_of
from fashion_gen.body.head.scalp import roots, skull_of
from fashion_gen.body.solids import head_centre
from fashion_gen.casting.tones import measure_tone
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
)

WOMAN = Measurements(168, 36, 32, 90, 72, 98, 28, 15.5, 57, 36)
ANNA = Persona("anna", 5, SizeType.REGULAR, AgeBand.YOUNG, Presentation.FEMININE, "bald", "brown", WOMAN, seed=1)
GREY = Scene("studio-grey", "gradient", (214, 214, 214), (196, 196, 196), "a grey studio")


def head_of(who: Persona) -> Head:
    return model_head(build_figure(who.measurements, who.presentation), who)


def posed(who: Persona, yaw: float = 0.0) -> PosedBody:
    pose = Pose("still", Framing.UPPER, {"head": {"yaw": yaw}})
    return pose_body(build_figure(who.measurements, who.presentation), pose)


def close_up(who: Persona, *, yaw: float = 0.0, side: int = 160):  # type: ignore[no-untyped-def]
    body = posed(who, yaw)
    view = head_view(body, default_view(body, Framing.UPPER, 320, 480), side)
    return body, view, draw_mannequin(body, view, persona=who, scene=GREY, styling=Styling("bare", ()))


def point_at(place: tuple[float, float, float]) -> int:
    """The form's point nearest to a canonical place, cm."""
    return int(np.linalg.norm(canonical() - place, axis=1).argmin())


def test_the_same_persona_has_the_same_head() -> None:
    assert np.array_equal(head_of(ANNA).points, head_of(replace(ANNA, tone=9, hair="afro")).points)


def test_personas_of_other_seeds_have_other_heads_of_the_same_size() -> None:
    one, other = head_of(ANNA).points, head_of(replace(ANNA, seed=2)).points
    assert np.abs(one - other).max() > 0.3
    assert abs(np.ptp(one[:, 0]) - np.ptp(other[:, 0])) < 2.0


def test_a_head_is_its_own_mirror_image() -> None:
    points = head_of(ANNA).points
    left, right = points[points[:, 0] > 1e-6], points[points[:, 0] < -1e-6] * [-1, 1, 1]
    assert len(left) == len(right)
    assert np.allclose(np.sort(left, axis=0), np.sort(right, axis=0))


@pytest.mark.parametrize("age", AgeBand)
@pytest.mark.parametrize("presentation", Presentation)
def test_the_nose_stands_out_before_the_cheeks_and_the_chin_before_the_neck(
    age: AgeBand, presentation: Presentation
) -> None:
    for seed in range(4):
        points = head_of(replace(ANNA, age=age, presentation=presentation, seed=seed)).points
        nose, cheek, chin, throat = (
            points[point_at(place), 2] for place in ((0, -3.8, 11), (4.2, -3, 7), (0, -10, 8.5), (0, -12, 3.8))
        )
        assert nose > cheek + 2
        assert chin > throat + 2
        assert np.isfinite(points).all()


def test_age_and_presentation_move_the_form() -> None:
    young = head_of(ANNA).points
    old, masculine = (
        head_of(replace(ANNA, **change)).points  # type: ignore[arg-type]
        for change in ({"age": AgeBand.SENIOR}, {"presentation": Presentation.MASCULINE})
    )
    assert np.abs(old - young).max() > 0.2
    assert np.abs(masculine - young).max() > 0.3


def test_people_smile_by_their_seed_and_never_wide() -> None:
    smiles = [smile_of(replace(ANNA, seed=seed)) for seed in range(30)]
    assert smile_of(ANNA) == smile_of(replace(ANNA, tone=9, hair="afro"))
    assert min(smiles) < 0.35
    assert 0.65 < max(smiles) <= 1


def test_a_smile_raises_the_corners_of_the_mouth_and_little_else() -> None:
    many = [replace(ANNA, seed=seed) for seed in range(60)]
    corner, chin = point_at((2.5, -6.4, 7.5)), point_at((0, -10, 8.5))
    smiles = np.array([smile_of(who) for who in many])
    heights = np.array([head_of(who).points[[corner, chin], 1] for who in many])
    smiling, serious = heights[smiles > 0.65].mean(axis=0), heights[smiles < 0.4].mean(axis=0)
    assert 0.05 < (smiling - serious)[0] < 0.6
    assert abs((smiling - serious)[1]) < 0.15


@pytest.mark.parametrize("seed", range(5))
def test_eyes_and_nose_are_where_the_joints_are(seed: int) -> None:
    body = posed(ANNA)
    head = head_of(replace(ANNA, seed=seed))
    eye = head_centre(body) + head.eye
    nose = head_centre(body) + head.points[head.points[:, 2].argmax()]
    assert np.abs(eye - body.joints["l_eye"])[:2].max() < 0.6
    assert np.abs(nose - body.joints["nose"])[:2].max() < 1.4


def test_normals_look_out_of_the_head() -> None:
    head = head_of(ANNA)
    outer = form().open > 0.9
    assert ((head.normals * head.points).sum(axis=1)[outer] > 0).mean() > 0.95


def test_the_skull_is_as_far_out_as_its_points() -> None:
    head = head_of(ANNA)
    skull = skull_of(head)
    scalp = head.points[form().scalp > 0.9] - skull.middle
    distance = np.linalg.norm(scalp, axis=1)
    assert np.abs(skull.radius(scalp / distance[:, None]) - distance).mean() < 0.25


def test_roots_lie_on_the_scalp() -> None:
    head = head_of(ANNA)
    grown = roots(head, 300, seed=4)
    assert (grown.points[:, 2] < head.eye[2] + 2).all()
    assert (grown.share > 0).all()
    assert np.array_equal(grown.points, roots(head, 300, seed=4).points)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("yaw", [0.0, -35.0])
def test_hair_leaves_the_near_eye_free(style: str, yaw: float) -> None:
    who = replace(ANNA, hair=style)
    body, view, drawn = close_up(who, yaw=yaw)
    eye = head_centre(body) + body.frames["head"] @ (model_head(body.figure, who).eye * [1 if yaw >= 0 else -1, 1, 1])
    x, y = view.project(eye[None])[0].round().astype(int)
    assert (drawn.parts[y - 2 : y + 3, x - 2 : x + 3] == Part.FACE).all()


@pytest.mark.parametrize("style", [name for name in STYLES if name != "bald"])
def test_hair_covers_the_scalp(style: str) -> None:
    who = replace(ANNA, hair=style)
    body, view, drawn = close_up(who)
    head = model_head(body.figure, who)
    top = head_centre(body) + head.points[(form().scalp > 0.95) & (head.normals[:, 2] > 0.3)]
    x, y = view.project(top).round().astype(int).T
    assert (drawn.parts[y, x] == Part.HAIR).mean() > 0.9


@pytest.mark.parametrize("tone", range(1, 11))
def test_the_middle_of_a_drawn_face_has_the_asked_tone(tone: int) -> None:
    who = replace(ANNA, tone=tone)
    body, view, drawn = close_up(who)
    (x0, y0), (x1, y1) = (
        view.project((head_centre(body) + corner)[None])[0].astype(int) for corner in ([-3.5, -1, 0], [3.5, -5.5, 0])
    )
    middle = np.zeros(drawn.parts.shape, bool)
    middle[y0:y1, x0:x1] = True
    measured = measure_tone(drawn.rgb, middle & (drawn.parts == Part.FACE))
    assert measured is not None
    assert abs(measured - tone) <= (1 if tone <= 2 else 0)


def test_a_turned_head_shows_the_nose_at_its_side() -> None:
    body, view, drawn = close_up(ANNA, yaw=60)
    face = np.nonzero(drawn.parts == Part.FACE)[1]
    nose = view.project(body.joints["nose"][None])[0, 0]
    assert nose > np.median(face) + 15
