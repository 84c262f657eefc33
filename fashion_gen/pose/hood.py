"""A hood that was photographed closed and standing: on a person it lies behind the head.

Pixels are not warped, so nothing lays the hood down. What of it stands before face, hair and neck, and what rises higher beside
them than a hood that lies on the back, is taken out of the matte instead: once, before anything is drawn, so that canvas, mask,
master and inspection know the same, smaller garment, and all of it that is shown keeps its pixels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.body import KEYPOINTS, Part
from fashion_gen.records import Garment, Mask, Matte, Points, Staging, View

#: What the seller is told.
HOOD_LAID = "hood laid behind the head: it was photographed closed, where the face is; only its lower part is shown"

#: Of the face above the nose. A real closed hood (d19) covers 0.33 to 0.98 of it on 24 personas and poses; no collar reaches there.
_HIDDEN = 0.15
#: Depth of the opening below the neck's corners, in half neck widths: deeper lie zip, label and seams that are to be seen.
_OPENING = 0.9
_RISE = 1.0  # of the way from the neck's corners up to the nose, how high a hood stands behind a neck
_WIDER = 1.03  # how much the laid hood's arch is wider than the hood
_SCRAP = 0.08  # of the squared half neck width, the least piece of a hood that is shown apart from the garment
_CLEAR = 0.02  # matte up to which a pixel shows nothing
_SOFT = 0.8  # sigma of cut edges, in pixels

_NOSE = KEYPOINTS.index("nose")
_HEAD = (Part.FACE, Part.HAIR, Part.NECK)
_BELOW_NECK = (Part.TORSO, Part.TOP_CLOTH)


@dataclass(frozen=True, slots=True, eq=False)
class _Neck:
    """The corners of the garment's neck, in photo pixels."""

    left: Points  #: (2,)
    right: Points  #: (2,)

    @classmethod
    def of(cls, garment: Garment) -> _Neck | None:
        height, width = garment.matte.shape
        marks = [garment.landmarks.get(f"{side}_neck") for side in ("left", "right")]
        left, right = (None if mark is None else np.array([mark.x * width, mark.y * height]) for mark in marks)
        return None if left is None or right is None or right[0] - left[0] < 2 else cls(left, right)

    @property
    def middle(self) -> Points:
        return np.asarray((self.left + self.right) / 2)

    @property
    def half(self) -> float:
        """Half its width."""
        return float(np.hypot(*(self.right - self.left))) / 2

    def line(self, width: int) -> Points:
        """(width,) row of the line through both corners, column by column."""
        slope = (self.right[1] - self.left[1]) / (self.right[0] - self.left[0])
        return np.asarray(self.left[1] + slope * (np.arange(width) + 0.5 - self.left[0]))


def hood_hides_face(staging: Staging, garment: Garment, parts: NDArray[np.uint8]) -> bool:
    """Return whether cloth above the neckline would lie over the eyes. A collar, a scarf or a hood around the face does not.

    `parts` is the (H, W) part map of the mannequin drawn with `staging.view`.
    """
    neck = _Neck.of(garment)
    if neck is None or not garment.category.covers_top:
        return False
    height, width = parts.shape
    face = parts == Part.FACE
    face[max(0, round(float(staging.keypoints[_NOSE, 1]) * height)) :] = False
    if not face.any():
        return False
    hood = np.where(_hood(garment, neck), garment.matte, 0).astype(np.float32)
    laid = cv2.warpAffine(hood, _centred(staging.garment_to_canvas), (width, height))
    return bool(laid[face].mean() > _HIDDEN)


def lay_hood(staging: Staging, garment: Garment, close: View, parts: NDArray[np.uint8]) -> Garment:
    """Return the garment with its hood behind the head: a smaller matte, no pixel changed.

    Args:
        close: a view of the head and the neck, of the same body as `staging` has.
        parts: (h, w) part map of the mannequin drawn with it; the finer, the closer the hood follows hair and jaw.
    """
    neck = _Neck.of(garment)
    if neck is None:
        return garment
    hood = _hood(garment, neck)
    standing = ~_behind_neck(hood, neck, _nose(staging))
    before = _in_photo(_front(parts), staging, close, hood.shape)
    # The hood up to its outermost pixel: what is left of its edge would be seen as a hair on the face or in the air.
    reach = np.where(hood, 1, _softened(hood | _opening(neck, hood.shape)))
    hidden = np.maximum(np.where(hood, _softened(standing), 0), reach * before)
    matte = garment.matte * (1 - np.where(hidden > 1 - _CLEAR, 1, hidden))
    # What glimmers between locks of hair reads as dirt, not as a hood.
    matte[_scraps(matte, hood, _SCRAP * neck.half**2)] = 0
    return replace(garment, matte=np.asarray(matte, np.float32), inside=garment.inside & ~(hood & standing))


def _hood(garment: Garment, neck: _Neck) -> Mask:
    """(H, W) what stands above the line through the neck's corners, and on it."""
    height, width = garment.matte.shape
    above = (garment.matte > 0) & (np.arange(height)[:, None] + 0.5 < neck.line(width))
    _, labels = cv2.connectedComponents(above.astype(np.uint8))
    x0, x1 = (int(np.clip(round(float(x)), 0, width - 1)) for x in (neck.left[0], neck.right[0]))
    rows = np.clip(np.ceil(neck.line(width)[x0 : x1 + 1] - 0.5).astype(int) - 1, 0, height - 1)
    standing = np.unique(labels[rows, np.arange(x0, x1 + 1)])
    return np.asarray(np.isin(labels, standing[standing > 0]))


def _behind_neck(hood: Mask, neck: _Neck, nose: Points) -> Mask:
    """(H, W) under the arch of a hood that lies on the back: half an ellipse on the neck's corners."""
    x, y = neck.middle
    height, width = hood.shape
    sides = np.flatnonzero(hood.any(axis=0))
    across = _WIDER * max(x - sides[0], sides[-1] + 1 - x) if len(sides) else neck.half
    rise = max(_RISE * (y - nose[1]), 0.5 * neck.half)
    rows, columns = np.arange(height)[:, None] + 0.5, np.arange(width) + 0.5
    return np.asarray((rows >= y) | (((columns - x) / across) ** 2 + ((rows - y) / rise) ** 2 <= 1))


def _opening(neck: _Neck, shape: tuple[int, int]) -> Mask:
    """(H, W) the opening before which the throat is seen, below the neck's corners."""
    opening = np.zeros(shape, np.uint8)
    lowest = neck.middle + (0, _OPENING * neck.half)
    # Up to over the line between the corners: rounding must leave no thread between the opening and the hood.
    outline = [neck.left - (0, 2), neck.right - (0, 2), neck.right, lowest, neck.left]
    cv2.fillPoly(opening, [np.rint(outline).astype(np.int32)], 1)
    return opening > 0


def _front(parts: NDArray[np.uint8]) -> Matte:
    """(h, w) in [0, 1] where the person is before the hood: the head, and what lies below the neck, no broader than it."""
    front = np.isin(parts, _HEAD)
    columns = np.flatnonzero((parts == Part.NECK).any(axis=0))
    if len(columns):
        throat = np.isin(parts, _BELOW_NECK)
        throat[:, : columns[0]] = throat[:, columns[-1] + 1 :] = False
        front |= throat
    # The hood reaches under the soft edge of hair and skin, or the backdrop would glimmer through between the two.
    core = cv2.erode(front.astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.asarray(cv2.GaussianBlur(core.astype(np.float32), (0, 0), _SOFT), np.float32)


def _in_photo(close_up: Matte, staging: Staging, close: View, shape: tuple[int, int]) -> Matte:
    """(H, W) of the photo: what `close` shows as `close_up`, its edges continued, for the throat goes on below it."""
    k, view = close.scale / staging.view.scale, staging.view
    to_close = staging.garment_to_canvas * k
    to_close[:, 2] += (close.x0 - view.x0 * k, close.y0 - view.y0 * k)
    back = cv2.invertAffineTransform(_centred(to_close))
    return np.asarray(cv2.warpAffine(close_up, back, shape[::-1], borderMode=cv2.BORDER_REPLICATE), np.float32)


def _nose(staging: Staging) -> Points:
    """(2,) in photo pixels."""
    x, y, _ = staging.keypoints[_NOSE]
    to_photo = cv2.invertAffineTransform(staging.garment_to_canvas)
    return np.asarray(to_photo @ (x * staging.view.width, y * staging.view.height, 1.0))


def _softened(mask: Mask) -> Matte:
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), _SOFT), np.float32)


def _scraps(matte: Matte, hood: Mask, smallest: float) -> Mask:
    """(H, W) the pieces of the hood, with their soft edges, that lie apart and are smaller than `smallest` pixels."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats((matte > _CLEAR).astype(np.uint8))
    small = stats[:, cv2.CC_STAT_AREA] < smallest
    small[0] = False
    return np.asarray(hood & small[labels])


def _centred(affine: Points) -> Points:
    """A (2, 3) affine of continuous positions as OpenCV takes it, which counts from pixel centres."""
    moved = np.array(affine, np.float64)
    moved[:, 2] += moved[:, :2] @ (0.5, 0.5) - 0.5
    return moved
