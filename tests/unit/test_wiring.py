"""Which back-end stands behind which interface."""

from __future__ import annotations

from pathlib import Path

import pytest

from fashion_gen import wiring
from fashion_gen.errors import BackendUnavailable, NotFound, WeightsUntrusted
from fashion_gen.settings import GarmentSettings, JudgeSettings, Settings


def test_without_weights_nobody_judges(tmp_path: Path):
    absent = JudgeSettings(weights=tmp_path / "none")

    assert wiring.open_pose_judge(absent) is None
    assert wiring.open_faces(absent) is None
    assert wiring.open_pose_judge(JudgeSettings(weights=tmp_path, pose="none")) is None


def test_judge_that_was_asked_for_must_be_there(tmp_path: Path):
    with pytest.raises(BackendUnavailable):
        wiring.open_pose_judge(JudgeSettings(weights=tmp_path, pose="movenet"))
    with pytest.raises(NotFound, match="movenett"):
        wiring.open_pose_judge(JudgeSettings(weights=tmp_path, pose="movenett"))


def test_face_weights_that_are_not_the_pinned_ones_are_not_passed_over(tmp_path: Path):
    (tmp_path / "yunet_n_dynamic.onnx").write_bytes(b"something else")

    with pytest.raises(WeightsUntrusted):
        wiring.open_faces(JudgeSettings(weights=tmp_path))


def test_installed_judges_are_taken(shared: Path):
    chosen = JudgeSettings(weights=shared / "weights")

    assert wiring.open_pose_judge(chosen) is not None
    assert wiring.open_faces(chosen) is not None


def test_segmenter_is_the_one_that_the_settings_name():
    assert wiring.open_segmenter(Settings(garment=GarmentSettings(segmenter="classical"))).name == "classical"
    with pytest.raises(NotFound, match="classicl"):
        wiring.open_segmenter(Settings(garment=GarmentSettings(segmenter="classicl")))
