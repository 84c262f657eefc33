"""How true the garment is in a written look: against its reference and at its seam. Pure functions."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.records import Mask, Matte, Picture

Floats = NDArray[np.float32]

#: Opaque pixels in the 8-bit matte; the core is 3 pixels away from all others, as `compose` keeps it.
OPAQUE, CORE_EROSION = 250, 3
#: Pixels compared by CIEDE2000: more change the percentile by less than its last digit.
SAMPLE = 40_000
#: Points of the outline that are looked at.
OUTLINE = 6_000
#: The seam is walked along its normals in pixels of a picture with a long side of 1000: garment, thin ring, further
#: out.
INWARDS, RING, OUTWARDS = (-8, -6, -5, -4, -3, -2), (1.0, 2.0), (5, 6, 7, 8, 10, 12)


def core_of(matte: NDArray[np.uint8]) -> Mask:
    """Return (H, W), True where an (H, W) 8-bit matte is certainly garment."""
    side = 2 * CORE_EROSION + 1
    core: NDArray[np.uint8] = cv2.erode((matte >= OPAQUE).astype(np.uint8), np.ones((side, side), np.uint8))
    return core > 0


def max_delta(master: Picture, reference: Picture, core: Mask) -> int | None:
    """Return the largest difference of a channel in the core, 0 to 255; None without a core or if the sizes differ."""
    if master.shape != reference.shape or not core.any():
        return None
    return int(cv2.minMaxLoc(_largest_difference(master, reference), core.astype(np.uint8))[1])


def garment_delta_e(master: Picture, reference: Picture, matte: NDArray[np.uint8]) -> float | None:
    """Return the 95th percentile of CIEDE2000 between master and reference where the 8-bit matte is 128 and more."""
    where = matte >= 128
    size = np.count_nonzero(where)
    if master.shape != reference.shape or not size:
        return None
    if np.count_nonzero(_largest_difference(master, reference)[where]) < 0.05 * size:
        return 0.0
    step = max(1, size // SAMPLE)
    left, right = master[where], reference[where]
    return float(np.percentile(ciede2000(lab(left[::step]), lab(right[::step])), 95))


def seam_delta_e(picture: Picture, matte: Matte, parts: NDArray[np.uint8]) -> float | None:
    """Return the 95th percentile along the outline of how foreign the thin ring outside of it looks; None without one.

    `picture` and `matte` have a long side of about 1000. The colour 1 to 2 pixels outside the soft edge is compared
    (CIEDE2000) with the colours 5 to 12 pixels out along the same normal and with the garment's own edge; the closest
    counts. On a clean seam the ring is like what lies further out, so the distance is small; a halo, a glow or a
    half-mixed fringe is like neither. Where the ring shows another of the mannequin's `parts` (H, W) than everything
    further out, nothing can be compared and the place is left out.
    """
    points, normals = _comparable(*_outline(matte), matte, parts)
    if not len(points):
        return None
    image = lab(picture)
    ring = np.mean([_sample(image, points + normals * step) for step in RING], axis=0)
    others = [_sample(image, points + normals * step) for step in (*INWARDS, *OUTWARDS)]
    foreign = np.min([ciede2000(ring, other) for other in others], axis=0)
    return float(np.percentile(foreign, 95))


def lab(rgb: NDArray[np.uint8]) -> Floats:
    """Return (..., 3) sRGB uint8 as CIE L*a*b* (D65)."""
    flat = rgb.reshape(1, -1, 3).astype(np.float32) / 255
    converted: Floats = cv2.cvtColor(flat, cv2.COLOR_RGB2LAB)
    return converted.reshape(rgb.shape)


def ciede2000(left: Floats, right: Floats) -> Floats:
    """Return the CIEDE2000 colour difference of (N, 3) L*a*b* colours."""
    from skimage.color import deltaE_ciede2000

    return deltaE_ciede2000(left, right).astype(np.float32)  # type: ignore[no-any-return]


def _largest_difference(left: Picture, right: Picture) -> NDArray[np.uint8]:
    """Return (H, W): how far the most different channel is off."""
    difference = cv2.absdiff(left, right)
    return cv2.max(cv2.max(difference[..., 0], difference[..., 1]), difference[..., 2])  # type: ignore[no-any-return]


def _outline(matte: Matte) -> tuple[Floats, Floats]:
    """Return (N, 2) points on the outer end of the soft edge and (N, 2) unit normals that point out of the garment."""
    contours, _ = cv2.findContours((matte > 0.04).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32)
    points = np.concatenate(contours)[:, 0].astype(np.float32)
    points = points[:: 1 + len(points) // OUTLINE]
    smooth = cv2.GaussianBlur(matte, (0, 0), 2.0)
    slope = np.stack([cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)], axis=2)
    normals = -_sample(slope, points)
    length = np.linalg.norm(normals, axis=1)
    steep = length > 1e-3
    return points[steep], normals[steep] / length[steep, None]


def _comparable(points: Floats, normals: Floats, matte: Matte, parts: NDArray[np.uint8]) -> tuple[Floats, Floats]:
    """Return those points whose normals leave the garment, stay in the picture and find their part again further out."""
    height, width = matte.shape
    reach = max(OUTWARDS)
    clear = (_sample(matte, points + normals * reach) < 0.02) & (_sample(matte, points + normals * RING[0]) < 0.05)
    clear &= ((points > reach) & (points < (width - reach, height - reach))).all(1)
    points, normals = points[clear], normals[clear]
    near, *out = (_labels(parts, points + normals * step) for step in (np.mean(RING), *OUTWARDS))
    again = np.equal(out, near).any(0)
    return points[again], normals[again]


def _sample(plane: Floats, points: Floats) -> Floats:
    """Return the values of `plane` (H, W[, C]) at (N, 2) points, bilinear, the border continued."""
    if not len(points):
        return plane.reshape(-1, *plane.shape[2:])[:0]
    taken = cv2.remap(
        plane, points[:, None, :].astype(np.float32), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return taken[:, 0]  # type: ignore[no-any-return]


def _labels(parts: NDArray[np.uint8], points: Floats) -> NDArray[np.uint8]:
    x, y = np.rint(points).astype(int).T
    return np.asarray(parts[y, x])
