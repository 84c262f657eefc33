"""Our own OpenPose-style drawing of a skeleton: the picture that pose ControlNets were trained to read.

Written from the published description of the COCO-18 format (Cao et al., "OpenPose", arXiv 1812.08008), because the
drawing functions that usually travel with it are for non-commercial use only.
"""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np

from fashion_gen.records import Picture, Points

#: Chains of keypoints; each step of a chain is one of the 17 limbs, in the order of their colours.
_CHAINS = ((1, 2), (1, 5), (2, 3, 4), (5, 6, 7), (1, 8, 9, 10), (1, 11, 12, 13), (1, 0), (0, 14, 16), (0, 15, 17))
LIMBS = tuple(step for chain in _CHAINS for step in pairwise(chain))

#: The standard colours: 18 hues, 20 degrees apart. Keypoint i has colour i, limb i too.
COLOURS = (
    (255, 0, 0), (255, 85, 0), (255, 170, 0), (255, 255, 0), (170, 255, 0), (85, 255, 0),
    (0, 255, 0), (0, 255, 85), (0, 255, 170), (0, 255, 255), (0, 170, 255), (0, 85, 255),
    (0, 0, 255), (85, 0, 255), (170, 0, 255), (255, 0, 255), (255, 0, 170), (255, 0, 85),
)  # fmt: skip

_LIMB_BRIGHTNESS = 0.6

# Half the stick width per pixel of the long side. OpenPose's own drawing has 4 px at 512 (1/128); the SDXL models of xinsir
# were trained with 12 px at 1,024 to 2,000 (about 1/96 of 1,152). The thicker one is read well by both.
_HALF_WIDTH = 1 / 96

_SUBPIXEL_BITS = 4  # OpenCV takes polygon corners in 1/16 pixel


def draw_skeleton(keypoints: Points, width: int, height: int) -> Picture:
    """Draw a skeleton on black.

    Args:
        keypoints: (18, 3) in the order of `body.KEYPOINTS`: x and y in [0, 1] of the canvas, then visibility. A point with
            visibility 0, and every limb that ends in it, is left out.
        width, height: of the canvas in pixels.

    Returns:
        (height, width, 3) uint8 RGB: limbs as antialiased ellipses at 60 % brightness, keypoints as discs above them.
    """
    canvas = np.zeros((height, width, 3), np.uint8)
    radius = max(width, height) * _HALF_WIDTH
    points = keypoints[:, :2] * (width, height)
    visible = keypoints[:, 2] > 0
    for limb, (start, end) in enumerate(LIMBS):
        if visible[start] and visible[end]:
            colour = tuple(round(c * _LIMB_BRIGHTNESS) for c in COLOURS[limb])
            _fill(canvas, _ellipse(points[start], points[end], radius), colour)
    for i in np.flatnonzero(visible):
        _fill(canvas, _ellipse(points[i] - (radius, 0), points[i] + (radius, 0), radius), COLOURS[i])
    return canvas


def _ellipse(start: Points, end: Points, half_width: float) -> Points:
    """(64, 2) outline of the ellipse whose long axis runs from start to end."""
    along = (end - start) / 2
    length = float(np.hypot(*along))
    across = np.array([-along[1], along[0]]) * (half_width / length) if length else np.array([0.0, half_width])
    angle = np.linspace(0, 2 * np.pi, 64, endpoint=False)[:, None]
    return np.asarray((start + end) / 2 + np.cos(angle) * along + np.sin(angle) * across)


def _fill(canvas: Picture, outline: Points, colour: tuple[int, ...]) -> None:
    corners = np.round(outline * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    cv2.fillConvexPoly(canvas, corners, colour, lineType=cv2.LINE_AA, shift=_SUBPIXEL_BITS)
