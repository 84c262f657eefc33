"""The judges: nets of other families than the generator, and what they say about one picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from fashion_gen.casting.tones import measure_tone
from fashion_gen.garment.perception import open_net
from fashion_gen.pose import FaceDetector, open_estimator
from fashion_gen.quality.judge import count_people, head_in_picture, pose_pck
from fashion_gen.records import Mask, Matte, Picture, Points

_FACE_SCORE = 0.6


@dataclass(frozen=True)
class Verdict:
    """What the judges see in one picture."""

    pck: float | None  #: MoveNet
    pck_bare: float | None  #: MoveNet, without the joints that lie under the garment
    pck_second: float | None  #: BlazePose
    people: int | None
    face: bool | None  #: None where the framing shows none
    tone: int | None  #: of the middle of the face that YuNet finds


class Judges:
    """MoveNet, BlazePose, YuNet and selfie segmentation of the folder `weights`."""

    def __init__(self, weights: Path) -> None:
        self._movenet = open_estimator("movenet", weights)
        self._blazepose = open_estimator("blazepose", weights)
        self._faces = FaceDetector(weights, threshold=_FACE_SCORE)
        options = ort.SessionOptions()
        options.log_severity_level = 3
        self._person = ort.InferenceSession(str(weights / "selfie_segmentation.onnx"), options)

    def judge(self, picture: Picture, matte: Matte, keypoints: Points) -> Verdict:
        """Judge a look; `matte` (H, W) of its garment, `keypoints` (18, 3) as asked, in [0, 1]."""
        height, width = picture.shape[:2]
        first, second = self._movenet.estimate(picture), self._blazepose.estimate(picture)
        shown = head_in_picture(keypoints)
        faces = self._faces.detect(picture)
        people = count_people(second, faces, matte, one_only=not self._blazepose.counts_people, head_shown=shown)
        if not shown:
            people = self.figures(picture)
        return Verdict(
            pck=pose_pck([pose.keypoints for pose in first], keypoints, width, height),
            pck_bare=pose_pck([pose.keypoints for pose in first], _uncovered(keypoints, matte), width, height),
            pck_second=pose_pck([pose.keypoints for pose in second], keypoints, width, height),
            people=people,
            face=bool(faces) if shown else None,
            tone=_tone_of_face(picture, faces),
        )

    def figures(self, picture: Picture) -> int:
        """How many bodies are seen where no head is: both pose nets start from faces and find nobody from the waist down.

        The larger count of two nets that segment people: selfie segmentation, and our own that sees garments.
        """
        ours = cv2.resize(1 - open_net().see(picture).parts[0], picture.shape[1::-1]) > 0.5
        return max(bodies(self.person(picture)), bodies(ours))

    def person(self, picture: Picture) -> Mask:
        """(H, W) True where the segmentation sees a person."""
        height, width = picture.shape[:2]
        small = cv2.resize(picture, (256, 256), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        (found,) = self._person.run(None, {"input_1": small[None]})
        return np.asarray(cv2.resize(found[0, ..., 0], (width, height), interpolation=cv2.INTER_LINEAR) > 0.5)


def bodies(mask: Mask) -> int:
    """Separate areas of a mask that are not small beside the largest, nor in the picture."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    return int((areas > max(0.02 * mask.size, 0.25 * areas.max(initial=0))).sum())


def _uncovered(keypoints: Points, matte: Matte) -> Points:
    """The keypoints with those hidden that the garment covers: under a wide coat nobody sees a hip."""
    height, width = matte.shape
    columns, rows = np.clip(keypoints[:, :2] * (width, height), 0, (width - 1, height - 1)).astype(int).T
    bare = keypoints.copy()
    bare[:, 2] *= matte[rows, columns] < 0.5
    return np.asarray(bare)


def _tone_of_face(picture: Picture, faces: Any) -> int | None:
    """The nearest Monk tone of a face's middle: between eyes and mouth, clear of hair."""
    if not faces:
        return None
    x, y, width, height = max((face.box for face in faces), key=lambda box: box[2] * box[3])
    where: NDArray[np.bool_] = np.zeros(picture.shape[:2], bool)
    where[
        max(0, int(y + 0.45 * height)) : int(y + 0.7 * height), max(0, int(x + 0.25 * width)) : int(x + 0.75 * width)
    ] = 1
    return measure_tone(picture, where)
