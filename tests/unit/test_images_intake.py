"""What a seller's file becomes, and what is said about the files that are refused."""

from __future__ import annotations

import io
import os
import re
import struct
import unicodedata
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps

from fashion_gen import images
from fashion_gen.errors import InputError, PhotoTooLarge, PhotoTooSmall, UnreadablePhoto
from fashion_gen.images.opening import opened

W, H = 300, 400


def gradient(mode: str = "RGB", size: tuple[int, int] = (W, H)) -> Image.Image:
    """A picture whose top left is red, top right green and bottom blue-ish, so that turns show."""
    w, h = size
    y, x = np.mgrid[0:h, 0:w]
    rgb = np.stack([255 - x * 255 // w, x * 255 // w, y * 255 // h], axis=2).astype(np.uint8)
    return Image.fromarray(rgb).convert(mode)


def saved(image: Image.Image, format: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def heic(image: Image.Image, **options: object) -> bytes:
    from pillow_heif import from_pillow

    out = io.BytesIO()
    from_pillow(image).save(out, **options)
    return out.getvalue()


FILES: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: saved(gradient(), "JPEG", quality=95),
    "grey jpeg": lambda: saved(gradient("L"), "JPEG", quality=95),
    "cmyk jpeg": lambda: saved(gradient("CMYK"), "JPEG", quality=95),
    "mpo": lambda: saved(gradient(), "MPO", save_all=True, append_images=[gradient()], quality=95),
    "png": lambda: saved(gradient(), "PNG"),
    "palette png": lambda: saved(gradient("P"), "PNG"),
    "1-bit png": lambda: saved(gradient("1"), "PNG"),
    "grey png": lambda: saved(gradient("L"), "PNG"),
    "webp": lambda: saved(gradient(), "WEBP", quality=95),
    "avif": lambda: saved(gradient(), "AVIF", quality=95, speed=9),
    "heic": lambda: heic(gradient(), quality=95),
    "tiff": lambda: saved(gradient(), "TIFF"),
    "cmyk tiff": lambda: saved(gradient("CMYK"), "TIFF", compression="tiff_lzw"),
    "lab tiff": lambda: saved(
        ImageCms.profileToProfile(
            gradient(), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
        ),
        "TIFF",
    ),
}


@pytest.fixture(scope="session")
def files() -> dict[str, bytes]:
    return {name: make() for name, make in FILES.items()}


@pytest.mark.parametrize("name", FILES)
def test_every_accepted_format_opens_as_upright_rgb(name: str, files: dict[str, bytes]) -> None:
    photo = images.open_photo(files[name], name="coat.bin")
    assert photo.rgb.shape == (H, W, 3)
    assert photo.rgb.dtype == np.uint8
    assert photo.alpha is None
    assert len(photo.sha256) == 64
    if not {"grey", "palette", "1-bit"} & set(name.split()):
        error = np.abs(photo.rgb.astype(int) - np.asarray(gradient()).astype(int))
        assert np.median(error) < 12


def test_a_file_on_disk_gives_name_and_digest(tmp_path: Path, files: dict[str, bytes]) -> None:
    path = tmp_path / "Blue Coat.v2.JPG"
    path.write_bytes(files["jpeg"])
    photo = images.open_photo(path)
    assert photo.name == "Blue Coat.v2"
    assert photo.sha256 == images.open_photo(files["jpeg"]).sha256


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_orientation_is_applied(orientation: int, format: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(gradient(), format, exif=exif, **({"lossless": True} if format == "WEBP" else {}))
    photo = images.open_photo(data)
    assert photo.rgb.shape[:2] == ((H, W) if orientation <= 4 else (W, H))
    corner = {1: "tl", 2: "tr", 3: "br", 4: "bl", 5: "tl", 6: "tr", 7: "br", 8: "bl"}[orientation]
    row, column = (3 if corner[0] == "t" else -4), (3 if corner[1] == "l" else -4)
    assert photo.rgb[row, column].tolist() == pytest.approx([252, 2, 2], abs=12)


def test_orientation_is_applied_where_other_tags_are_odd() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x011A] = 72.0
    odd = exif.tobytes().replace(b"\x01\x1a\x00\x05", b"\x01\x00\x00\x05")  # a rational for a width
    image = Image.open(io.BytesIO(data := saved(gradient(), "JPEG", exif=odd)))
    with image, pytest.raises(struct.error):
        ImageOps.exif_transpose(image)
    assert images.open_photo(data).rgb.shape == (W, H, 3)


def test_orientation_of_heic_and_avif_is_applied_once() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = exif.tobytes()
    assert images.open_photo(saved(gradient(), "AVIF", quality=95, exif=turned)).rgb.shape == (W, H, 3)
    assert images.open_photo(heic(gradient(), exif=turned)).rgb.shape == (W, H, 3)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("exif", [b"II*\0\xff\xff\xff\xffjunk", b"MM\0\xa2\0\0\0\x08", b"junk"])
def test_broken_exif_leaves_the_picture_as_it_lies(format: str, exif: bytes) -> None:
    data = saved(gradient(), format, exif=b"Exif\0\0" + exif)
    assert images.open_photo(data).rgb.shape == (H, W, 3)


def swapped_profile() -> bytes:
    """sRGB with its red and green primaries exchanged: the effect cannot be missed."""
    data = images.codec.srgb_profile()
    return data.replace(b"rXYZ", b"TEMP", 1).replace(b"gXYZ", b"rXYZ", 1).replace(b"TEMP", b"gXYZ", 1)


def test_colours_are_converted_by_the_profile() -> None:
    profile = swapped_profile().replace("sRGB".encode("utf-16-be"), "other".encode("utf-16-be")[:8])
    photo = images.open_photo(saved(gradient(), "PNG", icc_profile=profile))
    assert photo.rgb[2, 2].tolist() == pytest.approx([2, 252, 2], abs=6)


def test_an_srgb_profile_changes_nothing() -> None:
    data = saved(gradient(), "PNG", icc_profile=images.codec.srgb_profile())
    assert np.array_equal(images.open_photo(data).rgb, np.asarray(gradient()))


@pytest.mark.parametrize("profile", [b"junk", b"\0" * 200, images.codec.srgb_profile()[:150]])
def test_a_broken_profile_is_ignored(profile: bytes) -> None:
    data = saved(gradient(), "PNG", icc_profile=profile)
    assert np.array_equal(images.open_photo(data).rgb, np.asarray(gradient()))


def test_a_profile_for_another_mode_is_ignored() -> None:
    profile = swapped_profile().replace("sRGB".encode("utf-16-be"), "other".encode("utf-16-be")[:8])
    assert images.open_photo(saved(gradient("L"), "PNG", icc_profile=profile)).rgb.shape == (H, W, 3)


def test_sixteen_bits_become_eight() -> None:
    grey = np.linspace(0, 65535, H * W).reshape(H, W).astype(np.uint16)
    for format in ("PNG", "TIFF"):
        photo = images.open_photo(saved(Image.fromarray(grey), format))
        assert np.abs(photo.rgb[..., 0].astype(int) - np.rint(grey / 257).astype(int)).max() <= 1


def test_floating_point_is_refused_with_a_cure() -> None:
    data = saved(Image.fromarray(np.zeros((H, W), np.float32)), "TIFF")
    with pytest.raises(UnreadablePhoto, match="8 or 16 bits"):
        images.open_photo(data)


@pytest.mark.parametrize("format", ["PNG", "WEBP", "TIFF", "AVIF"])
def test_alpha_is_kept_apart_and_hidden_colours_become_white(format: str) -> None:
    rgba = np.dstack([np.asarray(gradient()), np.full((H, W), 255, np.uint8)])
    rgba[:100, :, 3] = 0
    rgba[100:200, :, 3] = 51
    options = {"lossless": True} if format == "WEBP" else {}
    photo = images.open_photo(saved(Image.fromarray(rgba), format, **options))
    assert photo.alpha is not None
    assert photo.alpha.dtype == np.float32
    assert photo.alpha[50, 50] == 0
    assert float(photo.alpha[150, 50]) == pytest.approx(0.2, abs=0.02)
    assert float(photo.alpha[300, 50]) == pytest.approx(1, abs=0.02)
    assert (photo.rgb[photo.alpha == 0] == 255).all()


def test_grey_with_alpha_and_palette_with_transparency_keep_their_alpha() -> None:
    grey = gradient("LA")
    grey.putalpha(Image.fromarray(np.tile(np.linspace(0, 255, W).astype(np.uint8), (H, 1))))
    assert images.open_photo(saved(grey, "PNG")).alpha is not None
    palette = gradient("P")
    assert images.open_photo(saved(palette, "PNG", transparency=palette.getpixel((0, 0)))).alpha is not None


def test_opaque_alpha_is_no_alpha() -> None:
    assert images.open_photo(saved(gradient("RGBA"), "PNG")).alpha is None


def test_transparent_sixteen_bit_grey_is_read_as_opaque() -> None:
    grey = Image.fromarray(np.full((H, W), 30000, np.uint16))
    assert images.open_photo(saved(grey, "PNG", transparency=0)).alpha is None


def test_a_fully_transparent_picture_is_refused() -> None:
    with pytest.raises(UnreadablePhoto, match="fully transparent"):
        images.open_photo(saved(Image.new("RGBA", (W, H)), "PNG"))


def test_small_photos_are_told_and_tiny_ones_refused() -> None:
    assert [p.code for p in images.open_photo(saved(gradient(size=(1023, 1200)), "PNG")).problems] == ["small_photo"]
    assert images.open_photo(saved(gradient(size=(1024, 1200)), "PNG")).problems == ()
    with pytest.raises(PhotoTooSmall, match="255 x 900"):
        images.open_photo(saved(gradient(size=(255, 900)), "PNG"))


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header claims any size."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(7100, 7100), (10_000, 10_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_pixels_are_counted_before_they_are_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(PhotoTooLarge, match="50 megapixels"):
        images.open_photo(png_claiming(*size))


def test_too_many_bytes_are_refused_from_memory_and_from_disk(tmp_path: Path) -> None:
    path = tmp_path / "big.png"
    with path.open("wb") as file:
        file.truncate(images.MAX_BYTES + 1)
    for source in (path, bytes(images.MAX_BYTES + 1)):
        with pytest.raises(PhotoTooLarge, match="25 MB"):
            images.open_photo(source)


ANIMATIONS = {
    "gif": ("GIF", {}),
    "webp": ("WEBP", {}),
    "apng": ("PNG", {}),
    "avif": ("AVIF", {"speed": 10}),
}


@pytest.mark.parametrize("name", ANIMATIONS)
def test_animations_are_refused(name: str) -> None:
    format, options = ANIMATIONS[name]
    still = Image.new("RGB", (W, H), "blue")
    data = saved(still, format, save_all=True, append_images=[gradient()], duration=100, **options)
    with pytest.raises(UnreadablePhoto, match="animation"):
        images.open_photo(data)


def test_several_pages_are_refused() -> None:
    with pytest.raises(UnreadablePhoto, match="several pages"):
        images.open_photo(saved(gradient(), "TIFF", save_all=True, append_images=[gradient()]))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"></svg>', "SVG"),
        (b"I am a picture, believe me.", "a text file"),
        ("Größe 38, très chic".encode(), "a text file"),
        (b"PK\x03\x04" + bytes(60), "ZIP"),
        (b"8BPS" + bytes(60), "Photoshop"),
        (b"BM" + bytes(60), "BMP"),
        (b"GIF89a" + bytes(60), "GIF"),
        (bytes(range(256)) * 4, "not a picture"),
        (b"\xff\xd8\xff\xe0" + bytes(400), "a picture|broken"),
        (b"\0\0\0\x18ftypheic" + bytes(100), "a picture|broken"),
    ],
)
def test_other_files_are_refused_by_what_they_are(data: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "coat.jpg"
    path.write_bytes(data)
    with pytest.raises(UnreadablePhoto, match=says) as caught:
        images.open_photo(path)
    assert_one_sentence(str(caught.value))
    assert "coat.jpg" in str(caught.value)


def test_paths_that_are_no_files_are_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    for path, says in [
        (tmp_path, "folder"),
        (tmp_path / "none.jpg", "no file"),
        (tmp_path / "nul\0.jpg", "no file"),
        (tmp_path / "line\nbreak.jpg", r"line\?break"),
        (pipe, "ordinary"),
        (tmp_path / ("x" * 300), "cannot be read"),
    ]:
        with pytest.raises(UnreadablePhoto, match=says) as caught:
            images.open_photo(path)
        assert_one_sentence(str(caught.value))


def assert_one_sentence(message: str) -> None:
    assert message.endswith(".")
    assert ": " in message, "the cure follows the colon"
    assert "\n" not in message
    assert message.isprintable()


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "avif", "heic", "tiff"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95])
def test_truncated_files_are_refused(name: str, share: float, files: dict[str, bytes]) -> None:
    data = files[name]
    with pytest.raises(UnreadablePhoto) as caught:
        images.open_photo(data[: int(len(data) * share)])
    assert_one_sentence(str(caught.value))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_never_raise_anything_else(data: bytes) -> None:
    with pytest.raises(InputError):
        images.open_photo(data)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(FILES)),
    length=st.floats(0, 1),
    edits=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=8)), max_size=6),
    head_only=st.booleans(),
)
def test_damaged_files_open_or_raise_an_input_error(
    name: str, length: float, edits: list[tuple[float, bytes]], head_only: bool, files: dict[str, bytes]
) -> None:
    data = bytearray(files[name])
    for at, junk in edits:
        start = int(at * (min(600, len(data)) if head_only else len(data)))
        data[start : start + len(junk)] = junk
    try:
        photo = images.open_photo(bytes(data[: int(len(data) * (1 - length**8))]))
    except InputError as exc:
        assert_one_sentence(str(exc))
    else:
        assert min(photo.rgb.shape[:2]) >= images.MIN_SIDE


@pytest.mark.parametrize(
    ("title", "folder"),
    [
        ("coat.jpg", "coat"),
        ("../Kleid größe 38.JPG", "Kleid größe 38"),
        ("C:\\photos\\连衣裙.heic", "连衣裙"),
        ("coat.v1.5", "coat.v1.5"),
        ("..", "photo"),
        ("", "photo"),
        (".jpg", "jpg"),
        ("a\0b\nc\u202ed.png", "a-b-c-d"),
        ("con.png", "photo-con"),
        ("LPT1.tar.png", "photo-LPT1.tar"),
        ("bad\udcff.png", "bad-"),
        ("e\u0301te\u0301.png", "été"),
        ("x" * 500, "x" * 120),
    ],
)
def test_folder_names(title: str, folder: str) -> None:
    assert images.folder_name(title) == folder.rstrip("-")


@given(st.text(max_size=200))
def test_folder_names_are_always_safe(title: str) -> None:
    name = images.folder_name(title)
    assert name
    assert name == name.strip()
    assert len(name.encode()) <= 130
    assert not name.startswith(".")
    assert not re.search(r'[/\\:*?"<>|\x00-\x1f]', name)
    assert all(unicodedata.category(c)[0] != "C" for c in name)


def test_warnings_of_decoders_are_silent_and_filters_survive_overlapping_threads() -> None:
    import warnings
    from concurrent.futures import ThreadPoolExecutor

    data = saved(gradient(), "PNG")
    before = list(warnings.filters)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(images.decode, [data] * 40))
    assert warnings.filters == before
    with opened(data, "a"), opened(data, "b"):
        warnings.warn("odd file", UserWarning, stacklevel=1)
    assert warnings.filters == before


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif", "tiff"])
def test_the_media_type_is_told_by_the_bytes(kind: str):
    assert images.media_type(saved(gradient(), kind.upper()), "photo.exe") == f"image/{kind}"
    assert f"image/{kind}" in images.MEDIA_TYPES


def test_pictures_of_phones_have_the_media_types_that_browsers_give_them():
    assert images.media_type(heic(gradient()), "photo.heic") == "image/heic"
    two = saved(gradient(), "MPO", save_all=True, append_images=[gradient()])
    assert images.media_type(two, "photo.jpg") == "image/jpeg"


def test_what_is_no_photo_has_no_media_type():
    for data, kind in (
        (b"", UnreadablePhoto),
        (b"GIF89a", UnreadablePhoto),
        (b"<svg></svg>", UnreadablePhoto),
        (bytes(images.MAX_BYTES + 1), PhotoTooLarge),
        (saved(gradient(size=(100, 400)), "PNG"), PhotoTooSmall),
    ):
        with pytest.raises(kind):
            images.media_type(data, "photo.jpg")
