"""What trained eyes see in a look: how many people, and whether they stand as asked. Every eye is optional.

A judge should be of another family than the net that made the condition, or it confirms its own mistakes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from fashion_gen.records import Mask, Matte, Picture, Points

#: OpenPose order: shoulders, elbows, wrists, hips, knees, ankles. Neck and face points are drawn by convention, not
#: found.
BODY_JOINTS = range(2, 14)
SHOULDERS, HIPS = (2, 5), (8, 11)
NOSE = 0
#: PCK@0.2: a joint is right within a fifth of the torso's length (Yang & Ramanan, TPAMI 2013).
PCK_SHARE = 0.2


class PoseJudge(Protocol):
    """Finds people by their joints."""

    @property
    def counts_people(self) -> bool:
        """False for nets that look for one person: their count says nothing about a second one."""

    def estimate(self, rgb: Picture) -> Sequence[Any]:
        """Return one pose per person, each with `.keypoints` (18, 3): x, y in pixels and a score, OpenPose order."""


class FaceDetector(Protocol):
    """Finds faces."""

    def detect(self, rgb: Picture) -> Sequence[Any]:
        """Return one face per person, each with `.box` (x, y, width, height) in pixels."""


@dataclass(frozen=True, slots=True)
class Judge:
    """The eyes that are installed. What no eye can see is None in the inspection: not judged."""

    pose: PoseJudge | None = None
    faces: FaceDetector | None = None
    tone: Callable[[Picture, Mask], int | None] | None = (
        None  #: nearest Monk tone of the (H, W, 3) picture's skin (H, W)
    )


def pose_pck(found: Sequence[Points], asked: Points, width: int, height: int) -> float | None:
    """Return the share of asked body joints that the best of the `found` (18, 3) poses has within 0.2 torso lengths.

    `asked` is (18, 3), x and y in [0, 1], visibility 0 or 1. None when the picture shows no asked joint or no torso
    to measure by.
    """
    target = asked[:, :2] * (width, height)
    torso = float(np.linalg.norm(target[list(SHOULDERS)].mean(0) - target[list(HIPS)].mean(0)))
    inside = (asked[:, 2] > 0) & (target >= 0).all(1) & (target < (width, height)).all(1)
    joints = [joint for joint in BODY_JOINTS if inside[joint]]
    if not joints or torso < 1:
        return None
    return max((_agreement(pose, target, joints, PCK_SHARE * torso) for pose in found), default=0.0)


def count_people(
    poses: Sequence[Any] | None, faces: Sequence[Any] | None, matte: Matte, *, one_only: bool, head_shown: bool
) -> int | None:
    """Return how many people the eyes see, or None when there is no eye that could tell.

    A person is there when either eye sees one. Poses of a net that looks for `one_only` cannot rule out a second
    person, so they count beside faces only. A face whose middle lies on the garment is printed on it; when the
    framing leaves the head out, faces say nothing.
    """
    by_pose = None if poses is None else len(poses)
    by_face = None
    if faces is not None and head_shown:
        by_face = sum(not _printed(face.box, matte) for face in faces)
    if by_face is None and one_only:
        return None
    return max((count for count in (by_pose, by_face) if count is not None), default=None)


def head_in_picture(asked: Points) -> bool:
    """Whether the asked (18, 3) pose has its nose in the picture."""
    x, y, seen = asked[NOSE]
    return bool(seen > 0 and 0 <= x < 1 and 0 <= y < 1)


def _agreement(found: Points, target: Points, joints: list[int], radius: float) -> float:
    near = np.linalg.norm(found[joints, :2] - target[joints], axis=1) < radius
    return float(np.mean(near & (found[joints, 2] > 0)))


def _printed(box: Sequence[float], matte: Matte) -> bool:
    height, width = matte.shape
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    return bool(matte[min(max(int(y), 0), height - 1), min(max(int(x), 0), width - 1)] > 0.5)
