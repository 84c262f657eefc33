"""A seller's file becomes a `Photo`, or one sentence saying what to do."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from fashion_gen.errors import PhotoTooLarge, PhotoTooSmall, UnreadablePhoto
from fashion_gen.images.colour import alpha_channel, eight_bit, to_srgb, upright
from fashion_gen.images.opening import CURE, opened
from fashion_gen.records import Matte, Photo, Picture, Problem

MAX_BYTES = 25 * 1024 * 1024
MIN_SIDE = 256
GOOD_SIDE = 1024

#: What may come in, by the name of its media type (IANA).
MEDIA_TYPES = ("image/jpeg", "image/png", "image/webp", "image/avif", "image/heic", "image/tiff")

#: Pillow's names of formats whose media type has another name.
_TYPE_OF = {"MPO": "image/jpeg", "HEIF": "image/heic"}

_OTHER_FILES: Mapping[bytes, str] = {
    b"GIF8": "a GIF, an animation or a picture of 256 colours",
    b"%PDF": "a PDF",
    b"%!PS": "a PostScript file",
    b"8BPS": "a Photoshop document",
    b"BM": "a BMP",
    b"PK\x03\x04": "a ZIP archive or an office document",
    b"\x1f\x8b": "a compressed archive",
}

_WINDOWS_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(10))}


def open_photo(source: Path | bytes, *, name: str | None = None) -> Photo:
    """Read a seller's photo: EXIF orientation applied, colours in sRGB, alpha apart.

    `name` is the file's name where `source` is bytes (or is to be called otherwise); the photo gets its stem. A short
    side under `GOOD_SIDE` pixels is told as the problem "small_photo".

    Raises:
        UnreadablePhoto: not a picture, broken, animated, of a format that we do not take, or no file at all.
        PhotoTooLarge: over 25 MB or 50 megapixels (checked before the pixels are decoded).
        PhotoTooSmall: the short side is under 256 pixels.
    """
    name = name or (source.name if isinstance(source, Path) else "")
    title = printable(name) or "The photo"
    data = _read(source, title) if isinstance(source, Path) else source
    _refuse_other_files(data, title)
    with opened(data, title) as image:
        _refuse_sequences(image, title)
        _refuse_small(image, title)
        image.load()
        rgb, alpha = _pixels(image, title)
    problems = () if min(rgb.shape[:2]) >= GOOD_SIDE else (_small(rgb),)
    return Photo(folder_name(name), rgb, alpha, hashlib.sha256(data).hexdigest(), problems)


def media_type(data: bytes, title: str) -> str:
    """Return the type of a seller's file, one of `MEDIA_TYPES`, by its bytes; pixels are not decoded.

    Raises:
        UnreadablePhoto, PhotoTooLarge, PhotoTooSmall: as `open_photo`, as far as the header tells.
    """
    title = printable(title) or "The photo"
    _refuse_other_files(data, title)
    with opened(data, title) as image:
        _refuse_sequences(image, title)
        _refuse_small(image, title)
        name = image.format or ""
    return _TYPE_OF.get(name, f"image/{name.lower()}")


def folder_name(title: str) -> str:
    """Turn a file's name into a name that is safe as a folder on every system; letters of all scripts are kept.

    The ending of a picture file is dropped: "../Kleid größe 38.JPG" becomes "Kleid größe 38". Never empty.
    """
    last = unicodedata.normalize("NFC", title.encode("utf-8", "replace").decode()).replace("\\", "/").split("/")[-1]
    ending = PurePosixPath(last).suffix
    stem = last.removesuffix(ending) if ending[1:].isalnum() and not ending[1:].isdigit() else last
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" or c in " -_.+&()" else "-" for c in stem)
    short = kept.encode()[:120].decode("utf-8", "ignore").strip(" .-")
    reserved = short.split(".")[0].upper() in _WINDOWS_DEVICES
    return f"photo-{short}" if reserved else short or "photo"


def _read(path: Path, title: str) -> bytes:
    try:
        if path.is_dir():
            raise UnreadablePhoto(f"{title} is a folder: give the pictures in it one by one.")
        if not path.exists():
            raise UnreadablePhoto(f"There is no file {printable(str(path))}: check the path.")
        if not path.is_file():  # a pipe or a device would never end
            raise UnreadablePhoto(f"{title} is not an ordinary file: give the path of a picture.")
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
        raise UnreadablePhoto(f"{title} is {noun}: {CURE}.")


def _text(head: bytes) -> str | None:
    """Say what kind of text the first bytes are, or None where they are not text."""
    text = head.decode("utf-8", "ignore")
    if len(text.encode()) < len(head) - 3 or any(ord(c) < 32 and c not in "\t\n\r\f" for c in text):
        return None
    return "an SVG drawing" if "<svg" in text.lower() else "a text file, whatever its name says"


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


def printable(text: str) -> str:
    """Return `text` fit for a message: control characters of a file's name become question marks."""
    return "".join(c if c.isprintable() else "?" for c in text)


def _pixels(image: Image.Image, title: str) -> tuple[Picture, Matte | None]:
    """Return (H, W, 3) sRGB and, where the picture is not opaque, (H, W) float32 alpha."""
    if image.mode == "F":
        raise UnreadablePhoto(f"{title} holds floating-point numbers: save it with 8 or 16 bits a channel.")
    image, profile = upright(image), image.info.get("icc_profile")
    rgb: Picture = np.array(to_srgb(eight_bit(image), profile))
    alpha = alpha_channel(image)
    if alpha is None:
        return rgb, None
    if not alpha.any():
        raise UnreadablePhoto(f"{title} is fully transparent: export the cut-out with its garment visible.")
    rgb[alpha == 0] = 255  # Editors leave any colour there; white is what a seller sees.
    return rgb, alpha.astype(np.float32) / np.float32(255)
