"""Strokes on the command line: how they are read, and where they go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from album_looks import QuickStudio, save_photo
from garment_shapes import T_SHIRT, picture_of
from typer.testing import CliRunner, Result

from fashion_gen import images
from fashion_gen.cli import app
from fashion_gen.cli.strokes import read_stroke
from fashion_gen.errors import InvalidBrief
from fashion_gen.records import Stroke


def run(*args: Any, studio: QuickStudio | None = None) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args], obj=studio and (lambda **_: studio))


@pytest.mark.parametrize(
    ("text", "stroke"),
    [
        ("include 0.31,0.42 0.35,0.60", Stroke(((0.31, 0.42), (0.35, 0.6)), include=True)),
        ("exclude 0.5,0.05", Stroke(((0.5, 0.05),), include=False)),
        (" exclude  0,1 width=0.03 1,0 ", Stroke(((0, 1), (1, 0)), include=False, width=0.03)),
    ],
)
def test_strokes_are_read(text: str, stroke: Stroke):
    assert read_stroke(text) == stroke


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "neither includes nor excludes"),
        ("0.1,0.2", "neither includes nor excludes"),
        ("add 0.1,0.2", 'write it as "include X,Y'),
        ("include", "has no points"),
        ("include 0.1", '"0.1" in the stroke "include 0.1" is no point'),
        ("include 0.1,0.2,0.3", '"0.2,0.3" in the stroke "include 0.1,0.2,0.3" is no number'),
        ("include 0.1,x", '"x" in the stroke'),
        ("include 310,420", "lies outside the picture: give x and y between 0 and 1"),
        ("include 0.1,0.2 width=thick", '"thick" in the stroke'),
        ("include 0.1,0.2 width=5", "cannot be 5 long sides wide"),
        ("include 0.1,0.2 width=0.1 width=0.2", "has 2 widths: give one"),
    ],
)
def test_malformed_stroke_is_one_sentence(text: str, told: str):
    with pytest.raises(InvalidBrief) as caught:
        read_stroke(text)
    assert told in str(caught.value)
    assert str(caught.value).endswith(".")


def test_render_hands_strokes_to_the_studio(tmp_path: Path):
    photo, studio = save_photo(tmp_path / "shirt.png"), QuickStudio()

    result = run(
        "render", photo, "-n", 1, "-o", tmp_path / "out",
        "--stroke", "include 0.3,0.4 0.3,0.6", "--stroke", "exclude 0.5,0.05", studio=studio,
    )  # fmt: skip

    assert result.exit_code == 0, result.output
    assert studio.strokes == [(Stroke(((0.3, 0.4), (0.3, 0.6)), True), Stroke(((0.5, 0.05),), False))]


@pytest.mark.parametrize("command", ["render", "preflight"])
def test_strokes_on_several_photos_are_refused(command: str, tmp_path: Path):
    photos = save_photo(tmp_path / "a.png"), save_photo(tmp_path / "b.png")
    result = run(command, *photos, "--stroke", "include 0.1,0.2")
    assert result.exit_code == 2
    assert "Strokes belong to one photo" in result.stderr


def test_preflight_cuts_out_with_strokes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FASHION_GEN_GARMENT__SEGMENTER", "classical")
    monkeypatch.setenv("FASHION_GEN_JUDGE__WEIGHTS", str(tmp_path / "weights"))
    photo = tmp_path / "shirt.png"
    photo.write_bytes(images.encode(picture_of(T_SHIRT), "png"))

    told = run("preflight", photo, "--json", "--stroke", "exclude 0.5,0.5", "--stroke", "include 0.5,0.5").stdout

    assert json.loads(told)["garment"]["segmenter"] == "classical, strokes"
