"""The certificate of one look, from the decoded pixels of the file that was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.parts import SKIN, Part
from fashion_gen.quality.fidelity import core_of, garment_delta_e, max_delta, seam_delta_e
from fashion_gen.quality.growth import expansion
from fashion_gen.quality.judge import Judge, count_people, head_in_picture, pose_pck
from fashion_gen.records import Inspection, Mask, Matte, Picture, Points

#: Colours and outlines are measured on a picture of this long side: sharp enough to see a halo, and quick.
WORKING_SIDE = 1000
#: Fewer skin pixels than this (of WORKING_SIDE) are no sample of anybody's tone.
LEAST_SKIN = 200


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What the look was to show. `mannequin` and `parts` are of any size with the look's aspect."""

    mannequin: Picture  #: (h, w, 3) the dressed mannequin without the garment
    parts: NDArray[np.uint8]  #: (h, w) labels of `body.Part`
    keypoints: Points  #: (18, 3) OpenPose order, x and y in [0, 1], visibility 0 or 1
    tone: int  #: Monk tone, 1 to 10


@dataclass(frozen=True, slots=True)
class Limits:
    """Up to where a look passes."""

    max_delta: int = 0  #: pixel lock: not one value of one pixel
    delta_e: float = 2.0  #: soft edges may mix with what is behind them; 2 is the eye's threshold side by side
    expansion: float = 0.05  #: mended composites measure 0 to 2.3 %; 5 % of growth shows as another cut
    seam: float = 15.0  #: mended composites measure 4 to 14 with their contact shadow, unmended ones 12 to 31
    pck: float = 0.8  #: a clean render measures 0.98 with a small net; below 0.8 a limb is somewhere else
    tone_steps: int = 1  #: Monk tones; trained people agree on a tone within one step, not exactly (arXiv 2603.02475)


def inspect(
    master: Picture,
    reference: NDArray[np.uint8],
    asked: Asked,
    *,
    judge: Judge | None = None,
    attempts: int = 1,
    limits: Limits | None = None,
) -> Inspection:
    """Return the inspection of a look as it was written.

    `master` (H, W, 3) and `reference` (H, W, 4; the garment as placed, its 8-bit matte last) are the decoded pixels
    of the files.
    """
    judge, limits = judge or Judge(), limits or Limits()
    garment, matte = np.ascontiguousarray(reference[..., :3]), np.ascontiguousarray(reference[..., 3])
    delta = max_delta(master, garment, core_of(matte))
    small = _Reduced.of(master, matte, asked)
    people, pck = _people_and_pose(master, small, asked, judge)
    measured = Inspection(
        passed=True,
        reasons=(),
        attempts=attempts,
        pixel_lock=delta is not None and delta <= limits.max_delta,
        garment_max_delta=delta,
        garment_delta_e_p95=_rounded(garment_delta_e(master, garment, matte)),
        expansion=_rounded(expansion(small.picture, small.matte, small.mannequin, small.parts), 4),
        seam_delta_e_p95=_rounded(seam_delta_e(small.picture, small.matte, small.parts)),
        pose_pck=_rounded(pck),
        people=people,
        tone_asked=asked.tone,
        tone_measured=_tone(small, judge),
    )
    return _judged(measured, limits)


@dataclass(frozen=True, slots=True, eq=False)
class _Reduced:
    """The look at working size, with what was asked brought to it."""

    picture: Picture
    matte: Matte
    mannequin: Picture
    parts: NDArray[np.uint8]

    @classmethod
    def of(cls, master: Picture, matte: NDArray[np.uint8], asked: Asked) -> _Reduced:
        height, width = master.shape[:2]
        ratio = min(1.0, WORKING_SIDE / max(height, width))
        size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
        shrunk, soft = (cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in (master, matte))
        mannequin = cv2.resize(asked.mannequin, size, interpolation=cv2.INTER_LINEAR)
        parts = cv2.resize(asked.parts, size, interpolation=cv2.INTER_NEAREST)
        return cls(shrunk, soft.astype(np.float32) / 255, mannequin, parts)

    def skin(self) -> Mask:
        """Return (H, W), True on the face, or, where that is out of the picture, on what other skin shows.

        Clear of edges, where the figure may differ from the mannequin.
        """
        face, anywhere = self._bare([Part.FACE]), self._bare(SKIN)
        return face if np.count_nonzero(face) >= LEAST_SKIN else anywhere

    def _bare(self, skin: Iterable[Part]) -> Mask:
        bare = np.isin(self.parts, [int(part) for part in skin]) & (self.matte < 0.02)
        return cv2.erode(bare.astype(np.uint8), np.ones((7, 7), np.uint8), borderValue=0) > 0  # type: ignore[no-any-return]


def _people_and_pose(master: Picture, small: _Reduced, asked: Asked, judge: Judge) -> tuple[int | None, float | None]:
    """Return (people, PCK), each None when no eye could judge it."""
    picture = small.picture
    height, width = picture.shape[:2]
    poses = None if judge.pose is None else judge.pose.estimate(picture)
    faces = None if judge.faces is None else judge.faces.detect(picture)
    one_only = judge.pose is not None and not judge.pose.counts_people
    head_shown = head_in_picture(asked.keypoints)
    people = count_people(poses, faces, small.matte, one_only=one_only, head_shown=head_shown)
    pck = None if poses is None else pose_pck([pose.keypoints for pose in poses], asked.keypoints, width, height)
    return people, pck


def _tone(small: _Reduced, judge: Judge) -> int | None:
    skin = small.skin()
    if judge.tone is None or np.count_nonzero(skin) < LEAST_SKIN:
        return None
    return judge.tone(small.picture, skin)


def _judged(measured: Inspection, limits: Limits) -> Inspection:
    """Return the inspection with its verdict: passed when nothing that was judged is beyond its limit."""
    reasons = tuple(_complaints(measured, limits))
    return replace(measured, passed=not reasons, reasons=reasons)


def _complaints(it: Inspection, limits: Limits) -> Iterator[str]:
    """Yield "code: words" for everything beyond its limit."""
    if not it.pixel_lock:
        found = (
            "no pixel could be compared" if it.garment_max_delta is None else f"differ by up to {it.garment_max_delta}"
        )
        yield f"pixel_lock: the garment's pixels are not the seller's ({found})"
    yield from _over("garment_delta_e", it.garment_delta_e_p95, limits.delta_e, "the garment's colours are off")
    yield from _over("expansion", it.expansion, limits.expansion, "the garment grew beyond its outline")
    yield from _over("seam", it.seam_delta_e_p95, limits.seam, "a fringe or halo shows around the garment")
    if it.pose_pck is not None and it.pose_pck < limits.pck:
        yield f"pose: the person does not stand as asked (PCK {it.pose_pck:g}, at least {limits.pck:g})"
    if it.people is not None and it.people != 1:
        yield f"people: {it.people} people are seen instead of one"
    if it.tone_measured is not None and abs(it.tone_measured - it.tone_asked) > limits.tone_steps:
        yield f"tone: Monk tone {it.tone_measured} instead of {it.tone_asked}"


def _over(code: str, value: float | None, limit: float, words: str) -> Iterator[str]:
    if value is not None and value > limit:
        yield f"{code}: {words} ({value:g}, at most {limit:g})"


def _rounded(value: float | None, digits: int = 2) -> float | None:
    return None if value is None else round(value, digits)
