"""A wearer told from the cut-out's outline alone: is this a person, and about where are the joints.

For photos at which nobody looked for people. A small network of our own (two hidden layers of 40 units) reads the silhouette
in its box, shrunk to 16 x 24. It was fitted by `training/figure_fit.py` to the outlines of rendered people (CC0 bodies)
in many framings, and to those of 1,488 CC0 pictures of garments, most of which nobody wears. Its numbers lie in
`figure_model.json`. No colour is read; `worn.wearer` still asks for a part of the body that the garment does not cover.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.records import Matte, Points

MODEL = Path(__file__).with_name("figure_model.json")
GRID = (16, 24)  #: width and height of the silhouette that is read
JOINTS = 18
SURE = 0.99  #: probability from which a silhouette counts as a person; plain drawn dresses and skirts reach 0.98


def silhouette(matte: Matte) -> NDArray[np.float64]:
    """(389,) what is read: the shrunk silhouette, its aspect, and how much of each side of the photo it touches.

    The matte must hold at least one pixel over 0.5.
    """
    solid = matte > 0.5
    left, top, right, bottom = _box(matte)
    grid = cv2.resize(solid[top:bottom, left:right].astype(np.float32), GRID, interpolation=cv2.INTER_AREA)
    aspect = np.log((bottom - top) / (right - left))
    sides = [solid[0].mean(), solid[-1].mean(), solid[:, 0].mean(), solid[:, -1].mean()]
    return np.concatenate([grid.ravel(), [aspect], sides]).astype(np.float64)


def person_by_outline(matte: Matte) -> Points | None:
    """(18, 3) OpenPose keypoints in photo pixels with scores; None when the silhouette does not look like a person."""
    if not (matte > 0.5).any():
        return None
    numbers = _model()
    layer = silhouette(matte)
    for i in (1, 2):
        layer = np.maximum(layer @ numbers[f"w{i}"] + numbers[f"b{i}"], 0.0)
    told = layer @ numbers["w3"] + numbers["b3"]
    if _sigmoid(told[0]) < SURE:
        return None
    left, top, right, bottom = _box(matte)
    places = told[1 : 1 + 2 * JOINTS].reshape(JOINTS, 2) * (right - left, bottom - top) + (left, top)
    return np.column_stack([places, _sigmoid(told[1 + 2 * JOINTS :])])


def _box(matte: Matte) -> tuple[int, int, int, int]:
    """(left, top, right, bottom), the last two exclusive."""
    solid = matte > 0.5
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x, -30.0, 30.0))))


@cache
def _model() -> Mapping[str, NDArray[np.float64]]:
    return {name: np.array(values) for name, values in json.loads(MODEL.read_text()).items()}
