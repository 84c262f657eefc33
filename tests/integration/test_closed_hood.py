"""Closed hoods through the whole studio: the face is seen, the pixel lock holds, the seller is told. Nothing is painted."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from fashion_gen import images, quality
from fashion_gen.body import Part
from fashion_gen.garment import extract, open_segmenter
from fashion_gen.pose import HOOD_LAID
from fashion_gen.records import Brief, Category, Garment, Kind, Look, Mask, Photo
from fashion_gen.studio import Parts, Plan, Studio
from fashion_gen.testing import EchoGenerator, FixedSegmenter

CLOTH = (20, 120, 130)
HOOD = ((300, 40), (345, 100), (375, 190), (355, 250))
CREW = ((300, 270), (355, 250))
BODY = ((440, 275), (560, 620), (500, 640), (445, 400), (440, 650))


def studio() -> Studio:
    return Studio(Parts(EchoGenerator(), FixedSegmenter(), quality.Judge()))


def brief(category: Category = Category.OUTERWEAR, casting: str = "dara,tiwa,karabo,sora") -> Brief:
    return Brief(looks=4, casting=casting, category=category, kind=Kind.GHOST, max_attempts=1)


def cut_out(neck: tuple[tuple[int, int], ...]) -> Photo:
    """A symmetric garment with long sleeves, already cut out, printed with a chequered square."""
    right = np.array([*neck, *BODY])
    outline = np.concatenate([right, (right * (-1, 1) + (600, 0))[::-1]])
    rgb = np.full((700, 600, 3), 255, np.uint8)
    alpha = np.zeros((700, 600), np.uint8)
    cv2.fillPoly(alpha, [outline], 255, cv2.LINE_AA)
    rgb[alpha > 0] = CLOTH
    rgb[420:480:8, 260:340:8] = (240, 220, 60)
    return Photo("drawn", rgb, alpha.astype(np.float32) / 255, hashlib.sha256(rgb.tobytes()).hexdigest())


def dressed(garment: Garment, asked: Brief) -> list[tuple[Plan, Look]]:
    with studio() as made:
        plans = made.plan(garment, asked)
        return list(zip(plans, made.paint(plans), strict=True))


def face_of(plan: Plan, look: Look) -> Mask:
    """(H, W) of the master, clear of the face's outline."""
    face = cv2.erode((plan.mannequin.parts == Part.FACE).astype(np.uint8), np.ones((5, 5), np.uint8))
    return cv2.resize(face, look.image.size, interpolation=cv2.INTER_NEAREST) > 0


def cloth_on(look: Look, where: Mask, cloth: tuple[int, int, int]) -> float:
    """Share of the pixels `where` that have the colour of the cloth."""
    seen = np.asarray(look.image)[where].astype(int)
    return float((np.abs(seen - cloth).max(axis=1) < 12).mean())


@pytest.fixture(scope="module")
def hooded() -> list[tuple[Plan, Look]]:
    """A closed hood on four people: bald, in a hijab, with long hair, with glasses under an afro."""
    with studio() as made:
        return dressed(made.extract(cut_out(HOOD), brief()), brief())


def test_face_is_seen_before_a_closed_hood_whoever_wears_it(hooded: list[tuple[Plan, Look]]):
    for plan, look in hooded:
        face = face_of(plan, look)
        assert look.garment_mask[face].max() == 0, look.persona.name
        assert cloth_on(look, face, CLOTH) < 0.01, look.persona.name
        assert HOOD_LAID in look.notes


def test_pixel_lock_holds_for_what_is_shown_of_a_hood(hooded: list[tuple[Plan, Look]]):
    for plan, look in hooded:
        inspection, reference = look.inspection, look.reference
        assert inspection.passed, inspection.reasons
        assert inspection.garment_max_delta == 0
        opaque = reference[..., 3] >= 250
        assert np.array_equal(np.asarray(look.image)[opaque], reference[opaque][:, :3])
        # What stands beside neck and hair is shown, so it is locked as well: above the line through the neck's corners.
        to_master = plan.staging.garment_to_canvas * (look.image.width / plan.staging.view.width)
        corner = to_master @ (*HOOD[-1], 1)
        assert opaque[: round(corner[1]) - 2].sum() > 150


@pytest.mark.parametrize("category", [Category.TOP, Category.OUTERWEAR])
def test_garment_without_a_hood_is_worn_as_it_was_extracted(category: Category):
    with studio() as made:
        garment = made.extract(cut_out(CREW), brief(category))
        for plan in made.plan(garment, brief(category)):
            assert plan.worn is garment
            assert HOOD_LAID not in plan.staging.notes


def test_real_closed_hood_shows_every_face(shared: Path):
    photo = images.open_photo(shared / "photos" / "d19_zip-hoodie_sal.png")
    asked = brief(casting="dara,kiran")
    with studio() as made:
        garment = made.extract(photo, asked)
    blue = tuple(int(value) for value in np.median(garment.colour[garment.matte > 0.99], axis=0))
    for plan, look in dressed(garment, asked):
        face = face_of(plan, look)
        assert look.garment_mask[face].max() == 0
        assert cloth_on(look, face, blue) < 0.01
        assert look.inspection.passed, look.inspection.reasons
        assert HOOD_LAID in look.notes


@pytest.mark.parametrize("name", ["d28_zip-jacket_mag.jpg", "d29_hooded-jacket_esh.webp", "d16_zip-jacket_poly.jpg"])
def test_real_collars_and_open_hoods_are_left_alone(shared: Path, name: str):
    garment = extract(
        images.open_photo(shared / "photos" / name), open_segmenter("classical"), category=Category.OUTERWEAR
    )
    with studio() as made:
        assert all(plan.worn is garment for plan in made.plan(garment, brief()))
