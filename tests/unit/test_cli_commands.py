"""The commands that generate nothing."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from album_looks import make_look, save_photo
from typer.testing import CliRunner, Result

from fashion_gen import images, wiring
from fashion_gen.cli import app
from fashion_gen.cli.check import Finding, examine, output_folder
from fashion_gen.cli.interrupt import uninterrupted
from fashion_gen.cli.judges import fetch_judges
from fashion_gen.cli.segmenters import fetch_segmenter
from fashion_gen.errors import BackendUnavailable, WeightsUntrusted
from fashion_gen.garment.sam2_models import FILES, MODELS, Sam2Weights, locate
from fashion_gen.pose.weights import Weight
from fashion_gen.settings import load


def run(*args: Any) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


@pytest.fixture(autouse=True)
def classical(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FASHION_GEN_GARMENT__SEGMENTER", "classical")
    monkeypatch.setenv("FASHION_GEN_JUDGE__WEIGHTS", str(tmp_path / "weights"))


def modules_after(code: str, *watched: str) -> set[str]:
    script = f"{code}\nimport sys\nprint('LOADED', *[name for name in {watched!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.rsplit("LOADED", 1)[1].split())


def test_importing_the_package_loads_nothing_heavy():
    assert not modules_after("import fashion_gen", "torch", "cv2", "numba", "PIL", "pydantic", "typer", "scipy")


def test_help_loads_nothing_heavy():
    code = "from fashion_gen.cli import app\napp(['render', '--help'], standalone_mode=False)"
    assert not modules_after(code, "torch", "cv2", "numba", "scipy", "PIL")


def test_preflight_loads_no_torch(tmp_path: Path):
    photo = save_photo(tmp_path / "shirt.png")
    code = f"from fashion_gen.cli import app\napp(['preflight', {str(photo)!r}], standalone_mode=False)"
    assert not modules_after(code, "torch", "diffusers", "transformers")


def test_version_is_one_line():
    result = run("--version")
    assert result.stdout == f"fashion-gen {wiring.version()}\n"
    assert result.exit_code == 0


def test_no_command_shows_the_help():
    assert "render" in run().output


@pytest.mark.parametrize("command", ["render", "preflight", "cast", "verify", "models", "check"])
def test_every_command_explains_itself(command: str):
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "fashion-gen " in result.output or command == "check"


def test_preflight_tells_problems_with_their_cure(tmp_path: Path):
    result = run("preflight", save_photo(tmp_path / "shirt.png"))

    assert "300 x 400 pixels" in result.stdout
    assert "Use a photo of at least 1024 pixels" in result.stdout


def test_preflight_of_a_photo_that_cannot_be_used_is_exit_code_2(tmp_path: Path):
    text = tmp_path / "note.jpg"
    text.write_text("no picture")

    result = run("preflight", text, tmp_path / "missing.jpg")

    assert result.exit_code == 2
    assert result.stdout.count("not usable") == 2
    assert "a text file, whatever its name says" in result.stdout


def test_preflight_speaks_json(tmp_path: Path):
    blank = tmp_path / "blank.png"
    blank.write_bytes(images.encode(np.full((1100, 1100, 3), 250, np.uint8), "png"))

    result = run("preflight", save_photo(tmp_path / "shirt.png"), blank, "--json")

    first, second = map(json.loads, result.stdout.splitlines())
    assert first["problems"][0]["code"] == "small_photo"
    assert second["usable"] is False
    assert result.exit_code == 2


def test_cast_shows_the_people_and_what_they_cover():
    result = run("cast", "-n", 40)

    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["name", "tone", "size", "age", "presentation", "hair", "features", "height", "chest"]
    assert sum(" cm  " in line for line in lines) == 40
    assert any(line.startswith("tone") and "1 4, 2 4, 3 4" in line for line in lines)
    assert "40 people show" in result.stdout


def test_cast_speaks_json_and_keeps_to_its_limits():
    result = run("cast", "-n", 6, "--size", "plus", "--category", "dress", "--json")

    told = json.loads(result.stdout)
    assert {persona["size"] for persona in told["personas"]} == {"plus"}
    assert "masculine" not in {persona["presentation"] for persona in told["personas"]}
    assert told["coverage"]["people"] == 6
    assert 0 < told["coverage"]["pairs"] < 1


def test_cast_that_leaves_nobody_is_exit_code_2():
    result = run("cast", "--size", "maternity", "--presentation", "masculine")

    assert result.exit_code == 2
    assert result.stderr.startswith("Error: Nobody can be cast")


def test_verify_knows_an_intact_file_from_a_changed_one(tmp_path: Path):
    intact, changed = tmp_path / "look.png", tmp_path / "plain.png"
    intact.write_bytes(make_look().master)
    changed.write_bytes(images.encode(np.zeros((300, 300, 3), np.uint8), "png"))

    assert run("verify", intact).exit_code == 0
    result = run("verify", intact, changed)

    assert result.exit_code == 1
    first, second, *_ = result.stdout.splitlines()
    assert first == f"{intact}: intact, trainedAlgorithmicMedia, made by fashion-gen"
    assert second.startswith(f"{changed}: not intact")


def test_verify_speaks_json(tmp_path: Path):
    look, note = tmp_path / "look.png", tmp_path / "note.png"
    look.write_bytes(make_look().master)
    note.write_text("no picture")

    result = run("verify", look, note, tmp_path / "missing.png", "--json")

    first, second, third = map(json.loads, result.stdout.splitlines())
    assert first["intact"] is True
    assert first["aigc"]["Label"] == "1"
    assert second["error"]["type"] == third["error"]["type"] == "UnreadablePhoto"
    assert result.exit_code == 2


def test_models_lists_presets_with_their_licences():
    result = run("models")

    assert result.exit_code == 0
    for words in ("mini", "sd15", "sdxl-fast", "CreativeML OpenRAIL-M", "with use restrictions"):
        assert words in result.stdout


def test_models_speaks_json():
    rows = [json.loads(line) for line in run("models", "--json").stdout.splitlines()]

    assert {"mini", "sdxl"} <= {row["preset"] for row in rows}
    assert all(row["installed"] == (row["bytes"] is not None) for row in rows)


def test_models_pull_of_an_unknown_name_tells_the_known_ones():
    result = run("models", "pull", "sdxxl")

    assert result.exit_code == 2
    assert 'No preset named "sdxxl". Known: mini' in result.stderr


def test_models_pull_of_a_preset_that_cannot_be_fetched_tells_the_cure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("FASHION_GEN_GENERATE__MODELS", str(tmp_path / "models"))
    pytest.importorskip("huggingface_hub")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    code = "from fashion_gen.cli import app\napp(['models', 'pull', 'sd15'])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)

    assert done.returncode == 3, done.stderr
    assert "check the connection" in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr


def test_models_pull_of_a_cut_out_that_cannot_be_fetched_tells_the_cure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    pytest.importorskip("huggingface_hub")
    monkeypatch.setenv("FASHION_GEN_GARMENT__WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    code = "from fashion_gen.cli import app\napp(['models', 'pull', 'sam2-small'])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)

    told = done.stderr.replace("\n", " ")
    assert done.returncode == 3, done.stderr
    assert "check the connection" in told
    assert "https://huggingface.co/facebook/sam2.1-hiera-small" in told
    assert "Traceback" not in told


def test_a_cut_out_is_fetched_into_a_folder_of_its_own(tmp_path: Path):
    model = MODELS["sam2-base-plus"]

    def fetch(asked: Sam2Weights, folder: Path) -> None:
        folder.mkdir(parents=True)
        for name in FILES:
            (folder / name).write_text(asked.repo)

    folder = fetch_segmenter(model, tmp_path, fetch)

    assert folder == locate(model, tmp_path) == tmp_path / "sam2.1-hiera-base-plus"
    assert (folder / "model.safetensors").read_text() == "facebook/sam2.1-hiera-base-plus"


def test_models_pull_judges_keeps_what_is_there(shared: Path, tmp_path: Path):
    folder = tmp_path / "weights"
    folder.mkdir()
    shutil.copy(shared / "weights" / "yunet_n_dynamic.onnx", folder)

    result = run("models", "pull", "judges")

    assert result.exit_code == 0, result.stderr
    assert f"Installed {folder / 'yunet_n_dynamic.onnx'}." in result.stdout
    assert {finding.what: finding for finding in examine(load())}["face judge"].told == "yunet"


@pytest.fixture
def weight(tmp_path: Path) -> tuple[Weight, str]:
    """A small file, and where it can be fetched from."""
    source = tmp_path / "home" / "net.onnx"
    source.parent.mkdir()
    source.write_bytes(b"numbers")
    return Weight("net.onnx", hashlib.sha256(b"numbers").hexdigest(), "MIT", "example.org"), source.as_uri()


def test_judges_are_fetched_once(tmp_path: Path, weight: tuple[Weight, str]):
    folder = tmp_path / "weights"

    assert fetch_judges(folder, dict([weight])) == [folder / "net.onnx"]
    assert (folder / "net.onnx").read_bytes() == b"numbers"

    (tmp_path / "home" / "net.onnx").unlink()
    fetch_judges(folder, dict([weight]))  # what is there is not fetched again


def test_file_that_is_not_the_pinned_one_is_not_kept(tmp_path: Path, weight: tuple[Weight, str]):
    (tmp_path / "home" / "net.onnx").write_bytes(b"other numbers")

    with pytest.raises(WeightsUntrusted, match="not the pinned"):
        fetch_judges(tmp_path / "weights", dict([weight]))

    assert not (tmp_path / "weights").exists()


def test_no_connection_is_a_sentence_with_a_cure(tmp_path: Path, weight: tuple[Weight, str]):
    with pytest.raises(BackendUnavailable, match="check the connection"):
        fetch_judges(tmp_path / "weights", {weight[0]: (tmp_path / "nowhere").as_uri()})


def test_check_tells_settings_versions_and_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FASHION_GEN_GENERATE__PRESET", "sdxl")
    monkeypatch.setenv("FASHION_GEN_GENERATE__MODELS", str(tmp_path / "models"))

    result = run("check")

    assert result.exit_code == 3
    assert "FASHION_GEN_GENERATE__PRESET" in result.stdout
    assert "onnxruntime" in result.stdout
    assert "Run fashion-gen models pull judges." in result.stdout
    assert result.stderr.startswith("Error: The preset sdxl cannot render.")


def test_check_speaks_json():
    told = json.loads(run("check", "--json").stdout)

    assert told["settings"]["FASHION_GEN_GARMENT__SEGMENTER"] == "classical"
    assert told["versions"]["python"].startswith("3.")
    assert {"what", "ok", "told", "needed"} == set(told["findings"][0])


def test_check_of_an_unknown_preset_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FASHION_GEN_GENERATE__PRESET", "sdxxl")

    assert 'No preset named "sdxxl"' in run("check").stderr


def test_misspelt_setting_is_exit_code_3(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FASHION_GEN_GENERATE__PRESETT", "mini")

    result = run("check")

    assert result.exit_code == 3
    assert "Did you mean FASHION_GEN_GENERATE__PRESET?" in result.stderr


def test_broken_judge_weights_are_told_by_check(tmp_path: Path):
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / "yunet_n_dynamic.onnx").write_bytes(b"not the net")

    findings = {finding.what: finding for finding in examine(load())}

    assert not findings["face judge"].ok
    assert "is not the pinned file" in findings["face judge"].told
    assert not findings["pose judge"].ok


def test_output_folder_is_looked_at_without_being_made(tmp_path: Path):
    new = tmp_path / "a" / "b"
    assert output_folder(new) == Finding(f"output folder {new}", True, "can be written", needed=True)
    assert not (tmp_path / "a").exists()

    file = tmp_path / "file"
    file.write_text("")
    assert "is a file" in output_folder(file).told


def test_read_only_output_folder_is_told(tmp_path: Path):
    tmp_path.chmod(0o500)
    if os.access(tmp_path, os.W_OK):
        pytest.skip("this user may write everywhere")
    assert "cannot be written" in output_folder(tmp_path / "out").told


def test_ctrl_c_waits_for_files_to_be_written():
    done = []

    def write() -> None:
        with uninterrupted():
            signal.raise_signal(signal.SIGINT)
            done.append("written")

    with pytest.raises(KeyboardInterrupt):
        write()
    assert done == ["written"]


def test_unexpected_errors_stay_loud(tmp_path: Path):
    def broken(**_: Any) -> Any:
        raise ZeroDivisionError("a bug")

    photo = save_photo(tmp_path / "shirt.png")
    result = CliRunner().invoke(app, ["render", str(photo), "-o", str(tmp_path / "out")], obj=broken)

    assert isinstance(result.exception, ZeroDivisionError)
