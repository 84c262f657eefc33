"""Rendered people as shops and segmenters show them: cropped, and cut out a little wrong.

For `figure_fit.py` and `category_fit.py`, from the files of `figure_people.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from fashion_gen.garment.worn import L_ANKLE, L_HIP, L_KNEE, NECK, NOSE, R_ANKLE, R_HIP, R_KNEE
from fashion_gen.records import Matte, Picture, Points
from training.people.layers import Label

LEAST = 600  #: pixels of a silhouette
LOST = (((Label.SKIN, Label.FACE), 0.3), ((Label.HAIR,), 0.15), ((Label.SHOES,), 0.2))  #: by a segmenter, how often


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """Part of a rendered picture of a person who wears a garment of the named category; joints (18, 3) in its pixels."""

    rgb: Picture
    matte: Matte
    joints: Points
    category: str
    legs_only: bool


def crops(path: Path) -> Iterator[Crop]:
    """One rendered person in up to six framings, which depend on the file's number only."""
    rng = np.random.default_rng(int(path.stem))
    with np.load(path) as stored:
        rgb, person, labels, points = (stored[name] for name in ("image", "person", "labels", "keypoints"))
        category = str(stored["category"])
    height, width = person.shape
    joints = points * (width, height, 1.0)
    for name, (top, bottom) in framings(joints, height, rng).items():
        if bottom - top < 40:
            continue
        matte = person[top:bottom].astype(np.float32) / 255
        for lost, chance in LOST:
            if rng.random() < chance:
                matte = matte * ~np.isin(labels[top:bottom], lost)
        columns = np.flatnonzero((matte > 0.5).any(axis=0))
        if (matte > 0.5).sum() < LEAST:
            continue
        left, right = framed(columns[0], columns[-1] + 1, width, rng)
        matte = largest(roughened(np.ascontiguousarray(matte[:, left:right]), rng))
        if (matte > 0.5).sum() >= LEAST:
            part = np.ascontiguousarray(rgb[top:bottom, left:right])
            yield Crop(part, matte, joints - (left, top, 0.0), category, legs_only=name == "legs")


def framings(joints: Points, height: int, rng: np.random.Generator) -> dict[str, tuple[int, int]]:
    """(top, bottom) rows of six crops."""
    nose, neck, hip = joints[NOSE, 1], joints[NECK, 1], joints[[R_HIP, L_HIP], 1].mean()
    knee, ankle = joints[[R_KNEE, L_KNEE], 1].mean(), joints[[R_ANKLE, L_ANKLE], 1].mean()
    torso, thigh, shin, u = hip - neck, knee - hip, ankle - knee, rng.uniform
    feet = height if u() < 0.5 else u(ankle - 0.2 * shin, height)
    rows = {
        "whole": (0, height),
        "to the hips": (0, u(hip - 0.1 * torso, hip + 0.6 * thigh)),
        "headless to the hips": (u(nose, neck), u(hip, knee)),
        "legs": (u(hip - 0.45 * torso, hip - 0.1 * torso), feet),
        "to the knees": (0, u(hip + 0.5 * thigh, knee + 0.3 * shin)),
        "headless": (u(nose, neck), height),
    }
    return {name: (int(max(0, top)), int(min(height, bottom))) for name, (top, bottom) in rows.items()}


def framed(left: int, right: int, width: int, rng: np.random.Generator) -> tuple[int, int]:
    """Columns of a crop: some air at each side, or a little of the person cut off."""
    air = rng.uniform(-0.05, 0.6, 2) * (right - left)
    return int(max(0, left - air[0])), int(min(width, right + air[1]))


def roughened(matte: Matte, rng: np.random.Generator) -> Matte:
    """An outline as a segmenter draws it: coarse, a pixel too narrow or too wide."""
    coarse = cv2.resize(matte, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    matte = cv2.resize(coarse, matte.shape[::-1])
    kernel = np.ones((3, 3), np.uint8)
    return np.asarray([cv2.erode(matte, kernel), cv2.dilate(matte, kernel), matte][int(rng.integers(3))])


def largest(matte: Matte) -> Matte:
    """The largest piece of a matte."""
    count, pieces, stats, _ = cv2.connectedComponentsWithStats((matte > 0.5).astype(np.uint8))
    return matte * (pieces == 1 + stats[1:, cv2.CC_STAT_AREA].argmax()) if count > 1 else matte
