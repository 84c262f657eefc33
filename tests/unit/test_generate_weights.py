"""Weight files: found, pinned at the first download, refused when they change."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from fashion_gen.errors import BackendUnavailable, WeightsUntrusted
from fashion_gen.generate.prompt_cache import PromptCache
from fashion_gen.generate.recipe import Weights, recipe_of
from fashion_gen.generate.weights import combined_sha256, download, locate, size_on_disk, verify

NET = b"\x08\x00\x00\x00\x00\x00\x00\x00{}      net"


def hub_weights(**changes: object) -> Weights:
    values = {
        "role": "controlnet",
        "repo": "someone/net",
        "files": ("config.json", "net.safetensors"),
        "licence": "mit",
        "source": "https://example.org/net",
    }
    return Weights.model_validate(values | changes)


def in_cache(models_dir: Path, data: bytes = NET) -> Path:
    """Lay a repository into a cache as the hub client does."""
    repo = models_dir / "models--someone--net"
    folder = repo / "snapshots" / ("a" * 40)
    folder.mkdir(parents=True)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text("a" * 40)
    (folder / "config.json").write_text("{}")
    (folder / "net.safetensors").write_bytes(data)
    (folder / "other.safetensors").write_bytes(b"another program's")
    return folder


def shipped(tmp_path: Path) -> tuple[Weights, Path]:
    folder = tmp_path / "mini"
    (folder / "unet").mkdir(parents=True)
    (folder / "unet" / "model.safetensors").write_bytes(NET)
    return recipe_of("mini").base.model_copy(update={"folder": str(folder)}), folder


def test_weights_in_the_cache_are_found(tmp_path: Path) -> None:
    folder = in_cache(tmp_path)
    assert locate(hub_weights(), "sdxl", tmp_path).samefile(folder)


def test_absent_weights_name_the_command_that_fetches_them(tmp_path: Path) -> None:
    with pytest.raises(BackendUnavailable, match="fashion-gen models pull sdxl"):
        locate(hub_weights(), "sdxl", tmp_path)


def test_a_snapshot_without_its_tensors_counts_as_absent(tmp_path: Path) -> None:
    (in_cache(tmp_path) / "net.safetensors").unlink()
    with pytest.raises(BackendUnavailable, match="not on this machine"):
        locate(hub_weights(), "sdxl", tmp_path)


def test_only_the_wanted_files_are_hashed(tmp_path: Path) -> None:
    folder = in_cache(tmp_path)
    assert verify(hub_weights(), folder, tmp_path) == {"net.safetensors": hashlib.sha256(NET).hexdigest()}


def test_first_download_pins_the_digest(tmp_path: Path) -> None:
    folder = in_cache(tmp_path)
    download(hub_weights(), "sdxl", tmp_path, fetch=lambda *_, **__: folder)
    verify(hub_weights(), folder, tmp_path)
    (folder / "net.safetensors").write_bytes(NET + b"!")
    with pytest.raises(WeightsUntrusted, match="is pinned"):
        verify(hub_weights(), folder, tmp_path)


def test_a_second_download_of_other_bytes_is_refused_and_keeps_the_pin(tmp_path: Path) -> None:
    folder = in_cache(tmp_path)
    download(hub_weights(), "sdxl", tmp_path, fetch=lambda *_, **__: folder)
    pins = (tmp_path / "weight-pins.json").read_text()
    (folder / "net.safetensors").write_bytes(b"tampered with")
    with pytest.raises(WeightsUntrusted):
        download(hub_weights(), "sdxl", tmp_path, fetch=lambda *_, **__: folder)
    assert (tmp_path / "weight-pins.json").read_text() == pins


def test_a_digest_in_the_preset_holds_without_a_download(tmp_path: Path) -> None:
    folder = in_cache(tmp_path)
    with pytest.raises(WeightsUntrusted, match=r"net\.safetensors"):
        verify(hub_weights(sha256={"net.safetensors": "0" * 64}), folder, tmp_path)


def test_a_broken_connection_names_the_cure(tmp_path: Path) -> None:
    def fetch(*_: object, **__: object) -> Path:
        raise ConnectionError("no route to host\nlong story")

    with pytest.raises(BackendUnavailable, match=r"\(no route to host\): check the connection"):
        download(hub_weights(), "sdxl", tmp_path, fetch=fetch)


def test_a_damaged_pin_file_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    folder = in_cache(tmp_path)
    (tmp_path / "weight-pins.json").write_text("{")
    with pytest.raises(WeightsUntrusted, match="damaged"):
        verify(hub_weights(), folder, tmp_path)


def test_shipped_weights_are_checked_against_the_list_beside_them(tmp_path: Path) -> None:
    weights, folder = shipped(tmp_path)
    digest = hashlib.sha256(NET).hexdigest()
    (folder / "SHA256SUMS").write_text(f"{digest}  unet/model.safetensors\n")
    assert verify(weights, folder, tmp_path) == {"unet/model.safetensors": digest}
    (folder / "unet" / "model.safetensors").write_bytes(NET + b"!")
    with pytest.raises(WeightsUntrusted):
        verify(weights, folder, tmp_path)


def test_download_of_shipped_weights_only_looks_for_them(tmp_path: Path) -> None:
    weights, folder = shipped(tmp_path)
    assert download(weights, "mini", tmp_path) == folder
    empty = weights.model_copy(update={"folder": str(tmp_path / "nowhere")})
    with pytest.raises(BackendUnavailable, match="reinstall"):
        download(empty, "mini", tmp_path)


def test_size_on_disk_counts_the_weight_files(tmp_path: Path) -> None:
    weights, _ = shipped(tmp_path)
    recipe = recipe_of("mini").model_copy(update={"weights": (weights,)})
    assert size_on_disk(recipe, tmp_path) == len(NET)
    assert size_on_disk(recipe_of("sdxl"), tmp_path) is None


def test_combined_digest_depends_on_content_not_on_order() -> None:
    assert combined_sha256({"a": {"x": "1"}, "b": {"y": "2"}}) == combined_sha256({"b": {"y": "2"}, "a": {"x": "1"}})
    assert combined_sha256({"a": {"x": "1"}}) != combined_sha256({"a": {"x": "2"}})


def test_texts_are_encoded_again_only_when_they_were_long_unused() -> None:
    asked: list[str] = []

    def encode(text: str) -> str:
        asked.append(text)
        return text.upper()

    cache = PromptCache(encode, size=2)
    assert [cache(text) for text in ("a", "b", "a", "c", "a", "b")] == ["A", "B", "A", "C", "A", "B"]
    assert asked == ["a", "b", "c", "b"]
