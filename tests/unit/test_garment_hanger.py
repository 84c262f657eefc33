"""Clips, bar and hook of a hanger leave the cut-out of a skirt or trousers; what belongs to the garment stays."""

from __future__ import annotations

import numpy as np
import pytest
from garment_shapes import Shape, matte_of, overlap, photo_of

from fashion_gen.garment import extract
from fashion_gen.garment.hanger import without_hanger
from fashion_gen.records import Category, Kind, Matte, Picture
from fashion_gen.testing import FixedSegmenter

RED, BLACK, WALL = (170, 40, 50), (22, 22, 24), (222, 220, 214)
SKIRT = ((60, 60), (140, 60), (152, 180), (48, 180))
LEGS = ((60, 40), (140, 40), (150, 195), (112, 195), (100, 100), (88, 195), (50, 195))
CLIPS = (((70, 44), (80, 44), (80, 70), (70, 70)), ((120, 44), (130, 44), (130, 70), (120, 70)))
BAR = ((62, 50), (138, 50), (138, 54), (62, 54))
GAP = ((80, 54), (120, 54), (120, 60), (80, 60))
HOOK = ((94, 44), (106, 44), (108, 51), (92, 51))


def drawn(*parts: tuple[Shape, tuple[int, int, int]]) -> tuple[Picture, Matte]:
    """(400, 400, 3) parts drawn one over the other before a wall, with sensor noise, and the matte of them all."""
    picture, matte = np.full((400, 400, 3), WALL, np.float64), np.zeros((400, 400), np.float32)
    for shape, colour in parts:
        part = matte_of(shape, 400)
        picture = picture * (1 - part[..., None]) + np.array(colour) * part[..., None]
        matte = np.maximum(matte, part)
    grain = np.random.default_rng(3).normal(0, 2, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8), matte


def hung(*, bar: bool, cloth: tuple[int, int, int] = RED) -> tuple[Picture, Matte]:
    """A skirt by two clips, without or with the bar that the cut-out has taken in."""
    clips = [(clip, BLACK) for clip in CLIPS]
    return drawn((SKIRT, cloth), *(((GAP, WALL), (BAR, BLACK), (HOOK, BLACK)) if bar else ()), *clips)


@pytest.mark.parametrize("bar", [False, True])
def test_a_skirt_loses_what_stands_above_its_waistband(bar: bool) -> None:
    cut = without_hanger(*hung(bar=bar))
    assert overlap(cut, matte_of(SKIRT, 400)) > 0.985
    assert (cut[:112] == 0).all()  # four pixels of four hundred above the band


def test_jaws_on_the_cloth_stay_and_nothing_is_added() -> None:
    rgb, matte = hung(bar=True)
    cut = without_hanger(rgb, matte)
    jaws = np.logical_or.reduce([matte_of(clip, 400) > 0.5 for clip in CLIPS])
    jaws[:126] = False
    assert (cut[jaws] == 1).all()
    assert (cut <= matte + 0.05).all()
    assert (cut[140:] == matte[140:]).all()


@pytest.mark.parametrize(
    ("body", "above"),
    [
        pytest.param(SKIRT, [], id="nothing"),
        pytest.param(
            LEGS, [(((x, 38), (x + 4, 38), (x + 4, 48), (x, 48)), RED) for x in (66, 84, 112, 130)], id="belt loops"
        ),
        pytest.param(
            LEGS, [(((x, 38), (x + 4, 38), (x + 4, 48), (x, 48)), BLACK) for x in (66, 130)], id="contrasting loops"
        ),
        pytest.param(
            LEGS,
            [(((x, 30), (x + 9, 27), (x + 16, 31), (x + 13, 42), (x + 3, 42)), RED) for x in range(56, 130, 16)],
            id="paper-bag waist",
        ),
        pytest.param(
            SKIRT, [(((84, 46), (100, 56), (116, 46), (116, 68), (84, 68)), BLACK)], id="bow of another colour"
        ),
        pytest.param(
            SKIRT, [(((x, 46), (x + 8, 44), (x + 10, 66), (x, 66)), RED) for x in (70, 120)], id="bows of the cloth"
        ),
        pytest.param(
            LEGS, [(((x, 2), (x + 8, 2), (x + 8, 44), (x, 44)), RED) for x in (70, 122)], id="straps of dungarees"
        ),
        pytest.param(
            SKIRT,
            [(((x, 2), (x + 8, 2), (x + 8, 64), (x, 64)), BLACK) for x in (70, 122)],
            id="straps of another colour",
        ),
    ],
)
def test_what_belongs_to_the_garment_stays(body: Shape, above: list[tuple[Shape, tuple[int, int, int]]]) -> None:
    rgb, matte = drawn((body, RED), *above)
    assert without_hanger(rgb, matte) is matte


def test_a_hanger_of_the_cloths_own_colour_is_left() -> None:
    rgb, matte = hung(bar=True, cloth=BLACK)
    assert without_hanger(rgb, matte) is matte


def test_an_empty_matte_stays_empty() -> None:
    nothing = np.zeros((400, 400), np.float32)
    assert without_hanger(hung(bar=False)[0], nothing) is nothing


def test_the_problem_is_told_and_the_kind_stays() -> None:
    rgb, matte = hung(bar=True)
    garment = extract(photo_of(rgb), FixedSegmenter(matte), kind=Kind.HANGER, category=Category.SKIRT)
    assert overlap(garment.matte, matte_of(SKIRT, 400)) > 0.97
    assert "clips" in {problem.code for problem in garment.problems}
    assert garment.kind is Kind.HANGER


@pytest.mark.parametrize(("kind", "category"), [(Kind.FLAT, Category.SKIRT), (Kind.HANGER, Category.TOP)])
def test_only_bottoms_on_a_hanger_are_looked_at(kind: Kind, category: Category) -> None:
    rgb, matte = hung(bar=False)
    garment = extract(photo_of(rgb), FixedSegmenter(matte), kind=kind, category=category)
    assert "clips" not in {problem.code for problem in garment.problems}
    assert (garment.matte[92:100] > 0.5).any()


def test_a_mask_of_the_callers_is_taken_as_it_is() -> None:
    rgb, matte = hung(bar=True)
    garment = extract(photo_of(rgb), FixedSegmenter(matte), mask=matte > 0.5, kind=Kind.HANGER, category=Category.SKIRT)
    assert overlap(garment.matte, matte) > 0.97
