"""Neck and collar: no peg in a hole, and bones that show more on a lean body."""

from __future__ import annotations

import numpy as np
import pytest

from fashion_gen.body import Part, PosedBody, build_figure, default_view, draw_mannequin, pose_body
from fashion_gen.body.anatomy import under_skin
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

LEAN = Measurements(170, 38, 33, 86, 68, 94, 27, 15, 54, 35)
FULL = Measurements(168, 42, 40, 126, 114, 130, 40, 18, 72, 44)
STANDING = Pose("standing", Framing.UPPER, {"left_arm": {"raise": 14}, "right_arm": {"raise": 14}})
LOOKING_ASIDE = Pose("aside", Framing.UPPER, {"head": {"yaw": 25, "tilt": 8}})
GREY = Scene("grey", "plain", (210, 210, 210), (190, 190, 190), "a wall")


def body_of(measurements: Measurements, pose: Pose = STANDING) -> PosedBody:
    return pose_body(build_figure(measurements, Presentation.ANDROGYNOUS), pose)


@pytest.mark.parametrize("tone", [1, 4, 7, 10])
@pytest.mark.parametrize("pose", [STANDING, LOOKING_ASIDE], ids=["straight", "aside"])
def test_the_neck_is_as_bright_as_the_chest_that_it_grows_out_of(tone: int, pose: Pose) -> None:
    who = Persona("test", tone, SizeType.REGULAR, AgeBand.YOUNG, Presentation.ANDROGYNOUS, "bald", "black", LEAN)
    body = body_of(LEAN, pose)
    view = default_view(body, Framing.UPPER, 400, 600)
    drawn = draw_mannequin(body, view, persona=who, scene=GREY, styling=Styling("bare", ()), fine=True)
    middle = round(float(view.project(body.joints["neck"][None])[0, 0]))
    parts = drawn.parts[:, middle]
    joins = np.flatnonzero((parts[:-1] == Part.NECK) & (parts[1:] == Part.TORSO))
    assert len(joins)
    light = drawn.rgb[:, middle - 2 : middle + 3].mean(axis=(1, 2))
    for join in joins:
        step = light[join + 1] - light[join]
        # No larger than the shadow of the jaw fades over the next rows.
        assert abs(step) < 0.06 * light[join] + 1


def test_bones_show_less_on_a_fuller_body_and_alike_on_both_sides() -> None:
    lean, full = (under_skin(body_of(m), default_view(body_of(m), Framing.UPPER, 400, 600)) for m in (LEAN, FULL))
    assert all(abs(a.height) >= abs(b.height) for a, b in zip(lean, full, strict=True))
    assert max(ridge.height for ridge in lean) > 1.5 * max(ridge.height for ridge in full)
    assert sorted(ridge.height for ridge in lean[1:4]) == sorted(ridge.height for ridge in lean[4:])
