"""`fashion-gen render` from end to end: the files alone must show that it did what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from fashion_gen import label, quality, studio, wiring
from fashion_gen.casting import measure_tone
from fashion_gen.cli import app
from fashion_gen.cli.render import example_photo
from fashion_gen.generate import recipe_of
from fashion_gen.generate.weights import size_on_disk
from fashion_gen.settings import Settings
from fashion_gen.testing import EchoGenerator

NEEDS_MINI = pytest.mark.skipif(
    size_on_disk(recipe_of("mini")) is None, reason="the built-in weights have not been trained yet"
)
OPAQUE = 250


@pytest.fixture(autouse=True)
def classical(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The same back-ends on every machine."""
    monkeypatch.setenv("FASHION_GEN_GARMENT__SEGMENTER", "classical")
    monkeypatch.setenv("FASHION_GEN_JUDGE__WEIGHTS", str(tmp_path / "no-weights"))


def echo_studio(*, settings: Settings, **_: Any) -> studio.Studio:
    """Everything real but the generator, which hands the canvas back."""
    judge = quality.Judge(tone=measure_tone)
    return studio.Studio(studio.Parts(EchoGenerator(), wiring.open_segmenter(settings), judge, version="1.2.3"))


def render(*args: Any, obj: Any = None) -> Result:
    return CliRunner().invoke(app, ["render", *map(str, args)], obj=obj)


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture)


def check_files(folder: Path, looks: int) -> dict[str, Any]:
    """What a reader of the files can check; the pixel lock as an outside judge does it."""
    result: dict[str, Any] = json.loads((folder / "result.json").read_text())
    assert len(result["looks"]) == looks
    for look in result["looks"]:
        master = pixels(folder / look["file"]).astype(int)
        reference = pixels(folder / look["reference"]).astype(int)
        mask = pixels(folder / look["garment_mask"])
        core = cv2.erode((mask >= OPAQUE).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
        assert master.shape[:2] == mask.shape == reference.shape[:2]
        assert max(master.shape) >= 1500
        assert core.mean() > 0.03
        assert np.abs(master - reference[..., :3])[core].max() == 0
        assert look["inspection"]["pixel_lock"] is True
        assert look["inspection"]["garment_max_delta"] == 0
        assert label.verify((folder / look["file"]).read_bytes()).intact
        x0, y0, x1, y1 = look["garment_box"]
        rows, columns = np.nonzero(mask > 127)
        assert (x0, y0, x1, y1) == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert pixels(folder / "contact-sheet.jpg").shape[1] > 440 * looks
    assert pixels(folder / "garment.png").shape == (result["photo"]["height"], result["photo"]["width"], 4)
    return result


def test_example_garment_is_rendered_with_the_pixels_kept(tmp_path: Path):
    result = render("--example", "-n", 2, "--channel", "shopify", "-o", tmp_path, obj=echo_studio)

    assert result.exit_code == 0, result.output
    folder = tmp_path / example_photo().stem
    told = check_files(folder, 2)
    assert told["garment"]["category"] == "top"
    assert len({look["persona"]["tone"] for look in told["looks"]}) == 2
    shop = folder / told["looks"][0]["channels"]["shopify"]
    assert label.verify(shop.read_bytes()).intact


def test_same_run_twice_gives_the_same_bytes(tmp_path: Path):
    for name in ("a", "b"):
        assert render("--example", "-n", 1, "-o", tmp_path / name, obj=echo_studio).exit_code == 0

    folders = [tmp_path / name / example_photo().stem for name in ("a", "b")]
    for file in ("look-01.png", "look-01.mask.png", "look-01.garment.png", "garment.png", "contact-sheet.jpg"):
        first, second = ((folder / file).read_bytes() for folder in folders)
        assert first == second, file


@NEEDS_MINI
@pytest.mark.slow
def test_mini_renders_the_example_and_repeats_its_bytes(tmp_path: Path):
    for name in ("a", "b"):
        result = render("--example", "-n", 2, "--max-attempts", 1, "-o", tmp_path / name)
        assert result.exit_code in (0, 1), result.output

    told = check_files(tmp_path / "a" / example_photo().stem, 2)
    assert {look["preset"] for look in told["looks"]} == {"mini"}
    masters = [(tmp_path / name / example_photo().stem / "look-01.png").read_bytes() for name in ("a", "b")]
    assert masters[0] == masters[1]


@NEEDS_MINI
@pytest.mark.slow
def test_check_says_that_mini_can_render():
    result = CliRunner().invoke(app, ["check"])

    assert result.exit_code == 0, result.output


def test_shoes_are_refused_and_the_shirt_beside_them_is_rendered(shared: Path, tmp_path: Path):
    sneakers = shared / "photos" / "d12_sneakers_cc0.jpg"

    result = render(sneakers, "--example", "-n", 1, "-o", tmp_path, obj=echo_studio)

    assert result.exit_code == 2
    assert "shoes" in result.stderr
    assert [path.name for path in tmp_path.iterdir() if path.name != "no-weights"] == [example_photo().stem]
