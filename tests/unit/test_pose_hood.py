"""A hood that was photographed closed lies behind the head; nothing else above a neckline is touched."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from pose_garments import CLOSED_HOOD, HIGH_COLLAR, PLUS, SLIM, TALL, hoodie, long_sleeve, persona, t_shirt, trousers

from fashion_gen import library, pose
from fashion_gen.body import Part, build_figure, draw_mannequin, head_view, pose_body
from fashion_gen.records import Garment, Mask, Matte, Persona, Staging, Styling, View

WIDTH, HEIGHT = 240, 360


def staged(garment: Garment, who: Persona) -> tuple[Staging, NDArray[np.uint8]]:
    """The garment on somebody, and the part map of the canvas."""
    staging = pose.choose(garment, who, pose=None, framing=None, width=WIDTH, height=HEIGHT)
    return staging, drawn(staging, staging.view)


def drawn(staging: Staging, view: View) -> NDArray[np.uint8]:
    who = staging.persona
    posed = pose_body(build_figure(who.measurements, who.presentation), staging.pose)
    scene = library.scenes()["studio-grey"]
    return draw_mannequin(posed, view, persona=who, scene=scene, styling=Styling("none", ())).parts


def laid(garment: Garment, who: Persona) -> tuple[Garment, Staging, NDArray[np.uint8]]:
    """The garment with its hood laid, and the canvas that it belongs to."""
    staging, parts = staged(garment, who)
    posed = pose_body(build_figure(who.measurements, who.presentation), staging.pose)
    close = head_view(posed, staging.view, 480)
    return pose.lay_hood(staging, garment, close, drawn(staging, close)), staging, parts


def on_canvas(plane: Matte, staging: Staging) -> Matte:
    return np.asarray(cv2.warpAffine(plane, staging.garment_to_canvas, (WIDTH, HEIGHT)), np.float32)


def row_of(name: str, garment: Garment) -> int:
    return round(garment.landmarks[name].y * garment.matte.shape[0])


def wearing(hair: str, *features: str) -> Persona:
    return replace(persona(features=features), hair=hair)


def ring() -> Garment:
    """A hood that stands open: its opening shows the face of whoever wears it."""
    garment = hoodie(((0, -36), (12, -30), (14, -8), (10, 0)))
    matte, neck = garment.matte.copy(), garment.landmarks["neck"]
    x, y = round(neck.x * matte.shape[1]), round(neck.y * matte.shape[0])
    cv2.ellipse(matte, (x, y - 96), (66, 96), 0, 0, 360, 0.0, -1)
    return replace(garment, matte=matte)


@pytest.mark.parametrize("measurements", [SLIM, PLUS, TALL])
def test_closed_hood_hides_the_face(measurements):
    garment = hoodie()
    assert pose.hood_hides_face(*inserted(garment, persona(measurements)))


@pytest.mark.parametrize(
    "garment",
    [t_shirt(), long_sleeve(), hoodie(HIGH_COLLAR), ring(), trousers(), replace(hoodie(), landmarks={})],
    ids=["crew neck", "long sleeves", "collar up to the nose", "hood around the face", "trousers", "unknown neck"],
)
@pytest.mark.parametrize("measurements", [SLIM, PLUS, TALL])
def test_what_leaves_the_eyes_free_is_no_closed_hood(garment, measurements):
    assert not pose.hood_hides_face(*inserted(garment, persona(measurements)))


def inserted(garment: Garment, who: Persona) -> tuple[Staging, Garment, NDArray[np.uint8]]:
    staging, parts = staged(garment, who)
    return staging, garment, parts


@pytest.mark.parametrize(
    "who",
    [wearing("bald"), wearing("long"), wearing("afro", "glasses"), wearing("bun"), wearing("hijab", "hijab")],
    ids=lambda who: who.hair,
)
def test_face_and_hair_are_before_a_laid_hood(who):
    worn, staging, parts = laid(hoodie(), who)
    head = cv2.erode(np.isin(parts, [Part.FACE, Part.HAIR]).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    neck = staging.garment_to_canvas @ (worn.matte.shape[1] / 2, row_of("neck", worn), 1)
    head[round(float(neck[1])) - 2 :] = False  # what is longer goes into the neckline
    assert head.sum() > 500
    assert np.quantile(on_canvas(worn.matte, staging)[head], 0.99) < 0.02


def test_throat_is_before_the_opening_down_to_the_front():
    worn, _, _ = laid(hoodie(), persona())
    column = round(worn.landmarks["neck"].x * worn.matte.shape[1])
    neck, half = row_of("neck", worn), 60
    assert worn.matte[neck - 60 : neck + round(0.8 * half), column].max() == 0
    assert worn.matte[neck + half : row_of("right_hem", worn) - 2, column].min() == 1


def test_hood_stands_on_both_sides_of_the_neck_and_no_higher_than_the_nose():
    garment = hoodie()
    worn, staging, _ = laid(garment, persona())
    above = worn.matte[: row_of("neck", garment)]
    middle = round(garment.landmarks["neck"].x * garment.matte.shape[1])
    assert min((above[:, :middle] > 0.5).sum(), (above[:, middle:] > 0.5).sum()) > 500
    rows = np.flatnonzero(on_canvas(worn.matte, staging).max(axis=1) > 0.02)
    assert rows[0] >= round(staging.keypoints[0, 1] * HEIGHT) - 1


def test_nothing_is_left_of_the_hoods_edge():
    """Half a pixel of it would hang in the air like a hair."""
    garment = hoodie(((0, -36), (15, -26), (16, -8), (10, 0)))  # broader than the head
    worn, staging, _ = laid(garment, persona())
    nose = staging.keypoints[0, 1] * HEIGHT
    to_photo = cv2.invertAffineTransform(staging.garment_to_canvas)
    row = int((to_photo @ (WIDTH / 2, nose, 1))[1])
    assert garment.matte[: row - 3].max() > 0.9
    assert worn.matte[: row - 3].max() == 0


def test_no_pixel_is_changed_or_added_and_nothing_below_the_opening_is_taken():
    garment = hoodie()
    worn, _, _ = laid(garment, persona())
    assert worn.colour is garment.colour
    assert (worn.matte <= garment.matte).all()
    below = row_of("neck", garment) + 60
    assert np.array_equal(worn.matte[below:], garment.matte[below:])
    assert worn.landmarks == garment.landmarks


def test_inside_of_a_hood_is_left_out_with_what_hangs_over_it():
    garment = hoodie()
    inside: Mask = np.zeros(garment.matte.shape, bool)
    inside[: row_of("neck", garment)] = garment.matte[: row_of("neck", garment)] > 0.5
    worn, _, _ = laid(replace(garment, inside=inside), persona())
    tip = row_of("neck", garment) + 6 * CLOSED_HOOD[0][1]
    assert inside[tip + 12].any()
    assert not worn.inside[: tip + 24].any()
    assert worn.inside[row_of("neck", garment) - 6].any()
