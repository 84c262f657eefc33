"""How the garment was photographed, from what surrounds it. People are known only from people given, never from colour."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from fashion_gen.garment.cutout import is_cutout
from fashion_gen.garment.saliency import Backdrop, against_backdrop, to_lab
from fashion_gen.garment.scale import at_most
from fashion_gen.records import Kind, Mask, Matte, Photo

WORK = 320


@dataclass(frozen=True, slots=True)
class KindGuess:
    kind: Kind
    confidence: float


def guess_kind(photo: Photo, matte: Matte, *, worn: bool, looked: bool) -> KindGuess:
    """Tell the kind. `worn`: a person was seen in the garment; `looked`: somebody looked for people."""
    if worn:
        return KindGuess(Kind.PERSON, 0.9)
    doubt = 1.0 if looked else 0.8
    if is_cutout(photo):
        return KindGuess(Kind.GHOST, 0.7 * doubt)
    ground = against_backdrop(to_lab(at_most(photo.rgb, WORK)))
    mask = at_most(matte, WORK) > 0.5
    if _hook(mask, ground):
        return KindGuess(Kind.HANGER, 0.7 * doubt)
    if _studio(ground):
        return KindGuess(Kind.GHOST, 0.75 * doubt)
    return KindGuess(Kind.FLAT, 0.7 * doubt)


def product_shot(photo: Photo) -> bool:
    """Whether the picture is cut out, or shows its garment before an even, nearly white backdrop."""
    return is_cutout(photo) or _studio(against_backdrop(to_lab(at_most(photo.rgb, WORK))))


def _studio(ground: Backdrop) -> bool:
    """A smooth, nearly colourless, light backdrop all around: a product shot."""
    lightness = float(np.median(ground.field[..., 0]))
    chroma = float(np.median(np.hypot(ground.field[..., 1], ground.field[..., 2])))
    return ground.spread < 1.0 and ground.explained > 0.8 and lightness > 88 and chroma < 5


def _hook(mask: Mask, ground: Backdrop) -> bool:
    """Something thin stands up from the middle of the garment's top edge: a hanger's hook."""
    ys, xs = np.nonzero(mask)
    if not len(xs):
        return False
    left, right, top, bottom = xs.min(), xs.max(), ys.min(), ys.max()
    width, height = right - left + 1, bottom - top + 1
    if top < 0.03 * height or ground.trust < 0.5:  # on a patterned ground everything looks like a hook
        return False
    strange = (ground.saliency > 0.6).astype(np.uint8)
    # Thin only: what survives an opening is a shelf, a door or a second garment.
    reach = max(3, round(0.05 * width))
    thick = cv2.morphologyEx(strange, cv2.MORPH_OPEN, np.ones((reach, reach), np.uint8))
    thin = (strange > 0) & (thick == 0) & ~mask
    middle = (left + right) // 2
    strip = thin[max(0, top - round(0.2 * height)) : top, middle - round(0.15 * width) : middle + round(0.15 * width)]
    rows = strip.any(axis=1)
    share = strip.sum() / max(1, strip.size)
    return bool(rows.size > 4 and rows[-round(0.05 * height) - 2 :].mean() > 0.8 and share < 0.15)
