"""SAM 2 at work: loading it, asking it, and when it is believed. The model is tiny and random, of the real classes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from garment_shapes import T_SHIRT, matte_of, overlap, photo_of, picture_of

from fashion_gen.errors import BackendUnavailable, WeightsUntrusted
from fashion_gen.garment import best_installed, extract, installed, open_segmenter
from fashion_gen.garment.perceptive import PerceptiveSegmenter
from fashion_gen.garment.sam2_backend import Sam2, Sam2Small, best_of, prepared
from fashion_gen.garment.sam2_models import MODELS
from fashion_gen.garment.sam2_prompts import Prompt, prompt_of
from fashion_gen.records import Category, Kind, Matte, Photo
from tests.tiny_sam2 import save_tiny_sam2


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    save_tiny_sam2(folder)
    return folder


@pytest.fixture(scope="module")
def sam(weights: Path) -> Sam2:
    return Sam2Small.open(weights)


@pytest.fixture
def believed(sam: Sam2) -> Sam2:
    """The same, whatever it says."""
    return Sam2(sam.model, sam.name, agreement=0.0)


def asked(sam: Sam2, photo: Photo) -> Prompt:
    seen = sam.see(photo)
    return prompt_of(seen.matte, seen)


def test_it_opens_from_its_folder_and_pins_the_weights(weights: Path, sam: Sam2) -> None:
    pin = weights / MODELS["sam2-small"].folder / "model.safetensors.sha256"
    assert sam.name == "sam2-small"
    assert len(sam.sha256) == 64
    assert pin.read_text().startswith(sam.sha256)


@pytest.mark.parametrize("name", list(MODELS))
def test_what_is_missing_is_told_with_its_source_licence_and_cure(tmp_path: Path, name: str) -> None:
    with pytest.raises(BackendUnavailable, match=f"models pull {name}.*{MODELS[name].source}.*Apache-2.0"):
        open_segmenter(name, tmp_path)
    (tmp_path / MODELS[name].folder).mkdir()
    (tmp_path / MODELS[name].folder / "config.json").write_text("{}")
    with pytest.raises(BackendUnavailable, match=r"no model\.safetensors here"):
        open_segmenter(name, tmp_path)


def test_damaged_weights_say_how_to_mend_them_and_are_not_pinned(tmp_path: Path) -> None:
    folder = save_tiny_sam2(tmp_path)
    tensors = folder / "model.safetensors"
    tensors.write_bytes(tensors.read_bytes()[:5000])
    with pytest.raises(BackendUnavailable, match=r"damaged: delete .* models pull sam2-small"):
        open_segmenter("sam2-small", tmp_path)
    assert not (folder / "model.safetensors.sha256").exists()


def test_a_damaged_configuration_says_how_to_mend_it(tmp_path: Path) -> None:
    (save_tiny_sam2(tmp_path) / "config.json").write_text("{not json")
    with pytest.raises(BackendUnavailable, match=r"damaged: delete .* models pull sam2-small"):
        open_segmenter("sam2-small", tmp_path)


def test_weights_without_all_of_sam_are_refused(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    tensors = save_tiny_sam2(tmp_path) / "model.safetensors"
    kept = {name: value for name, value in load_file(tensors).items() if not name.startswith("mask_decoder")}
    save_file(kept, tensors, metadata={"format": "pt"})
    with pytest.raises(BackendUnavailable, match="not all of them"):
        open_segmenter("sam2-small", tmp_path)


def test_weights_that_change_after_the_first_use_are_not_trusted(tmp_path: Path) -> None:
    folder = save_tiny_sam2(tmp_path)
    (folder / "model.safetensors.sha256").write_text("f" * 64)
    with pytest.raises(WeightsUntrusted, match="SHA-256"):
        open_segmenter("sam2-small", tmp_path)


def test_where_it_is_installed_it_takes_over(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("U2NET_HOME", str(tmp_path))  # no rembg model
    assert best_installed(weights).name == "sam2-small"
    told = installed(weights)
    assert told["sam2-small"] is None
    assert "sam2-base-plus" in (told["sam2-base-plus"] or "")
    assert best_installed(tmp_path).name == "perception"


def test_the_larger_one_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("U2NET_HOME", str(tmp_path))
    save_tiny_sam2(tmp_path, "sam2-small")
    save_tiny_sam2(tmp_path, "sam2-base-plus")
    assert best_installed(tmp_path).name == "sam2-base-plus"


def test_three_answers_come_back_and_hang_on_the_prompt(sam: Sam2) -> None:
    photo = photo_of(picture_of(T_SHIRT))
    whole = asked(sam, photo)
    answers = sam.answers(photo.rgb, whole)
    assert answers.shape == (3, 32, 32)
    assert np.isfinite(answers).all()
    assert np.array_equal(answers, sam.answers(photo.rgb, whole))
    other = (
        Prompt((0, 0, 0.3, 0.3), whole.inside, whole.outside, whole.likely),
        Prompt(whole.box, whole.inside, whole.inside, whole.likely),
        Prompt(whole.box, whole.inside[:1], whole.outside, whole.likely),
        Prompt(whole.box, whole.inside, whole.outside, 1 - whole.likely),
    )
    for prompt in other:
        assert not np.array_equal(answers, sam.answers(photo.rgb, prompt))
    assert not np.array_equal(answers, sam.answers(255 - photo.rgb, whole))


def test_the_answer_that_agrees_best_is_taken() -> None:
    shirt = matte_of(T_SHIRT, 64)
    answers = np.stack([np.full((64, 64), 9.0), 12 * shirt - 6, 6 - 12 * shirt]).astype(np.float32)
    best, agreement = best_of(answers, matte_of(T_SHIRT, 128))
    assert best == 1
    assert agreement > 0.9
    worse, disagreement = best_of(answers[[0, 2]], matte_of(T_SHIRT, 128))
    assert worse == 0
    assert disagreement < 0.5


def test_extreme_answers_overflow_nowhere() -> None:
    assert best_of(np.full((1, 8, 8), 1e4, np.float32), np.ones((8, 8), np.float32)) == (0, 1.0)
    assert best_of(np.full((1, 8, 8), -1e4, np.float32), np.ones((8, 8), np.float32)) == (0, 0.0)


def test_a_believed_answer_is_the_matte(believed: Sam2) -> None:
    photo = photo_of(picture_of(T_SHIRT))
    prompt = asked(believed, photo)
    best, _ = best_of(believed.answers(photo.rgb, prompt), prompt.likely)
    expected = believed.answers(photo.rgb, prompt)[best] > 0
    matte = believed.segment(photo)
    assert matte.shape == photo.rgb.shape[:2]
    assert 0 < expected.mean() < 1
    rows = (np.arange(32) * 400 + 200) // 32  # middles of the answer's cells, up to half a pixel
    told = matte[np.ix_(rows, rows)] > 0.5
    assert (told == expected).mean() > 0.97


def test_an_answer_about_another_thing_is_not_believed(sam: Sam2) -> None:
    photo = photo_of(picture_of(T_SHIRT))
    matte = sam.segment(photo)
    assert np.array_equal(matte, PerceptiveSegmenter().segment(photo))
    assert overlap(matte, matte_of(T_SHIRT, 400)) > 0.9
    coarse = matte_of(T_SHIRT, 400)
    assert sam.sharpen(photo, coarse) is coarse


def test_a_garment_on_somebody_is_sharpened_from_the_map_it_is_given(believed: Sam2) -> None:
    photo = photo_of(picture_of(T_SHIRT))
    left, right = matte_of(T_SHIRT, 400), matte_of(T_SHIRT, 400)
    left[:, 200:] = 0
    right[:, :200] = 0
    assert believed.sharpen(photo, left).shape == (400, 400)
    assert not np.array_equal(believed.sharpen(photo, left), believed.sharpen(photo, right))
    nothing = np.zeros((400, 400), np.float32)
    assert believed.sharpen(photo, nothing) is nothing


def test_the_first_look_lets_a_back_end_sharpen_what_somebody_wears() -> None:
    class OnlyTheLeft(PerceptiveSegmenter):
        def sharpen(self, photo: Photo, coarse: Matte) -> Matte:
            half = coarse.copy()
            half[:, photo.width // 2 :] = 0
            return half

    photo = photo_of(picture_of(T_SHIRT))
    whole = extract(photo, PerceptiveSegmenter(), kind=Kind.PERSON, category=Category.TOP).matte
    half = extract(photo, OnlyTheLeft(), kind=Kind.PERSON, category=Category.TOP).matte
    assert whole[:, 210:].max() == 1
    assert half[:, 210:].max() == 0
    assert half[:, :190].max() == 1


def test_the_picture_is_stretched_and_scaled_as_imagenets() -> None:
    values = prepared(np.full((50, 90, 3), (124, 116, 104), np.uint8), 64)
    assert values.shape == (1, 3, 64, 64)
    assert values.dtype == np.float32
    assert np.abs(values).max() < 0.02
    assert prepared(np.full((5, 5, 3), 255, np.uint8), 8)[0, :, 0, 0] == pytest.approx([2.249, 2.429, 2.64], abs=0.001)


def test_the_tiny_model_is_saved_as_the_hub_has_it(weights: Path) -> None:
    config = json.loads((weights / MODELS["sam2-small"].folder / "config.json").read_text())
    assert config["model_type"] == "sam2_video"
