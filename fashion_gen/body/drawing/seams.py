"""Where two sweeps of one material run into each other there is no crease on a body: their normals are blended.

A body of sweeps shows a ring where the arm leaves the shoulder and another where a palm starts. Seen from the front, such a
join is where the depth goes on but the normal jumps; an arm held before the trunk jumps in depth, and stays sharp.
"""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from fashion_gen.body.drawing.seen import Seen
from fashion_gen.body.parts import SKIN, Part

#: Materials that flow into each other; 0 keeps every edge.
_MATERIAL = np.zeros(256, np.uint8)
_MATERIAL[[int(part) for part in SKIN]] = 1
_MATERIAL[int(Part.FACE)] = 0  # lids, lips and lashes are sharp
_MATERIAL[int(Part.TOP_CLOTH)] = 2
_MATERIAL[int(Part.BOTTOM_CLOTH)] = 3
#: How far a join is blended, cm, by material; fingers lie too close for more.
_REACH = np.array([1.0, 3.0, 4.0, 6.0], np.float32)
_REACH_IN_HAND = 0.35
_TAPS = 6  # each way
#: Depth may differ by this, and by this many cm per cm of way, and be the same surface.
_STEP, _SLOPE = 0.7, 1.6
_HANDS = (int(Part.L_HAND), int(Part.R_HAND))


def soften(seen: Seen) -> None:
    """Blend the normals of `seen` over its joins, in place."""
    material = _MATERIAL[seen.part]
    finger = seen.of(*_HANDS)
    # Fingers flow into the palm within millimetres, the palm into the arm within centimetres.
    _soften(
        seen, np.where(finger, seen.piece, 0), material * finger, np.full(material.shape, _REACH_IN_HAND, np.float32)
    )
    _soften(seen, np.where(finger, -seen.part.astype(np.int32), seen.piece), material, _REACH[material])


def _soften(seen: Seen, piece: NDArray[np.int32], material: NDArray[np.uint8], reach: NDArray[np.float32]) -> None:
    """Blend over the joins between the areas of `piece` within `reach` (H, W), cm."""
    join = _joins(piece, material, seen.z, np.float32(_STEP + _SLOPE / seen.scale))
    if not join.any():
        return
    away = cv2.distanceTransform((~join).astype(np.uint8), cv2.DIST_L2, 5) / np.float32(seen.scale)
    share = (np.clip(1.2 * (1 - away / reach), 0, 1) * (material > 0)).astype(np.float32)
    seen.normal[...] = _blended(seen.normal, material, seen.z, share, reach, np.float32(seen.scale), _TAPS)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _joins(
    piece: NDArray[np.int32], material: NDArray[np.uint8], z: NDArray[np.float32], step: float
) -> NDArray[np.bool_]:
    """(H, W) True beside another sweep of the same material at the same depth."""
    height, width = piece.shape
    out = np.zeros((height, width), np.bool_)
    for y in range(height - 1):
        for x in range(width - 1):
            if material[y, x] == 0:
                continue
            for dy, dx in ((0, 1), (1, 0)):
                j, i = y + dy, x + dx
                if piece[j, i] != piece[y, x] and material[j, i] == material[y, x] and abs(z[j, i] - z[y, x]) < step:
                    out[y, x] = True
                    out[j, i] = True
    return out


@njit(cache=True, nogil=True, fastmath=True)  # type: ignore[untyped-decorator]
def _blended(  # noqa: C901  (one tight loop: numba inlines it)
    normal: NDArray[np.float32],
    material: NDArray[np.uint8],
    z: NDArray[np.float32],
    share: NDArray[np.float32],
    reach: NDArray[np.float32],
    scale: float,
    taps: int,
) -> NDArray[np.float32]:
    """`normal` with `share` of its mean over what is connected to it within `reach`."""
    height, width = material.shape
    out = normal.copy()
    for y in range(height):
        for x in range(width):
            if share[y, x] <= 0.01:
                continue
            radius = int(reach[y, x] * scale)
            step = max(1, radius // taps)
            sx, sy, sz = 0.0, 0.0, 0.0
            for dy in range(-radius, radius + 1, step):
                j = y + dy
                if j < 0 or j >= height:
                    continue
                for dx in range(-radius, radius + 1, step):
                    i = x + dx
                    if i < 0 or i >= width or material[j, i] != material[y, x]:
                        continue
                    away = np.sqrt(dx * dx + dy * dy) / scale
                    if away > reach[y, x] or abs(z[j, i] - z[y, x]) > _STEP + _SLOPE * away:
                        continue
                    weight = 1 - away / reach[y, x]
                    sx += weight * normal[j, i, 0]
                    sy += weight * normal[j, i, 1]
                    sz += weight * normal[j, i, 2]
            length = np.sqrt(sx * sx + sy * sy + sz * sz)
            if length < 1e-6:
                continue
            s = share[y, x]
            nx = normal[y, x, 0] * (1 - s) + s * sx / length
            ny = normal[y, x, 1] * (1 - s) + s * sy / length
            nz = normal[y, x, 2] * (1 - s) + s * sz / length
            length = np.sqrt(nx * nx + ny * ny + nz * nz) + 1e-6
            out[y, x, 0], out[y, x, 1], out[y, x, 2] = nx / length, ny / length, nz / length
    return out
