"""Names, weights and licences of the pose and face detectors; no net is run here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fashion_gen.errors import BackendUnavailable, LicenceRefused, NotFound, WeightsUntrusted
from fashion_gen.pose import DetectedPose, FaceDetector, installed, open_estimator
from fashion_gen.pose.estimator import from_coco
from fashion_gen.pose.estimators import KNOWN
from fashion_gen.pose.onnx_net import Crop


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path):
    with pytest.raises(NotFound, match="blazepose, movenet, openpose, rtmpose"):
        open_estimator("sapiens", tmp_path)


@pytest.mark.parametrize("name", sorted(set(KNOWN) - {"openpose", "rtmpose"}))
def test_missing_weights_say_where_they_come_from(name: str, tmp_path: Path):
    with pytest.raises(BackendUnavailable, match=r"Put .*\.onnx into .*github\.com"):
        open_estimator(name, tmp_path)


def test_another_file_of_the_same_name_is_not_trusted(tmp_path: Path):
    (tmp_path / "movenet_lightning.onnx").write_bytes(b"not a net")
    with pytest.raises(WeightsUntrusted, match="SHA-256"):
        open_estimator("movenet", tmp_path)


def test_openpose_is_refused_unless_non_commercial_use_is_allowed(tmp_path: Path):
    with pytest.raises(LicenceRefused, match="non-commercial"):
        open_estimator("openpose", tmp_path)


def test_a_folder_without_weights_has_nothing_installed(tmp_path: Path):
    assert installed(tmp_path) == ()


def test_openpose_does_not_count_as_installed_for_commerce(tmp_path: Path):
    (tmp_path / "body_pose_model.pth").write_bytes(b"")
    (tmp_path / "movenet_lightning.onnx").write_bytes(b"")
    assert installed(tmp_path) == ("movenet",)


def test_missing_face_weights_name_the_cure(tmp_path: Path):
    with pytest.raises(BackendUnavailable, match=r"yunet_2023mar\.onnx"):
        FaceDetector(tmp_path)


def test_the_neck_lies_between_the_shoulders_and_is_as_sure_as_the_less_sure():
    coco = np.zeros((17, 3))
    coco[5] = (10, 20, 0.9)
    coco[6] = (30, 24, 0.4)
    openpose = from_coco(coco)
    assert tuple(openpose[1]) == (20, 22, 0.4)
    assert tuple(openpose[5]) == (10, 20, 0.9)
    assert tuple(openpose[2]) == (30, 24, 0.4)


def test_normalised_poses_are_shares_of_the_picture_with_visibility():
    keypoints = np.tile([50.0, 25.0, 0.2], (18, 1))
    keypoints[0, 2] = 0.8
    points = DetectedPose(keypoints, 1.0).normalised(100, 50)
    assert tuple(points[0]) == (0.5, 0.5, 1.0)
    assert not points[1:, 2].any()


@pytest.mark.parametrize("turn", [0.0, 0.4, -1.2])
def test_a_crop_finds_its_way_back(turn: float):
    crop = Crop(np.array([40.0, 70.0]), 25.0, 128, turn=turn)
    points = np.array([[40.0, 70.0], [47.0, 61.0], [22.0, 90.0]])
    there = points @ crop.matrix[:, :2].T + crop.matrix[:, 2]
    assert there[0] == pytest.approx((64, 64))
    assert crop.back(there) == pytest.approx(points)


def test_a_crop_turned_upright_has_what_lay_to_the_right_on_top():
    picture = np.zeros((100, 100, 3), np.uint8)
    picture[48:52, 70:74] = 255
    cut = Crop(np.array([50.0, 50.0]), 40.0, 80, turn=np.pi / 2).cut(picture)
    ys, xs = np.nonzero(cut[..., 0] > 128)
    assert ys.mean() < 30
    assert xs.mean() == pytest.approx(40, abs=2)


def test_a_crop_over_the_edge_is_filled():
    cut = Crop(np.array([0.0, 0.0]), 10.0, 20).cut(np.full((50, 50, 3), 255, np.uint8), fill=127)
    assert cut[2, 2, 0] == 127
    assert cut[15, 15, 0] == 255
