"""One look through the real studio, and everything that is measured on it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from fashion_gen import casting, images, quality, wiring
from fashion_gen.generate import open_generator
from fashion_gen.pose import open_estimator
from fashion_gen.records import Brief, Garment, Look, Matte, Picture
from fashion_gen.studio import Parts, Plan, Studio
from fashion_gen.testing import EchoGenerator
from training.evaluation.garments import Source
from training.evaluation.judges import Judges
from training.evaluation.plan import Asked
from training.evaluation.sizes import lines
from training.evaluation.space import Space

#: What is judged and kept of a master has this long side.
SIDE = 960
Row = dict[str, Any]


def studio(preset: str, weights: Path) -> Studio:
    """The studio with `preset`; "canvas" paints nothing. It does not know the judges, so it cannot try until they agree."""
    chosen = wiring.settings.load()
    return Studio(
        Parts(
            generator=EchoGenerator() if preset == "canvas" else open_generator(preset),
            segmenter=wiring.open_segmenter(chosen),
            judge=quality.Judge(tone=casting.measure_tone),
            people=open_estimator("blazepose", weights),
            version=wiring.version(),
        )
    )


class Bench:
    """A studio, its garments and the judges."""

    def __init__(self, preset: str, shared: Path, sources: list[Source]) -> None:
        self.studio = studio(preset, shared / "weights")
        self.judges = Judges(shared / "weights")
        self.space = Space(shared / "weights")
        self.sources = sources
        self.garment = cache(self._garment)

    def _garment(self, number: int) -> Garment:
        source = self.sources[number]
        return self.studio.extract(images.open_photo(source.path), Brief(category=source.category, kind=source.kind))

    def take(self, asked: Asked, jpeg: Path) -> Row:
        """Make one look, write its JPEG and return its row of the results."""
        garment = self.garment(asked.garment)
        brief = asked.brief(garment.category)
        (plan,) = self.studio.plan(garment, brief)
        start = time.perf_counter()
        (look,) = self.studio.dress(garment, brief)
        seconds = time.perf_counter() - start
        picture, matte = reduced(look)
        Image.fromarray(picture).save(jpeg, quality=92)
        verdict = self.judges.judge(picture, matte, look.keypoints)
        return {
            "index": asked.index,
            "garment": self.sources[asked.garment].name,
            "synthetic": self.sources[asked.garment].synthetic,
            "category": garment.category,
            "kind": garment.kind,
            "tone": asked.tone,
            "size": asked.size,
            "age": asked.age,
            "presentation": look.persona.presentation,
            "pose": look.pose.name,
            "framing": look.pose.framing,
            "seconds": round(seconds, 2),
            "lock": look.inspection.pixel_lock,
            "expansion": look.inspection.expansion,
            "seam": look.inspection.seam_delta_e_p95,
            "tone_skin": look.inspection.tone_measured,
            "verdict": asdict(verdict),
            "lines": self._lines(plan, picture, matte),
            "features": [round(float(v), 4) for v in self.space.of(picture)],
        }

    def _lines(self, plan: Plan, picture: Picture, matte: Matte) -> Mapping[str, list[Row]]:
        """Measured on the canvas, and on the picture as the segmentation sees it."""
        view = plan.staging.view
        small = cv2.resize(matte, (view.width, view.height), interpolation=cv2.INTER_AREA)
        person = cv2.resize(self.judges.person(picture).astype(np.uint8), (view.width, view.height)) > 0
        parts = plan.mannequin.parts
        return {
            "canvas": [asdict(line) for line in lines(plan.staging, parts, small)],
            "picture": [asdict(line) for line in lines(plan.staging, parts, small, person)],
        }


def reduced(look: Look) -> tuple[Picture, Matte]:
    """The master (h, w, 3) and its matte (h, w) at SIDE."""
    master = np.asarray(look.image)
    k = SIDE / max(master.shape[:2])
    size = (round(master.shape[1] * k), round(master.shape[0] * k))
    method = cv2.INTER_AREA if k < 1 else cv2.INTER_LINEAR
    matte = cv2.resize(look.garment_mask, size, interpolation=method).astype(np.float32) / 255
    return np.ascontiguousarray(cv2.resize(master, size, interpolation=method)), matte
