"""Finding people's joints in a picture: the interface, and what a back-end returns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from fashion_gen.records import Picture, Points

#: COCO-17 index of every OpenPose-18 keypoint; the neck (index 1) has none and is put between the shoulders.
_COCO = (0, -1, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3)
_NECK, _R_SHOULDER, _L_SHOULDER = 1, 2, 5


@dataclass(frozen=True, slots=True, eq=False)
class DetectedPose:
    """One person's joints as a detector saw them."""

    keypoints: Points  #: (18, 3) in the order of `body.KEYPOINTS`: x and y in pixels, score in [0, 1]
    score: float  #: [0, 1], how sure the detector is that this is a person

    def normalised(self, width: int, height: int, *, threshold: float = 0.3) -> Points:
        """(18, 3) with x and y in [0, 1] of the picture and visibility 0 or 1, as `draw_skeleton` takes it."""
        points = self.keypoints / (width, height, 1.0)
        points[:, 2] = self.keypoints[:, 2] >= threshold
        return np.asarray(points)


class PoseEstimator(ABC):
    """A detector of people. An instance is ready: weights are loaded and checked in the constructor."""

    name: str
    counts_people: bool = True  #: False for nets that look for one person: their count says nothing about a second one

    @abstractmethod
    def estimate(self, rgb: Picture) -> tuple[DetectedPose, ...]:
        """Return everyone found in an (H, W, 3) uint8 RGB picture, the surest first; empty when nobody is."""


def from_coco(points: Points) -> Points:
    """(17, 3) COCO keypoints (x, y, score) to (18, 3) OpenPose ones; the neck lies between the shoulders."""
    openpose = points[list(_COCO)].astype(np.float64)
    shoulders = openpose[[_R_SHOULDER, _L_SHOULDER]]
    openpose[_NECK] = (*shoulders[:, :2].mean(axis=0), shoulders[:, 2].min())
    return openpose
