"""Presets, licences and the table of what is installed: data, read without torch."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from fashion_gen.errors import BackendUnavailable, LicenceRefused, NotFound, SetupError
from fashion_gen.generate import installed, open_generator, preset_names, pull
from fashion_gen.generate.licences import Commercial, check_licences, commercial_use
from fashion_gen.generate.recipe import PRESETS, Recipe, read_recipe, recipe_of


def changed(tmp_path: Path, old: str, new: str, preset: str = "sdxl") -> Path:
    text = (PRESETS / f"{preset}.toml").read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "mine.toml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    return file


def noncommercial(tmp_path: Path) -> Recipe:
    return read_recipe(changed(tmp_path, 'licence = "mit"', 'licence = "cc-by-nc-4.0"'))


@pytest.mark.parametrize("preset", ["mini", "sd15", "sdxl", "sdxl-fast"])
def test_presets_are_complete(preset: str) -> None:
    recipe = recipe_of(preset)
    assert recipe.preset == preset
    assert recipe.base.source.startswith("training/" if preset == "mini" else "https://huggingface.co/")
    assert recipe.width * 3 == recipe.height * 2  # one pose fits every preset
    nets = recipe.of_role("controlnet")
    assert len(nets) in (0, 1, len(recipe.controls))


def test_every_preset_is_listed() -> None:
    assert preset_names() == ("mini", "sd15", "sdxl", "sdxl-fast")
    assert [row.preset for row in installed()] == list(preset_names())


def test_union_presets_name_a_mode_for_each_picture() -> None:
    for preset in ("sdxl", "sdxl-fast"):
        assert [(control.picture, control.mode) for control in recipe_of(preset).controls] == [
            ("skeleton", 0),
            ("depth", 1),
        ]


def test_fast_preset_has_no_guidance() -> None:
    recipe = recipe_of("sdxl-fast")
    assert (recipe.steps, recipe.guidance) == (8, 0.0)
    assert recipe.of_role("lora")[0].name.endswith(".safetensors")


def test_unknown_preset_names_the_known_ones() -> None:
    with pytest.raises(NotFound, match=r'No preset named "sdxxl"\. Known: mini, sd15, sdxl, sdxl-fast'):
        open_generator("sdxxl")


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("width = 832", "width = 830", "width"),
        ("strength = 0.92", "strength = 1.2", "strength"),
        ("strength = 0.92", "strength = 0.01", "no step"),
        ("steps = 30", "stepz = 30", "stepz"),
        ('licence = "mit"', 'licence = "mitt"', "unknown licence"),
        ('role = "base"', 'role = "vae"', "exactly one"),
        ('repo = "madebyollin/sdxl-vae-fp16-fix"', "", "folder or repo"),
        ('role = "vae"', 'role = "lora"', "name of its file"),
        ("steps = 30", "steps =", "not TOML"),
    ],
)
def test_a_wrong_recipe_is_refused_by_file_and_field(tmp_path: Path, old: str, new: str, field: str) -> None:
    file = changed(tmp_path, old, new)
    with pytest.raises(SetupError, match=re.escape(field)) as caught:
        read_recipe(file)
    assert str(file) in str(caught.value)


def test_noncommercial_weights_are_refused_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(LicenceRefused, match="allow_noncommercial=True") as caught:
        check_licences(noncommercial(tmp_path))
    assert "CC BY-NC 4.0" in str(caught.value)


def test_noncommercial_weights_are_allowed_where_nothing_is_sold(tmp_path: Path) -> None:
    check_licences(noncommercial(tmp_path), allow_noncommercial=True)


def test_the_strictest_licence_decides(tmp_path: Path) -> None:
    assert commercial_use(recipe_of("mini")) is Commercial.YES
    assert commercial_use(recipe_of("sdxl")) is Commercial.RESTRICTED
    assert commercial_use(noncommercial(tmp_path)) is Commercial.NO


def test_no_shipped_preset_is_refused() -> None:
    for preset in preset_names():
        check_licences(recipe_of(preset))


def test_weights_of_the_hub_count_as_absent_in_an_empty_cache(tmp_path: Path) -> None:
    rows = {row.preset: row for row in installed(tmp_path)}
    assert not rows["sdxl"].installed
    assert rows["sdxl"].licences == ("CreativeML OpenRAIL++-M", "Apache-2.0", "MIT")


def test_pull_without_a_network_names_the_cure(tmp_path: Path) -> None:
    # In a process of its own: the hub client reads HF_HUB_OFFLINE once.
    code = (
        "import os, sys, pathlib; os.environ['HF_HUB_OFFLINE'] = '1'\n"
        "from fashion_gen.generate import pull\n"
        "from fashion_gen.errors import BackendUnavailable\n"
        f"try: pull('sdxl', models_dir=pathlib.Path({str(tmp_path)!r}))\n"
        "except BackendUnavailable as exc: print(exc)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "fashion-gen models pull sdxl" in said
    assert "HF_HUB_OFFLINE" in said


def test_reading_presets_needs_no_torch() -> None:
    code = (
        "import sys; from fashion_gen.generate import installed; installed(); "
        "print([m for m in ('torch', 'diffusers', 'transformers') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"


def test_pull_of_the_built_in_model_downloads_nothing(tmp_path: Path) -> None:
    with suppress(BackendUnavailable):  # a checkout before training
        assert pull("mini", models_dir=tmp_path).installed
    assert list(tmp_path.iterdir()) == []


def test_a_drawn_figure_with_a_face_pass_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "twice.toml"
    text = (PRESETS / "mini.toml").read_text()
    file.write_text(text.replace("[scheduler]", "[closeup]\nside = 160\nstrength = 0.3\n\n[scheduler]"))
    with pytest.raises(SetupError, match="has its head drawn"):
        read_recipe(file)
