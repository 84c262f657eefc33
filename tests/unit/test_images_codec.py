"""Files of our own: exact, deterministic, and no larger than they need to be."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from fashion_gen import images
from fashion_gen.errors import UnreadablePhoto

RNG = np.random.default_rng(7)
SHAPES = [(40, 60), (40, 60, 3), (40, 60, 4)]


def noise(shape: tuple[int, ...]) -> np.ndarray:
    return RNG.integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("shape", SHAPES)
def test_png_gives_the_pixels_back(shape: tuple[int, ...]) -> None:
    pixels = noise(shape)
    assert np.array_equal(images.decode(images.encode(pixels, "png")), pixels)


@pytest.mark.parametrize("format", images.SUFFIXES)
def test_the_same_pixels_give_the_same_bytes(format: str) -> None:
    pixels = noise((50, 50, 3))
    assert images.encode(pixels, format, xmp=b"<x/>") == images.encode(pixels.copy(), format, xmp=b"<x/>")


@pytest.mark.parametrize("format", ["jpeg", "webp", "avif"])
def test_lossy_formats_stay_near(format: str) -> None:
    y, x = np.mgrid[0:120, 0:90]
    pixels = np.stack([x * 2, y * 2, 200 - x], axis=2).astype(np.uint8)
    back = images.decode(images.encode(pixels, format, quality=95))
    assert back.shape == pixels.shape
    assert np.abs(back.astype(int) - pixels).mean() < 3


@pytest.mark.parametrize(("quality", "full"), [(90, True), (89, False)])
def test_jpeg_keeps_colour_at_full_resolution_from_quality_90(quality: int, full: bool) -> None:
    data = images.encode(noise((64, 64, 3)), "jpeg", quality=quality)
    with Image.open(io.BytesIO(data)) as image:
        assert image.layer[0][1:3] == ((1, 1) if full else (2, 2))


@pytest.mark.parametrize("format", images.SUFFIXES)
def test_xmp_and_colour_space_travel(format: str) -> None:
    data = images.encode(noise((32, 32, 3)), format, xmp="<x>größe</x>".encode())
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert image.info["xmp"] == "<x>größe</x>".encode()
        assert ("srgb" in image.info) if format == "png" else image.info["icc_profile"]


@pytest.mark.parametrize("format", images.SUFFIXES)
def test_grey_is_written(format: str) -> None:
    back = images.decode(images.encode(np.full((32, 32), 77, np.uint8), format))
    assert np.abs(back.astype(int) - 77).max() <= 2


def test_what_a_format_cannot_hold_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="no alpha"):
        images.encode(noise((8, 8, 4)), "jpeg")
    with pytest.raises(ValueError, match="Known: png, jpeg"):
        images.encode(noise((8, 8, 3)), "gif")


def test_decode_reads_other_modes_and_refuses_junk() -> None:
    rgb = Image.fromarray(noise((30, 20, 3)))
    for mode, shape in [("P", (30, 20, 3)), ("LA", (30, 20, 4)), ("1", (30, 20)), ("I;16", (30, 20))]:
        out = io.BytesIO()
        (rgb.convert("L").convert("I").convert(mode) if mode == "I;16" else rgb.convert(mode)).save(out, "PNG")
        assert images.decode(out.getvalue()).shape == shape
    with pytest.raises(UnreadablePhoto):
        images.decode(b"junk")


def test_resize_means_downwards() -> None:
    checks = np.indices((64, 64)).sum(axis=0) % 2 * 255
    small = images.resize(np.repeat(checks[..., None], 3, axis=2).astype(np.uint8), 32, 32)
    assert small.shape == (32, 32, 3)
    assert np.abs(small.astype(int) - 127).max() <= 1


@pytest.mark.parametrize("size", [(80, 90), (20, 90), (80, 10), (30, 10)])
def test_resize_keeps_type_and_range(size: tuple[int, int]) -> None:
    matte = np.zeros((40, 30), np.float32)
    matte[10:30, 10:20] = 1
    out = images.resize(matte, *size)
    assert out.shape == (size[1], size[0])
    assert out.dtype == np.float32
    assert out.min() >= 0
    assert out.max() <= 1
    assert out.mean() == pytest.approx(matte.mean(), abs=0.02)


def test_resize_to_the_same_size_is_a_copy() -> None:
    pixels = noise((10, 12, 3))
    same = images.resize(pixels, 12, 10)
    assert np.array_equal(same, pixels)
    assert not np.shares_memory(same, pixels)
