"""Garments, looks and a studio that need no generation, for the tests of album, sheet and command line."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from fashion_gen import casting, images, label, library, quality, studio
from fashion_gen.body.measurements import measure_for
from fashion_gen.errors import GarmentRefused
from fashion_gen.garment import Segmenter
from fashion_gen.records import (
    Brief,
    Category,
    Garment,
    Inspection,
    Kind,
    Label,
    Landmark,
    Look,
    Mask,
    Matte,
    Persona,
    Photo,
    Problem,
    Stroke,
)
from fashion_gen.testing import EchoGenerator

PASSED = Inspection(
    passed=True,
    reasons=(),
    attempts=1,
    pixel_lock=True,
    garment_max_delta=0,
    garment_delta_e_p95=0.123456,
    expansion=0.012345,
    seam_delta_e_p95=4.5,
    pose_pck=0.95,
    people=1,
    tone_asked=5,
    tone_measured=5,
)
FAILED = replace(PASSED, passed=False, attempts=3, people=2, reasons=("people: 2 people are seen instead of one",))


def make_photo(
    name: str = "shirt", *, width: int = 300, height: int = 400, problems: tuple[Problem, ...] = ()
) -> Photo:
    """A red square on white."""
    rgb = np.full((height, width, 3), 245, np.uint8)
    rgb[height // 4 : -height // 4, width // 4 : -width // 4] = (180, 40, 40)
    return Photo(name, rgb, None, hashlib.sha256(name.encode()).hexdigest(), problems)


def make_garment(photo: Photo | None = None, *, problems: tuple[Problem, ...] = ()) -> Garment:
    photo = photo or make_photo()
    matte = (photo.rgb[..., 1] < 128).astype(np.float32)
    return Garment(
        photo=photo,
        matte=matte,
        colour=photo.rgb,
        inside=np.zeros(matte.shape, bool),
        kind=Kind.FLAT,
        category=Category.TOP,
        landmarks={"left_shoulder": Landmark(0.3, 0.26, 0.9), "right_hem": Landmark(0.72, 0.74, 0.2)},
        segmenter="double",
        problems=problems,
    )


def make_look(
    persona: Persona | None = None,
    *,
    inspection: Inspection = PASSED,
    size: tuple[int, int] = (160, 240),
    notes: tuple[str, ...] = (),
    seed: int = 7,
) -> Look:
    width, height = size
    pixels = np.full((height, width, 3), 200, np.uint8)
    matte = np.zeros((height, width), np.uint8)
    matte[height // 3 : height // 2, width // 4 : width // 2] = 255
    return Look(
        image=Image.fromarray(pixels),
        master=label.encode(pixels, "png", mark=label.Mark(f"look-{seed}")),
        persona=persona or next(iter(library.personas().values())),
        pose=library.poses()["standing-relaxed"],
        keypoints=np.tile([0.5, 0.25, 1.0], (18, 1)),
        scene="studio-grey",
        styling="navy-denim",
        seed=seed,
        preset="mini",
        weights_sha256="ab" * 32,
        garment_box=(width // 4, height // 3, width // 2, height // 2),
        garment_mask=matte,
        reference=np.dstack([pixels, matte]),
        inspection=inspection,
        invented=("navy trousers", "person", "background"),
        notes=notes,
        label=Label(xmp=True),
        seconds={"pose": 0.1, "generate": 1.0, "compose": 0.2, "inspect": 0.3, "label": 0.04},
    )


class NoSegmenter(Segmenter):
    """Takes what is dark in the green channel for the garment."""

    name = "double"

    def segment(self, photo: Photo) -> Matte:
        return (photo.rgb[..., 1] < 128).astype(np.float32)


class QuickStudio(studio.Studio):
    """A studio without generation: extracts a square and dresses the brief's cast in it at once."""

    def __init__(self, *, inspection: Inspection = PASSED, before_dress: Callable[[], None] | None = None) -> None:
        super().__init__(studio.Parts(EchoGenerator(), NoSegmenter(), quality.Judge(), version="1.2.3"))
        self.inspection = inspection
        self.before_dress = before_dress
        self.briefs: list[Brief] = []
        self.masks: list[Mask | None] = []
        self.strokes: list[tuple[Stroke, ...]] = []

    def extract(
        self, photo: Photo, brief: Brief, *, mask: Mask | None = None, strokes: Sequence[Stroke] = ()
    ) -> Garment:
        self.masks.append(mask)
        self.strokes.append(tuple(strokes))
        if "shoes" in photo.name:
            raise GarmentRefused("shoes", "The photo seems to show shoes, which cannot be dressed yet.")
        return make_garment(photo)

    def dress(self, worn: Garment, brief: Brief, *, progress: Any = None, cancelled: Any = None) -> list[Look]:
        self.briefs.append(brief)
        people = casting.cast(brief, measure=measure_for, category=worn.category)
        for verb, of in (("pose", 1), ("generate", 40), ("compose", len(people))):
            for done in range(1, of + 1):
                progress(verb, done, of)
        if self.before_dress:
            self.before_dress()
        return [make_look(p, inspection=self.inspection, seed=i) for i, p in enumerate(people)]


def save_photo(path: Path, name: str | None = None) -> Path:
    """A file with the red square; another name gives another file."""
    photo = make_photo()
    rgb = photo.rgb.copy()
    rgb[0, 0] = len(str(path)) % 256, sum(map(ord, name or path.name)) % 256, 0
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(images.encode(rgb, "png"))
    return path
