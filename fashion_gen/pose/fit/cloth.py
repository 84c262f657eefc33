"""The whole garment with some of its pieces bent: its outline, its landmarks, what the bending does to the cloth, its map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.pose.fit.hinge import Bending
from fashion_gen.pose.fit.pieces import Piece
from fashion_gen.pose.upright import Upright, signed_depth
from fashion_gen.records import Garment, Mask, Points
from fashion_gen.warp import Warp, WarpPiece

_MARGIN = 3  # nodes around the cloth
_SAMPLE = 3  # pixels from place to place where the stretch is measured
_OUTLIERS = 0.01
_TINY = 1e-3  # pixels over which a slope is taken


@dataclass(frozen=True, slots=True, eq=False)
class Bent:
    """A piece and how it is bent."""

    piece: Piece
    bending: Bending

    def stretch(self) -> tuple[float, float]:
        """The (smallest, largest) singular value of the map from lying to bent cloth; the smallest is negative in a fold.

        All but one part in a hundred of the cloth lies within: at its rim single pixels belong to no section.
        """
        ys, xs = np.nonzero(self.piece.cloth[::_SAMPLE, ::_SAMPLE])
        cloth = np.asarray(np.column_stack([xs, ys]) * _SAMPLE + 0.5, np.float64)
        here, right, below = (self.bending.forward(cloth + step) for step in ((0, 0), (_TINY, 0), (0, _TINY)))
        slopes = np.stack([right - here, below - here], axis=2) / _TINY
        values = np.linalg.svd(slopes, compute_uv=False)
        least = values[:, 1] * np.sign(np.linalg.det(slopes))
        return float(np.percentile(least, 100 * _OUTLIERS)), float(np.percentile(values[:, 0], 100 * (1 - _OUTLIERS)))

    def within(self, bounds: tuple[float, float]) -> bool:
        least, most = self.stretch()
        return bounds[0] <= least and most <= bounds[1]


def bent_shape(shape: Upright, bents: Mapping[str, Bent]) -> Upright:
    """The upright garment as it looks with these pieces bent; landmarks go with their piece."""
    mask, points = shape.mask.astype(np.uint8), dict(shape.points)
    for bent in bents.values():
        mask[bent.piece.cloth] = 0
    for bent in bents.values():
        outlines, _ = cv2.findContours(bent.piece.cloth.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        for outline in outlines:
            moved = bent.bending.forward(outline[:, 0].astype(np.float64))
            cv2.fillPoly(mask, [np.rint(moved).astype(np.int32)], 1)
        points |= {name: bent.bending.forward(points[name][None])[0] for name in bent.piece.marks if name in points}
    return replace(shape, mask=mask > 0, depth=signed_depth(mask > 0), points=points)


def owned(shape: Upright, cloths: list[Mask]) -> list[Mask]:
    """Every pixel given to the nearest of the trunk (first) and these pieces of cloth."""
    if not cloths:
        return [np.ones(shape.mask.shape, bool)]
    trunk = shape.mask & ~np.any(cloths, axis=0)
    away = [cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5) for mask in (trunk, *cloths)]
    nearest = np.argmin(away, axis=0)
    return [np.asarray(nearest == index) for index in range(len(away))]


def canvas_warp(garment: Garment, shape: Upright, bents: Mapping[str, Bent], to_canvas: Points, step: float) -> Warp:
    """The inverse maps of trunk and pieces, for a canvas on which the photo lies by the (2, 3) similarity `to_canvas`.

    Args:
        shape: the garment as it lies.
        step: canvas pixels from node to node.
    """
    each = list(bents.values())
    owners = owned(shape, [bent.piece.cloth for bent in each])
    from_photo = np.vstack([shape.from_photo, [0, 0, 1]])
    upright_to_canvas = (np.vstack([to_canvas, [0, 0, 1]]) @ np.linalg.inv(from_photo))[:2]
    pieces = []
    for owner, bent in zip(owners, (None, *each), strict=True):
        cloth = shape.mask & owner if bent is None else bent.piece.cloth
        ys, xs = np.nonzero(cloth)
        rim = np.asarray(np.column_stack([xs, ys])[:: 1 + len(xs) // 4000] + 0.5, np.float64)
        rim = rim if bent is None else bent.bending.forward(rim)
        on_canvas = _apply(upright_to_canvas, rim)
        low, high = on_canvas.min(axis=0) - _MARGIN * step, on_canvas.max(axis=0) + _MARGIN * step
        x, y = (np.arange(a, b + step, step) for a, b in zip(low, high, strict=True))
        nodes = np.stack(np.meshgrid(x, y), axis=2).reshape(-1, 2)
        lying = _apply(_inverse(upright_to_canvas), nodes)
        lying = lying if bent is None else bent.bending.inverse(lying)
        source = _apply(_inverse(shape.from_photo), lying).reshape(len(y), len(x), 2)
        material = _on_photo(owner, garment, shape.from_photo)
        pieces.append(WarpPiece(float(low[0]), float(low[1]), step, source, material))
    moved = bent_shape(shape, bents).points
    return Warp(tuple(pieces), {name: _apply(upright_to_canvas, point[None])[0] for name, point in moved.items()})


def _on_photo(owner: Mask, garment: Garment, from_photo: Points) -> NDArray[np.float32]:
    """(h, w) of the whole photo at about the upright picture's resolution."""
    height, width = garment.matte.shape
    scale = min(1.0, float(np.hypot(*from_photo[:, 0])))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    shrink = np.diag([width / size[0], height / size[1], 1.0])
    matrix = (np.vstack([from_photo, [0, 0, 1]]) @ shrink)[:2]
    matrix[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5  # OpenCV counts from pixel centres
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(owner.astype(np.float32), matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32
    )


def _apply(affine: Points, points: Points) -> Points:
    return np.asarray(points @ affine[:, :2].T + affine[:, 2])


def _inverse(affine: Points) -> Points:
    return np.asarray(np.linalg.inv(np.vstack([affine, [0, 0, 1]]))[:2])
