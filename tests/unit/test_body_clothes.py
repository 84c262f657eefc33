"""Companion clothes: cut to the body, in one line from the band down."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fashion_gen import library
from fashion_gen.body import Part, build_figure, draw_mannequin, pose_body
from fashion_gen.body.dress.trousers import TROUSERS
from fashion_gen.records import (
    AgeBand,
    Framing,
    Measurements,
    Persona,
    Piece,
    Pose,
    Presentation,
    SizeType,
    Styling,
    View,
)

BODIES = {
    "slight": (Presentation.MASCULINE, Measurements(161.5, 37, 35, 88, 78, 81, 25, 16.5, 49, 36)),
    "tall": (Presentation.ANDROGYNOUS, Measurements(189, 44, 37, 100.5, 86.5, 103.5, 33.5, 17.5, 64.5, 38.5)),
    "plus": (Presentation.FEMININE, Measurements(169.5, 40, 39.5, 120.5, 112, 129, 37, 17.5, 80.5, 47.5)),
}


@pytest.mark.parametrize("shape", sorted(TROUSERS))
@pytest.mark.parametrize("name", BODIES)
def test_trousers_go_from_seat_to_leg_without_a_ledge(name: str, shape: str) -> None:
    presentation, measurements = BODIES[name]
    who = Persona(name, 5, SizeType.REGULAR, AgeBand.YOUNG, presentation, "bald", "brown", measurements)
    arms = {f"{side}_arm": {"raise": 60.0} for side in ("left", "right")}
    body = pose_body(build_figure(measurements, presentation), Pose("up", Framing.LOWER, arms))
    x, y = body.joints["hips"][:2]
    view = View(480, 480, 8.0, 240 - 8 * x, 200 + 8 * y)
    styling = Styling("one", (Piece("trousers", shape, (60, 70, 110), shape),))
    drawn = draw_mannequin(body, view, persona=who, scene=library.scenes()["studio-white"], styling=styling, fine=True)
    cloth = drawn.parts == Part.BOTTOM_CLOTH
    rows = np.flatnonzero(cloth.any(axis=1))
    rows = rows[(rows > rows[0] + 8) & (rows < 300)]
    edges = [np.flatnonzero(cloth[row])[[0, -1]] for row in rows]
    steps = np.abs(np.diff(cv2.blur(np.array(edges, np.float32), (1, 3)), axis=0))
    assert steps.max() < 0.9, "pixels of a row, an eighth of a centimetre"
