"""The staged garment on the canvas: where its cloth lies, where its landmarks are, where the body under it is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.body import PosedBody
from fashion_gen.records import Garment, Mask, Points, Staging
from fashion_gen.warp import Warp

_SOFT = 0.05  # matte from which a pixel counts as covered


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """The staged garment in canvas pixels."""

    garment: Garment
    staging: Staging
    body: PosedBody
    x: Points  #: (H, W) of pixel centres
    y: Points  #: (H, W)
    credible: Collection[str]  #: names of the landmarks that the solver believed

    def landmark(self, name: str) -> Points | None:
        found = self.garment.landmarks.get(name)
        if found is None or name not in self.credible:
            return None
        if self.staging.warp is not None and name in self.staging.warp.landmarks:
            return self.staging.warp.landmarks[name]
        height, width = self.garment.matte.shape
        return np.asarray(self.staging.garment_to_canvas @ (found.x * width, found.y * height, 1.0))

    def level(self, *names: str) -> float | None:
        """Mean row of those landmarks that exist."""
        rows = [p[1] for p in map(self.landmark, names) if p is not None]
        return float(np.mean(rows)) if rows else None

    def joint(self, name: str) -> Points:
        return np.asarray(self.staging.view.project(self.body.joints[name][None])[0])

    def along(self, start: Points, end: Points) -> Points:
        """(H, W) pixels from start, measured along the line to end."""
        unit = (end - start) / max(float(np.hypot(*(end - start))), 1e-6)
        return np.asarray((self.x - start[0]) * unit[0] + (self.y - start[1]) * unit[1])


def where_laid(garment: Garment, staging: Staging, width: int, height: int) -> Mask:
    """(H, W) where the garment lies, its inside included."""
    solid = np.maximum(garment.matte, garment.inside.astype(np.float32))
    scale = min(1.0, 2 * float(np.hypot(*staging.garment_to_canvas[:, 0])))
    small = cv2.resize(solid, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    if staging.warp is not None:
        return _laid_bent(small, solid.shape, staging.warp, width, height)
    shrink = np.diag([solid.shape[1] / small.shape[1], solid.shape[0] / small.shape[0], 1.0])
    return np.asarray(cv2.warpAffine(small, staging.garment_to_canvas @ shrink, (width, height)) > _SOFT)


def _laid_bent(small: NDArray[np.float32], photo: tuple[int, int], warp: Warp, width: int, height: int) -> Mask:
    """The same for a bent garment; `small` is its reduced matte, `photo` the (H, W) that the warp counts in."""
    laid = np.zeros((height, width), bool)
    for piece in warp.pieces:
        patch = piece.patch(width, height)
        if patch is not None:
            cloth = patch.seen(small, photo, cv2.INTER_LINEAR)
            laid[patch.rows, patch.columns] |= (cloth > _SOFT) & (
                patch.seen(piece.material, photo, cv2.INTER_LINEAR) > 0.5
            )
    return laid


def gaps(laid: Mask, height: int) -> Mask:
    """(H, W) where the cloth has a gap up to `height` pixels high: a hand lay before it, and the wearer shows through."""
    line = np.ones((height | 1, 1), np.uint8)
    closed = cv2.morphologyEx(np.pad(laid, ((height, height), (0, 0))).astype(np.uint8), cv2.MORPH_CLOSE, line)
    return np.asarray((closed[height:-height] > 0) & ~laid)
