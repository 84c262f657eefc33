"""The labelled CC0 pictures: themselves, and their garments on other grounds. Four fifths are learnt from, one is kept out.

`alexeygrigorev/clothing-dataset` (CC0), 1,488 pictures with one of 16 class labels. Their mattes are those of the classical
segmenter (`mattes.py`); how far each is believed follows from how well the net agrees with it (`train.py`). How they were
photographed is in `kinds.csv`, noted by eye.
"""

from __future__ import annotations

import csv
import zlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from fashion_gen.garment.landmarks import NAMES, find_landmarks
from fashion_gen.garment.outline import outline_of
from fashion_gen.garment.perception import CATEGORIES, KINDS, PARTS
from fashion_gen.records import Category, Picture
from training.category_fit import CLASS_OF, OPEN_HOODIES
from training.perception.grounds import Rng, around, ground
from training.perception.sample import UNKNOWN, Floats, Sample, no_landmarks, part_of

KINDS_NOTED = Path(__file__).with_name("kinds.csv")
SURE = 0.55  #: landmarks of the classical back-end that are taught
LEAST, MOST = 0.03, 0.9  #: share of the picture that a believable matte covers


@dataclass(eq=False)
class Labelled:
    """One picture, small enough to keep them all in memory."""

    name: str
    rgb: Picture
    matte: Picture  #: (H, W) 0..255
    landmarks: Floats
    kind: int
    category: str
    several: bool
    whole: bool  #: the garment does not run out of the picture

    @property
    def kept_out(self) -> bool:
        return kept_out(self.name)


def kept_out(name: str) -> bool:
    """Whether a picture belongs to the fifth that is never learnt from."""
    return zlib.crc32(name.encode()) % 5 == 0


def load(folder: Path, mattes: Path, kinds: Path = KINDS_NOTED) -> list[Labelled]:
    """All pictures whose matte exists and is believable."""
    noted = {row["file"]: row for row in rows(kinds)} if kinds.exists() else {}
    opening, found = set(OPEN_HOODIES.read_text().split()), []
    for row in sorted(rows(folder / "labels.csv"), key=lambda row: row["file"]):
        path = mattes / f"{Path(row['file']).stem}.png"
        if not path.exists():
            continue
        rgb = np.asarray(ImageOps.exif_transpose(Image.open(folder / row["file"])).convert("RGB"))
        matte = np.asarray(Image.open(path))
        if not LEAST < (matte > 127).mean() < MOST:
            continue
        category = "outerwear" if row["file"] in opening else CLASS_OF[row["label"]]
        note = noted.get(row["file"], {"kind": "flat", "notes": ""})
        kind = KINDS.index(note["kind"]) if noted and note["kind"] in KINDS else UNKNOWN
        if category in ("shoes", "hat"):
            kind = UNKNOWN
        several, cropped = "several" in note["notes"], "cropped" in note["notes"]
        marks = landmarks(matte, category)
        if several or note["kind"] in ("person", "mannequin"):
            marks = no_landmarks(len(NAMES), known=False)
        found.append(Labelled(row["file"], rgb, matte, marks, kind, category, several, not cropped))
    return found


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file whose lines of comment begin with #."""
    with path.open() as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def landmarks(matte: Picture, category: str) -> Floats:
    """(points, 3) what the classical back-end is sure of, in pixels; points that this category never has are known to be absent."""
    if category in ("shoes", "hat"):
        return no_landmarks(len(NAMES), known=True)
    h, w = matte.shape
    marks = no_landmarks(len(NAMES), known=False)
    placed = find_landmarks(outline_of(matte.astype(np.float32) / 255), Category(category), (w, h))
    upper = category in ("top", "outerwear", "dress", "jumpsuit")
    for i, name in enumerate(NAMES):
        on_legs = name in ("crotch", "left_leg_end", "right_leg_end")
        on_top = any(word in name for word in ("neck", "shoulder", "armpit", "sleeve"))
        if (on_top and not upper) or (on_legs and category not in ("trousers", "shorts", "jumpsuit")):
            marks[i] = 0
        elif (mark := placed.get(name)) and mark.confidence >= SURE:
            marks[i] = mark.x * w, mark.y * h, 1
    return marks


class Pictures:
    """Draws training samples from labelled pictures."""

    def __init__(self, labelled: list[Labelled]) -> None:
        self.all = [one for one in labelled if not one.kept_out]
        classes = [one.category for one in self.all]
        odds = np.array([1 / classes.count(name) ** 0.5 for name in classes])
        self.odds = odds / odds.sum()

    def draw(self, rng: Rng, size: int) -> tuple[Sample, int]:
        """A sample and the number of its picture: as it is, or its garment on another ground."""
        index = int(rng.choice(len(self.all), p=self.odds))
        one = self.all[index]
        part = PARTS.index(part_of(one.category))
        rgb, matte = one.rgb, one.matte
        moved = one.whole and not one.several and rng.random() < 0.4
        if moved:
            rgb = self.elsewhere(rng, one)
        parts = np.where(matte > 127, part, 0).astype(np.uint8)
        kind = UNKNOWN if moved else one.kind
        sample = Sample(rgb, matte, parts, one.landmarks, kind, CATEGORIES.index(one.category), int(one.several))
        return sample, index

    def elsewhere(self, rng: Rng, one: Labelled) -> Picture:
        """The garment with another light on another ground."""
        h, w = one.matte.shape
        behind = ground(rng, max(h, w), self.beside)[:h, :w].astype(np.float32)
        alpha = cv2.erode(one.matte, np.ones((3, 3), np.uint8)).astype(np.float32)
        alpha = cv2.GaussianBlur(alpha, (0, 0), 0.8)[..., None] / 255
        near = cv2.GaussianBlur(alpha[..., 0], (0, 0), float(rng.uniform(2, 12)))[..., None]
        cloth = one.rgb.astype(np.float32) * rng.uniform(0.75, 1.2)
        if rng.random() < 0.35:
            cloth = cloth[..., rng.permutation(3)]
        if rng.random() < 0.15:
            cloth = cloth + (behind[alpha[..., 0] > 0.5].mean(0) - cloth[alpha[..., 0] > 0.5].mean(0)) * rng.uniform(
                0.5, 1
            )
        placed = behind * (1 - rng.uniform(0.1, 0.5) * near) * (1 - alpha) + cloth * alpha
        return np.clip(placed, 0, 255).astype(np.uint8)

    def beside(self, rng: Rng, size: int) -> Picture:
        """A ground from beside some garment."""
        for _ in range(6):
            one = self.all[int(rng.integers(len(self.all)))]
            if (found := around(one.rgb, one.matte > 40, rng, size)) is not None:
                return found
        return ground(rng, size, None)

    def cloth(self, rng: Rng, size: int) -> Picture:
        """A piece of real cloth, mirrored on over size x size."""
        one = self.all[int(rng.integers(len(self.all)))]
        solid = cv2.erode((one.matte > 200).astype(np.uint8), np.ones((15, 15), np.uint8))
        ys, xs = np.nonzero(solid)
        side = int(rng.integers(40, 160))
        for _ in range(8):
            i = int(rng.integers(max(1, len(ys))))
            if not len(ys):
                break
            y, x = ys[i], xs[i]
            if solid[y : y + side, x : x + side].mean() > 0.97 and min(solid[y : y + side, x : x + side].shape) > 20:
                piece = one.rgb[y : y + side, x : x + side]
                pad = [(0, max(0, size - n)) for n in piece.shape[:2]]
                return np.ascontiguousarray(np.pad(piece, (*pad, (0, 0)), mode="symmetric")[:size, :size])
        return np.full((size, size, 3), one.rgb[one.matte > 127].mean(0), np.uint8)

    def garment(self, rng: Rng) -> Labelled:
        """Any whole garment."""
        while True:
            one = self.all[int(rng.integers(len(self.all)))]
            if one.whole and not one.several and one.category not in ("shoes", "hat"):
                return one
