"""What stands out from the border of a photo: three independent guesses, all pure array functions.

Each takes a small (h, w, 3) float32 CIE Lab picture and returns an (h, w) float32 map in [0, 1], high on the garment.
They fail on different photos, which is why there are three; `proposals.py` scores what comes of each.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.records import Matte, Picture

Lab = NDArray[np.float32]

BORDER = 0.03  #: width of the border band, in short sides


def to_lab(rgb: Picture) -> Lab:
    """(h, w, 3) uint8 sRGB to float32 CIE Lab, L in [0, 100]."""
    lab: Lab = cv2.cvtColor(rgb.astype(np.float32) / 255.0, cv2.COLOR_RGB2LAB)
    return lab


def border_band(shape: tuple[int, int], width: float = BORDER) -> NDArray[np.bool_]:
    """(h, w) bool, True in a frame `width` short sides wide (at least two pixels)."""
    h, w = shape
    n = max(2, round(width * min(h, w)))
    band = np.ones((h, w), bool)
    band[n : h - n, n : w - n] = False
    return band


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    """A smooth background fitted to the border."""

    field: Lab  #: (h, w, 3) its colour everywhere, also under the garment
    spread: float  #: its noise, in Lab units
    explained: float  #: the share of the border that it explains
    saliency: Matte  #: (h, w) how unlike it each pixel is

    @property
    def trust(self) -> float:
        """0 to 3: how much `saliency` should count. A clean studio white is worth more than everything else together."""
        return 3.0 * max(0.0, 2 * self.explained - 1) * float(np.exp(-self.spread / 3.0))


def against_backdrop(lab: Lab) -> Backdrop:
    """Fit a quadratic backdrop to the border, leaving out what does not belong to it.

    The fit is iteratively reweighted with Tukey's biweight, so a sleeve that touches the border does not bend it.
    """
    h, w = lab.shape[:2]
    y, x = np.mgrid[-1 : 1 : complex(0, h), -1 : 1 : complex(0, w)]
    terms = np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], axis=-1)
    band = border_band((h, w))
    basis, colour = terms[band], lab[band].astype(np.float64)
    residual = np.linalg.norm(colour - np.median(colour, axis=0), axis=1)
    spread = 12.0
    coefficients = np.zeros((6, 3))
    for _ in range(8):
        weight = np.clip(1 - (residual / (3.0 * spread)) ** 2, 0, 1) ** 2 + 1e-6
        root = np.sqrt(weight)[:, None]
        coefficients, *_ = np.linalg.lstsq(basis * root, colour * root, rcond=None)
        residual = np.linalg.norm(colour - basis @ coefficients, axis=1)
        inliers = residual < 3.0 * spread
        spread = float(np.clip(1.4826 * np.median(residual[inliers]) if inliers.any() else spread, 0.4, 12.0))
    explained = float((residual < max(4.0 * spread, 4.0)).mean())
    field = (terms @ coefficients).astype(np.float32)
    distance = np.linalg.norm(lab - field, axis=2) / max(3.5 * spread, 2.5)
    return Backdrop(field, spread, explained, (1.0 - np.exp(-(distance**2) / 2)).astype(np.float32))


def enclosed(lab: Lab) -> Matte:
    """How many edges a walk from the border has to cross (geodesic distance over the gradient).

    Finds a white shirt on a white sheet by its outline alone, where colours tell nothing.
    """
    from skimage.graph import MCP_Geometric

    gradient = np.zeros(lab.shape[:2], np.float32)
    smooth = cv2.GaussianBlur(lab, (0, 0), 1.2)
    for channel in range(3):
        dx = cv2.Scharr(smooth[..., channel], cv2.CV_32F, 1, 0) / 32.0
        dy = cv2.Scharr(smooth[..., channel], cv2.CV_32F, 0, 1) / 32.0
        gradient += dx * dx + dy * dy
    gradient = np.sqrt(gradient)
    size = lab.shape[0], lab.shape[1]
    noise = float(np.median(gradient[border_band(size)]))
    cost = np.clip(gradient - 1.5 * noise, 0, None) ** 1.5 + 1e-4
    start = np.argwhere(border_band(size, 0.005))
    distance, _ = MCP_Geometric(cost).find_costs(start)
    distance = np.asarray(distance, np.float32)
    reach = float(np.percentile(distance, 90)) + 1e-6
    return np.clip(distance / reach, 0, 1)


def regions_apart(lab: Lab) -> Matte:
    """Saliency from boundary connectivity, at the level of superpixels.

    Zhu, Liang, Wei, Sun, "Saliency Optimization from Robust Background Detection", CVPR 2014: a region is background
    when the regions it melts into touch much of the border for their size, so a garment that touches the border a
    little remains foreground. What counts as "melts into" is taken from the photo itself: white on white has small steps.
    """
    labels, mean, centre, edge, touches = _superpixels(lab)
    step = np.linalg.norm(mean[edge[:, 0]] - mean[edge[:, 1]], axis=1)
    softness = float(np.clip(np.percentile(step, 75), 2.0, 10.0))
    near, geodesic = _graph(mean, edge, touches)
    reach = np.exp(-(geodesic**2) / (2 * softness**2))
    connectivity = (reach @ touches) / np.sqrt(reach.sum(axis=1))
    background = 1 - np.exp(-(connectivity**2) / 2)
    apart = np.linalg.norm(centre[:, None] - centre[None], axis=2)
    differ = np.linalg.norm(mean[:, None] - mean[None], axis=2)
    contrast = (differ * np.exp(-(apart**2) / (2 * 0.25**2))) @ background
    foreground = contrast / (contrast.max() + 1e-9)
    smooth = np.where(near, np.exp(-(differ**2) / (2 * softness**2)) + 0.1, 0.0)
    system = np.diag(background + foreground + smooth.sum(axis=1)) - smooth
    value = np.linalg.solve(system, foreground)
    value = (value - value.min()) / (np.ptp(value) + 1e-9)
    result: Matte = value[labels].astype(np.float32)
    return result


Superpixels = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]


def _superpixels(lab: Lab) -> Superpixels:
    """Labels (h, w), mean Lab (n, 3), centres (n, 2) in [0, 1], adjacent pairs (m, 2), 1.0 for regions at the border (n,)."""
    from skimage.segmentation import slic

    h, w = lab.shape[:2]
    # slic stretches its input to [0, 1] first: 0.08 here is about 8 in Lab units.
    labels = slic(lab, 300, compactness=0.08, convert2lab=False, start_label=0, enforce_connectivity=True)
    n = int(labels.max()) + 1
    flat = labels.ravel()
    size = np.bincount(flat, minlength=n).clip(1)
    mean = np.stack([np.bincount(flat, lab[..., c].ravel(), n) / size for c in range(3)], axis=1)
    y, x = np.mgrid[0:h, 0:w] / max(h, w)
    centre = np.stack([np.bincount(flat, x.ravel(), n) / size, np.bincount(flat, y.ravel(), n) / size], axis=1)
    across = np.stack([labels[:, :-1].ravel(), labels[:, 1:].ravel()], axis=1)
    down = np.stack([labels[:-1].ravel(), labels[1:].ravel()], axis=1)
    pairs = np.sort(np.concatenate([across, down]), axis=1)
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    touches = np.zeros(n)
    touches[np.unique(labels[border_band((h, w), 0.005)])] = 1.0
    return labels, mean, centre, pairs, touches


def _graph(
    mean: NDArray[np.float64], edge: NDArray[np.int64], touches: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Adjacency (n, n), border regions all joined, and geodesic colour distance (n, n) over it."""
    from scipy.sparse.csgraph import dijkstra

    n = len(mean)
    near = np.zeros((n, n), bool)
    near[edge[:, 0], edge[:, 1]] = True
    rim = np.flatnonzero(touches)
    near[np.ix_(rim, rim)] = True
    near |= near.T
    np.fill_diagonal(near, False)
    step = np.where(near, np.linalg.norm(mean[:, None] - mean[None], axis=2) + 1e-3, 0.0)
    return near, np.asarray(dijkstra(step))
