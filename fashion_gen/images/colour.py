"""Colour modes and profiles: whatever a file holds becomes upright 8-bit sRGB."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def upright(image: Image.Image) -> Image.Image:
    """Apply the EXIF orientation.

    `ImageOps.exif_transpose` also writes the EXIF anew, and gives up where any other tag is odd.
    """
    try:
        turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # Broken EXIF in a good picture: leave it as it lies.
        return image
    return image if turn is None else image.transpose(turn)


def eight_bit(image: Image.Image) -> Image.Image:
    """Return the colours without alpha in a mode that colour profiles know: L, RGB, CMYK or LAB, 8 bits a channel."""
    if image.mode.startswith("I"):  # 16 bits of grey; 32 bits are taken for 16 with room above
        return Image.fromarray(np.clip(np.asarray(image) / 257 + 0.5, 0, 255).astype(np.uint8))
    if image.mode in ("LA", "La"):
        return image.convert("LA").getchannel("L")
    if image.mode in ("L", "RGB", "CMYK", "LAB"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def to_srgb(colour: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert what `eight_bit` returned to RGB by its ICC profile; without one it is taken for sRGB already."""
    if not profile:
        return colour.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if ImageCms.getProfileDescription(source).lower().startswith("srgb"):
            return colour.convert("RGB")
        converted = ImageCms.profileToProfile(
            colour,
            source,
            ImageCms.ImageCmsProfile(io.BytesIO(srgb_profile())),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):  # A broken profile is ignored, as browsers do.
        converted = None
    return converted or colour.convert("RGB")


def alpha_channel(image: Image.Image) -> NDArray[np.uint8] | None:
    """Return (H, W) uint8 alpha, 255 opaque, or None for a picture that is opaque everywhere."""
    if not image.has_transparency_data or image.mode.startswith("I"):  # Pillow cannot mask 16-bit grey
        return None
    alpha: NDArray[np.uint8] = np.array(image.convert("RGBA").getchannel("A"))
    return None if alpha.min() == 255 else alpha


@cache
def srgb_profile() -> bytes:
    """The ICC profile that our own files carry."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes(12)  # LittleCMS writes the time of day here; the same pixels must give the same bytes.
    return bytes(profile)
