"""Opening a file that may be broken or hostile."""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from PIL import Image, UnidentifiedImageError

from fashion_gen.errors import FashionGenError, PhotoTooLarge, UnreadablePhoto

MAX_PIXELS = 50_000_000

CURE = "save it as JPEG, PNG, WebP, AVIF, HEIC or TIFF and use that file"
_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "TIFF")
_HEIF_BRANDS = (b"hei", b"hev", b"mif1", b"msf1")


@contextmanager
def opened(data: bytes, title: str) -> Iterator[Image.Image]:
    """Open a file as a PIL image, header only, and answer for what goes wrong while it is used.

    Whatever a decoder raises or warns inside the block leaves as UnreadablePhoto or PhotoTooLarge.
    """
    heif = data[4:8] == b"ftyp" and data[8:12].startswith(_HEIF_BRANDS)
    formats = (*_FORMATS, _heif()) if heif else _FORMATS
    try:
        with _WARNINGS.silenced(), Image.open(io.BytesIO(data), formats=formats) as image:
            _refuse_large(image.width, image.height, title)
            yield image
    except FashionGenError:
        raise
    except UnidentifiedImageError as exc:
        raise UnreadablePhoto(f"{title} is not a picture that we can open: {CURE}.") from exc
    except Image.DecompressionBombError as exc:
        raise PhotoTooLarge(f"{title} has more than 50 megapixels: scale it down and use the smaller file.") from exc
    except Exception as exc:  # Decoders that are fed broken files raise anything, from struct.error to MemoryError.
        raise UnreadablePhoto(f"{title} is broken or cut short: export or upload it again.") from exc


class _Warnings:
    """Silences Pillow's warnings about odd files while any thread decodes one.

    `warnings.catch_warnings` saves and restores one global list, so threads that overlap would leave it wrong for good.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._saved = warnings.catch_warnings()

    @contextmanager
    def silenced(self) -> Iterator[None]:
        with self._lock:
            self._users += 1
            if self._users == 1:
                self._saved = warnings.catch_warnings()
                self._saved.__enter__()
                warnings.simplefilter("ignore")
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if self._users == 0:
                    self._saved.__exit__(None, None, None)


_WARNINGS = _Warnings()


def _refuse_large(width: int, height: int, title: str) -> None:
    if width * height > MAX_PIXELS:
        raise PhotoTooLarge(
            f"{title} has {width} x {height} pixels, more than 50 megapixels: scale it down and use the smaller file."
        )


@cache
def _heif() -> str:
    """Teach Pillow HEIC, at the first such file, and return its name for it."""
    from pillow_heif import register_heif_opener

    register_heif_opener()
    return "HEIF"
