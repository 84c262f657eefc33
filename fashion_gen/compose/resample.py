"""The garment's pixels through an affine or a warp: sampled once from the photo, premultiplied and without aliasing."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.records import Mask, Matte, Picture, Points
from fashion_gen.warp import Patch, Warp

Box = tuple[int, int, int, int]
Floats = NDArray[np.float32]
Seen = tuple[Picture, Matte, Mask]


def scale_of(affine: Points) -> float:
    """Return how much larger the (2, 3) `affine` makes things."""
    return float(np.sqrt(abs(np.linalg.det(affine[:, :2]))))


def resampled(colour: Picture, matte: Matte, inside: Mask, box: Box, affine: Points, size: tuple[int, int]) -> Seen:
    """Return (rgb, matte, inside) seen through `affine`; premultiplied, so no background bleeds in at the edges."""
    margin = int(np.ceil(4 / min(1.0, scale_of(affine)))) + 4
    x0, y0 = max(0, box[0] - margin), max(0, box[1] - margin)
    crop = np.s_[y0 : box[3] + margin, x0 : box[2] + margin]
    local = affine.copy()
    local[:, 2] += affine[:, :2] @ (x0, y0)
    planes = _premultiplied(colour[crop], matte[crop], inside[crop])
    return _divided(*(_warp(plane, local, size) for plane in planes))


def bent(colour: Picture, matte: Matte, inside: Mask, warp: Warp, size: tuple[int, int], scale: float) -> Seen:
    """Return (rgb, matte, inside) as `warp` shows them in a picture of `size` (width, height).

    `scale` is picture pixels per photo pixel. Pieces are laid over each other from back to front; where they meet at a seam,
    each shows its own share of the same pixels.
    """
    width, height = size
    filtered = [_filtered(plane, 1 / scale) for plane in _premultiplied(colour, matte, inside)]
    planes, whole = [plane for plane, _ in filtered], filtered[0][1]
    padded = planes[0].shape[0] * whole, planes[0].shape[1] * whole
    result: list[Floats] = [np.zeros((height, width, *plane.shape[2:]), np.float32) for plane in planes]
    for piece in warp.pieces:
        patch = piece.patch(width, height)
        if patch is not None:
            share = patch.seen(piece.material, matte.shape, cv2.INTER_LINEAR)
            _lay(result, planes, patch, share, padded)
    return _divided(*result)


def _lay(result: list[Floats], planes: list[Floats], patch: Patch, share: Floats, photo: tuple[int, int]) -> None:
    """Lay one piece over what lies in `result` (tint, cover, matte, inside), in place."""
    where = (patch.rows, patch.columns)
    seen = [patch.seen(plane, photo, cv2.INTER_CUBIC) for plane in planes]
    # The cubic kernel overshoots by a few percent beside hard edges, which would show as a hairline on the cloth behind.
    share = np.where(seen[1] > 1 / 512, share / np.maximum(seen[1], 1), 0).astype(np.float32)
    seen = [_shared(plane, share) for plane in seen]
    below = result[1][where]
    # Side by side at a seam both shares fit in; where one piece hides another, only what it leaves open is seen.
    open_ = np.asarray(np.clip((1 - seen[1]) / np.maximum(below, 1e-6), 0, 1), np.float32)
    for plane, piece in zip(result, seen, strict=True):
        plane[where] = _shared(plane[where], open_) + piece


def _shared(plane: Floats, share: Floats) -> Floats:
    return plane * (share[..., None] if plane.ndim == 3 else share)


def _premultiplied(colour: Picture, matte: Matte, inside: Mask) -> tuple[Floats, Floats, Floats, Floats]:
    """Return (tint, cover, matte, inside); cover is garment or its inside, tint the colour times cover."""
    hidden = inside.astype(np.float32)
    cover = np.maximum(matte, hidden)
    return np.asarray(colour * cover[..., None], np.float32), cover, matte, hidden


def _divided(tint: Floats, cover: Floats, soft: Floats, hidden: Floats) -> Seen:
    rgb = np.zeros(tint.shape, np.uint8)
    seen = cover > 1 / 512
    rgb[seen] = np.clip(np.rint(tint[seen] / cover[seen][:, None]), 0, 255).astype(np.uint8)
    # The cubic kernel overshoots by a few percent beside hard edges; what it calls nearly nothing is nothing.
    return rgb, np.clip(np.where(seen, soft, 0), 0, 1).astype(np.float32), (hidden > 0.5) & seen


def _warp(plane: Floats, affine: Points, size: tuple[int, int]) -> Floats:
    """Return `plane` through `affine`, cubic; detail finer than the result can show is filtered out first."""
    plane, whole = _filtered(plane, 1 / scale_of(affine))
    affine = affine * (whole, whole, 1)
    centred = affine.copy()  # OpenCV counts from pixel centres
    centred[:, 2] += affine[:, :2] @ (0.5, 0.5) - 0.5
    warped: Floats = cv2.warpAffine(plane, centred, size, flags=cv2.INTER_CUBIC)
    return warped


def _filtered(plane: Floats, shrink: float) -> tuple[Floats, int]:
    """Return `plane` ready to be sampled `shrink` times as coarse, and by how much it was reduced for that."""
    whole = max(1, int(shrink))
    if whole >= 2:
        height, width = plane.shape[:2]
        padded = np.pad(plane, ((0, -height % whole), (0, -width % whole), *((0, 0),) * (plane.ndim - 2)))
        plane = cv2.resize(padded, (padded.shape[1] // whole, padded.shape[0] // whole), interpolation=cv2.INTER_AREA)
        shrink /= whole
    if shrink > 1.02:
        plane = cv2.GaussianBlur(plane, (0, 0), 0.5 * float(np.sqrt(shrink**2 - 1)), borderType=cv2.BORDER_CONSTANT)
    return plane, whole
