"""What a clip hanger leaves in a cut-out: clips, bar and hook stand above the waistband of a skirt or of trousers.

Narrow stubs of another colour than the cloth tell it, and `waistband.py` where the garment ends under them. Jaws that lie on
the cloth stay: they are the seller's pixels, and a bite out of the band looks worse than they do.
"""

from __future__ import annotations

import cv2
import numpy as np

from fashion_gen.garment.likeness import Likeness, Logs, share
from fashion_gen.garment.matting import refine, unknown_band
from fashion_gen.garment.saliency import Lab, to_lab
from fashion_gen.garment.scale import scaled
from fashion_gen.garment.waistband import DEEPEST, WORK, Waistband, waistband
from fashion_gen.records import Mask, Matte, Picture

ZONE = 0.9  #: how far below its top a garment is looked at; like what follows in widths of the waist
WIDEST, LEAST = 0.16, 0.045  #: a stub's width and height; belt loops and gathers are lower
LOW = 0.03  #: height of a further stub that looks like the first
OFF_AXIS = 0.15  #: clips stand to the sides of the middle, a bow does not
UNLIKE = -1.0  #: mean log odds of cloth in the stub that tells of a hanger; straps and prongs of the cloth have more
ALIKE = -0.6  #: the same for further stubs, against the hanger's colours
HALO = 0.02  #: what is soft around a hanger, or thinner than twice that beside it, goes with it
LEAST_CLOTH = 200  #: pixels from which the cloth's colours are taken


def without_hanger(rgb: Picture, matte: Matte) -> Matte:
    """(H, W) matte without what a hanger shows above the waistband; the very same array where nothing tells of one."""
    solid = matte > 0.5
    if not solid.any():
        return matte
    left, right = np.flatnonzero(solid.any(axis=0))[[0, -1]]
    top = int(solid.any(axis=1).argmax())
    wide = int(right - left + 1)
    spans = [int(np.ptp(np.flatnonzero(row))) + 1 for row in solid[top + wide // 5 : top + wide // 3] if row.any()]
    waist = float(np.median(spans or [wide]))
    edge = round(0.1 * wide)
    window = (
        slice(max(0, top - edge), top + round(ZONE * waist)),
        slice(max(0, int(left) - edge), int(right) + edge + 1),
    )
    small = scaled(matte[window], WORK / waist)
    found = _found(to_lab(scaled(rgb[window], WORK / waist)), small)
    return matte if found is None else _cut(rgb, matte, window, found)


def _found(lab: Lab, matte: Matte) -> Waistband | None:
    """The waistband under a hanger in an (h, w) matte whose waist is `WORK` pixels wide; None without a hanger."""
    solid, rows = matte > 0.5, np.arange(len(matte))[:, None]
    lowest = int(solid.any(axis=1).argmax()) + round(DEEPEST * WORK)
    deep = cv2.erode((solid & (rows > lowest)).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    stubs = _stubs(solid, lowest)
    if not stubs or deep.sum() < LEAST_CLOTH:
        return None
    axis = float(np.flatnonzero(deep.any(axis=0))[[0, -1]].mean())
    cloth = share(lab[deep], lab)
    sure = [s for s in stubs if _height(s) >= LEAST * WORK and _odds(cloth, share(lab[s], lab), s) < UNLIKE]
    if not sure:
        return None
    hanger = share(lab[np.any(sure, axis=0)], lab)
    every = [s for s in stubs if _odds(cloth, hanger, s) < ALIKE]
    clips = [s for s in every if _off(s, axis)]
    sides = {bool(np.nonzero(s)[1].mean() > axis) for s in clips}
    if not any(_off(s, axis) for s in sure) and len(sides) < 2:
        return None  # a bow, or whatever else stands in the middle
    near = cv2.dilate(solid.astype(np.uint8), np.ones((41, 41), np.uint8)) > 0
    wall = lab[(matte < 0.1) & near & (rows < lowest)]
    shaded = np.concatenate([wall - (dark, 0, 0) for dark in (0, 10, 20, 30)])  # by the hanger or inside the garment
    like = Likeness(cloth, hanger, share(shaded, lab))
    return waistband(like, matte, every, clips, axis)


def _stubs(solid: Mask, lowest: int) -> list[Mask]:
    """Narrow pieces, (h, w) each, in which the top of an (h, w) mask ends above row `lowest`."""
    across = np.ones((1, round(WIDEST * WORK)), np.uint8)
    narrow = solid & (cv2.morphologyEx(solid.astype(np.uint8), cv2.MORPH_OPEN, across) == 0)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(narrow.astype(np.uint8), connectivity=4)
    top = solid.argmax(axis=0)
    found = []
    for i in range(1, count):
        x, y, width, height, _ = stats[i]
        if height >= LOW * WORK and width >= 0.02 * WORK and y + height < lowest and (top[x : x + width] >= y).all():
            found.append(labels == i)
    return found


def _height(stub: Mask) -> int:
    return int(stub.any(axis=1).sum())


def _odds(cloth: Logs, hanger: Logs, stub: Mask) -> float:
    return float((cloth - hanger)[stub].mean())


def _off(stub: Mask, axis: float) -> bool:
    return abs(float(np.nonzero(stub)[1].mean()) - axis) > OFF_AXIS * WORK


def _cut(rgb: Picture, matte: Matte, window: tuple[slice, slice], band: Waistband) -> Matte:
    """The (H, W) matte cut along a waistband found in a window of it, its edge settled where the band shows."""
    height, width = matte[window].shape
    down, across = height / band.gone.shape[0], width / band.gone.shape[1]
    x, columns = (np.arange(width) + 0.5) / across - 0.5, np.arange(len(band.line))
    kept = np.clip(np.arange(height)[:, None] + 1 - np.interp(x, columns, band.line) * down, 0, 1)
    gone = cv2.resize(band.gone.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    reach = 2 * round(HALO * WORK * down) + 1
    gone = cv2.dilate(gone, np.ones((reach, reach), np.uint8)) > 0
    cut = matte.copy()
    cut[window] = np.where(gone, np.minimum(matte[window], kept), matte[window])
    settled = np.zeros(matte.shape, bool)
    settled[window] = gone & (np.interp(x, columns, band.shows) > 0.5) & unknown_band(kept > 0.5)
    if settled.any():
        cut = np.where(settled, refine(rgb, cut), cut)
    some = (cut[window] > 0).astype(np.uint8)
    hair = (some > 0) & (cv2.morphologyEx(some, cv2.MORPH_OPEN, np.ones((reach, reach), np.uint8)) == 0)
    cut[window] = np.where(hair & (cv2.dilate(gone.astype(np.uint8), np.ones((reach, reach))) > 0), 0, cut[window])
    return cut
