"""The only door between bytes and pixels.

`open_photo` lets a seller's file in: upright, sRGB, 8 bit, within the limits, or one sentence saying what to do.
`encode` and `decode` are for files of our own: exact, without colour management.
"""

from __future__ import annotations

import hashlib
import io
import unicodedata
import warnings
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, PngImagePlugin, UnidentifiedImageError

from fashion_gen.errors import FashionGenError, PhotoTooLarge, PhotoTooSmall, UnreadablePhoto
from fashion_gen.records import Matte, Photo, Picture, Problem

MAX_BYTES = 25 * 1024 * 1024
MAX_PIXELS = 50_000_000
MIN_SIDE = 256
GOOD_SIDE = 1024

SUFFIXES = {"png": ".png", "jpeg": ".jpg", "webp": ".webp", "avif": ".avif"}

_CURE = "save it as JPEG, PNG, WebP, AVIF, HEIC or TIFF and use that file"
_FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "AVIF", "HEIF", "TIFF")
_XMP_KEYWORD = "XML:com.adobe.xmp"
_HEIF_BRANDS = (b"hei", b"hev", b"mif1", b"msf1")
_OTHER_FILES: Mapping[bytes, str] = {
    b"GIF8": "a GIF, an animation or a picture of 256 colours",
    b"%PDF": "a PDF",
    b"%!PS": "a PostScript file",
    b"8BPS": "a Photoshop document",
    b"BM": "a BMP",
    b"PK\x03\x04": "a ZIP archive or an office document",
    b"\x1f\x8b": "a compressed archive",
}

Array = TypeVar("Array", NDArray[np.uint8], NDArray[np.float32])


def open_photo(source: Path | bytes, *, name: str | None = None) -> Photo:
    """Read a seller's photo: EXIF orientation applied, colours in sRGB, alpha apart.

    `name` is the file's name where `source` is bytes (or is to be called otherwise); the photo gets its stem. A short
    side under `GOOD_SIDE` pixels is told as the problem "small_photo".

    Raises:
        UnreadablePhoto: not a picture, broken, animated, of a format that we do not take, or no file at all.
        PhotoTooLarge: over 25 MB or 50 megapixels (checked before the pixels are decoded).
        PhotoTooSmall: the short side is under 256 pixels.
    """
    title = _printable(name or (source.name if isinstance(source, Path) else "the photo")) or "the photo"
    data = _read(source, title) if isinstance(source, Path) else source
    _refuse_other_files(data, title)
    with opened(data, title) as image:
        _refuse_sequences(image, title)
        _refuse_small(image, title)
        image.load()
        rgb, alpha = _pixels(image, title)
    problems = () if min(rgb.shape[:2]) >= GOOD_SIDE else (_small(rgb),)
    return Photo(folder_name(title), rgb, alpha, hashlib.sha256(data).hexdigest(), problems)


def folder_name(title: str) -> str:
    """Turn a file's name into a name that is safe as a folder on every system; letters of all scripts are kept.

    The ending of a picture file is dropped: "../Kleid größe 38.JPG" becomes "Kleid größe 38". Never empty.
    """
    last = unicodedata.normalize("NFC", title.encode("utf-8", "replace").decode()).replace("\\", "/").split("/")[-1]
    stem = PurePosixPath(last).stem if Path(last).suffix[1:].isalnum() else last
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" or c in " -_.+&()" else "-" for c in stem)
    short = kept.encode()[:120].decode("utf-8", "ignore").strip(" .-")
    reserved = short.split(".")[0].upper() in _WINDOWS_DEVICES
    return f"photo-{short}" if reserved else short or "photo"


_WINDOWS_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(10))}


@contextmanager
def opened(data: bytes, title: str) -> Iterator[Image.Image]:
    """Open a file as a PIL image, header only, and answer for what goes wrong while it is used.

    Whatever a decoder raises or warns inside the block leaves as UnreadablePhoto or PhotoTooLarge.
    """
    if data[4:8] == b"ftyp" and data[8:12].startswith(_HEIF_BRANDS):
        _know_heif()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                _refuse_large(image.width, image.height, title)
                yield image
        except FashionGenError:
            raise
        except UnidentifiedImageError as exc:
            raise UnreadablePhoto(f"{title} is not a picture that we can open: {_CURE}.") from exc
        except Image.DecompressionBombError as exc:
            raise PhotoTooLarge(
                f"{title} has more than 50 megapixels: scale it down and use the smaller file."
            ) from exc
        except Exception as exc:  # Decoders that are fed broken files raise anything, from struct.error to MemoryError.
            raise UnreadablePhoto(f"{title} is broken or cut short: export or upload it again.") from exc


def encode(pixels: NDArray[np.uint8], format: str, *, quality: int = 95, xmp: bytes | None = None) -> bytes:
    """Write (H, W), (H, W, 3) or (H, W, 4) uint8 sRGB pixels as "png", "jpeg", "webp" or "avif".

    The same pixels give the same bytes. `quality` (1-100) is for the lossy formats; colour is kept at full resolution
    (4:4:4) from 90 up. `xmp` is a whole XMP packet in UTF-8.

    Raises ValueError where the format cannot hold the pixels (JPEG has no alpha) or is unknown.
    """
    if format not in SUFFIXES:
        raise ValueError(f'No picture format "{format}". Known: {", ".join(SUFFIXES)}.')
    if format == "jpeg" and pixels.shape[2:] == (4,):
        raise ValueError("JPEG holds no alpha: use png or webp, or put the picture on a background.")
    options = _png_options(pixels, xmp) if format == "png" else _lossy_options(pixels, format, quality, xmp)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, format, **options)
    return out.getvalue()


def decode(data: bytes) -> NDArray[np.uint8]:
    """Read the pixels of a file as they are stored: (H, W), (H, W, 3) or (H, W, 4) uint8. Raises UnreadablePhoto."""
    with opened(data, "the picture") as image:
        image.load()
        if image.mode not in ("L", "RGB", "RGBA"):
            return _pixels_as_stored(image)
        return np.array(image)


def resize(pixels: Array, width: int, height: int) -> Array:
    """Resample (H, W) or (H, W, C) pixels, uint8 or float32: area mean where it shrinks, Lanczos where it grows.

    Values never leave the range that went in (Lanczos alone would overshoot at edges).
    """
    h, w = pixels.shape[:2]
    small = (min(w, width), min(h, height))
    shrunk = pixels if small == (w, h) else cv2.resize(pixels, small, interpolation=cv2.INTER_AREA)
    if small == (width, height):
        return shrunk.copy() if shrunk is pixels else shrunk
    grown = cv2.resize(shrunk, (width, height), interpolation=cv2.INTER_LANCZOS4)
    return np.clip(grown, pixels.min(), pixels.max())  # type: ignore[no-any-return]


# Bytes: what is this file, and is it within the limits?


def _read(path: Path, title: str) -> bytes:
    if path.is_dir():
        raise UnreadablePhoto(f"{title} is a folder: give the pictures in it one by one.")
    if not path.exists():
        raise UnreadablePhoto(f"There is no file {_printable(str(path))}: check the path.")
    if not path.is_file():
        raise UnreadablePhoto(f"{title} is not an ordinary file: give the path of a picture.")
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as exc:
        raise UnreadablePhoto(f"{title} cannot be read ({exc.strerror}): check its permissions.") from exc


def _refuse_other_files(data: bytes, title: str) -> None:
    if not data:
        raise UnreadablePhoto(f"{title} is empty: export or upload it again.")
    if len(data) > MAX_BYTES:
        raise PhotoTooLarge(f"{title} has more than 25 MB: scale it down or save it as JPEG, and use that file.")
    noun = next((noun for magic, noun in _OTHER_FILES.items() if data.startswith(magic)), None) or _text(data[:2048])
    if noun:
        raise UnreadablePhoto(f"{title} is {noun}: {_CURE}.")


def _text(head: bytes) -> str | None:
    """Say what kind of text the first bytes are, or None where they are not text."""
    text = head.decode("utf-8", "ignore")
    if len(text.encode()) < len(head) - 3 or any(ord(c) < 32 and c not in "\t\n\r\f" for c in text):
        return None
    return "an SVG drawing" if "<svg" in text.lower() else "a text file, whatever its name says"


def _refuse_large(width: int, height: int, title: str) -> None:
    if width * height > MAX_PIXELS:
        raise PhotoTooLarge(
            f"{title} has {width} x {height} pixels, more than 50 megapixels: scale it down and use the smaller file."
        )


def _refuse_small(image: Image.Image, title: str) -> None:
    if min(image.size) < MIN_SIDE:
        raise PhotoTooSmall(
            f"{title} has {image.width} x {image.height} pixels: use a photo of at least {MIN_SIDE} pixels on its "
            f"short side, better {GOOD_SIDE}."
        )


def _refuse_sequences(image: Image.Image, title: str) -> None:
    # An MPO (JPEG with depth or preview pictures) and a HEIC with several pictures open at their main picture.
    if image.format not in ("MPO", "HEIF") and getattr(image, "n_frames", 1) > 1:
        noun = "has several pages" if image.format == "TIFF" else "is an animation"
        raise UnreadablePhoto(f"{title} {noun}: save one still picture as JPEG or PNG and use that file.")


def _small(rgb: Picture) -> Problem:
    height, width = rgb.shape[:2]
    return Problem(
        "small_photo",
        f"The photo has {width} x {height} pixels, so the looks will be small or soft.",
        f"Use a photo of at least {GOOD_SIDE} pixels on its short side.",
    )


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)


@cache
def _know_heif() -> None:
    from pillow_heif import register_heif_opener

    register_heif_opener()


# Pixels: upright, 8 bit, sRGB.


def _pixels(image: Image.Image, title: str) -> tuple[Picture, Matte | None]:
    """Return (H, W, 3) sRGB and, where the picture is not opaque, (H, W) float32 alpha."""
    if image.mode == "F":
        raise UnreadablePhoto(f"{title} holds floating-point numbers: save it with 8 or 16 bits a channel.")
    profile = image.info.get("icc_profile")
    image = _upright(image)
    rgb: Picture = np.array(_to_srgb(_colour(image), profile))
    if not image.has_transparency_data:
        return rgb, None
    alpha = np.asarray(image.convert("RGBA").getchannel("A"))
    if not alpha.any():
        raise UnreadablePhoto(f"{title} is fully transparent: export the cut-out with its garment visible.")
    if alpha.min() == 255:
        return rgb, None
    rgb[alpha == 0] = 255  # Editors leave any colour there; white is what a seller sees.
    return rgb, alpha.astype(np.float32) / np.float32(255)


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # Broken EXIF in a good picture: leave it as it lies.
        return image


def _colour(image: Image.Image) -> Image.Image:
    """Return the picture without alpha in a mode that colour profiles know: L, RGB, CMYK or LAB, 8 bit."""
    if image.mode.startswith("I"):  # 16 bits of grey; 32 bits are taken for 16 with room above
        return Image.fromarray(np.clip(np.asarray(image) / 257 + 0.5, 0, 255).astype(np.uint8))
    if image.mode in ("LA", "La"):
        return image.convert("LA").getchannel("L")
    if image.mode in ("L", "RGB", "CMYK", "LAB"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _to_srgb(colour: Image.Image, profile: bytes | None) -> Image.Image:
    if not profile:
        return colour.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if ImageCms.getProfileDescription(source).lower().startswith("srgb"):
            return colour.convert("RGB")
        converted = ImageCms.profileToProfile(
            colour,
            source,
            _srgb_profile(),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):  # A broken profile is ignored, as browsers do.
        converted = None
    return converted or colour.convert("RGB")


def _pixels_as_stored(image: Image.Image) -> NDArray[np.uint8]:
    if image.has_transparency_data:
        return np.array(image.convert("RGBA"))
    colour = _colour(image)
    return np.array(colour if colour.mode == "L" else colour.convert("RGB"))


# Writing


@cache
def _srgb_profile() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(io.BytesIO(_srgb_bytes()))


@cache
def _srgb_bytes() -> bytes:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes(12)  # LittleCMS writes the time of day here; the same pixels must give the same bytes.
    return bytes(profile)


def _png_options(pixels: NDArray[np.uint8], xmp: bytes | None) -> dict[str, Any]:
    info = PngImagePlugin.PngInfo()
    if pixels.ndim == 3:
        info.add(b"sRGB", b"\0")
    if xmp is not None:  # Pillow's PNG writer ignores `xmp=`.
        info.add_itxt(_XMP_KEYWORD, xmp.decode())
    # Run-length matching writes a 6-megapixel photo in 0.45 s where the default takes 2 s, and 1 % smaller.
    return {"pnginfo": info, "compress_level": 1, "compress_type": zlib.Z_RLE}


def _lossy_options(pixels: NDArray[np.uint8], format: str, quality: int, xmp: bytes | None) -> dict[str, Any]:
    options: dict[str, Any] = {"quality": quality}
    if format != "webp":
        options["subsampling"] = "4:4:4" if quality >= 90 else "4:2:0"
    if format == "avif":
        options |= {"speed": 8, "max_threads": 1}  # The bytes depend on the number of threads.
    if pixels.ndim == 3:
        options["icc_profile"] = _srgb_bytes()
    return options if xmp is None else options | {"xmp": xmp}
