"""The only door between bytes and pixels.

`open_photo` lets a seller's file in: upright, sRGB, 8 bit, within the limits, or one sentence saying what to do.
`encode` and `decode` are for files of our own: exact, without colour management.
"""

from fashion_gen.images.codec import SUFFIXES, decode, encode, resize
from fashion_gen.images.intake import (
    GOOD_SIDE,
    MAX_BYTES,
    MEDIA_TYPES,
    MIN_SIDE,
    folder_name,
    media_type,
    open_photo,
    printable,
)
from fashion_gen.images.opening import CURE, MAX_PIXELS, opened

__all__ = [
    "CURE",
    "GOOD_SIDE",
    "MAX_BYTES",
    "MAX_PIXELS",
    "MEDIA_TYPES",
    "MIN_SIDE",
    "SUFFIXES",
    "decode",
    "encode",
    "folder_name",
    "media_type",
    "open_photo",
    "opened",
    "printable",
    "resize",
]
