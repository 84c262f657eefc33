"""The hollow neck: the garment's own back seen through its neckline. A person's neck goes in front of it.

Between the two neck corners the silhouette ends at the back collar; the front neckline is an edge that hangs below it.
It is looked for as the strongest smooth arc around the middle of the neck (dynamic programming over angle and radius), first in
a small picture, where lettering and folds say little, then beside what was found, as fine as the photo shows it.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.garment.path import best_path
from fashion_gen.garment.saliency import to_lab
from fashion_gen.garment.scale import scaled
from fashion_gen.records import Landmark, Mask, Matte, Picture

WORK = 96  #: pixels across the neck
ANGLES, LEAST, MOST = 48, 0.15, 1.25  #: the arc's radius in half neck widths, downwards up to `MOST`
DEPTH_COST = 0.3  #: prefer the inner rim of a ribbed collar to the outer
SATURATION = 8.0  #: gradient in Lab units at which an edge counts half
FINE, FINE_ANGLES = 640, 240  #: pixels across the neck at most where the arc is followed, and its angles
REACH = 0.10  #: half neck widths to either side of the arc that was found
STRAY_COST = 0.4  #: of an edge as strong as they come, for the whole of `REACH`
SMOOTH = 5.0  #: angles over which the followed arc is averaged
RIB = 0.08, 0.34  #: how wide a rib is, in half neck widths, at least and at most
EVEN = 0.03  #: how much its width may vary, half neck widths
RIB_CONTRAST = 20.0  #: Lab units between a rib and what it frames
BLEED = 0.75  #: pixels of the photo by which the inside's colour goes past the middle of the edge
LEAST_CONTRAST = 1.6  #: arc gradient over its surroundings
LEAST_DIFFERENCE = 5.0  #: Lab units between what lies above and below the arc


def neck_inside(rgb: Picture, matte: Matte, landmarks: Mapping[str, Landmark]) -> Mask:
    """(H, W) True where the inside of the back shows through the neckline; all False when it cannot be told."""
    nothing = np.zeros(matte.shape, bool)
    if "left_neck" not in landmarks or "right_neck" not in landmarks:
        return nothing
    h, w = matte.shape
    left, right = landmarks["left_neck"], landmarks["right_neck"]
    half = (right.x - left.x) * w / 2
    centre = np.array([(left.x + right.x) * w / 2, (left.y + right.y) * h / 2])
    if half < 6:
        return nothing
    window = _window(centre, half, (h, w))
    scale = WORK / (2 * half)
    patch, solid = (scaled(a[window], scale) for a in (rgb, (matte > 0.5).astype(np.uint8)))
    origin = (centre - (window[1].start, window[0].start)) * scale
    lab = to_lab(patch)
    radii = _neckline(lab, solid > 0, origin)
    if radii is None:
        return nothing
    hollow = _fill(solid.shape, origin, radii - 1.0) & (solid > 0)
    if not _differs(lab, hollow, solid > 0):
        return nothing
    radii = radii - _rib(lab, solid > 0, origin, radii)
    fine = min(1.0, FINE / (2 * half))
    followed = _followed(to_lab(scaled(rgb[window], fine)), origin * fine / scale, radii * fine / scale, half * fine)
    nothing[window] = _fill(nothing[window].shape, origin / scale, followed / fine + BLEED)
    return nothing & (matte > 0)


def _window(centre: NDArray[np.float64], half: float, shape: tuple[int, int]) -> tuple[slice, slice]:
    x0, x1 = int(max(0, centre[0] - 1.4 * half)), int(min(shape[1], centre[0] + 1.4 * half + 1))
    y0, y1 = int(max(0, centre[1] - 1.2 * half)), int(min(shape[0], centre[1] + 2.2 * half + 1))
    return slice(y0, y1), slice(x0, x1)


def _neckline(lab: NDArray[np.float32], solid: Mask, origin: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """(ANGLES,) radius in pixels of the front neckline from the viewer's right (0) down to the left (pi); None if faint."""
    unit = WORK / 2
    smooth = cv2.GaussianBlur(lab, (0, 0), 1.5)
    strength = np.zeros(lab.shape[:2], np.float32)
    for channel in range(3):
        dx, dy = cv2.Sobel(smooth[..., channel], cv2.CV_32F, 1, 0), cv2.Sobel(smooth[..., channel], cv2.CV_32F, 0, 1)
        strength += dx * dx + dy * dy
    strength = np.sqrt(strength)
    strength = strength / (strength + SATURATION)  # lettering is no better an edge than a seam
    strength *= cv2.erode(solid.astype(np.uint8), np.ones((7, 7), np.uint8))
    theta = _angles(ANGLES)
    radius = np.linspace(LEAST * unit, MOST * unit, 64)
    polar = _polar(strength, origin, theta, radius)
    # Near the corners the arc is as wide as the neck: keep it there.
    home = np.abs(radius[None] / unit - 1.0) * np.abs(np.cos(theta))[:, None] ** 2
    value = polar - polar.mean() * (3.6 * home + DEPTH_COST * radius[None] / unit)
    path = best_path(value, 0.02 * float(value.max()))
    along = polar[np.arange(ANGLES), path]
    seen = along[ANGLES // 6 : -ANGLES // 6]
    if float(np.percentile(seen, 35)) < LEAST_CONTRAST * float(polar[polar > 0].mean() if (polar > 0).any() else 1e9):
        return None
    return np.asarray(radius[path])


def _rib(lab: NDArray[np.float32], solid: Mask, origin: NDArray[np.float64], radii: NDArray[np.float64]) -> float:
    """Pixels that a rib of its own colour takes up inside of the arc; 0 where none frames the neck.

    A rib that is darker or lighter than garment and lining has two edges, and its outer one may be the stronger. It is the front's,
    and as wide all along.
    """
    unit, theta = WORK / 2, _angles(len(radii))
    low = slice(len(radii) // 6, -(len(radii) // 6))
    inward = np.arange(1.0, RIB[1] * unit)
    radius = np.clip(radii[low, None] - inward, 0, None)
    strip = _polar(cv2.GaussianBlur(lab, (0, 0), 1.0), origin, theta[low], radius)
    away = np.median(strip[:, -4:], axis=(0, 1)) - np.median(strip[:, 1:4], axis=(0, 1))
    contrast = float(np.linalg.norm(away))
    cloth = _polar(solid.astype(np.float32), origin, theta[low], radius)
    if contrast < RIB_CONTRAST or float(cloth.min(axis=1).mean()) < 0.9:
        return 0.0
    rise = np.clip(np.gradient(strip @ (away / contrast), axis=1), 0, None)
    wide = inward[best_path(rise / (rise + SATURATION / 4), 0.05)]
    even = float(wide.std()) < EVEN * unit and float(np.median(wide)) > RIB[0] * unit
    return float(np.median(wide)) if even else 0.0


def _followed(
    lab: NDArray[np.float32], origin: NDArray[np.float64], radii: NDArray[np.float64], unit: float
) -> NDArray[np.float64]:
    """(FINE_ANGLES,) the arc `radii` moved onto the edge where the inside's colour ends; `unit` is half a neck width.

    Only a change from the inside's colour towards the front's counts: a seam or a fold beside the edge has both.
    """
    theta, fine = _angles(len(radii)), _angles(FINE_ANGLES)
    coarse = _averaged(np.interp(fine, theta, radii), FINE_ANGLES / len(radii))
    offsets = np.arange(-round(REACH * unit), round(REACH * unit) + 1, dtype=np.float64)
    radius = coarse[:, None] + offsets
    strip = _polar(cv2.GaussianBlur(lab, (0, 0), 1.0), origin, fine, radius)
    third = len(offsets) // 3
    towards = np.median(strip[:, -third:], axis=(0, 1)) - np.median(strip[:, :third], axis=(0, 1))
    rise = np.clip(np.gradient(strip @ (towards / max(float(np.linalg.norm(towards)), 1e-6)), axis=1), 0, None)
    value = rise / (rise + SATURATION / 4) - STRAY_COST * np.abs(offsets) / max(offsets[-1], 1.0)
    return coarse + _averaged(offsets[best_path(value, 0.02 * float(value.max()))], SMOOTH)


def _averaged(values: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    return np.asarray(cv2.GaussianBlur(values[None], (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)[0])


def _angles(count: int) -> NDArray[np.float64]:
    return np.linspace(0.12, np.pi - 0.12, count)


def _polar(
    values: NDArray[np.float32], origin: NDArray[np.float64], theta: NDArray[np.float64], radius: NDArray[np.float64]
) -> NDArray[np.float32]:
    """(A, R, ...) values at the A angles and their (R,) or (A, R) radii around `origin`."""
    x = origin[0] + np.cos(theta)[:, None] * radius
    y = origin[1] + np.sin(theta)[:, None] * radius
    return np.asarray(cv2.remap(values, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR))


def _fill(shape: tuple[int, int], origin: NDArray[np.float64], radii: NDArray[np.float64]) -> Mask:
    """Everything inside the arc and above it, up to the top of the patch."""
    theta = _angles(len(radii))
    arc = origin + np.stack([np.cos(theta), np.sin(theta)], axis=1) * radii[:, None]
    lid = np.array([[arc[-1, 0], 0.0], [arc[0, 0], 0.0]])
    canvas = np.zeros(shape, np.uint8)
    cv2.fillPoly(canvas, [np.rint(16 * np.concatenate([arc, lid])).astype(np.int32)], 1, shift=4)
    return canvas > 0


def _differs(lab: NDArray[np.float32], hollow: Mask, solid: Mask) -> bool:
    """Whether the hollow is another cloth or lies in shadow, compared with the front just below it."""
    below = cv2.dilate(hollow.astype(np.uint8), np.ones((25, 25), np.uint8)) > 0
    front = below & ~(cv2.dilate(hollow.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0) & solid
    if hollow.sum() < 60 or front.sum() < 60:
        return False
    difference = np.median(lab[hollow], axis=0) - np.median(lab[front], axis=0)
    return float(np.linalg.norm(difference)) > LEAST_DIFFERENCE
