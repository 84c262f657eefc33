"""Give a painted picture the colours of its canvas along the axis that a small autoencoder dropped.

The autoencoder of `mini` keeps brightness and the blue-orange axis, and loses green-magenta: red cloth comes out
orange, a sage wall grey. But those colours were never the model's to choose: skin, hair, companion clothes and backdrop
are given by the dressed mannequin, and the garment by the photo. So the lost axis is taken from the canvas and carried to
the painted outlines by a confidence-weighted guided filter (He, Sun, Tang, "Guided Image Filtering", TPAMI 2013), with
the painted picture as the guide.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.records import Picture

Plane = NDArray[np.float32]

#: Windows from fine to coarse, as shares of the long side: the coarse one answers where the fine one sees no evidence.
WINDOWS = (0.02, 0.06, 0.2)
#: How far painting and canvas may differ, of 255, and still show the same thing.
AGREEMENT = 26.0
SMOOTH = 60.0  #: the filter's epsilon, in squared grey levels: what counts as an edge of the guide
EVIDENCE = 0.05  #: mean confidence below which a window hands over to a coarser one


def restore(painted: Picture, canvas: Picture) -> Picture:
    """Return `painted` (H, W, 3) with its green-magenta axis replaced by that of `canvas` (H, W, 3)."""
    guide_a, guide_b, _ = _axes(painted)
    own_a, own_b, given = _axes(canvas)
    difference = (guide_a - own_a) ** 2 + (guide_b - own_b) ** 2
    confidence = np.exp(-difference / (2 * AGREEMENT**2)).astype(np.float32)
    magenta = _carried(guide_a, guide_b, given, confidence)
    return _picture(guide_a, guide_b, magenta)


def _axes(rgb: Picture) -> tuple[Plane, Plane, Plane]:
    """Brightness, blue-orange and green-magenta, each (H, W); an orthonormal turn of RGB, so that it can be undone."""
    red, green, blue = np.moveaxis(rgb.astype(np.float32), -1, 0)
    return (red + green + blue) / 3**0.5, (red - blue) / 2**0.5, (2 * green - red - blue) / 6**0.5


def _picture(bright: Plane, orange: Plane, green: Plane) -> Picture:
    grey = bright / 3**0.5
    red = grey + orange / 2**0.5 - green / 6**0.5
    blue = grey - orange / 2**0.5 - green / 6**0.5
    middle = grey + 2 * green / 6**0.5
    return np.clip(np.stack([red, middle, blue], axis=-1) + 0.5, 0, 255).astype(np.uint8)


def _carried(a: Plane, b: Plane, given: Plane, confidence: Plane) -> Plane:
    """`given` where it is trusted, continued along the guide (a, b) where it is not."""
    out = np.zeros_like(a)
    open_ = np.ones_like(a)
    for share in WINDOWS:
        size = 2 * max(1, round(share * max(a.shape))) + 1
        estimate, evidence = _guided(a, b, given, confidence, size)
        last = share == WINDOWS[-1]
        take = open_ * (1.0 if last else np.clip(evidence / EVIDENCE - 1, 0, 1))
        out += take * estimate
        open_ -= take
    return out


def _guided(a: Plane, b: Plane, given: Plane, weight: Plane, size: int) -> tuple[Plane, Plane]:
    """One guided filter with a two-channel guide: the estimate and the mean weight of each window."""

    def mean(values: NDArray[np.floating]) -> Plane:
        return np.asarray(cv2.boxFilter(values, -1, (size, size), borderType=cv2.BORDER_REFLECT), np.float32)

    total = np.maximum(mean(weight), np.float32(1e-4))

    def expected(values: NDArray[np.floating]) -> Plane:
        return np.asarray(mean(weight * values) / total, np.float32)

    ma, mb, mg = expected(a), expected(b), expected(given)
    aa = expected(a * a) - ma * ma + SMOOTH
    bb = expected(b * b) - mb * mb + SMOOTH
    ab = expected(a * b) - ma * mb
    ag = expected(a * given) - ma * mg
    bg = expected(b * given) - mb * mg
    determinant = aa * bb - ab * ab
    slope_a = (bb * ag - ab * bg) / determinant
    slope_b = (aa * bg - ab * ag) / determinant
    offset = mg - slope_a * ma - slope_b * mb
    # Windows that know more speak louder where windows overlap.
    know = np.maximum(mean(total), np.float32(1e-4))
    estimate = (mean(total * slope_a) * a + mean(total * slope_b) * b + mean(total * offset)) / know
    return np.asarray(estimate, np.float32), total
