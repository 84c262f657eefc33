"""Object expansion: how far the generator let the garment grow beyond its outline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.quality.fidelity import lab
from fashion_gen.records import Mask, Matte, Picture

Floats = NDArray[np.float32]

#: How far out growth is looked for, as a share of the long side. Beyond that the picture shows what belongs there.
REACH = 0.06
#: A pixel is garment when it is this much nearer to the garment's colour than to any colour expected there ...
NEARER = 0.8
#: ... and at least this far (CIE76) from all of these; shading and noise stay below.
FOREIGN = 10.0
#: What is expected may be shaded down to this share of its lightness: a person by the garment, a backdrop hardly.
SHADE_PERSON, SHADE_BACKDROP = 0.7, 0.9


def expansion(picture: Picture, matte: Matte, mannequin: Picture, parts: NDArray[np.uint8]) -> float | None:
    """Return (area(out | in) - area(in)) / area(in), the measure of arXiv 2404.10157; None without a garment.

    `in` is the garment as placed (`matte` > 0.5, (H, W)); `out` is the garment as the finished `picture` (H, W, 3)
    shows it, found again around it: outside pixels that are clearly nearer to the colour of the garment's nearest
    edge than to any colour that is expected at that place, in one piece with the garment and more than two pixels
    thick. Expected is what the `mannequin` (H, W, 3) shows there, and what the picture itself shows further out,
    beyond reach of growth, on the same one of the mannequin's `parts` (H, W; 0 is backdrop). So a companion garment
    or skin in the garment's colour is not taken for growth; growth into such a neighbour cannot be seen, by this
    measure or by a buyer. All arrays have one size, a long side of about 1000.
    """
    inside = matte > 0.5
    if not inside.any():
        return None
    window = _window(inside, round(REACH * max(matte.shape)) * 2)
    scene = _Surroundings.of(
        lab(picture[window]), lab(mannequin[window]), parts[window], matte[window], max(matte.shape)
    )
    grown = _attached(scene.garment_coloured(), matte[window])
    return float(grown.sum() / inside.sum())


@dataclass(frozen=True, slots=True, eq=False)
class _Surroundings:
    """The picture around a garment in L*a*b*, with what is expected at each place."""

    colour: Floats
    mannequin: Floats
    parts: NDArray[np.uint8]
    matte: Matte
    near: Mask  #: where growth is looked for
    far: Mask  #: where the picture is taken at its word

    @classmethod
    def of(
        cls, colour: Floats, mannequin: Floats, parts: NDArray[np.uint8], matte: Matte, long_side: int
    ) -> _Surroundings:
        distance = cv2.distanceTransform((matte <= 0.5).astype(np.uint8), cv2.DIST_L2, 5)
        reach = REACH * long_side
        return cls(colour, mannequin, parts, matte, (distance > 0) & (distance <= reach), distance > reach)

    def garment_coloured(self) -> Mask:
        """Return (H, W), True where the picture looks like the garment and not like what is expected."""
        solid = cv2.erode((self.matte > 0.95).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        if not solid.any():
            return np.zeros(self.matte.shape, bool)
        here = self.near
        own, smooth = _nearest((self.colour, _blurred_within(self.colour, solid, 4.0)), solid, here)
        colour = self.colour[here]
        to_garment = np.minimum(np.linalg.norm(colour - own, axis=1), np.linalg.norm(colour - smooth, axis=1))
        to_expected = self._to_expected()[here]
        result = np.zeros(self.matte.shape, bool)
        result[here] = (to_garment < NEARER * to_expected) & (to_expected > FOREIGN)
        return result

    def _to_expected(self) -> Floats:
        """Return (H, W): where growth is looked for, the distance to the closest of the colours that are expected."""
        shade = np.where(self.parts == 0, SHADE_BACKDROP, SHADE_PERSON).astype(np.float32)
        closest = np.full(self.matte.shape, np.inf, np.float32)
        closest[self.near] = _from_shaded(self.colour[self.near], self.mannequin[self.near], shade[self.near])
        softened = cv2.GaussianBlur(self.colour, (0, 0), 2.0)
        for part in np.unique(self.parts[self.near]):
            source = self.far & (self.parts == part)
            if source.any():
                place = self.near & (self.parts == part)
                for expected in _nearest((self.colour, softened), source, place):
                    shaded = _from_shaded(self.colour[place], expected, shade[place])
                    closest[place] = np.minimum(closest[place], shaded)
        return closest


def _attached(mask: Mask, matte: Matte) -> Mask:
    """Return the pieces of `mask` that are more than two pixels thick and touch the garment."""
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    inside = matte > 0.5
    _, labels = cv2.connectedComponents(opened | inside.astype(np.uint8))
    touching = np.zeros(int(labels.max()) + 1, bool)
    touching[labels[inside]] = True
    return touching[labels] & ~inside


def _from_shaded(colour: Floats, expected: Floats, darkest: Floats) -> Floats:
    """Return (...): the distance of `colour` to `expected`, which may be shaded to the share `darkest` of itself."""
    squared = np.maximum((expected**2).sum(-1), 1e-3)
    shade = np.clip((colour * expected).sum(-1) / squared, darkest, 1.0)
    return np.linalg.norm(colour - shade[..., None] * expected, axis=-1)  # type: ignore[no-any-return]


def _blurred_within(colour: Floats, where: Mask, sigma: float) -> Floats:
    weight = where.astype(np.float32)
    total = cv2.GaussianBlur(colour * weight[..., None], (0, 0), sigma)
    return total / np.maximum(cv2.GaussianBlur(weight, (0, 0), sigma), 1e-3)[..., None]  # type: ignore[no-any-return]


def _nearest(colours: Sequence[Floats], where: Mask, at: Mask) -> list[Floats]:
    """Return, for each of `colours` (H, W, 3), the (N, 3) values that the N pixels of `at` find at their nearest `where`."""
    _, labels = cv2.distanceTransformWithLabels(
        (~where).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    position = np.zeros(int(labels.max()) + 1, np.intp)
    position[labels[where]] = np.flatnonzero(where)
    found = position[labels[at]]
    return [colour.reshape(-1, 3)[found] for colour in colours]


def _window(mask: Mask, margin: int) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + 1 + margin),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + 1 + margin),
    )
