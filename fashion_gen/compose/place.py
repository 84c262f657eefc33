"""The garment onto a canvas: resampled once, or, at unit scale, copied byte for byte.

Positions are continuous: pixel i covers [i, i + 1), so a canvas of another size is a plain multiplication.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.compose.resample import bent, resampled, scale_of
from fashion_gen.errors import InvalidBrief
from fashion_gen.records import Garment, Mask, Matte, Picture, Points
from fashion_gen.warp import Warp

Box = tuple[int, int, int, int]

#: A matte of this value and up is the garment alone: the composite takes its pixel unmixed.
OPAQUE = 250 / 255
#: The core keeps this distance from the first pixel that is not opaque. Outside checkers erode by 4 (9x9), so theirs
#: lies in ours.
CORE_EROSION = 3
#: Garment left standing beside its inside, narrower than this share of its width, is the rim of the inside.
SLIVER = 0.014
#: How far (in master pixels, over the whole garment) an affine may stray from a whole-pixel shift and still be taken
#: for one.
SNAP_DRIFT = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class PlacedGarment:
    """A garment in the coordinates of a picture of (H, W)."""

    rgb: Picture  #: (H, W, 3) the garment's own colour; black where there is neither garment nor its inside
    matte: Matte  #: (H, W) 1 on the garment, 0 on its inside
    inside: Mask  #: (H, W) garment-inside: seen behind the person only
    core: Mask  #: (H, W) certainly garment: here a master equals `rgb` exactly
    box: Box  #: (x0, y0, x1, y1) around matte > 0.5, exclusive at the far side
    scale: float  #: picture pixels per photo pixel; exactly 1.0 when the pixels were copied, not resampled

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the picture it is placed in."""
        return self.matte.shape[1], self.matte.shape[0]


def master_size(
    garment_to_canvas: Points,
    canvas_width: int,
    canvas_height: int,
    *,
    smallest_long: int = 1536,
    largest_long: int = 3000,
) -> tuple[int, int]:
    """Return the (width, height) of the master: the canvas enlarged until one photo pixel is one master pixel.

    Where that is smaller or larger than the limits of the long side, the limit wins and the garment is resampled. The
    aspect of the canvas is kept to the rounding of a pixel.
    """
    natural = 1.0 / scale_of(np.asarray(garment_to_canvas, np.float64))
    long_side = max(canvas_width, canvas_height)
    enlargement = min(max(natural, smallest_long / long_side), largest_long / long_side)
    width = max(1, round(canvas_width * enlargement))
    return width, max(1, round(width * canvas_height / canvas_width))


def place(
    garment: Garment,
    garment_to_canvas: Points,
    canvas_width: int,
    master: tuple[int, int],
    *,
    warp: Warp | None = None,
) -> PlacedGarment:
    """Return the garment in a picture of `master` (width, height), resampled once from the photo.

    `garment_to_canvas` is the (2, 3) affine from photo pixels to pixels of a canvas that is `canvas_width` wide; the
    picture is that canvas at another size. When photo and picture have the same scale, the shift is rounded to whole
    pixels and nothing is resampled. A `warp`, of the same canvas, bends the garment on the way: it is still resampled
    once, and the result is what pixel lock compares with.

    Raises:
        InvalidBrief: nothing of the garment lies in the picture.
    """
    affine = np.asarray(garment_to_canvas, np.float64) * (master[0] / canvas_width)
    box = _extent((garment.matte > 0) | garment.inside)
    hollow = _with_slivers(garment.inside, garment.matte, box)
    matte = _without_inside(garment.matte, hollow)
    shift = _whole_shift(affine, box)
    if warp is not None:
        seen = warp.seen_from(0, 0, master[0] / canvas_width)
        rgb, placed, inside = bent(garment.colour, matte, hollow, seen, master, scale_of(affine))
        scale = scale_of(affine)
    elif shift is not None:
        rgb, placed, inside = (_copied(plane, box, shift, master) for plane in (garment.colour, matte, hollow))
        scale = 1.0
    else:
        rgb, placed, inside = resampled(garment.colour, matte, hollow, box, affine, master)
        scale = scale_of(affine)
    # What else was in the photo (its background, the person who wore the garment) must not travel with the result.
    rgb[(placed == 0) & ~inside] = 0
    return PlacedGarment(rgb, placed, inside, _core(placed), _extent(placed > 0.5), scale)


def paste(picture: Picture, placed: PlacedGarment, *, person: Mask | None = None) -> Picture:
    """Return `picture` (H, W, 3) with the garment of the same size laid over it by its soft matte.

    `person` (H, W) is True where the person stands: the garment's inside is laid behind it. Without it the inside is
    left out.
    """
    result = picture
    if person is not None and placed.inside.any():
        # It reaches a little under the garment's soft edge, or the backdrop would glimmer through between the two.
        hollow = cv2.dilate(placed.inside.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        behind = cv2.GaussianBlur((hollow & ~person).astype(np.float32), (0, 0), 0.7)
        known = placed.inside | (placed.matte > 0)
        result = _over(result, placed.rgb, np.where(hollow & known, behind, 0).astype(np.float32))
    return _over(result, placed.rgb, placed.matte)


def paint_mask(placed: PlacedGarment, *, cell: int = 8) -> Mask:
    """Return (H, W), True where the generator may paint: all but the garment eroded by a latent cell of `cell` pixels.

    Pipelines snap masks to latent cells, so a tighter mask would freeze cells that are half garment, half background.
    """
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * cell + 1, 2 * cell + 1))
    kept = cv2.erode((placed.matte >= OPAQUE).astype(np.uint8), disc)
    return np.asarray(kept == 0)


def _over(below: Picture, above: Picture, matte: Matte) -> Picture:
    """Return `above` over `below`: bytes of `above` where the matte is opaque, bytes of `below` where it is 0."""
    result = below.copy()
    opaque = matte >= OPAQUE
    np.copyto(result, above, where=opaque[..., None])
    soft = np.nonzero((matte > 0) & ~opaque)
    share = matte[soft][:, None] / np.float32(OPAQUE)
    result[soft] = np.rint(below[soft] * (1 - share) + above[soft] * share).astype(np.uint8)
    return result


def _with_slivers(inside: Mask, matte: Matte, box: Box) -> Mask:
    """Return `inside` with the threads of garment beside it, which the neck would wear like a necklace."""
    if not inside.any():
        return inside
    thin = max(1, round(SLIVER * (box[2] - box[0]) / 2))
    x0, y0, x1, y1 = _extent(inside)
    near = np.s_[max(0, y0 - 4 * thin) : y1 + 4 * thin, max(0, x0 - 4 * thin) : x1 + 4 * thin]
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * thin + 1, 2 * thin + 1))
    garment = ((matte[near] > 0) & ~inside[near]).astype(np.uint8)
    thread = (garment > 0) & (cv2.morphologyEx(garment, cv2.MORPH_OPEN, disc) == 0)
    beside = cv2.dilate(inside[near].astype(np.uint8), disc, iterations=2) > 0
    result = inside.copy()
    result[near] |= thread & beside
    return result


def _without_inside(matte: Matte, inside: Mask) -> Matte:
    """Return the matte with the garment-inside cut out along a soft edge."""
    if not (matte[inside] > 0).any():
        return matte
    return matte * np.where(inside, 0, 1 - cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 0.7)).astype(np.float32)


def _extent(mask: Mask) -> Box:
    """Return (x0, y0, x1, y1) around the True pixels."""
    columns, rows = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
    if not columns.size:
        raise InvalidBrief("The garment lies outside of the picture: choose another framing or pose.")
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _core(matte: Matte) -> Mask:
    opaque = (np.rint(matte * 255) >= 250).astype(np.uint8)  # as an outside checker reads the 8-bit file
    side = 2 * CORE_EROSION + 1
    core: NDArray[np.uint8] = cv2.erode(opaque, np.ones((side, side), np.uint8))
    return core > 0


def _whole_shift(affine: Points, box: Box) -> tuple[int, int] | None:
    """Return the whole-pixel (dx, dy) that `affine` amounts to over `box`, or None when it rescales or turns."""
    x0, y0, x1, y1 = box
    corners = np.array([[x, y, 1.0] for x in (x0, x1) for y in (y0, y1)])
    moves = corners @ affine.T - corners[:, :2]
    if np.ptp(moves, axis=0).max() > SNAP_DRIFT:
        return None
    dx, dy = np.rint(moves.mean(0))
    return int(dx), int(dy)


def _copied(plane: NDArray, box: Box, shift: tuple[int, int], size: tuple[int, int]) -> NDArray:  # type: ignore[type-arg]
    """Return `plane`'s `box` moved by `shift` onto zeros of `size`, byte for byte."""
    result = np.zeros((size[1], size[0], *plane.shape[2:]), plane.dtype)
    (dx, dy), (x0, y0, x1, y1) = shift, box
    left, top = max(x0, -dx), max(y0, -dy)
    right, bottom = min(x1, size[0] - dx), min(y1, size[1] - dy)
    if right > left and bottom > top:
        result[top + dy : bottom + dy, left + dx : right + dx] = plane[top:bottom, left:right]
    return result
