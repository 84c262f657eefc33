"""The plate: the generated picture as it looks behind the garment, without the generator's own drawing of it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.compose.place import PlacedGarment
from fashion_gen.records import Mask, Picture

Floats = NDArray[np.float32]

#: Width of the cleaned band as a share of the long side: a latent cell and a bit, where an autoencoder smears the
#: garment outwards.
BAND = 0.010
#: Share of garment colour below which a pixel is left alone and above which it is certainly fringe ...
FRINGE = (0.04, 0.16)
#: ... and where the garment looks like a shadow on its surroundings, so that a smaller share may be just that.
FRINGE_OR_SHADOW = (0.20, 0.50)
#: Cosine between "towards the garment's colour" and "towards black" from which on the two are told apart no more.
SHADOW_LIKE = (0.85, 0.97)
#: Distance of two 8-bit colours below which garment and surroundings cannot be told apart, and above which they can.
DISTINCT = (12.0, 36.0)
#: Distance from the line between garment and surroundings up to which a colour is their mix, and from which on it is
#: another one.
STRAY = (8.0, 30.0)
#: Overshoot-free sharpening of the enlarged plate: how much of the lost detail is given back.
SHARPEN = 0.7


def clean_plate(picture: Picture, placed: PlacedGarment, person: Mask) -> Picture:
    """Return `picture` (h, w, 3) with the fringe of the drawn garment taken out of a thin band around the true one.

    A generator draws the garment a little too large and its autoencoder smears it. In the band each colour is read as
    a mix of the garment's edge and of what lies further out, and the garment's share is removed (the colour line of
    alpha matting). Under the garment the surroundings are continued inwards, so that enlarging the plate mixes no
    garment colour into its edge.
    """
    height, width = picture.shape[:2]
    matte = cv2.resize(placed.matte, (width, height), interpolation=cv2.INTER_AREA)
    garment = cv2.resize(placed.rgb, (width, height), interpolation=cv2.INTER_AREA)
    outside, pure = matte <= 0.02, matte >= 0.99
    reach = max(2.0, BAND * max(width, height))
    distance = cv2.distanceTransform(outside.astype(np.uint8), cv2.DIST_L2, 5)
    beyond = distance > reach
    if not beyond.any() or not pure.any():
        return picture
    colour = picture.astype(np.float32)
    around = _further_out(colour, beyond, person)
    edge = _nearest(_blurred_within(garment.astype(np.float32), pure, 1.5), pure)
    band = outside & ~beyond
    cleaned = _without_fringe(colour, around, edge, band)
    nearby = ~outside & (cv2.distanceTransform((~outside).astype(np.uint8), cv2.DIST_L2, 5) <= reach)
    cleaned[nearby] = _nearest(_blurred_within(cleaned, outside, 1.0), outside)[nearby]
    result: Picture = np.clip(np.rint(cleaned), 0, 255).astype(np.uint8)
    return result


def enlarge(picture: Picture, width: int, height: int) -> Picture:
    """Return `picture` at (height, width, 3): cubic, with detail given back where that makes no overshoot.

    The sharpening happens at twice the size of the picture, where it is cheap, and every value stays between the
    darkest and the lightest of its neighbours: edges get steeper, halos cannot appear.
    """
    if (picture.shape[1], picture.shape[0]) == (width, height):
        return picture
    if width <= picture.shape[1]:
        return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)  # type: ignore[no-any-return]
    middle = (min(width, 2 * picture.shape[1]), min(height, 2 * picture.shape[0]))
    larger = cv2.resize(picture, middle, interpolation=cv2.INTER_CUBIC)
    sharp = cv2.addWeighted(larger, 1 + SHARPEN, cv2.GaussianBlur(larger, (0, 0), 1.4), -SHARPEN, 0)
    square = np.ones((3, 3), np.uint8)
    low, high = cv2.resize(cv2.erode(picture, square), middle), cv2.resize(cv2.dilate(picture, square), middle)
    kept = np.minimum(np.maximum(sharp, low), high)
    return cv2.resize(kept, (width, height), interpolation=cv2.INTER_CUBIC)  # type: ignore[no-any-return]


def _without_fringe(colour: Floats, around: Floats, edge: Floats, band: Mask) -> Floats:
    """Return `colour` (h, w, 3) without its share of `edge` over `around` in the `band`."""
    line, excess = edge - around, colour - around
    length = np.linalg.norm(line, axis=2)
    share = np.clip((excess * line).sum(2) / np.maximum(length**2, 1.0), 0, 1) * band
    # The faint tail of a fringe is as weak as a shadow: it is taken for fringe beside what certainly is one.
    certain = _fringe_like(share, line, length, around)
    certain = cv2.GaussianBlur(cv2.dilate(certain, np.ones((5, 5), np.uint8)), (0, 0), 0.8)
    # A third colour (an arm that looks out beside the sleeve) is no mix of the two.
    stray = np.linalg.norm(excess - share[..., None] * line, axis=2) - 0.35 * np.linalg.norm(excess, axis=2)
    return colour - (share * certain * (1 - _rise(stray, *STRAY)))[..., None] * line  # type: ignore[no-any-return]


def _further_out(colour: Floats, beyond: Mask, person: Mask) -> Floats:
    """Return (h, w, 3): what lies further out, the person's colour where the person stands, the backdrop's elsewhere.

    So trousers stay trousers below the hem, though the backdrop may be nearer.
    """
    around = _nearest(_blurred_within(colour, beyond, 1.5), beyond)
    for side in (person, ~person):
        source = beyond & side
        if source.any():
            around[side] = _nearest(_blurred_within(colour, source, 1.5), source)[side]
    return np.asarray(cv2.GaussianBlur(around, (0, 0), 1.5), np.float32)


def _fringe_like(share: Floats, line: Floats, length: Floats, around: Floats) -> Floats:
    """Return (h, w) in [0, 1]: how certainly a `share` of garment colour is fringe and not shading."""
    towards_black = -(line * around).sum(2) / np.maximum(length * np.linalg.norm(around, axis=2), 1.0)
    shadow_like = _rise(towards_black, *SHADOW_LIKE)
    certain = _rise(share, *FRINGE) * (1 - shadow_like) + _rise(share, *FRINGE_OR_SHADOW) * shadow_like
    return certain * _rise(length, *DISTINCT)


def _rise(value: Floats, low: float, high: float) -> Floats:
    """Return 0 below `low`, 1 above `high`, smooth between."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)  # type: ignore[no-any-return]


def _blurred_within(colour: Floats, where: Mask, sigma: float) -> Floats:
    """Return `colour` (h, w, 3) blurred over the pixels of `where` only; meaningless elsewhere."""
    weight = where.astype(np.float32)
    total = cv2.GaussianBlur(colour * weight[..., None], (0, 0), sigma)
    return total / np.maximum(cv2.GaussianBlur(weight, (0, 0), sigma), 1e-3)[..., None]  # type: ignore[no-any-return]


def _nearest(colour: Floats, where: Mask) -> Floats:
    """Return (h, w, 3): for each pixel the colour of the nearest pixel of `where`."""
    _, labels = cv2.distanceTransformWithLabels(
        (~where).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros((int(labels.max()) + 1, 3), np.float32)
    table[labels[where]] = colour[where]
    return table[labels]  # type: ignore[no-any-return]
