"""Opening a studio from settings, as far as a machine without the large weights gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from fashion_gen import wiring
from fashion_gen.errors import BackendUnavailable, NotFound
from fashion_gen.settings import GenerateSettings, JudgeSettings, Settings


def test_studio_without_weights_says_how_to_get_them(tmp_path: Path):
    chosen = Settings(generate=GenerateSettings(models=tmp_path), judge=JudgeSettings(weights=tmp_path))

    with pytest.raises(BackendUnavailable, match="fashion-gen models pull sdxl"):
        wiring.Studio(preset="sdxl", device="cpu", settings=chosen)


def test_arguments_win_over_settings(tmp_path: Path):
    chosen = Settings(generate=GenerateSettings(preset="no-such-preset", models=tmp_path))

    with pytest.raises(BackendUnavailable):
        wiring.parts(chosen, preset="sd15", device="cpu")
    with pytest.raises(NotFound, match="no-such-preset"):
        wiring.parts(chosen)
