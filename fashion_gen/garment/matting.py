"""The soft edge: a closed-form matte in a narrow band around a coarse one, and edge colours without the background in them.

Levin, Lischinski, Weiss, "A Closed-Form Solution to Natural Image Matting", PAMI 2008, and Germer et al., "Fast
Multi-Level Foreground Estimation", ICPR 2020, both through pymatting. Solved at a bounded size; the matte goes to the
photo's own size by a guided filter (He, Sun, "Fast Guided Filter", 2015), so its edge is as sharp as the photo's.

Importing pymatting compiles for about a minute the first time on a machine (numba keeps the result), 1.5 s afterwards.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.garment.scale import scaled
from fashion_gen.records import Mask, Matte, Picture

SOLVE_SIZE = 800  #: long side at which the matte is solved
COLOUR_SIZE = 900  #: long side at which edge colours are estimated
BAND = 0.0075  #: half width of the unknown band, in long sides
PRIOR = 0.02  #: pull towards the coarse matte; it decides where both sides have the same colour


def refine(rgb: Picture, coarse: Matte) -> Matte:
    """Settle the edge of a coarse (H, W) matte against the (H, W, 3) picture; far from the edge it becomes exactly 0 or 1."""
    solid = coarse > 0.5
    if not solid.any() or solid.all():
        return solid.astype(np.float32)
    scale = min(1.0, SOLVE_SIZE / max(rgb.shape[:2]))
    small = scaled(rgb, scale)
    rough = scaled(coarse, scale)
    band = unknown_band(rough > 0.5)
    solved = closed_form(small, rough, band)
    if scale == 1.0:
        return snap(solved)
    return snap(_guided_upsample(rgb, small, solved, band))


def unknown_band(mask: Mask) -> Mask:
    """(h, w) True within `BAND` long sides of the mask's outline."""
    reach = max(2, round(BAND * max(mask.shape)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    # The border of the picture is no outline: a garment that runs out of it stays solid there.
    whole = cv2.copyMakeBorder(mask.astype(np.uint8), reach, reach, reach, reach, cv2.BORDER_REPLICATE)
    band = cv2.dilate(whole, kernel) != cv2.erode(whole, kernel)
    return np.asarray(band[reach:-reach, reach:-reach])


def closed_form(rgb: Picture, rough: Matte, band: Mask) -> Matte:
    """Solve the matting Laplacian for the pixels of `band` only; the rest is `rough` rounded to 0 or 1."""
    from pymatting.laplacian.cf_laplacian import cf_laplacian
    from scipy.sparse import diags
    from scipy.sparse.linalg import cg

    known = (rough > 0.5).astype(np.float64)
    ys, xs = np.nonzero(band)
    top, left = max(0, ys.min() - 3), max(0, xs.min() - 3)
    window = slice(top, ys.max() + 4), slice(left, xs.max() + 4)
    unknown = band[window]
    laplacian = cf_laplacian(rgb[window] / 255.0, epsilon=1e-5, radius=1, is_known=~unknown).tocsr()
    inside, outside = np.flatnonzero(unknown), np.flatnonzero(~unknown)
    rows = laplacian[inside]
    system = rows[:, inside] + PRIOR * diags(np.ones(len(inside)))
    prior = cv2.GaussianBlur(rough, (0, 0), 1.0).astype(np.float64)[window].ravel()[inside]
    target = PRIOR * prior - rows[:, outside] @ known[window].ravel()[outside]
    step = diags(1.0 / system.diagonal())
    solution, _ = cg(system, target, x0=prior, M=step, rtol=1e-4, maxiter=400)
    matte = known.copy()
    part = matte[window].copy().ravel()
    part[inside] = solution
    matte[window] = part.reshape(unknown.shape)
    return np.asarray(np.clip(matte, 0, 1), np.float32)


def snap(matte: Matte, slack: float = 0.04) -> Matte:
    """Stretch a matte so that nearly clear is clear and nearly solid is solid: exactly 0 and exactly 1."""
    return np.asarray(np.clip((matte - slack) / (1 - 2 * slack), 0, 1), np.float32)


def decontaminate(rgb: Picture, matte: Matte) -> Picture:
    """(H, W, 3) colours with the background taken out of soft edges; equal to `rgb` wherever the matte is 0 or 1."""
    soft = (matte > 0) & (matte < 1)
    if not soft.any():
        return rgb
    from pymatting.foreground.estimate_foreground_ml import estimate_foreground_ml

    scale = min(1.0, COLOUR_SIZE / max(matte.shape))
    small, alpha = scaled(rgb, scale), scaled(matte, scale)
    colour = estimate_foreground_ml(small / 255.0, alpha.astype(np.float64))
    colour = cv2.resize(np.asarray(colour, np.float32), matte.shape[::-1], interpolation=cv2.INTER_LINEAR)
    clean = rgb.copy()
    clean[soft] = np.clip(np.rint(colour[soft] * 255), 0, 255).astype(np.uint8)
    return clean


def _guided_upsample(rgb: Picture, small: Picture, matte: Matte, band: Mask) -> Matte:
    """Bring a small matte to the size of `rgb` with local linear models of its colours (fast guided filter)."""
    radius, epsilon = 2, 1e-4
    size = rgb.shape[1], rgb.shape[0]
    slope, offset = _linear_models(small.astype(np.float32) / 255.0, matte, radius, epsilon)
    near = cv2.dilate(band.astype(np.uint8), np.ones((3, 3), np.uint8))
    full = cv2.resize((matte > 0.5).astype(np.float32), size, interpolation=cv2.INTER_NEAREST)
    slope = cv2.resize(slope, size, interpolation=cv2.INTER_LINEAR)
    offset = cv2.resize(offset, size, interpolation=cv2.INTER_LINEAR)
    within = cv2.resize(near, size, interpolation=cv2.INTER_NEAREST) > 0
    y, x = np.nonzero(within)
    value = (slope[y, x] * (rgb[y, x].astype(np.float32) / 255.0)).sum(axis=1) + offset[y, x]
    full[y, x] = np.clip(value, 0, 1)
    return np.asarray(full)


def _linear_models(
    guide: NDArray[np.float32], matte: Matte, radius: int, epsilon: float
) -> tuple[NDArray[np.float32], Matte]:
    """Per pixel the (3,) slope and offset of the best linear model matte = slope . colour + offset around it."""

    def mean(array: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.blur(array, (2 * radius + 1, 2 * radius + 1)))

    colour, value = mean(guide), mean(matte)
    products = np.stack([mean(guide[..., i] * guide[..., j]) for i in range(3) for j in range(3)], axis=-1)
    covariance = products.reshape(*matte.shape, 3, 3) - colour[..., :, None] * colour[..., None, :]
    covariance += epsilon * np.eye(3, dtype=np.float32)
    together = np.stack([mean(guide[..., i] * matte) for i in range(3)], axis=-1) - colour * value[..., None]
    slope = np.linalg.solve(covariance, together[..., None])[..., 0].astype(np.float32)
    offset = (value - (slope * colour).sum(axis=-1)).astype(np.float32)
    return mean(slope), mean(offset)
