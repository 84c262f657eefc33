"""What SAM 2 is asked: the box, the points on the garment and beside it, the rough mask."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from garment_shapes import T_SHIRT, TROUSERS, Shape, matte_of, picture_of

from fashion_gen.garment.perception import PARTS, Seen, open_net
from fashion_gen.garment.sam2_prompts import deepest, prompt_of
from fashion_gen.records import Kind, Mask, Matte, Points


def at(places: Points, mask: Mask | Matte) -> np.ndarray:
    """What a map holds at places in [0, 1]."""
    h, w = mask.shape
    return np.array([mask[int(y * h), int(x * w)] for x, y in places])


def rectangle(top: float, bottom: float, left: float, right: float, size: int = 128) -> Matte:
    made = np.zeros((size, size), np.float32)
    made[round(top * size) : round(bottom * size), round(left * size) : round(right * size)] = 1
    return made


def seen_with(parts: Mapping[str, Matte], matte: Matte) -> Seen:
    """A picture in which each part is surely where it is drawn, on background."""
    maps = np.zeros((len(PARTS), 128, 128), np.float32)
    for name, drawn in parts.items():
        maps[PARTS.index(name)] = drawn
    maps[0] = 1 - maps[1:].max(axis=0)
    return Seen(matte, maps, {Kind.PERSON: 1.0}, {"top": 1.0}, {}, 0.0)


@pytest.mark.parametrize("shape", [T_SHIRT, TROUSERS], ids=["t-shirt", "trousers"])
def test_the_box_holds_the_garment_and_little_else(shape: Shape) -> None:
    seen = open_net().see(picture_of(shape))
    ys, xs = np.nonzero(matte_of(shape) > 0.5)
    true = np.array([xs.min(), ys.min(), xs.max(), ys.max()]) / 200
    assert np.abs(np.array(prompt_of(seen.matte, seen).box) - true).max() < 0.05


@pytest.mark.parametrize("shape", [T_SHIRT, TROUSERS], ids=["t-shirt", "trousers"])
def test_points_lie_on_the_garment_and_beside_it(shape: Shape) -> None:
    seen = open_net().see(picture_of(shape))
    prompt = prompt_of(seen.matte, seen)
    garment = matte_of(shape) > 0.5
    assert 1 <= len(prompt.inside) <= 4
    assert at(prompt.inside, garment).all()
    assert len(prompt.outside) >= 1
    assert not at(prompt.outside, garment).any()


def test_the_wearers_body_is_said_not_to_be_meant() -> None:
    shirt = rectangle(0.35, 0.7, 0.3, 0.7)
    body = {
        "face": rectangle(0.15, 0.33, 0.42, 0.58),
        "hair": rectangle(0.05, 0.15, 0.4, 0.6),
        "hands": rectangle(0.6, 0.68, 0.72, 0.8),
    }
    prompt = prompt_of(shirt, seen_with({**body, "upper": shirt}, shirt))
    for name in ("face", "hands"):
        assert at(prompt.outside, body[name]).any(), name
    assert not at(prompt.outside, body["hair"]).any()  # too far away to be mistaken for the shirt
    assert not at(prompt.outside, shirt).any()
    assert at(prompt.inside, shirt).all()


def test_a_hand_before_the_garment_is_pointed_at() -> None:
    hand = rectangle(0.5, 0.6, 0.45, 0.55)
    shirt = rectangle(0.3, 0.8, 0.2, 0.8) * (1 - hand)
    prompt = prompt_of(shirt, seen_with({"hands": hand, "upper": shirt}, shirt))
    assert at(prompt.outside, hand).any()
    assert not at(prompt.inside, hand).any()


def test_crumbs_do_not_widen_the_box() -> None:
    likely = np.maximum(rectangle(0.3, 0.7, 0.3, 0.7), rectangle(0.02, 0.05, 0.02, 0.05))
    assert prompt_of(likely, seen_with({}, likely)).box == pytest.approx((0.3, 0.3, 0.7, 0.7), abs=0.02)


def test_a_garment_that_fills_the_picture_is_asked_for_without_points_outside() -> None:
    likely = np.ones((128, 96), np.float32)
    prompt = prompt_of(likely, seen_with({"upper": np.ones((128, 128), np.float32)}, likely))
    assert prompt.box == (0.0, 0.0, 1.0, 1.0)
    assert prompt.outside.shape == (0, 2)


def test_an_unsure_map_still_gets_a_point_inside() -> None:
    likely = 0.6 * rectangle(0.4, 0.6, 0.4, 0.6)
    prompt = prompt_of(likely, seen_with({}, likely))
    assert at(prompt.inside, likely > 0.5).all()
    assert len(prompt.inside) >= 1


def test_the_deepest_places_are_apart() -> None:
    two = np.maximum(rectangle(0.1, 0.4, 0.1, 0.4), rectangle(0.6, 0.9, 0.6, 0.9)) > 0
    places = deepest(two, 2)
    assert sorted(round(float(x), 2) for x, _ in places) == pytest.approx([0.25, 0.75], abs=0.02)
    assert deepest(np.zeros((20, 20), bool), 3).shape == (0, 2)


def test_the_rough_mask_is_given_as_bounded_odds_of_the_asked_size() -> None:
    odds = prompt_of(rectangle(0.2, 0.8, 0.2, 0.8), seen_with({}, rectangle(0.2, 0.8, 0.2, 0.8))).odds((32, 48))
    assert odds.shape == (32, 48)
    assert odds.dtype == np.float32
    assert odds[16, 24] == pytest.approx(4.6, abs=0.01)
    assert odds[0, 0] == pytest.approx(-4.6, abs=0.01)
