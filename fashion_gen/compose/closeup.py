"""The head, painted a second time and larger, back into the plate."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from fashion_gen.compose.place import PlacedGarment
from fashion_gen.compose.plate import enlarge
from fashion_gen.records import Matte, Picture, View

#: Towards the window's edge the close-up fades into the look, over this share of its side.
FADE = 0.08
#: Beside the garment the plate stays, for this share of the side: there its fringe is cleaned already.
CLEAR_OF_GARMENT = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class CloseUp:
    """A square window of a look, painted at its own scale."""

    picture: Picture  #: (S, S, 3)
    weight: Matte  #: square, of any size, in [0, 1]: where it counts
    x: float  #: left edge of the window, as a share of the look's width
    y: float  #: upper edge, as a share of the look's height
    side: float  #: as a share of the look's width


def window(view: View, close: View) -> tuple[float, float, float]:
    """Return (x, y, side) in pixels of `view` of the square that `close` shows."""
    k = close.scale / view.scale
    return view.x0 - close.x0 / k, view.y0 - close.y0 / k, close.width / k


def window_weight(side: int, garment: PlacedGarment | None) -> Matte:
    """Return (side, side) in [0, 1]: 1 in the window, 0 at its edge and at the garment placed in it."""
    ramp = np.clip((np.minimum(np.arange(side), np.arange(side)[::-1]) - 1) / (FADE * side), 0, 1)
    weight = np.minimum(ramp[:, None], ramp[None, :])
    if garment is not None:
        bare = (garment.matte <= 0.02).astype(np.uint8)
        clear = cv2.distanceTransform(bare, cv2.DIST_L2, 5) / (CLEAR_OF_GARMENT * side)
        weight = weight * np.clip(clear - 1, 0, 1)
    return np.asarray(weight, np.float32)


def lay(plate: Picture, closeup: CloseUp) -> Picture:
    """Return `plate` (H, W, 3) with the close-up in its place. What of the window lies outside of the plate is left out."""
    height, width = plate.shape[:2]
    side = max(1, round(closeup.side * width))
    left, top = round(closeup.x * width), round(closeup.y * height)
    x0, y0, x1, y1 = max(0, left), max(0, top), min(width, left + side), min(height, top + side)
    if x1 <= x0 or y1 <= y0:
        return plate
    inner = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
    picture = enlarge(closeup.picture, side, side)[inner]
    weight = cv2.resize(closeup.weight, (side, side), interpolation=cv2.INTER_LINEAR)[inner][..., None]
    result = plate.copy()
    below = result[y0:y1, x0:x1]
    result[y0:y1, x0:x1] = np.rint(below + (picture - below.astype(np.float32)) * weight).astype(np.uint8)
    return result
