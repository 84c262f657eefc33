"""Weights that travel: half the bytes, nearly the same numbers, and never those of yesterday."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from training.travel import NETS, SUMS, WEIGHTS, pack, rounded, unpack


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """A pipeline's folder: two large nets, an autoencoder, sums."""
    folder, rng = tmp_path / "finished", np.random.default_rng(0)
    for net in (*NETS, "vae"):
        (folder / net).mkdir(parents=True)
        (folder / net / "config.json").write_text("{}")
        weights = {
            "conv.weight": rng.normal(size=(64, 64, 3, 3)).astype(np.float16),
            "dead.weight": np.zeros((4, 200), np.float16),
            "norm.bias": rng.normal(size=32).astype(np.float16),
        }
        save_file(weights, folder / net / WEIGHTS)
    (folder / SUMS).write_text("1234  unet\n")
    return folder


def test_a_pipeline_comes_out_nearly_as_it_went_in(finished: Path, tmp_path: Path) -> None:
    size = pack(finished, tmp_path / "packed")
    assert size < 0.75 * sum(path.stat().st_size for path in finished.rglob("*") if path.is_file())
    unpack(tmp_path / "packed", tmp_path / "again", finished / SUMS)
    for net in NETS:
        before, after = (load_file(folder / net / WEIGHTS) for folder in (finished, tmp_path / "again"))
        assert before.keys() == after.keys()
        for name, weight in before.items():
            assert after[name].dtype == np.float16
            assert np.abs(after[name].astype(float) - weight).max() <= 0.005 * np.abs(weight).max()
        assert np.array_equal(before["norm.bias"], after["norm.bias"])
    assert (tmp_path / "again/vae" / WEIGHTS).read_bytes() == (finished / "vae" / WEIGHTS).read_bytes()
    assert not list((tmp_path / "again").rglob("*int8*"))


def test_yesterdays_pack_is_refused(finished: Path, tmp_path: Path) -> None:
    pack(finished, tmp_path / "packed")
    (finished / SUMS).write_text("5678  unet\n")
    with pytest.raises(ValueError, match="pack them again"):
        unpack(tmp_path / "packed", tmp_path / "again", finished / SUMS)
    assert not (tmp_path / "again").exists()


def test_every_row_has_its_own_scale() -> None:
    weight = np.array([[1.0, -0.5], [1e-3, 5e-4], [0.0, 0.0]], np.float32)
    rows, scale = rounded(weight)
    assert rows.tolist()[:2] == [[127, -64], [127, 64]]
    assert rows * scale == pytest.approx(weight, rel=0.01)
