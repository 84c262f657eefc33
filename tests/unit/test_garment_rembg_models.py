"""Which neural cut-outs are allowed, and that their weights are what they were."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from fashion_gen.errors import BackendUnavailable, LicenceRefused, NotFound, WeightsUntrusted
from fashion_gen.garment import SEGMENTERS, best_installed, installed, open_segmenter
from fashion_gen.garment.rembg_models import MODELS, REFUSED, check_weights
from fashion_gen.garment.sam2_models import MODELS as SAM2


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "net.onnx"
    path.write_bytes(b"weights")
    return path


MD5 = hashlib.md5(b"weights", usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(
    ("name", "why"), [("bria-rmbg", "CC BY-NC"), ("atlascloud", "uploads"), ("withoutbg", "uploads")]
)
def test_non_commercial_and_uploading_sessions_are_refused_with_the_reason(name: str, why: str) -> None:
    with pytest.raises(LicenceRefused, match=why):
        open_segmenter(name)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match="classical"):
        open_segmenter("u3net")


def test_every_allowed_model_has_licence_source_and_checksum_and_is_registered() -> None:
    assert set(MODELS) | set(SAM2) | {"perception", "classical"} == set(SEGMENTERS)
    assert {model.licence for model in SAM2.values()} == {"Apache-2.0"}
    assert not set(MODELS) & set(REFUSED)
    for model in MODELS.values():
        assert model.licence in ("Apache-2.0", "MIT")
        assert len(model.md5) == 32
        assert model.url.startswith("https://")


def test_the_first_use_records_the_sha256_and_later_uses_compare_it(weights: Path) -> None:
    first = check_weights(weights, MD5)
    assert first == hashlib.sha256(b"weights").hexdigest()
    assert weights.with_name("net.onnx.sha256").read_text().startswith(first)
    assert check_weights(weights, MD5) == first
    weights.write_bytes(b"other weights")
    with pytest.raises(WeightsUntrusted, match="SHA-256"):
        check_weights(weights, MD5)


def test_a_file_that_rembg_did_not_publish_is_not_recorded(weights: Path) -> None:
    with pytest.raises(WeightsUntrusted, match="MD5"):
        check_weights(weights, "0" * 32)
    assert not weights.with_name("net.onnx.sha256").exists()


def test_a_pin_written_beforehand_is_what_counts(weights: Path) -> None:
    weights.with_name("net.onnx.sha256").write_text("f" * 64)
    with pytest.raises(WeightsUntrusted):
        check_weights(weights, MD5)
    weights.with_name("net.onnx.sha256").write_text("")
    with pytest.raises(WeightsUntrusted, match="nothing"):
        check_weights(weights, MD5)


def test_a_pin_that_cannot_be_written_is_not_skipped(weights: Path) -> None:
    weights.with_name("net.onnx.sha256").symlink_to(weights.parent / "absent" / "pin")
    with pytest.raises(WeightsUntrusted, match="cannot be written"):
        check_weights(weights, MD5)


def test_without_weights_auto_takes_the_net_of_the_package_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("U2NET_HOME", str(tmp_path))
    assert open_segmenter("auto", tmp_path).name == best_installed(tmp_path).name == "perception"


def test_what_is_missing_is_listed_with_its_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("U2NET_HOME", str(tmp_path))
    found = installed()
    assert found["classical"] is None
    assert found["u2netp"] is not None
    with pytest.raises(BackendUnavailable):
        open_segmenter("u2netp")
