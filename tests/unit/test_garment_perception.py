"""The perception net at use: what it answers, how pictures reach it, and what happens without it."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from garment_shapes import T_SHIRT, TROUSERS, photo_of, picture_of

from fashion_gen.errors import BackendUnavailable
from fashion_gen.garment import extract, perceptive, segmenter
from fashion_gen.garment.landmarks import NAMES
from fashion_gen.garment.perception import CATEGORIES, PARTS, SIZE, WEIGHTS, PerceptionNet, letterbox
from fashion_gen.records import Category, Kind


@pytest.fixture(scope="module")
def net() -> PerceptionNet:
    return PerceptionNet()


def test_the_net_in_the_package_is_small() -> None:
    assert WEIGHTS.stat().st_size < 12_000_000


def test_a_picture_lies_unstretched_in_the_middle_of_the_square() -> None:
    square, (x0, y0, x1, y1) = letterbox(np.full((300, 150, 3), 200, np.uint8))
    assert square.shape == (SIZE, SIZE, 3)
    assert (x0, y0, x1, y1) == (0.25, 0.0, 0.75, 1.0)
    assert (square[:, : SIZE // 4] == 0).all()
    assert (square[:, SIZE // 4 : 3 * SIZE // 4] == 200).all()


@pytest.mark.parametrize("size", [(1, 1), (4, 900), (900, 4), (33, 257)])
def test_pictures_of_any_shape_are_answered(net: PerceptionNet, size: tuple[int, int]) -> None:
    seen = net.see(np.full((*size, 3), 90, np.uint8))
    assert min(seen.matte.shape) >= 1
    assert set(seen.landmarks) == set(NAMES)


def test_answers_are_probabilities(net: PerceptionNet) -> None:
    seen = net.see(picture_of(T_SHIRT))
    assert sum(seen.kinds.values()) == pytest.approx(1, abs=1e-3)
    assert set(seen.categories) == set(CATEGORIES)
    assert sum(seen.categories.values()) == pytest.approx(1, abs=1e-3)
    assert np.allclose(seen.parts.sum(axis=0), 1, atol=1e-2)
    assert len(seen.parts) == len(PARTS)
    assert 0 <= seen.matte.min() <= seen.matte.max() <= 1


def test_landmarks_keep_to_their_sides(net: PerceptionNet) -> None:
    marks = net.see(picture_of(T_SHIRT)).landmarks
    for name in ("sleeve_end", "armpit", "hem"):
        assert marks[f"left_{name}"].x < marks[f"right_{name}"].x


def test_the_last_picture_is_not_looked_at_twice(net: PerceptionNet) -> None:
    rgb = picture_of(TROUSERS)
    assert net.see(rgb) is net.see(rgb)
    assert net.see(rgb.copy()) is not net.see(rgb)


def test_a_missing_net_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(BackendUnavailable, match=r"missing.*pip install"):
        PerceptionNet(tmp_path / "perception.onnx")


@pytest.mark.parametrize("content", [b"", b"not a net", WEIGHTS.read_bytes()[:5000]])
def test_a_damaged_net_says_how_to_mend_it(tmp_path: Path, content: bytes) -> None:
    broken = tmp_path / "perception.onnx"
    broken.write_bytes(content)
    with pytest.raises(BackendUnavailable, match=r"damaged.*pip install"):
        PerceptionNet(broken)


def test_without_the_net_the_classical_back_end_answers_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setenv("U2NET_HOME", str(tmp_path))  # no big model either

    def gone() -> PerceptionNet:
        return PerceptionNet(tmp_path / "gone.onnx")

    monkeypatch.setattr(perceptive, "open_net", gone)
    with caplog.at_level(logging.WARNING):
        opened = segmenter.open_segmenter("auto", tmp_path)
    assert opened.name == "classical"
    assert "outlines alone" in caplog.text
    garment = extract(photo_of(picture_of(T_SHIRT)), opened)
    assert garment.category is Category.TOP
    assert segmenter.installed()["perception"] is not None


def test_what_the_seller_says_wins_over_the_net(net: PerceptionNet) -> None:
    garment = extract(
        photo_of(picture_of(T_SHIRT)), perceptive.PerceptiveSegmenter(net), kind=Kind.HANGER, category=Category.DRESS
    )
    assert garment.kind is Kind.HANGER
    assert garment.category is Category.DRESS
    assert garment.kind_confidence == garment.category_confidence == 1.0


def test_a_back_end_that_only_cuts_out_is_joined_by_the_net() -> None:
    joined = perceptive.Sighted(segmenter.open_segmenter("classical"))
    photo = photo_of(picture_of(T_SHIRT))
    assert joined.name == "classical"
    assert joined.see(photo) is not None
    assert np.array_equal(joined.segment(photo), segmenter.open_segmenter("classical").segment(photo))
