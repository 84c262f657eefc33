"""What the category is told from, in two views.

The outline and a little of the picture inside it come first (234 numbers), the seams in it and its framing follow (582).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.garment.gradients import gradients
from fashion_gen.garment.lower import crotch_notch
from fashion_gen.garment.outline import Outline
from fashion_gen.garment.upper import armpits
from fashion_gen.records import Matte, Picture

ROWS = 16  #: rows of the width profile
CELLS = (12, 6)  #: the silhouette in its box, folded at the axis
EDGES = (4, 4, 6)  #: rows, columns and directions of the gradient histogram


def features(outline: Outline, rgb: Picture, matte: Matte) -> NDArray[np.float64]:
    """(n,) float64 feature vector; the same for a garment and its mirror image where that is possible."""
    return np.concatenate([
        _overall(outline), _profile(outline), _silhouette(outline), _inner(rgb, matte), gradients(rgb, matte), _framing(matte)
    ])  # fmt: skip


def _framing(matte: Matte) -> NDArray[np.float64]:
    """How much of each side of the photo it touches (left and right by size), and how much of the photo it fills."""
    solid = matte > 0.5
    rows = np.flatnonzero(solid.any(axis=1))
    beside = sorted([solid[:, 0].mean(), solid[:, -1].mean()])
    return np.array([solid[0].mean(), solid[-1].mean(), *beside, solid.mean(), (rows[-1] - rows[0] + 1) / len(solid)])


def _overall(outline: Outline) -> NDArray[np.float64]:
    crotch = crotch_notch(outline)
    pits = armpits(outline)
    _, top, _, _ = outline.box
    sleeves = [float(pit.sleeved) * pit.confidence for pit in pits.values()]
    level = np.mean([(pit.point[1] - top) / outline.height for pit in pits.values()])
    chest = abs(pits["right"].point[0] - pits["left"].point[0]) / outline.width
    middle = outline.top[round(outline.axis)]
    dip = (middle - top) / outline.height if np.isfinite(middle) else 1.0
    return np.array([
        np.log(outline.height / outline.width),
        np.log(outline.height / outline.width) ** 2,
        outline.solidity,
        outline.symmetry,
        outline.mask.sum() / (outline.width * outline.height),
        crotch.depth / outline.height if crotch else 0.0,
        (crotch.bottom[1] - top) / outline.height if crotch else 1.0,
        max(sleeves),
        min(sleeves),
        level,
        chest,
        dip,
        len(outline.notches) / 5.0,
    ])  # fmt: skip


def _profile(outline: Outline) -> NDArray[np.float64]:
    """Per row: width from end to end, width of the stretch at the axis, and the share of gaps; in box widths."""
    _, top, _, bottom = outline.box
    rows = []
    for y in np.rint(np.linspace(top + 2, bottom - 2, ROWS)).astype(int):
        runs, middle = outline.runs(int(y)), outline.middle_run(int(y))
        if not runs or middle is None:
            rows.append((0.0, 0.0, 0.0))
            continue
        whole = runs[-1][1] - runs[0][0] + 1
        solid = sum(b - a + 1 for a, b in runs)
        rows.append((whole / outline.width, (middle[1] - middle[0] + 1) / outline.width, 1 - solid / whole))
    return np.array(rows).T.ravel()


def _silhouette(outline: Outline) -> NDArray[np.float64]:
    """The filled share of a grid over the box, left and right averaged."""
    left, top, right, bottom = outline.box
    box = outline.mask[top : bottom + 1, left : right + 1].astype(np.float32)
    rows, columns = CELLS
    grid = cv2.resize(box, (2 * columns, rows), interpolation=cv2.INTER_AREA)
    folded = (grid[:, :columns] + grid[:, : columns - 1 : -1]) / 2
    return np.asarray(folded.ravel(), np.float64)


def _inner(rgb: Picture, matte: Matte) -> NDArray[np.float64]:
    """Directions of edges inside the garment on a grid (folded at the middle), and its lightness, chroma and contrast."""
    solid = matte > 0.5
    ys, xs = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    window = slice(ys[0], ys[-1] + 1), slice(xs[0], xs[-1] + 1)
    crop = cv2.resize(rgb[window], (96, 96), interpolation=cv2.INTER_AREA)
    inside = cv2.resize(solid[window].astype(np.float32), (96, 96), interpolation=cv2.INTER_AREA)
    core = cv2.erode(inside, np.ones((5, 5), np.uint8))
    lab = cv2.cvtColor(crop.astype(np.float32) / 255.0, cv2.COLOR_RGB2LAB)
    grey = cv2.GaussianBlur(lab[..., 0], (0, 0), 1.0)
    dx, dy = cv2.Sobel(grey, cv2.CV_32F, 1, 0) * core, cv2.Sobel(grey, cv2.CV_32F, 0, 1) * core
    strength = np.hypot(dx, dy)
    rows, columns, directions = EDGES
    angle = (np.arctan2(dy, np.abs(dx)) / np.pi + 0.5) * directions  # |dx|: a mirrored edge counts as the same
    sector = np.clip(angle.astype(int), 0, directions - 1)
    y, x = np.mgrid[0:96, 0:96]
    fold = np.where(x < 48, x, 95 - x) * columns // 48
    cell = (y * rows // 96 * columns + fold) * directions + sector
    histogram = np.bincount(cell.ravel(), strength.ravel(), rows * columns * directions)
    histogram = np.sqrt(histogram / (histogram.sum() + 1e-6))
    weight = core > 0.5
    pixels = lab[weight] if weight.any() else lab.reshape(-1, 3)
    chroma = np.hypot(pixels[:, 1], pixels[:, 2])
    tone = [
        pixels[:, 0].mean() / 100,
        pixels[:, 0].std() / 30,
        chroma.mean() / 40,
        chroma.std() / 20,
        strength.mean() / 20,
    ]
    return np.concatenate([histogram, tone])
