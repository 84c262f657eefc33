"""From a raw mask to one garment: components, holes, specks. Pure array functions at working size."""

from __future__ import annotations

import cv2
import numpy as np

from fashion_gen.garment.saliency import Backdrop, Lab
from fashion_gen.records import Mask

LEAST_HOLE = 0.004  #: of the mask's area: smaller holes are print, buttons or glare, and are filled
KEEP_BESIDE = 0.2  #: of the largest piece's area: a second piece that large stays (a belt cuts a dress, shoes come in pairs)


def clean(mask: Mask, lab: Lab, ground: Backdrop) -> Mask:
    """Drop specks and threads, keep the largest piece (and pieces nearly as large), fill what is not a real hole."""
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    kept = _largest(opened > 0)
    return fill_false_holes(kept, lab, ground)


def _largest(mask: Mask) -> Mask:
    count, labels, stats, centres = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    if count <= 1:
        return mask
    h, w = mask.shape
    area = stats[1:, cv2.CC_STAT_AREA].astype(np.float64)
    off = np.abs(centres[1:] / (w, h) - 0.5).max(axis=1)
    weight = area * (1.0 - 0.8 * off)  # a garment is photographed near the middle
    best = int(weight.argmax())
    keep = [i + 1 for i in range(count - 1) if i == best or area[i] > KEEP_BESIDE * area[best] and off[i] < 0.42]
    return np.isin(labels, keep)


def fill_false_holes(mask: Mask, lab: Lab, ground: Backdrop) -> Mask:
    """Fill every hole but those that are large and show the backdrop (the gap between sleeve and body)."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((~mask).astype(np.uint8), connectivity=4)
    filled = mask.copy()
    rim = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    total = float(mask.sum())
    for label in range(1, count):
        if label in rim:
            continue
        hole = labels == label
        real = stats[label, cv2.CC_STAT_AREA] > LEAST_HOLE * total and _shows_backdrop(hole, ground)
        if not real:
            filled |= hole
    return filled


def _shows_backdrop(hole: Mask, ground: Backdrop) -> bool:
    return float(np.median(ground.saliency[hole])) < 0.45
