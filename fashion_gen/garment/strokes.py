"""Strokes: points and lines by which a person says what of a photo is garment and what is not.

Around the strokes GrabCut (Rother, Kolmogorov, Blake, "GrabCut", SIGGRAPH 2004; OpenCV's) cuts once more, with the matte
that is there as its start, what was drawn as given, and what looks like it as a guess. Of what it changes only the pieces
stay that a stroke touches, so a stroke never does anything where its drawer did not look.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.garment.matting import BAND, refine
from fashion_gen.garment.saliency import Lab, to_lab
from fashion_gen.garment.scale import scaled
from fashion_gen.records import Mask, Matte, Picture, Stroke

WORK = 400  #: long side at which is cut
REACH = 0.15  #: how far from a stroke something changes, in long sides of the photo
AROUND = 0.08  #: what is looked at beyond that, to know the colours of what stays
ALIKE = 16.0  #: Lab units; colours that are farther apart are different things
LEAST_SAMPLES = 20  #: pixels that GrabCut needs of garment and of background

Box = tuple[slice, slice]
Hints = NDArray[np.int8]  #: 1 under strokes that include, -1 under those that exclude


def apply(rgb: Picture, matte: Matte, strokes: Sequence[Stroke]) -> Matte:
    """Return the (H, W) matte with strokes applied to it; far from every stroke it is the same, bit for bit.

    Under a stroke that includes it becomes 1, under one that excludes 0; where two cross, the later one counts.
    """
    if not strokes:
        return matte
    whole = _drawn(strokes, matte.shape)
    box = _box(whole != 0)
    scale = min(1.0, WORK / max(whole[box].shape))
    hints = _drawn(strokes, matte.shape, box, scale)
    solid = scaled(matte[box], scale) > 0.5
    added, removed = _changes(scaled(rgb[box], scale), solid, hints, REACH * max(matte.shape) * scale)
    here, given = matte[box], whole[box]
    wanted = (_large(added, here) | (given > 0)) & (here < 1)
    unwanted = (_large(removed, here) | (given < 0)) & (here > 0) & ~(given > 0)
    coarse = np.where(unwanted, np.float32(0), np.where(wanted, np.float32(1), here))
    near = _near(wanted | unwanted, 3 * BAND * max(here.shape))
    changed = matte.copy()
    changed[box] = np.where(near, refine(np.ascontiguousarray(rgb[box]), coarse), here)
    changed[whole > 0], changed[whole < 0] = 1, 0
    return changed


def _changes(rgb: Picture, solid: Mask, hints: Hints, reach: float) -> tuple[Mask, Mask]:
    """(h, w) what the strokes add to a solid garment and what they take from it, at most `reach` pixels away."""
    lab = cv2.GaussianBlur(to_lab(rgb), (0, 0), 0.8)
    wanted, unwanted = hints > 0, hints < 0
    by_wanted, by_unwanted = _near(wanted, reach), _near(unwanted, reach)
    near = by_wanted | by_unwanted
    like_wanted = by_wanted & ~solid & _like(lab, wanted, (~solid & ~near) | unwanted)
    like_unwanted = by_unwanted & solid & _like(lab, unwanted, (solid & ~near) | wanted)
    guess = (solid | like_wanted) & ~like_unwanted
    state = np.where(guess, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    state[~near & solid], state[~near & ~solid] = cv2.GC_FGD, cv2.GC_BGD
    state[wanted], state[unwanted] = cv2.GC_FGD, cv2.GC_BGD
    cut = _cut(rgb, state)
    added = _touching(cut & ~solid & by_wanted, wanted)
    removed = _touching(~cut & solid & by_unwanted, unwanted)
    return added, removed


def _cut(rgb: Picture, state: NDArray[np.uint8]) -> Mask:
    """(h, w) True where GrabCut sees garment; the state as it is where there is too little of one side to learn from."""
    garment = (state & 1) > 0
    if min(int(garment.sum()), int((~garment).sum())) >= LEAST_SAMPLES:
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.setRNGSeed(0)
        cv2.grabCut(np.ascontiguousarray(rgb), state, None, *models, 3, cv2.GC_INIT_WITH_MASK)
    return (state & 1) > 0


def _like(lab: Lab, these: Mask, others: Mask) -> Mask:
    """(h, w) True where the colour is one of those within `these`, and nearer to them than to those within `others`."""
    distance = _distance(lab, these)
    return (distance < ALIKE) & (distance < _distance(lab, others))


def _distance(lab: Lab, core: Mask) -> NDArray[np.float32]:
    """(h, w) Lab units to the nearest of the main colours within a mask, infinite where it is empty."""
    pixels = lab[core].astype(np.float32)
    if not len(pixels):
        return np.full(core.shape, np.inf, np.float32)
    cv2.setRNGSeed(0)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.5)
    _, _, colours = cv2.kmeans(pixels, min(4, len(pixels)), np.zeros(0), stop, 1, cv2.KMEANS_PP_CENTERS)
    away = [np.linalg.norm((lab - colour) * (0.6, 1.0, 1.0), axis=2) for colour in colours]
    return np.asarray(np.min(away, axis=0), np.float32)


def _touching(mask: Mask, seeds: Mask) -> Mask:
    """The pieces of a mask that seeds touch."""
    _, labels = cv2.connectedComponents((mask | seeds).astype(np.uint8), connectivity=8)
    wanted = np.unique(labels[seeds])
    return mask & np.isin(labels, wanted[wanted > 0])


def _drawn(
    strokes: Sequence[Stroke], shape: tuple[int, ...], box: Box = (slice(0, None), slice(0, None)), scale: float = 1.0
) -> Hints:
    """The strokes as drawn on a photo of a shape (H, W), cut to a box and scaled."""
    height, width = shape[:2]
    top, left = box[0].start, box[1].start
    here = np.zeros(shape[:2], np.int8)[box]
    size = scaled(here.astype(np.uint8), scale).shape
    canvas = np.zeros(size, np.int16)
    for stroke in strokes:
        points = np.array(stroke.points) * (width - 1, height - 1) - (left, top)
        path = np.rint(points * scale * 16).astype(np.int32)
        thick = max(1, round(stroke.width * max(height, width) * scale))
        # A line of one point is not drawn by OpenCV: a point is a line to itself.
        cv2.polylines(canvas, [np.concatenate([path, path[-1:]])], False, 1 if stroke.include else -1, thick, 8, 4)
    return canvas.astype(np.int8)


def _box(drawn: Mask) -> Box:
    """The rows and columns of a photo that its strokes can matter to."""
    height, width = drawn.shape
    margin = round((REACH + AROUND) * max(height, width))
    ys, xs = np.nonzero(drawn)
    rows = slice(max(0, int(ys.min()) - margin), min(height, int(ys.max()) + margin + 1))
    return rows, slice(max(0, int(xs.min()) - margin), min(width, int(xs.max()) + margin + 1))


def _near(mask: Mask, reach: float) -> Mask:
    """(h, w) True at most `reach` pixels from the mask."""
    if not mask.any():
        return mask
    return np.asarray(cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5) <= reach)


def _large(mask: Mask, like: Matte) -> Mask:
    """A small mask at the size of a matte."""
    size = like.shape[1], like.shape[0]
    return np.asarray(cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_LINEAR) > 0.5)
