"""From saliency to masks: GrabCut from seeds, and a score that picks the best of several masks without knowing the truth."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from fashion_gen.garment.saliency import Lab, border_band
from fashion_gen.records import Mask, Matte, Picture


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """One guess at the garment. `score` in [0, 1] says how well its outline agrees with the picture."""

    name: str
    mask: Mask  #: (h, w)
    score: float


def otsu(saliency: Matte) -> float:
    """The threshold in [0, 1] that splits a saliency map best (Otsu 1979)."""
    level, _ = cv2.threshold((saliency * 255).astype(np.uint8), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return float(np.clip(level / 255.0, 0.08, 0.92))


def grabcut(rgb: Picture, saliency: Matte, *, iterations: int = 2) -> Mask:
    """Rother et al. 2004, seeded by a saliency map: its top is surely garment, its bottom surely background."""
    level = otsu(saliency)
    state = np.full(saliency.shape, cv2.GC_PR_BGD, np.uint8)
    state[saliency > level] = cv2.GC_PR_FGD
    sure = cv2.erode((saliency > level + 0.55 * (1 - level)).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    state[sure] = cv2.GC_FGD
    state[(saliency < 0.35 * level) & border_band(saliency.shape)] = cv2.GC_BGD
    if not (state & 1).any() or (state & 1).all():
        return np.asarray(saliency > level)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)  # GrabCut starts from k-means; the same photo must give the same mask
    cv2.grabCut(np.ascontiguousarray(rgb), state, None, *models, iterations, cv2.GC_INIT_WITH_MASK)
    return np.asarray((state & 1) == 1)


def follow(rgb: Picture, mask: Mask) -> Mask:
    """Bring a small mask to the size of `rgb` and let one more GrabCut decide within a few pixels of its outline."""
    grown = cv2.resize(mask.astype(np.float32), rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR) > 0.5
    reach = round(3.5 * rgb.shape[0] / mask.shape[0])
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    state = np.where(grown, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    state[cv2.erode(grown.astype(np.uint8), kernel) > 0] = cv2.GC_FGD
    state[cv2.dilate(grown.astype(np.uint8), kernel) == 0] = cv2.GC_BGD
    if not (state & 1).any() or (state & 1).all():
        return np.asarray(grown)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    cv2.grabCut(np.ascontiguousarray(rgb), state, None, *models, 1, cv2.GC_INIT_WITH_MASK)
    return np.asarray((state & 1) == 1)


def score(lab: Lab, gradient: Matte, mask: Mask, cut: Mask | None = None) -> float:
    """How believable a mask is as one object before a background, in [0, 1].

    Three signs: its outline runs along edges, the colours just inside and just outside differ, and it leaves the
    border of the picture free, but for where the border is known to cut the object (`cut`, (h, w)). Empty, tiny and
    all-covering masks score 0.
    """
    area = float(mask.mean())
    if not 0.02 < area < 0.92:
        return 0.0
    rim, inner, outer = _rings(mask)
    if rim.sum() < 30:
        return 0.0
    noise = float(np.median(gradient[outer])) if outer.any() else 0.0
    at_edge = gradient / (gradient + 1.5 * noise + 0.5)
    edge = float(at_edge[rim].mean())
    apart = _local_difference(lab, inner, outer)[rim]
    separation = float((apart / (apart + 4.0)).mean())
    frame = border_band(mask.shape, 0.005)
    contact = float((mask if cut is None else mask & ~cut)[frame].mean())
    size = min(1.0, area / 0.08)
    return float((0.5 * edge + 0.5 * separation) * (1.0 - contact) ** 1.5 * size)


def soft_overlap(mask: Mask, saliency: Matte) -> float:
    """Intersection over union of a mask with a graded map, in [0, 1]."""
    inside = float(saliency[mask].sum())
    return inside / (float(mask.sum()) + float(saliency[~mask].sum()) + 1e-9)


def gradient_of(lab: Lab) -> Matte:
    """(h, w) float32 colour gradient in Lab units per pixel."""
    total = np.zeros(lab.shape[:2], np.float32)
    for channel in range(3):
        dx = cv2.Scharr(lab[..., channel], cv2.CV_32F, 1, 0) / 32.0
        dy = cv2.Scharr(lab[..., channel], cv2.CV_32F, 0, 1) / 32.0
        total += dx * dx + dy * dy
    return np.asarray(np.sqrt(total))


def _rings(mask: Mask) -> tuple[Mask, Mask, Mask]:
    """The outline (away from the picture's own border), a band inside it and a band outside it."""
    whole = mask.astype(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    away = ~border_band(mask.shape, 0.01)
    rim = (cv2.dilate(whole, kernel) != cv2.erode(whole, kernel)) & away
    inner = mask & (cv2.erode(whole, kernel, iterations=7) == 0)
    outer = ~mask & (cv2.dilate(whole, kernel, iterations=7) > 0)
    return rim, inner, outer


def _local_difference(lab: Lab, inner: Mask, outer: Mask) -> Matte:
    """(h, w) Lab distance between the mean colour nearby on the one side and nearby on the other."""
    side = []
    for band in (inner, outer):
        weight = cv2.blur(band.astype(np.float32), (15, 15)) + 1e-6
        side.append(cv2.blur(lab * band[..., None].astype(np.float32), (15, 15)) / weight[..., None])
    return np.asarray(np.linalg.norm(side[0] - side[1], axis=2))
