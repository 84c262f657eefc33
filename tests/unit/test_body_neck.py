"""Necks: out of the shoulders in one sweep, and under the jaw, never through it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fashion_gen import library
from fashion_gen.body import Part, build_figure, draw_mannequin, pose_body
from fashion_gen.body.mannequin import Mannequin
from fashion_gen.records import AgeBand, Framing, Measurements, Persona, Pose, Presentation, SizeType, Styling, View

SIDE = 480
PEOPLE = {
    "slender": (Presentation.FEMININE, Measurements(168, 36, 31, 88, 70, 96, 27, 15, 55, 35)),
    "strong": (Presentation.MASCULINE, Measurements(182, 42, 46, 118, 106, 112, 38, 19, 64, 41)),
    "plus": (Presentation.FEMININE, Measurements(168, 38, 38, 122, 110, 128, 39, 17, 72, 43)),
    "androgynous": (Presentation.ANDROGYNOUS, Measurements(176, 39, 38, 98, 84, 100, 31, 17, 58, 38)),
}


def bust(name: str, seed: int = 0) -> Mannequin:
    """Head to chest, a centimetre in 14 pixels, hairless."""
    presentation, measurements = PEOPLE[name]
    who = Persona(name, 5, SizeType.REGULAR, AgeBand.YOUNG, presentation, "bald", "brown", measurements, seed=seed)
    body = pose_body(build_figure(measurements, presentation), Pose("up", Framing.UPPER, {}))
    x, y = body.joints["neck"][:2]
    view = View(SIDE, SIDE, SIDE / 34, SIDE / 2 - x * SIDE / 34, 0.45 * SIDE + y * SIDE / 34)
    scene = library.scenes()["studio-grey"]
    return draw_mannequin(body, view, persona=who, scene=scene, styling=Styling("none", ()), fine=True)


@pytest.mark.parametrize("name", PEOPLE)
def test_no_neck_comes_through_the_skin_of_a_head(name: str) -> None:
    for seed in range(3):
        parts = bust(name, seed).parts
        count, _, stats, _ = cv2.connectedComponentsWithStats((parts == Part.NECK).astype(np.uint8), connectivity=8)
        faces = np.flatnonzero((parts == Part.FACE).any(axis=1))
        high = [stats[i] for i in range(1, count) if stats[i, cv2.CC_STAT_TOP] < faces[-1] - 0.04 * SIDE]
        assert sum(piece[cv2.CC_STAT_AREA] for piece in high) < 20


@pytest.mark.parametrize("name", PEOPLE)
def test_a_neck_comes_out_of_the_shoulders_without_a_step_of_light(name: str) -> None:
    drawn = bust(name)
    bright = drawn.rgb.mean(axis=2)
    neck, trunk = drawn.parts == Part.NECK, drawn.parts == Part.TORSO
    join = neck[:-1] & trunk[1:]
    join[:, : SIDE // 2 - 50] = join[:, SIDE // 2 + 50 :] = False
    rows, columns = np.nonzero(join)
    assert len(rows) > 20
    steps = np.abs(bright[rows + 2, columns] - bright[rows - 1, columns])
    assert np.median(steps) < 6, "three rows apart"
