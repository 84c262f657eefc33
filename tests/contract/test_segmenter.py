"""What every segmenter promises, checked on each that can be had here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fashion_gen.errors import BackendUnavailable, WeightsUntrusted
from fashion_gen.garment import Segmenter, extract, open_segmenter
from fashion_gen.records import Category, Kind, Photo, Picture
from tests.tiny_sam2 import save_tiny_sam2


def classical(_: Path, __: pytest.MonkeyPatch) -> Segmenter:
    return open_segmenter("classical")


def perception(_: Path, __: pytest.MonkeyPatch) -> Segmenter:
    return open_segmenter("perception")


def rembg_custom(folder: Path, patch: pytest.MonkeyPatch) -> Segmenter:
    """rembg's own custom-model session around a net of one layer: how blue a pixel is."""
    rembg = pytest.importorskip("rembg", reason="rembg is an optional extra")
    patch.setenv("U2NET_HOME", str(folder))
    path = folder / "blue.onnx"
    path.write_bytes(blue_net())
    from fashion_gen.garment.rembg_backend import RembgSegmenter

    return RembgSegmenter(rembg.new_session("u2net_custom", model_path=str(path)), "u2net_custom")


def blue_net() -> bytes:
    """A tiny ONNX net with u2net's input and output: 1x3x320x320 to 1x1x320x320, blue minus red."""
    onnx = pytest.importorskip("onnx", reason="onnx makes the tiny net")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    kernel = helper.make_tensor("kernel", kind, (1, 3, 1, 1), [-1.0, 0.0, 1.0])
    graph = helper.make_graph(
        [helper.make_node("Conv", ["image", "kernel"], ["answer"])],
        "blue",
        [helper.make_tensor_value_info("image", kind, (1, 3, 320, 320))],
        [helper.make_tensor_value_info("answer", kind, (1, 1, 320, 320))],
        [kernel],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return bytes(model.SerializeToString())


def sam2(folder: Path, _: pytest.MonkeyPatch) -> Segmenter:
    """SAM 2 with random weights, which knows no garment: what it says is not believed, and these promises hold all the same."""
    save_tiny_sam2(folder)
    return open_segmenter("sam2-small", folder)


@pytest.fixture(params=[classical, perception, rembg_custom, sam2], ids=["classical", "perception", "rembg", "sam2"])
def segmenter(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Segmenter:
    make: Callable[[Path, pytest.MonkeyPatch], Segmenter] = request.param
    return make(tmp_path, monkeypatch)


def blue_shirt(height: int = 300, width: int = 240) -> tuple[Picture, np.ndarray]:
    rgb = np.full((height, width, 3), (235, 230, 222), np.uint8)
    body = np.zeros((height, width), bool)
    body[height // 5 : -height // 6, width // 3 : -width // 3] = True
    body[height // 5 : height // 3, width // 6 : -width // 6] = True
    rgb[body] = (30, 50, 150)
    return rgb, body


def photo(rgb: Picture, alpha: np.ndarray | None = None) -> Photo:
    return Photo("shirt", rgb, alpha, "0" * 64)


def test_a_matte_has_the_photos_size_and_lies_between_zero_and_one(segmenter: Segmenter) -> None:
    matte = segmenter.segment(photo(blue_shirt()[0]))
    assert matte.shape == (300, 240)
    assert matte.dtype == np.float32
    assert 0 <= matte.min() <= matte.max() <= 1


@pytest.mark.parametrize("size", [(300, 240), (900, 700), (120, 333)])
def test_a_plain_garment_is_found_at_any_size(segmenter: Segmenter, size: tuple[int, int]) -> None:
    rgb, body = blue_shirt(*size)
    found = segmenter.segment(photo(rgb)) > 0.5
    assert (found & body).sum() / (found | body).sum() > 0.9


def test_the_photo_is_left_as_it_was(segmenter: Segmenter) -> None:
    rgb, _ = blue_shirt()
    before = rgb.copy()
    segmenter.segment(photo(rgb))
    assert np.array_equal(rgb, before)


def test_a_cut_out_is_cut_along_its_alpha_channel(segmenter: Segmenter) -> None:
    rgb, body = blue_shirt()
    assert np.array_equal(segmenter.segment(photo(rgb, body.astype(np.float32))) > 0.5, body)


def test_a_featureless_photo_does_not_break_it(segmenter: Segmenter) -> None:
    matte = segmenter.segment(photo(np.full((200, 200, 3), 128, np.uint8)))
    assert np.isfinite(matte).all()


def test_a_garment_says_which_segmenter_cut_it(segmenter: Segmenter) -> None:
    garment = extract(photo(blue_shirt()[0]), segmenter, category=Category.TOP, kind=Kind.FLAT)
    assert garment.segmenter == segmenter.name


def test_of_several_masks_the_largest_is_taken() -> None:
    pytest.importorskip("rembg", reason="rembg is an optional extra")
    from PIL import Image

    from fashion_gen.garment.rembg_backend import RembgSegmenter

    class TwoMasks:
        def predict(self, img: Image.Image) -> list[Image.Image]:
            small, large = np.zeros((60, 48), np.uint8), np.full((60, 48), 255, np.uint8)
            return [Image.fromarray(small), Image.fromarray(large)]

    assert RembgSegmenter(TwoMasks(), "two").segment(photo(blue_shirt()[0])).min() == 1


def test_an_allowed_model_opens_only_with_the_weights_that_rembg_publishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("rembg", reason="rembg is an optional extra")
    monkeypatch.setenv("U2NET_HOME", str(tmp_path))
    with pytest.raises(BackendUnavailable, match=r"u2netp\.onnx"):
        open_segmenter("u2netp")
    (tmp_path / "u2netp.onnx").write_bytes(b"not the published net")
    with pytest.raises(WeightsUntrusted, match="MD5"):
        open_segmenter("u2netp")


def test_weights_with_a_recorded_checksum_are_opened_under_their_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hashlib

    pytest.importorskip("rembg", reason="rembg is an optional extra")
    monkeypatch.setenv("U2NET_HOME", str(tmp_path))
    net = blue_net()
    (tmp_path / "u2net.onnx").write_bytes(net)
    (tmp_path / "u2net.onnx.sha256").write_text(hashlib.sha256(net).hexdigest())
    opened = open_segmenter("auto")  # the best that is installed
    assert opened.name == "u2net"
    rgb, body = blue_shirt()
    assert ((opened.segment(photo(rgb)) > 0.5) == body).mean() > 0.97
