"""Shoes: on the floor, around the foot, open where they are, with heels, laces and marks; hems fall on them."""

from __future__ import annotations

import numpy as np
import pytest

from fashion_gen import library
from fashion_gen.body import build_figure, default_view, draw_mannequin, pose_body
from fashion_gen.body.dress.clothes import clothe
from fashion_gen.body.dress.last import STATIONS, Last
from fashion_gen.body.dress.shoes import SHOES, SNEAKER, _painted, are_worn, shoe_meshes
from fashion_gen.body.kinematics import PosedBody
from fashion_gen.body.lofts import Mesh
from fashion_gen.body.parts import Part
from fashion_gen.body.solids import build_solids
from fashion_gen.records import Persona, Piece

RED = (0.7, 0.2, 0.2)
WORN = [name for name in SHOES if name != "barefoot"]


@pytest.fixture(scope="module")
def persona() -> Persona:
    return library.personas()[min(library.personas())]


@pytest.fixture(scope="module")
def body(persona: Persona) -> PosedBody:
    return pose_body(build_figure(persona.measurements, persona.presentation), library.find_pose("standing-straight"))


def shoes(body: PosedBody, shape: str) -> list[Mesh]:
    return shoe_meshes(body, build_solids(body, (0.6, 0.5, 0.4)), shape, RED)


def seen(meshes: list[Mesh], part: Part) -> np.ndarray:
    return np.concatenate([m.points[(m.keep >= 0)] for m in meshes if m.part[0] == part])


@pytest.mark.parametrize("shape", WORN)
def test_shoes_stand_on_the_floor(body: PosedBody, shape: str) -> None:
    lowest = min(float(mesh.points[:, 1].min()) for mesh in shoes(body, shape))
    assert abs(lowest - body.ground) < 0.05


@pytest.mark.parametrize("shape", WORN)
def test_both_shoes_of_a_pair_are_as_long_as_feet_and_stand_apart(body: PosedBody, shape: str) -> None:
    points = seen(shoes(body, shape), Part.SHOES)
    for side in (1, -1):
        one = points[points[:, 0] * side > 0]
        assert 0.14 * body.figure.stature < np.ptp(one[:, 2]) < 0.19 * body.figure.stature
        assert 0.05 * body.figure.stature < np.ptp(one[:, 0]) < 0.09 * body.figure.stature


def test_bare_feet_wear_nothing(body: PosedBody) -> None:
    assert shoes(body, "barefoot") == []
    assert not are_worn(("t-shirt", "barefoot"))
    assert are_worn(("t-shirt", "heels"))


def test_skin_is_seen_in_flats_and_heels_and_not_in_boots(body: PosedBody) -> None:
    def skin(shape: str) -> bool:
        return any(mesh.part[0] == Part.L_FOOT for mesh in shoes(body, shape))

    assert skin("flats")
    assert skin("heels")
    assert not skin("boots")


@pytest.mark.parametrize("shape", ["flats", "heels", "sneakers"])
def test_upper_is_open_over_the_ankle_and_closed_over_the_toes(body: PosedBody, shape: str) -> None:
    upper = shoes(body, shape)[0]
    keep = upper.keep.reshape(len(STATIONS), -1)
    middle = keep.shape[1] // 2
    assert (keep[STATIONS > 0.55] >= 0).all()
    assert (keep[np.abs(STATIONS) < 0.06, middle] < 0).all()


def test_heels_lift_the_heel_and_not_the_ball(body: PosedBody) -> None:
    high, flat = (Last.of(body, "l", heel=heel, sole=0.6) for heel in (3.6, 0.0))
    heel, ball = np.array([-0.2]), np.array([0.5])
    assert high.base(heel) - flat.base(heel) == pytest.approx(3.6)
    assert high.base(ball) == flat.base(ball)


def test_toes_end_round(body: PosedBody) -> None:
    outer, inner = Last.of(body, "l").widths(np.linspace(0.74, 0.80, 7))
    width = outer + inner
    assert (np.diff(width) < 0).all()
    assert width[-1] < 0.01
    # Half of the width is still there a fifth of the way from the end.
    assert width[4] > 0.5 * width[0]


def test_left_and_right_shoe_are_mirror_images(body: PosedBody) -> None:
    meshes = shoes(body, "sneakers")
    left, right = meshes[: len(meshes) // 2], meshes[len(meshes) // 2 :]
    for a, b in zip(left, right, strict=True):
        assert np.allclose(a.points, b.points * [-1, 1, 1], atol=1e-6)
        assert np.allclose(a.normals, b.normals * [-1, 1, 1], atol=1e-6)


def test_a_sneakers_toe_cap_stands_out_from_its_vamp() -> None:
    paint = np.full((2, 3), 0.3, np.float32)
    out = _painted(paint, np.array([[0.0, 5, 13.0], [0, 4, 18.0]], np.float32), np.array([SNEAKER, SNEAKER]), 0.1)
    assert out[1].mean() > out[0].mean() + 0.03


def test_trouser_hems_fall_on_the_shoe_of_a_standing_wearer(body: PosedBody) -> None:
    solids = build_solids(body, RED)
    top = seen(shoes(body, "sneakers"), Part.SHOES)[:, 1].max()
    for shape in ("straight-trousers", "wide-trousers", "slim-trousers"):
        legs = clothe(body, solids, Piece("bottom", shape, (20, 30, 60), shape))[1:]
        assert all(mesh.points[:, 1].min() < top - 0.3 for mesh in legs)
        assert all(mesh.points[:, 1].min() > body.ground + 1.0 for mesh in legs)


def test_drawn_shoes_are_labelled_and_hide_the_toes(persona: Persona, body: PosedBody) -> None:
    styling = next(s for s in library.stylings().values() if any(p.shape == "sneakers" for p in s.pieces))
    view = default_view(body, library.find_pose("standing-straight").framing, 320, 480)
    drawn = draw_mannequin(body, view, persona=persona, scene=library.scenes()["studio-grey"], styling=styling)
    assert (drawn.parts == Part.SHOES).sum() > 300
    assert not np.isin(drawn.parts, [Part.L_FOOT, Part.R_FOOT]).sum() > 30
