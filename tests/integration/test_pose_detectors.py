"""The detectors on real photos and on our own mannequins; RTMPose and OpenPose with nets built here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fashion_gen import library
from fashion_gen.body import build_figure, default_view, draw_mannequin, keypoints, pose_body
from fashion_gen.errors import BackendUnavailable
from fashion_gen.pose import FaceDetector, PoseEstimator, open_estimator
from fashion_gen.pose.estimators import installed
from fashion_gen.records import Picture

WORN = ("d25_striped-long-sleeve-tee_mdc.jpg", "d26_tank-top_mag.jpg", "d28_zip-jacket_mag.jpg")
R_SHOULDER, R_WRIST, L_SHOULDER = 2, 4, 5


def photo(shared: Path, name: str) -> Picture:
    return np.asarray(Image.open(shared / "photos" / name).convert("RGB"))


@pytest.fixture(scope="module", params=["movenet", "blazepose"])
def estimator(request: pytest.FixtureRequest, shared: Path) -> PoseEstimator:
    return open_estimator(request.param, shared / "weights")


@pytest.mark.parametrize("name", WORN)
def test_one_person_is_found_with_the_shoulders_where_they_are(estimator: PoseEstimator, shared: Path, name: str):
    rgb = photo(shared, name)
    (person,) = estimator.estimate(rgb)
    right, left = person.keypoints[R_SHOULDER], person.keypoints[L_SHOULDER]
    assert right[0] < left[0]  # the wearer's right is on our left
    assert min(right[2], left[2]) > 0.5
    assert abs(right[1] - left[1]) < 0.08 * rgb.shape[0]


def test_a_hand_on_the_hip_is_seen(estimator: PoseEstimator, shared: Path):
    (person,) = estimator.estimate(photo(shared, "d26_tank-top_mag.jpg"))
    wrist, elbow = person.keypoints[R_WRIST], person.keypoints[R_WRIST - 1]
    assert wrist[0] > elbow[0]  # the forearm comes back to the body


@pytest.mark.parametrize("name", ["standing-relaxed", "hands-on-hips"])
def test_our_own_mannequin_is_recognised_in_its_pose(estimator: PoseEstimator, name: str):
    persona = next(iter(library.personas().values()))
    persona = replace(persona, hair="buzz", features=())
    body = pose_body(build_figure(persona.measurements, persona.presentation), library.poses()[name])
    view = default_view(body, library.poses()[name].framing, 320, 480)
    scene, styling = next(iter(library.scenes().values())), next(iter(library.stylings().values()))
    (person,) = estimator.estimate(draw_mannequin(body, view, persona=persona, scene=scene, styling=styling).rgb)
    asked = keypoints(body, view)[:, :2] * (320, 480)
    torso = np.hypot(*(asked[[2, 5]].mean(axis=0) - asked[[8, 11]].mean(axis=0)))
    near = np.hypot(*(person.keypoints[2:14, :2] - asked[2:14]).T) < 0.25 * torso
    assert near.mean() > 0.8


def test_blazepose_counts_two_people(shared: Path):
    rgb = np.hstack([photo(shared, name) for name in WORN[1:]])
    assert len(open_estimator("blazepose", shared / "weights").estimate(rgb)) == 2


def test_faces_are_found_with_their_landmarks_and_none_is_invented(shared: Path):
    detector = FaceDetector(shared / "weights")
    for name in WORN:
        rgb = photo(shared, name)
        (face,) = detector.detect(rgb)
        x, y, width, height = face.box
        assert face.score > 0.8
        assert (face.landmarks >= (x, y)).all()
        assert (face.landmarks <= (x + width, y + height)).all()
        assert y < rgb.shape[0] / 3
    assert detector.detect(photo(shared, "d01_t-shirt_cc0.jpg")) == ()


def test_two_faces_are_two(shared: Path):
    rgb = np.hstack([photo(shared, name) for name in WORN[1:]])
    assert len(FaceDetector(shared / "weights").detect(rgb)) == 2


def simcc_net(path: Path) -> None:
    """An RTMPose-shaped net that always answers with the same 17 joints, in the middle column, spread downwards."""
    onnx = pytest.importorskip("onnx")
    x, y = np.zeros((1, 17, 384), np.float32), np.zeros((1, 17, 512), np.float32)
    x[0, :, 192] = 0.9
    y[0, np.arange(17), np.linspace(50, 450, 17).astype(int)] = 0.9
    constant_net(onnx, path, (1, 3, 256, 192), {"simcc_x": x, "simcc_y": y})


def yolox_net(path: Path) -> None:
    """A YOLOX-shaped net with its suppression built in, that always answers with two people."""
    onnx = pytest.importorskip("onnx")
    boxes = np.array([[[0, 0, 100, 200, 0.9], [200, 0, 300, 200, 0.8]]], np.float32)
    constant_net(onnx, path, (1, 3, 320, 320), {"dets": boxes})


def constant_net(onnx, path: Path, shape: tuple[int, ...], outputs: dict[str, np.ndarray]) -> None:
    """A net that adds nothing of its input to constant outputs."""
    helper, real = onnx.helper, onnx.TensorProto.FLOAT
    zero = onnx.numpy_helper.from_array(np.zeros(1, np.float32), "zero")
    nodes = [
        helper.make_node("ReduceMean", ["input"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
    ]
    held = [zero]
    for name, values in outputs.items():
        held.append(onnx.numpy_helper.from_array(values, f"{name}_values"))
        nodes.append(helper.make_node("Add", [f"{name}_values", "nothing"], [name]))
    graph = helper.make_graph(
        nodes,
        "constant",
        [helper.make_tensor_value_info("input", real, list(shape))],
        [helper.make_tensor_value_info(name, real, list(values.shape)) for name, values in outputs.items()],
        held,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, str(path))


def test_rtmpose_runs_through_rtmlib_and_prints_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    pytest.importorskip("rtmlib", reason="pip install --no-deps rtmlib")
    simcc_net(tmp_path / "rtmpose-tiny.onnx")
    assert installed(tmp_path) == ("rtmpose",)
    rtmpose = open_estimator("rtmpose", tmp_path)
    (person,) = rtmpose.estimate(np.full((400, 300, 3), 90, np.uint8))
    assert capsys.readouterr().out == ""
    assert not rtmpose.counts_people
    assert person.score == pytest.approx(0.9)
    assert person.keypoints[:, 0] == pytest.approx(np.full(18, 150), abs=4)  # the middle column
    assert person.keypoints[10, 1] > person.keypoints[0, 1]  # ankle below nose


def test_rtmpose_with_a_detector_counts_people(tmp_path: Path):
    pytest.importorskip("rtmlib", reason="pip install --no-deps rtmlib")
    simcc_net(tmp_path / "rtmpose-tiny.onnx")
    yolox_net(tmp_path / "yolox-tiny.onnx")
    rtmpose = open_estimator("rtmpose", tmp_path)
    first, second = rtmpose.estimate(np.full((320, 320, 3), 90, np.uint8))
    assert rtmpose.counts_people
    assert abs(first.keypoints[0, 0] - second.keypoints[0, 0]) == pytest.approx(200, abs=8)


def test_rtmpose_without_a_model_names_the_cure(tmp_path: Path):
    pytest.importorskip("rtmlib", reason="pip install --no-deps rtmlib")
    with pytest.raises(BackendUnavailable, match=r"rtmpose\*\.onnx"):
        open_estimator("rtmpose", tmp_path)


@pytest.mark.slow
def test_openpose_of_controlnet_aux_runs_with_a_random_body_net(tmp_path: Path):
    torch = pytest.importorskip("torch")
    from importlib.util import find_spec

    if find_spec("controlnet_aux") is None:
        pytest.skip("pip install --no-deps controlnet_aux")
    from fashion_gen.pose import openpose

    with pytest.raises(BackendUnavailable, match="body_pose_model"):
        open_estimator("openpose", tmp_path, allow_noncommercial=True)
    body = openpose._import_body()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = body.bodypose_model()
    state = {name.partition(".")[2]: value for name, value in net.state_dict().items()}
    torch.save(state, tmp_path / openpose.WEIGHTS)
    estimator = open_estimator("openpose", tmp_path, allow_noncommercial=True)
    people = estimator.estimate(np.random.default_rng(0).integers(0, 255, (120, 90, 3)).astype(np.uint8))
    assert isinstance(people, tuple)


def test_openpose_bodies_become_poses_in_pixels_of_the_picture():
    pytest.importorskip("torch")
    from types import SimpleNamespace

    from fashion_gen.pose.openpose import _pose

    points = [SimpleNamespace(x=10.0, y=20.0, score=0.7), *[None] * 17]
    pose = _pose(SimpleNamespace(keypoints=points, total_score=12.0, total_parts=10.0), 0.5)
    assert tuple(pose.keypoints[0]) == (20, 40, 0.7)
    assert not pose.keypoints[1:].any()
    assert pose.score == 1.0
