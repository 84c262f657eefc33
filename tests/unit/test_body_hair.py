"""Hair: locks of their own tone and end, a parting and a hairline by seed; styles that a viewer tells apart from the front."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest

from fashion_gen.body import Mannequin, Part, PosedBody, build_figure, draw_mannequin, pose_body
from fashion_gen.body.head.hair import HAIR_COLOURS, STYLES
from fashion_gen.body.head.haircut import Haircut
from fashion_gen.body.head.hairline import Hairline, grown, hairline_of
from fashion_gen.body.head.model import model_head
from fashion_gen.body.head.rooting import rooting
from fashion_gen.body.head.scalp import BEFORE, roots
from fashion_gen.body.head.tress import drawn_together, ending_at, gathered, shades, strayed
from fashion_gen.body.solids import head_centre
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
ANNA = Persona("anna", 5, SizeType.REGULAR, AgeBand.YOUNG, Presentation.FEMININE, "long", "brown", WOMAN, seed=1)
GREY = Scene("studio-grey", "gradient", (214, 214, 214), (196, 196, 196), "a grey studio")
#: Pixels per cm of the drawings here.
SCALE = 6.0


def posed(who: Persona) -> PosedBody:
    return pose_body(build_figure(who.measurements, who.presentation), Pose("still", Framing.UPPER, {}))


@cache
def drawn(who: Persona) -> tuple[Mannequin, np.ndarray]:
    """Head and shoulders from the front, and the height of each row over the middle of the head, cm."""
    body = posed(who)
    x, y, _ = head_centre(body)
    view = View(300, 320, SCALE, 150 - x * SCALE, 110 + y * SCALE)
    picture = draw_mannequin(body, view, persona=who, scene=GREY, styling=Styling("bare", ()))
    return picture, (110 - np.arange(320)) / SCALE


def lowest(who: Persona) -> float:
    """Height of the lowest hair that is more than a stray, cm over the middle of the head."""
    picture, height = drawn(who)
    rows = (picture.parts == Part.HAIR).sum(axis=1) > 0.8 * SCALE
    return float(height[rows].min())


def widest(who: Persona, height: float) -> float:
    """Width of head and hair at a height, cm."""
    picture, heights = drawn(who)
    row = picture.parts[np.abs(heights - height).argmin()] == Part.HAIR
    return float(np.ptp(np.flatnonzero(row))) / SCALE


def haircut(who: Persona) -> Haircut:
    body = posed(who)
    return Haircut(body, model_head(body.figure, who), STYLES[who.hair], HAIR_COLOURS[who.hair_colour], who.seed)


@pytest.mark.parametrize("seed", range(3))
def test_long_hair_reaches_lower_than_medium_wavy_hair_by_three_centimetres(seed: int) -> None:
    long, medium, bob = (lowest(replace(ANNA, seed=seed, hair=hair)) for hair in ("long", "medium-wavy", "bob"))
    assert long < medium - 3.0
    assert medium < bob + 0.5


def test_medium_wavy_hair_ends_on_the_neck() -> None:
    chin = -build_figure(WOMAN, ANNA.presentation).head[1]
    assert chin - 6.0 < lowest(replace(ANNA, hair="medium-wavy")) < chin


def test_long_hair_is_broader_above_the_shoulders_than_at_the_eyes() -> None:
    assert widest(ANNA, -13.0) > widest(ANNA, 0.0) + 1.0


def test_the_same_wearer_has_the_same_hair_and_another_seed_other_hair() -> None:
    who = replace(ANNA, hair="medium-wavy")
    assert haircut(who).part == haircut(who).part
    assert np.array_equal(drawn(who)[0].parts, drawn(replace(who, tone=5))[0].parts)
    assert (drawn(who)[0].parts != drawn(replace(who, seed=2))[0].parts).mean() > 0.002


def test_partings_lie_on_either_side_and_nowhere_twice() -> None:
    parts = [haircut(replace(ANNA, hair="medium-wavy", seed=seed)).part for seed in range(12)]
    assert min(parts) < -0.05
    assert max(parts) > 0.05
    assert len({round(part, 3) for part in parts}) == 12


def test_the_scalp_shows_along_a_parting() -> None:
    who = replace(ANNA, hair="long-wavy", hair_colour="black", tone=2)
    picture, height = drawn(who)
    hair = (picture.parts == Part.HAIR) & ((height > 6.5) & (height < 9.5))[:, None]
    like_skin = np.abs(picture.rgb.astype(float) - tone_rgb(2)).max(axis=2) < 120
    columns = (hair & like_skin).sum(axis=0)
    middle = 150 + haircut(who).part * 7.3 * SCALE
    assert columns.sum() > 8
    assert np.abs(np.average(np.arange(300), weights=columns) - middle) < 1.2 * SCALE


def test_hairlines_differ_and_recede_where_femininity_is_low() -> None:
    lines = [hairline_of(seed, 0.0) for seed in range(20)]
    assert len(set(lines)) == 20
    assert all(line.recess > 0 for line in lines)
    assert hairline_of(3, 1.0).recess == 0


def test_a_recess_bares_the_temples_and_a_peak_grows_into_the_forehead() -> None:
    temple, middle = np.array([[0.42, 0.62, 0.62]]), np.array([[0.0, 0.535, 0.8]])
    assert grown(temple, Hairline(recess=0.06))[0] < grown(temple)[0]
    assert grown(middle, Hairline(peak=0.04))[0] > 0 > grown(middle)[0]


def hairline_cover(pixel: float) -> tuple[np.ndarray, np.ndarray]:
    """(P,) shares from before the line to behind it and (P, 400) the cover of 16 cm of a hairline."""
    share = np.linspace(-BEFORE, 1, 66)
    along, across = np.meshgrid(np.linspace(-8, 8, 400), share)
    return share, rooting(along.ravel(), across.ravel(), pixel=pixel).reshape(along.shape)


def test_a_hairline_is_no_comb() -> None:
    share, cover = hairline_cover(0.04)
    edge = share[(cover > 0.5).argmax(axis=0)]
    assert edge.std() > 0.04
    away = edge - edge.mean()
    # From hair to hair (0.2 cm) and on, no distance at which the line repeats itself.
    alike = np.correlate(away, away, "full")[len(away) - 1 :] / (away @ away)
    assert alike[8:200].max() < 0.6


@pytest.mark.parametrize("pixel", [0.04, 0.09, 0.17])
def test_a_hairline_softens_into_the_skin(pixel: float) -> None:
    _, cover = hairline_cover(pixel)
    mean = cover.mean(axis=1)
    assert mean[0] < 0.02
    assert mean[-1] > 0.99
    assert np.diff(mean).max() < 0.08


def test_single_hairs_fade_where_pixels_are_too_large_for_them() -> None:
    share, fine = hairline_cover(0.04)
    coarse = hairline_cover(0.25)[1]
    line = np.abs(share - 0.3).argmin()
    assert np.diff(coarse[line]).std() < 0.5 * np.diff(fine[line]).std()
    assert abs(coarse[line].mean() - fine[line].mean()) < 0.1


@pytest.mark.parametrize("hair", ["long", "bob", "medium-wavy", "side-part", "ponytail"])
def test_hair_has_no_dots_off_its_mass(hair: str) -> None:
    parts = drawn(replace(ANNA, hair=hair, hair_colour="grey"))[0].parts
    _, _, stats, _ = cv2.connectedComponentsWithStats((parts == Part.HAIR).astype(np.uint8), connectivity=8)
    assert (stats[1:, cv2.CC_STAT_AREA] < 6).sum() <= 2


def test_no_hair_grows_on_an_ear() -> None:
    assert grown(np.array([[1.12, -0.1, -0.05], [-1.12, -0.1, -0.05]])).max() < 0


@pytest.mark.parametrize("colour", HAIR_COLOURS)
def test_locks_differ_in_tone_and_strands_of_one_lock_less(colour: str) -> None:
    lock = np.repeat(np.arange(40), 25)
    luck = np.random.default_rng(0).random((2, 1000))
    tone = shades(HAIR_COLOURS[colour], lock, luck).mean(axis=1) / np.mean(HAIR_COLOURS[colour])
    of_locks = np.array([tone[lock == number].mean() for number in range(40)])
    assert of_locks.std() > 0.025
    assert tone.std() > 1.1 * of_locks.std()
    assert abs(tone.mean() - 1) < 0.05


@pytest.mark.parametrize("style", ["long", "medium-wavy", "bob", "long-wavy"])
@pytest.mark.parametrize("colour", ["grey", "blond"])
def test_loose_hair_has_locks_up_to_its_parting_and_is_no_even_hood(style: str, colour: str) -> None:
    picture, height = drawn(replace(ANNA, hair=style, hair_colour=colour))
    hair = picture.parts == Part.HAIR
    crown = hair[:, 1:] & hair[:, :-1] & (height > 5.0)[:, None]
    assert np.abs(np.diff(picture.rgb.mean(axis=2), axis=1))[crown].mean() > 8.0


def test_strands_of_a_lock_close_up_toward_their_tips() -> None:
    lock = np.repeat(np.arange(5), 8)
    points = np.cumsum(np.random.default_rng(1).normal(size=(40, 12, 3)), axis=1)
    closed = drawn_together(points, lock, np.full(40, 0.8))
    assert np.allclose(closed[:, 0], points[:, 0])

    def spread(strands: np.ndarray) -> float:
        return float(np.mean([strands[lock == number, -1].std(axis=0) for number in range(5)]))

    assert spread(closed) < 0.3 * spread(points)


def test_roots_gather_with_their_neighbours() -> None:
    who = haircut(ANNA)
    grown_ = roots(who.head, 400, seed=3)
    lock = gathered(grown_, 60)
    assert set(lock) == set(range(60))
    within = np.mean([grown_.points[lock == number].std(axis=0).mean() for number in range(60)])
    assert within < 0.35 * grown_.points.std(axis=0).mean()


def test_strands_end_at_their_height_and_shorter_ones_stay() -> None:
    fall = np.linspace(0, -20, 15)
    points = np.stack([np.stack([0 * fall, fall * reach, 0 * fall], axis=1) for reach in (1.0, 1.0, 0.2)])
    cut = ending_at(points, np.array([-12.3, -7.0, -12.0]))
    assert cut.shape == points.shape
    assert np.allclose(cut[:, -1, 1], [-12.3, -7.0, -4.0])
    assert (np.diff(cut[..., 1], axis=1) < 0).all()


def test_stray_hairs_leave_the_outline_from_the_root_on() -> None:
    points = np.zeros((3, 10, 3)) + [8.0, 0, 0]
    points[..., 1] = np.linspace(8, -10, 10)
    off = np.linalg.norm(strayed(points, np.zeros(3), np.array([0.5, 1.0, 1.5]), np.zeros(3)) - points, axis=2)
    assert np.allclose(off[:, 0], 0)
    assert (off[:, -1] > 0.2).all()
    assert off.max() < 2.0


def test_white_hair_keeps_its_strands_in_the_light() -> None:
    picture, _ = drawn(replace(ANNA, hair="medium-wavy", hair_colour="white", tone=10))
    assert (picture.rgb[picture.parts == Part.HAIR].min(axis=1) > 252).mean() < 0.03
