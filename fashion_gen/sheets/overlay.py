"""What is drawn onto photos: the cut-out's edge, areas, landmarks. Every function returns a new (H, W, 3) picture.

Each mark has a light and a dark side, so that it shows on garments of any colour.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from fashion_gen.records import Garment, Landmark, Picture

DOT, RING = (0, 122, 204), (255, 255, 255)
CHECKER = (242, 224)
SURE = 0.5  #: landmarks below this confidence are drawn hollow


def cutout(worn: Garment) -> Picture:
    """The garment on the checkerboard that stands for transparency, (H, W, 3)."""
    height, width = worn.matte.shape
    step = max(8, max(height, width) // 36)
    odd = (np.add.outer(np.arange(height) // step, np.arange(width) // step) % 2).astype(bool)
    ground = np.where(odd, *CHECKER).astype(np.float32)[..., None]
    matte = worn.matte[..., None]
    return np.clip(worn.colour * matte + ground * (1 - matte) + 0.5, 0, 255).astype(np.uint8)


def with_dots(picture: Picture, landmarks: Mapping[str, Landmark]) -> Picture:
    """Landmarks as dots; those that are not `SURE` are hollow."""
    marked = picture.copy()
    height, width = picture.shape[:2]
    for point in landmarks.values():
        filled = point.confidence >= SURE
        at = (round(point.x * width * 16), round(point.y * height * 16))
        cv2.circle(marked, at, 5 * 16 + 8, RING, -1 if filled else 5, cv2.LINE_AA, 4)
        cv2.circle(marked, at, 4 * 16 if filled else 5 * 16 + 8, DOT, -1 if filled else 2, cv2.LINE_AA, 4)
    return marked
