"""The master: a clean plate, a contact shadow, and the garment's own pixels on top."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.compose.closeup import CloseUp, lay
from fashion_gen.compose.place import PlacedGarment, paste
from fashion_gen.compose.plate import clean_plate, enlarge
from fashion_gen.records import Mask, Picture

Floats = NDArray[np.float32]

#: The contact shadow is soft, so it is drawn on a map of this long side; its lengths are in pixels of that map.
SHADOW_MAP = 1000
#: Light comes from above: (fall in pixels down, softness, strength) of the cast shadow and of the darkness close to any
#: edge.
CAST = (7.0, 5.0, 0.28)
CLOSE = (0.0, 2.5, 0.16)


def painted_plate(picture: Picture, placed: PlacedGarment, *, person: Mask, head: CloseUp | None = None) -> Picture:
    """Return the generated `picture` (any size, same aspect) at the master's size, mended beside the garment.

    `head` is a close-up that replaces the picture's own head.
    """
    small = _resized(person.astype(np.float32), (picture.shape[1], picture.shape[0])) > 0.5
    plate = enlarge(clean_plate(picture, placed, small), *placed.size)
    return plate if head is None else lay(plate, head)


def master(plate: Picture, placed: PlacedGarment, *, person: Mask) -> Picture:
    """Return the master (H, W, 3): the `plate` of the same size behind the garment as placed.

    `person` is True where the mannequin stands (any size, same aspect): the garment throws its contact shadow there,
    and its inside is seen beside it. Where the garment's matte is 250/255 or more the master equals `placed.rgb` exactly.
    """
    width, height = placed.size
    standing = _resized(person.astype(np.float32), (width, height)) > 0.5
    return paste(_shaded(plate, placed, person), placed, person=standing)


def _shaded(plate: Picture, placed: PlacedGarment, person: Mask) -> Picture:
    """Return `plate` with the garment's contact shadow on the person."""
    width, height = placed.size
    ratio = min(1.0, SHADOW_MAP / max(width, height))
    small = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    matte = cv2.resize(placed.matte, small, interpolation=cv2.INTER_AREA)
    skin = cv2.GaussianBlur(_resized(person.astype(np.float32), small), (0, 0), 2.0)
    shade = sum(strength * _cast(matte, fall, softness) for fall, softness, strength in (CAST, CLOSE))
    light = np.rint(255 * (1 - shade * skin)).astype(np.uint8)
    full = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.multiply(plate, cv2.merge([full, full, full]), scale=1 / 255)  # type: ignore[no-any-return]


def _cast(matte: Floats, fall: float, softness: float) -> Floats:
    moved = cv2.warpAffine(matte, np.array([[1, 0, 0], [0, 1, fall]], np.float64), matte.shape[::-1])
    return cv2.GaussianBlur(moved, (0, 0), softness)  # type: ignore[no-any-return]


def _resized(plane: Floats, size: tuple[int, int]) -> Floats:
    return cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)  # type: ignore[no-any-return]
