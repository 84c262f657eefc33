"""A plate from a drawing: strokes and edges are drawn at the master's size, light and colour are what the generator painted.

A small generator blurs fingers, seams and eyelids; the mannequin it started from has them sharp at any size. As retouchers
separate them, light is what is coarse: the change that the painting made to its canvas, smoothed, on the person and on the
backdrop by themselves, so that neither bleeds into the other.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.records import Mask, Matte, Picture

Floats = NDArray[np.float32]

#: Coarser than this share of the width is light, finer is detail.
LIGHT = 0.016
#: Nearer to an outline than this share of the width, a painting mixes what lies on both sides.
CLEAR = 0.005
#: How far, in 8-bit levels, light changes a colour: what the painting changed by much more is another thing at this place.
AGREEMENT = 26.0
MOST = 36.0


def relit(
    drawing: Picture, canvas: Picture, painting: Picture, *, person: Mask, skin: Sequence[Mask], garment: Matte
) -> Picture:
    """Return the `drawing` (H, W, 3) in the light and the colours that a generator gave it.

    It painted `painting` from `canvas`, both (h, w, 3), of the same aspect. `person` (H, W) is True where the drawing shows the
    figure; each (H, W) of `skin` where some of it is bare: there light may model, but not change the tone that was asked
    for. `garment` (h, w) is the matte of the garment in both: it tells nothing about the light beside it.
    """
    height, width = drawing.shape[:2]
    small = canvas.shape[1], canvas.shape[0]
    difference = painting.astype(np.float32) - canvas
    change = np.clip(difference, -MOST, MOST)
    agreed = np.exp(-(np.abs(difference).max(axis=2) ** 2) / (2 * AGREEMENT**2))
    bare = (garment <= 0.02) * agreed
    figure = cv2.resize(person.astype(np.float32), small, interpolation=cv2.INTER_AREA) > 0.5
    sigma = max(0.6, LIGHT * small[0])
    on = _smooth(change, bare * _clear_of(~figure, CLEAR * small[0]), sigma)
    # A backdrop has no detail, and what the painting spilled over the outline is none of its light.
    off = _smooth(change, bare * _clear_of(figure, 3 * CLEAR * small[0]), 4 * sigma)
    share = person.astype(np.float32)[..., None]
    lit = _enlarged(on, width, height)
    for bare_skin in skin:
        if bare_skin.any():
            lit[bare_skin] -= np.median(lit[bare_skin], axis=0)
    light = lit * share + _enlarged(off, width, height) * (1 - share)
    return np.asarray(np.clip(np.rint(drawing + light), 0, 255), np.uint8)


def _clear_of(mask: Mask, pixels: float) -> Floats:
    """Return (h, w): 1 where `mask` is further than that away, 0 elsewhere."""
    away = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5)
    return (away > pixels).astype(np.float32)  # type: ignore[no-any-return]


def _smooth(change: Floats, weight: Floats, sigma: float) -> Floats:
    """Return (h, w, 3): the mean of `change` around each pixel where `weight` (h, w) says; further out, that of a wider view."""
    out = np.zeros_like(change)
    for wider in (8.0, 1.0):
        near = cv2.GaussianBlur(weight, (0, 0), sigma * wider)
        mean = cv2.GaussianBlur(change * weight[..., None], (0, 0), sigma * wider) / np.maximum(near, 1e-4)[..., None]
        known = np.clip(near / 0.15, 0, 1)[..., None]
        out = out * (1 - known) + mean * known
    return np.asarray(out, np.float32)


def _enlarged(values: Floats, width: int, height: int) -> Floats:
    return np.asarray(cv2.resize(values, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
