"""Where a skirt or trousers end under a hanger: a line from side to side along the waistband.

It parts best, column by column and bending little, what looks like hanger or backdrop from what does not (dynamic
programming). Across a clip it runs straight on. Where the bar's cut is in doubt, only the clips are cut, from the outline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_opening, gaussian_filter1d, grey_opening

from fashion_gen.garment.likeness import Likeness
from fashion_gen.garment.path import best_path
from fashion_gen.records import Mask, Matte, Points

WORK = 160  #: pixels across the waist; in widths of the waist:
DEEPEST = 0.5  #: how far below the hanger's top a waistband may lie
JAW = 0.07  #: what sticks out of a clip's jaws beside it
TIGHT = 0.015  #: the same where nothing but the clips is cut
NEAR = 0.15  #: how much of the band beside a clip says where it runs behind it
BELOW = 0.06  #: how far it may leave that
RISE = 0.3  #: how steeply it may rise outwards, beside the hanger's own tilt, as it sags between the clips
SHOULDER = 0.04  #: less than a bar and its gap: the band's own end
NOTCH = 0.14  #: narrower dips are labels, shadows and jaws
BAR = 0.03  #: the least height of a bar
RUN = 3  #: pixels in a column that count as something
BEND = 4.0  #: cost of one pixel up or down, in log odds
LEAST_STUB = 0.3  #: share of the stubs that has to stand above the line
MOST_ROUGH = 0.42  #: ups and downs of a waistband
THIN = 0.1  #: of a bar
SURE = -0.55  #: mean log odds of cloth in what is cut besides clips; real bars with their gaps have -2.4 to -0.65


@dataclass(frozen=True, slots=True, eq=False)
class Waistband:
    """The upper end of a garment."""

    line: Points  #: (w,) row above which nothing is garment
    gone: Mask  #: (h, w) what the cut-out loses
    shows: Mask  #: (w,) where the band can be seen: beside the clips


def waistband(
    like: Likeness, matte: Matte, stubs: Sequence[Mask], clips: Sequence[Mask], axis: float
) -> Waistband | None:
    """Find the waistband of an (h, w) matte under a hanger with these (h, w) stubs; None when nothing is to be cut.

    `clips` are the stubs beside the middle, one at least; `axis` is the x of the middle.
    """
    solid, every = matte > 0.5, np.any(stubs, axis=0)
    columns, tilt = np.any([clip.any(axis=0) for clip in clips], axis=0), _tilt(clips, axis)
    plate = [float(np.nonzero(stub)[1].mean()) for stub in stubs if not any(stub is clip for clip in clips)]
    jaws = _jaws(_paired(columns, float(np.mean(plate)) if plate else axis))
    thick = cv2.morphologyEx(solid.astype(np.uint8), cv2.MORPH_OPEN, _upright()) > 0  # a bar's end in the air is not
    top = np.where(thick.any(axis=0), thick.argmax(axis=0), len(solid)).astype(np.float64)
    smooth = gaussian_filter1d(grey_opening(_by_colour(like, matte, jaws), round(NOTCH * WORK)), 2.0)
    line = across(smooth, top, jaws, axis, tilt)
    gone = _above(line, solid, every)
    # A clip that stands below the line says that the line is wrong.
    held = any((gone & clip).sum() < LEAST_STUB * clip.sum() for clip in clips)
    if held or len(stubs) < 2 or not _is_bar(like, gone, line, jaws):
        jaws = _jaws(columns, TIGHT)
        line = across(top, top, jaws, axis, tilt)
        gone = _above(line, solid, every) & jaws
    if not gone.any():
        return None
    loose = _in_the_air(solid & ~gone, gone)
    line = np.maximum(line, np.where(loose.any(axis=0), len(loose) - loose[::-1].argmax(axis=0), 0))
    return Waistband(line, gone | loose, ~jaws & gone.any(axis=0))


def _tilt(clips: Sequence[Mask], axis: float) -> float:
    """How a hanger hangs: pixels down per pixel to the right, by its outermost clips; 0 when they are on one side."""
    places = sorted((float(x.mean()), float(y.mean())) for y, x in (np.nonzero(clip) for clip in clips))
    if not places[0][0] < axis < places[-1][0]:
        return 0.0
    return (places[-1][1] - places[0][1]) / (places[-1][0] - places[0][0])


def _is_bar(like: Likeness, gone: Mask, line: Points, jaws: Mask) -> bool:
    """Whether what is gone between the clips is a bar and the gap below it, under an even line."""
    columns = np.flatnonzero(jaws)
    between = gone & ~jaws
    between[:, : columns[0]] = between[:, columns[-1] :] = False
    inner = np.arange(len(line))[columns[0] : columns[-1]][~jaws[columns[0] : columns[-1]]]
    thick = len(inner) > 0 and np.median(between[:, inner].sum(axis=0)) > BAR * WORK
    even = np.abs(np.diff(line[gone.any(axis=0)])).sum() < MOST_ROUGH * WORK
    return bool(thick and even and like.odds[between].mean() < SURE)


def _jaws(clips: Mask, beside: float = JAW) -> Mask:
    """(w,) the columns of clips and what is beside them, their jaws."""
    wider = cv2.dilate(clips[None].astype(np.uint8), np.ones((1, 2 * round(beside * WORK) + 1), np.uint8))
    return np.asarray(wider[0] > 0)


def _paired(clips: Mask, axis: float) -> Mask:
    """(w,) columns of clips, and where there is none on one side of the middle, the mirror image of the other side's."""
    x = np.flatnonzero(clips)
    if (x < axis).any() and (x > axis).any():
        return clips
    both, mirrored = clips.copy(), np.rint(2 * axis - x).astype(int)
    both[mirrored[(mirrored >= 0) & (mirrored < len(clips))]] = True
    return both


def _by_colour(like: Likeness, matte: Matte, jaws: Mask) -> Points:
    """(w,) row at which the garment begins; anything in the columns of `jaws`."""
    solid, clear = matte > 0.5, matte < 0.1
    lowest = int(solid.any(axis=1).argmax()) + round(DEEPEST * WORK)
    hanger = solid & (like.hanger >= like.backdrop) & (like.hanger > like.cloth)
    backdrop = clear | ((like.backdrop > like.hanger) & (like.backdrop > like.cloth))
    past = _from_first_run(backdrop & _from_first_run(hanger), 2)  # under the gap below the bar nothing is hanger
    garment = _from_first_run(solid & ((~hanger & ~backdrop) | (hanger & past)))
    odds = np.where(garment, np.maximum(like.odds, 1.0), like.odds + 0.1)
    odds[~solid], odds[clear], odds[:, jaws] = 0.0, -2.0, 0.0
    gain = np.vstack([np.zeros((1, odds.shape[1])), -2 * np.cumsum(odds, axis=0)])[: lowest + 1]
    return best_path(gain.T, BEND).astype(np.float64)


def _from_first_run(mask: Mask, length: int = RUN) -> Mask:
    """(h, w) True in each column from the first `length` pixels of a mask on down."""
    runs = cv2.erode(
        mask.astype(np.uint8), np.ones((length, 1), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0
    )
    return np.maximum.accumulate(runs, axis=0) > 0


def across(line: Points, top: Points, jaws: Mask, axis: float, tilt: float) -> Points:
    """A (w,) line led across each stretch of `jaws`, as it runs beside it on the side of the middle.

    Beyond them it does not lie lower than that, and follows the `top` of the outline where little stands above it.
    """
    led, x, near = line.copy(), np.arange(len(line)), round(NEAR * WORK)
    ends = np.flatnonzero(np.diff(np.concatenate([[0], jaws.astype(int), [0]])))
    for start, stop in zip(ends[::2], ends[1::2], strict=True):
        outwards = 1 if (start + stop) / 2 > axis else -1
        beside, outer = (
            (x[max(0, start - near) : start], x[stop:]) if outwards > 0 else (x[stop : stop + near], x[:start])
        )
        beside = beside[~jaws[beside]]
        if len(beside) < near // 3:
            continue
        slope = tilt + outwards * np.clip(outwards * (np.polyfit(beside, line[beside], 1)[0] - tilt), -RISE, 0.0)
        straight = slope * x + np.percentile(line[beside] - slope * beside, 30)
        led[start:stop] = straight[start:stop]
        led[outer] = np.minimum(line[outer], straight[outer])
        little = np.abs(led[outer] - top[outer]) < SHOULDER * WORK
        led[outer] = np.where(binary_opening(little, np.ones(RUN + 2)), top[outer], led[outer])
        far = (outer[:6] if outwards > 0 else outer[-6:][::-1])[: len(outer)]
        if len(far) and abs(np.median(led[far]) - straight[far[0]]) < BELOW * WORK:  # the band shows there as well
            close = start - 1 if outwards > 0 else stop
            rise = (float(np.median(led[far])) - straight[close]) / (far[0] - close)
            led[start:stop] = np.minimum(straight[start:stop], straight[close] + rise * (x[start:stop] - close))
    return led


def _in_the_air(rest: Mask, gone: Mask) -> Mask:
    """(h, w) what has lost its hold: the ends of a bar, thin from top to bottom and beside what is gone."""
    thin = rest & (cv2.morphologyEx(rest.astype(np.uint8), cv2.MORPH_OPEN, _upright()) == 0)
    _, labels = cv2.connectedComponents(thin.astype(np.uint8), connectivity=4)
    beside = cv2.dilate(gone.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.asarray(thin & np.isin(labels, np.unique(labels[thin & beside])))


def _upright() -> NDArray[np.uint8]:
    return np.ones((round(THIN * WORK), 1), np.uint8)


def _above(line: Points, solid: Mask, stubs: Mask) -> Mask:
    """(h, w) what of a mask stands above a line and hangs together with stubs."""
    over = solid & (np.arange(len(solid))[:, None] < line)
    _, labels = cv2.connectedComponents(over.astype(np.uint8), connectivity=4)
    return np.asarray(over & np.isin(labels, np.unique(labels[stubs & over])))
