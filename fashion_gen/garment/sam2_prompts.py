"""What SAM 2 is asked about a photo: a box, points and a rough mask, all from a map of where the garment likely is.

After Lin et al., "SAMRefiner: Taming Segment Anything Model for Universal Mask Refinement", ICLR 2025: prompts of several
kinds make up for each other's faults. Ours also says what is not meant: the wearer's body, and the background nearby.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.garment.perception import Seen
from fashion_gen.records import Mask, Matte, Points

SURE, CLEAR = 0.8, 0.2  #: probabilities of garment from which a place is inside, and under which it is outside
INSIDE = 4  #: points on the garment at most
OUTSIDE = (  #: parts of the picture that are not meant, how sure the net must be of them, and how many points they get
    (("skin", "face"), 0.6, 2),
    (("hair",), 0.6, 1),
    (("hands",), 0.6, 2),
    (("background",), 0.8, 2),
)
NEAR = 0.1  #: long sides around the garment within which points say what is outside
CRUMB = 0.05  #: pieces under this share of the largest are left out of the box
BOUND = 0.01  #: the rough mask never claims to be surer than this


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    """One question. Places are x and y in [0, 1] of the picture."""

    box: tuple[float, float, float, float]  #: x0, y0, x1, y1
    inside: Points  #: (n, 2), n >= 1
    outside: Points  #: (m, 2)
    likely: Matte  #: (h, w) probability of garment

    def odds(self, size: tuple[int, int]) -> NDArray[np.float32]:
        """(h, w) the rough mask as logits, at a size of (h, w)."""
        likely = cv2.resize(self.likely, size[::-1], interpolation=cv2.INTER_LINEAR)
        bounded = np.clip(likely, BOUND, 1 - BOUND)
        return np.asarray(np.log(bounded / (1 - bounded)), np.float32)


def prompt_of(likely: Matte, seen: Seen) -> Prompt:
    """Ask for what an (h, w) map holds for garment, somewhere above 0.5, in a picture whose parts the net has seen."""
    solid = _without_crumbs(likely > 0.5)
    sure = solid & (likely > SURE)
    return Prompt(
        box=_box(solid),
        inside=deepest(sure if sure.any() else solid, INSIDE),
        outside=_outside(likely, solid, seen),
        likely=likely,
    )


def deepest(mask: Mask, count: int) -> Points:
    """(n, 2) up to `count` places deep inside an (h, w) mask and apart from each other, as x and y in [0, 1].

    The next place is the deepest one outside half as large again a circle as fits into the mask around each former one.
    """
    h, w = mask.shape
    depth = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    depth = np.ascontiguousarray(depth)
    least, places = 0.3 * float(depth.max()), list[tuple[float, float]]()
    while len(places) < count and float(depth.max()) > max(least, 0.0):
        y, x = (int(i) for i in np.unravel_index(int(depth.argmax()), depth.shape))
        places.append(((x + 0.5) / w, (y + 0.5) / h))
        cv2.circle(depth, (x, y), int(np.ceil(1.5 * float(depth[y, x]))), 0.0, -1)
    return np.array(places, np.float64).reshape(-1, 2)


def _outside(likely: Matte, solid: Mask, seen: Seen) -> Points:
    reach = max(1, round(NEAR * max(solid.shape)))
    near = cv2.dilate(solid.astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)) > 0
    allowed = near & (likely < CLEAR)
    places: list[Points] = []
    for parts, least, count in OUTSIDE:
        part = cv2.resize(seen.part(*parts), solid.shape[::-1], interpolation=cv2.INTER_LINEAR) > least
        # A cell or two may be a mistake, and a point on the garment's own edge would do harm.
        room = cv2.erode((part & allowed).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        places.append(deepest(room, count))
    return np.concatenate(places)


def _box(solid: Mask) -> tuple[float, float, float, float]:
    """Around a mask, a cell wider on every side: the map is coarse, and a box that cuts a hem off costs more."""
    h, w = solid.shape
    ys, xs = np.nonzero(solid)
    x0, y0, x1, y1 = xs.min() - 1, ys.min() - 1, xs.max() + 2, ys.max() + 2
    return max(0.0, x0 / w), max(0.0, y0 / h), min(1.0, x1 / w), min(1.0, y1 / h)


def _without_crumbs(mask: Mask) -> Mask:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    if count <= 2:
        return mask
    areas = stats[1:, cv2.CC_STAT_AREA]
    return np.isin(labels, 1 + np.flatnonzero(areas > CRUMB * areas.max()))
