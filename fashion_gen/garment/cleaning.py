"""From a raw mask to one garment: components, holes, specks. Pure array functions at working size."""

from __future__ import annotations

import cv2
import numpy as np

from fashion_gen.garment.saliency import Backdrop, Lab
from fashion_gen.records import Mask

LEAST_HOLE = 0.004  #: of the mask's area: smaller holes are print, buttons or glare, and are filled
LEAST_CENTRAL_HOLE = 0.06  #: the same near the middle, where prints are and gaps between arm and body are not
MOST_BAY = 0.06  #: of the mask's area
BARE = 0.75  #: saliency under this may show the backdrop, perhaps in shadow
KEEP_BESIDE = (
    0.2  #: of the largest piece's area: a second piece that large stays (a belt cuts a dress, shoes come in pairs)
)


def clean(mask: Mask, lab: Lab, ground: Backdrop) -> Mask:
    """Drop specks and threads, keep the largest piece (and pieces nearly as large), fill what is not a real hole."""
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    kept = carve(_largest(opened > 0), lab, ground)
    return fill_false_holes(kept, ground)


def carve(mask: Mask, lab: Lab, ground: Backdrop) -> Mask:
    """Cut out bays that show the backdrop and open to the outside: the slit between a sleeve and the body.

    GrabCut bridges what is narrow. A bay has to look much more like the backdrop than like the garment around it, so
    that neither a white panel on white nor pale stripes are lost.
    """
    if ground.trust < 0.6:
        return mask
    alike = mask & (ground.saliency < BARE)
    solid = (mask & ~alike).astype(np.float32)
    weight = cv2.blur(solid, (21, 21))
    around = cv2.blur(lab * solid[..., None], (21, 21)) / (weight[..., None] + 1e-6)
    to_ground, to_cloth = np.linalg.norm(lab - ground.field, axis=2), np.linalg.norm(lab - around, axis=2)
    bare = (alike & (weight > 0.02) & (to_ground < 0.4 * to_cloth)).astype(np.uint8)
    bare = cv2.morphologyEx(bare, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(bare, connectivity=8)
    outside = cv2.dilate((~mask).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    touching = np.unique(labels[outside])
    total = float(mask.sum())
    bays = [
        i
        for i in range(1, count)
        if i in touching and LEAST_HOLE * total < stats[i, cv2.CC_STAT_AREA] < MOST_BAY * total
    ]
    return mask & ~np.isin(labels, bays)


def _largest(mask: Mask) -> Mask:
    count, labels, stats, centres = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    if count <= 1:
        return mask
    h, w = mask.shape
    area = stats[1:, cv2.CC_STAT_AREA].astype(np.float64)
    off = np.abs(centres[1:] / (w, h) - 0.5).max(axis=1)
    weight = area * (1.0 - 0.8 * off)  # a garment is photographed near the middle
    best = int(weight.argmax())
    keep = [i + 1 for i in range(count - 1) if i == best or (area[i] > KEEP_BESIDE * area[best] and off[i] < 0.42)]
    return np.isin(labels, keep)


def fill_false_holes(mask: Mask, ground: Backdrop) -> Mask:
    """Fill every hole but those that are large and show the backdrop (the gap between an arm and the body)."""
    count, labels, stats, centres = cv2.connectedComponentsWithStats((~mask).astype(np.uint8), connectivity=4)
    rim = set(np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])).tolist())
    columns = np.flatnonzero(mask.any(axis=0))
    if not len(columns):
        return mask
    middle, width, total = (columns[0] + columns[-1]) / 2, columns[-1] - columns[0] + 1, float(mask.sum())
    filled = mask.copy()
    for label in set(range(1, count)) - rim:
        central = abs(centres[label][0] - middle) < 0.18 * width
        hole = labels == label
        large = stats[label, cv2.CC_STAT_AREA] > (LEAST_CENTRAL_HOLE if central else LEAST_HOLE) * total
        if not (large and float(np.median(ground.saliency[hole])) < 0.45):
            filled |= hole
    return filled
