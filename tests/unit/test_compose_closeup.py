"""The head, painted larger, back into the plate."""

from __future__ import annotations

import numpy as np
import pytest

from fashion_gen import body, compose, library
from fashion_gen.compose import CloseUp
from fashion_gen.records import Framing, View


def closeup(x: float = 0.25, y: float = 0.25, side: float = 0.5, weight: float = 1.0) -> CloseUp:
    """A red square of one colour."""
    red = np.broadcast_to(np.uint8([200, 0, 0]), (40, 40, 3)).copy()
    return CloseUp(red, np.full((40, 40), weight, np.float32), x, y, side)


PLATE = np.full((120, 100, 3), 90, np.uint8)


def test_close_up_lies_where_its_window_is():
    laid = compose.lay(PLATE, closeup())
    assert (laid[30:80, 25:75] == (200, 0, 0)).all()
    assert (laid[:30] == 90).all()
    assert (laid[80:] == 90).all()
    assert (laid[:, :25] == 90).all()
    assert (laid[:, 75:] == 90).all()
    assert (PLATE == 90).all()


def test_close_up_mixes_by_its_weight():
    assert (compose.lay(PLATE, closeup(weight=0.5))[50, 50] == (145, 45, 45)).all()
    assert (compose.lay(PLATE, closeup(weight=0.0)) == PLATE).all()


@pytest.mark.parametrize(("x", "y"), [(-0.3, -0.2), (0.8, 0.9), (-0.1, 0.7)])
def test_window_may_reach_out_of_the_look(x: float, y: float):
    laid = compose.lay(PLATE, closeup(x, y))
    assert laid.shape == PLATE.shape
    assert (laid == (200, 0, 0)).all(axis=2).any()


def test_window_beyond_the_look_changes_nothing():
    assert (compose.lay(PLATE, closeup(1.5, 0.0)) == PLATE).all()


def test_weight_fades_to_nothing_at_the_windows_edge():
    weight = compose.window_weight(100, None)
    assert (weight[20:80, 20:80] == 1).all()
    assert weight[0].max() == weight[:, -1].max() == 0


def test_weight_stays_clear_of_the_garment():
    matte = np.zeros((100, 100), np.float32)
    matte[60:] = 1
    flat = np.zeros((100, 100, 3), np.uint8)
    none = np.zeros((100, 100), bool)
    weight = compose.window_weight(100, compose.PlacedGarment(flat, matte, none, none, (0, 60, 100, 100), 1.0))
    assert weight[59:].max() == 0
    assert (weight[30:50, 30:70] == 1).all()


def test_head_view_is_the_looks_own_view_enlarged():
    persona = next(iter(library.personas().values()))
    posed = body.pose_body(
        body.build_figure(persona.measurements, persona.presentation), library.find_pose("standing-relaxed")
    )
    look = body.default_view(posed, Framing.FULL, 320, 480)
    close = body.head_view(posed, look, 200)
    x, y, side = compose.window(look, close)
    points = np.stack([posed.joints[name] for name in ("nose", "l_ear", "crown")])
    assert np.allclose((look.project(points) - (x, y)) * (close.width / side), close.project(points))
    inside = close.project(points)
    assert ((inside > 20) & (inside < 180)).all()


def test_window_of_a_view_on_itself_is_the_whole():
    view = View(100, 100, 2.0, 50.0, 60.0)
    assert compose.window(view, view) == (0.0, 0.0, 100.0)
