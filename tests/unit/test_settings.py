"""Settings: what is in force, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from fashion_gen import settings
from fashion_gen.errors import SetupError


def test_defaults_render_with_what_ships():
    chosen = settings.load({})

    assert chosen.generate.preset == "mini"
    assert chosen.garment.segmenter == "auto"
    assert chosen.storage.root == Path("out")
    assert chosen.judge.weights.name == "weights"


def test_environment_wins_over_defaults(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FASHION_GEN_GENERATE__PRESET", "sdxl")
    monkeypatch.setenv("FASHION_GEN_GENERATE__ALLOW_NONCOMMERCIAL", "true")
    monkeypatch.setenv("FASHION_GEN_STORAGE__ROOT", "/srv/looks")

    chosen = settings.load()

    assert chosen.generate.preset == "sdxl"
    assert chosen.generate.allow_noncommercial is True
    assert chosen.storage.root == Path("/srv/looks")


def test_dotenv_file_in_the_working_folder_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / ".env").write_text("FASHION_GEN_GENERATE__PRESET=sd15\nOTHER_PROGRAM=1\n")
    monkeypatch.chdir(tmp_path)

    assert settings.load().generate.preset == "sd15"


def test_misspelt_name_is_refused_with_the_name_that_was_meant():
    with pytest.raises(SetupError, match="Did you mean FASHION_GEN_GENERATE__PRESET"):
        settings.load({"FASHION_GEN_GENERATE__PRESETS": "mini"})


def test_misspelt_name_in_the_dotenv_file_is_refused_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / ".env").write_text("FASHION_GEN_GENERATE__PRESETS=sd15\n")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SetupError, match="FASHION_GEN_GENERATE__PRESETS does not exist"):
        settings.load()


def test_name_that_resembles_nothing_is_refused_with_the_known_ones():
    with pytest.raises(SetupError, match="Known: FASHION_GEN_"):
        settings.load({"FASHION_GEN_XYZ": "1"})


def test_names_of_other_programs_are_none_of_our_business():
    assert settings.load({"PATH": "/bin", "FASHION_GENERATION": "x"})


def test_value_of_the_wrong_kind_is_told_with_its_name(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FASHION_GEN_GENERATE__ALLOW_NONCOMMERCIAL", "perhaps")

    with pytest.raises(SetupError, match="FASHION_GEN_GENERATE__ALLOW_NONCOMMERCIAL: "):
        settings.load()


def test_settings_are_frozen():
    chosen = settings.load({})

    with pytest.raises(ValidationError):
        chosen.generate.preset = "sdxl"  # type: ignore[misc]


def test_every_name_has_a_description_and_a_value():
    names, values = settings.names(), settings.in_force(settings.load({}))

    assert list(names) == list(values)
    assert all(names.values())
    assert values["FASHION_GEN_GENERATE__DEVICE"] == ""
