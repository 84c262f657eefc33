"""Photos that arrive already cut out: their alpha channel is the matte, minus the soft shadow some studios leave in it."""

from __future__ import annotations

import cv2
import numpy as np

from fashion_gen.records import Matte, Photo

SHADOW_ALPHA = 0.5  #: floor shadows in product cut-outs stay under this (research/assets.md: drop alpha < 128)


def is_cutout(photo: Photo) -> bool:
    """Whether the alpha channel separates something: part of it clear, part of it solid."""
    if photo.alpha is None:
        return False
    clear, solid = float((photo.alpha < 0.02).mean()), float((photo.alpha > 0.98).mean())
    return clear > 0.02 and solid > 0.01


def cutout_matte(alpha: Matte) -> Matte:
    """(H, W) matte from an alpha channel: soft edges kept within a few pixels of what is solid, shadows dropped."""
    core = alpha >= SHADOW_ALPHA
    reach = max(1, round(0.0015 * max(alpha.shape)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    near = cv2.dilate(core.astype(np.uint8), kernel) > 0
    return np.where(near, alpha, 0.0).astype(np.float32)
