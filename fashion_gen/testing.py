"""Doubles of the house's interfaces, for tests here and in the code of others. They pass the same contract tests."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
from PIL import Image

from fashion_gen import casting, compose, label, library, quality
from fashion_gen.body import Mannequin, build_figure, pose_body
from fashion_gen.body.measurements import measure_for
from fashion_gen.errors import Cancelled as CancelledError
from fashion_gen.errors import NotFound
from fashion_gen.garment import Segmenter
from fashion_gen.generate.base import Cancelled, Generator, OnStep, Shot, check_sizes
from fashion_gen.generate.prompts import Prompt
from fashion_gen.generate.recipe import Recipe, recipe_of
from fashion_gen.planning import Plan
from fashion_gen.pose import DetectedPose, PoseEstimator
from fashion_gen.records import (
    Brief,
    Category,
    Garment,
    Inspection,
    Kind,
    Label,
    Look,
    Mask,
    Matte,
    Persona,
    Photo,
    Picture,
    Staging,
    Stroke,
    Styling,
    View,
)
from fashion_gen.storage.base import Entry, Storage, check_key, check_prefix
from fashion_gen.studio import Clock, Parts, Progress, Studio


class FixedSegmenter(Segmenter):
    """Always the same answer, whatever the photo; None for a photo that has to bring its own alpha channel or mask."""

    name = "fixed"

    def __init__(self, matte: Matte | None = None) -> None:
        self.matte = matte

    def segment(self, photo: Photo) -> Matte:
        if self.matte is None:
            raise AssertionError("This photo was to be cut out without a segmenter.")
        return self.matte


class MemoryStorage(Storage):
    """A storage that forgets everything with the process."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._modified: dict[str, datetime] = {}

    def put(self, key: str, data: bytes) -> None:
        self._modified[check_key(key)] = datetime.now(UTC)
        self.files[key] = bytes(data)

    def get(self, key: str) -> bytes:
        if not self.exists(key):
            raise NotFound("file", key, self.keys(key.rpartition("/")[0])[:10])
        return self.files[key]

    def exists(self, key: str) -> bool:
        return check_key(key) in self.files

    def delete(self, key: str) -> None:
        self.files.pop(check_key(key), None)

    def stat(self, key: str) -> Entry:
        if not self.exists(key):
            raise NotFound("file", key, ())
        return Entry(key, len(self.files[key]), self._modified[key])

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        check_prefix(prefix)
        return iter([self.stat(key) for key in tuple(self.files) if key.startswith(prefix)])

    def discard_partial(self, before: datetime) -> int:
        return 0  # a write into memory is never cut off


class EchoGenerator(Generator):
    """A generator that paints nothing: the canvas comes back, with a grain from the seed where the mask allows it."""

    def __init__(self, recipe: Recipe | None = None) -> None:
        self._recipe = recipe or recipe_of("mini")

    @property
    def recipe(self) -> Recipe:
        return self._recipe

    @property
    def weights_sha256(self) -> str:
        return "0" * 64

    def generate(
        self, shots: Sequence[Shot], *, on_step: OnStep | None = None, cancelled: Cancelled | None = None
    ) -> list[Picture]:
        check_sizes(shots)
        total = len(shots) * self._recipe.steps
        for done in range(len(shots), total + 1, max(len(shots), 1)):
            if cancelled is not None and cancelled():
                raise CancelledError("Cancelled while painting; nothing was kept.")
            if on_step is not None:
                on_step(done, total)
        return [_grained(shot) for shot in shots]


class FixedPoseEstimator(PoseEstimator):
    """An estimator that sees the same people in every picture that is not one flat colour."""

    name = "fixed"

    def __init__(self, *people: DetectedPose) -> None:
        self.people = tuple(sorted(people, key=lambda person: -person.score))

    def estimate(self, rgb: Picture) -> tuple[DetectedPose, ...]:
        return self.people if np.ptp(rgb.reshape(-1, 3), axis=0).any() else ()


class QuickStudio(Studio):
    """A studio that paints nothing: real casting, tiny pictures, real files. What is left of a look is what the service adds.

    `step_s`: seconds that each of the generator's steps sleeps, for tests of cancelling and of several workers.
    """

    STEPS = 4

    def __init__(self, preset: str = "mini", *, step_s: float = 0.0) -> None:
        super().__init__(Parts(EchoGenerator(recipe_of(preset)), FixedSegmenter(), quality.Judge()))
        self._step_s = step_s

    def extract(
        self, photo: Photo, brief: Brief, *, mask: Mask | None = None, strokes: Sequence[Stroke] = ()
    ) -> Garment:
        """The middle of the photo."""
        height, width = photo.rgb.shape[:2]
        matte = np.zeros((height, width), np.float32)
        matte[height // 4 : 3 * height // 4 + 1, width // 4 : 3 * width // 4 + 1] = 1
        return Garment(
            photo=photo,
            matte=matte,
            colour=photo.rgb,
            inside=np.zeros(matte.shape, bool),
            kind=brief.kind or Kind.GHOST,
            category=brief.category or Category.TOP,
            landmarks={},
            segmenter="none",
        )

    def plan(self, worn: Garment, brief: Brief, *, only: Mapping[int, int] | None = None) -> list[Plan]:
        """Who is shown and with which seed; everything else is as small as it can be."""
        people = casting.cast(brief, measure=measure_for, category=worn.category)
        chosen = dict.fromkeys(range(len(people)), 0) if only is None else only
        return [_small_plan(worn, people[index], brief.seed + index + chosen[index]) for index in sorted(chosen)]

    def paint(
        self,
        plans: Sequence[Plan],
        *,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
        clock: Clock | None = None,
    ) -> list[Look]:
        """One grey picture a plan."""
        started = time.perf_counter()
        for step in range(1, self.STEPS + 1):
            time.sleep(self._step_s)
            if cancelled is not None and cancelled():
                raise CancelledError("Cancelled while painting; nothing was kept.")
            if progress is not None:
                progress("generate", step, self.STEPS)
        share = (time.perf_counter() - started) / max(len(plans), 1)
        return [_small_look(plan, self.parts.generator.preset, share) for plan in plans]


_SIDE = 16  #: pixels, a multiple of 8


def _small_plan(worn: Garment, persona: Persona, seed: int) -> Plan:
    grey, none = np.full((_SIDE, _SIDE, 3), 128, np.uint8), np.zeros((_SIDE, _SIDE), bool)
    flat = none.astype(np.float32)
    shot = Shot(grey, grey, grey, flat, none, Prompt("", ""), seed)
    pose = library.poses()["standing-relaxed"]
    view = View(_SIDE, _SIDE, 0.1, 0.0, 0.0)
    return Plan(
        worn=worn,
        staging=Staging(persona, pose, view, np.tile([0.5, 0.5, 1.0], (18, 1)), np.eye(2, 3)),
        styling=Styling("none", ()),
        scene=library.scenes()["studio-grey"],
        posed=pose_body(build_figure(persona.measurements, persona.presentation), pose),
        beside=none,
        mannequin=Mannequin(grey, flat, none.astype(np.uint8), grey),
        placed=compose.PlacedGarment(grey, flat, none, none, (0, 0, _SIDE, _SIDE), 1.0),
        shot=shot,
    )


def _small_look(plan: Plan, preset: str, seconds: float) -> Look:
    pixels, persona = plan.shot.canvas, plan.staging.persona
    matte = np.full(pixels.shape[:2], 255, np.uint8)
    return Look(
        image=Image.fromarray(pixels),
        master=label.encode(pixels, "png", mark=label.Mark(f"{plan.worn.photo.sha256[:16]}-{plan.shot.seed:08x}")),
        persona=persona,
        pose=plan.staging.pose,
        keypoints=plan.staging.keypoints,
        scene=plan.scene.name,
        styling=plan.styling.name,
        seed=plan.shot.seed,
        preset=preset,
        weights_sha256="0" * 64,
        garment_box=plan.placed.box,
        garment_mask=matte,
        reference=np.dstack([pixels, matte]),
        inspection=Inspection(True, (), 1, True, 0, 0.0, 0.0, 0.0, None, None, persona.tone, None),
        invented=("person", "background"),
        notes=(),
        label=Label(xmp=True),
        seconds={"generate": seconds},
    )


def _grained(shot: Shot) -> Picture:
    grain = np.random.default_rng(shot.seed).integers(-3, 4, shot.canvas.shape)
    grained = np.clip(shot.canvas + grain, 0, 255).astype(np.uint8)
    return np.where(shot.mask[..., None], grained, shot.canvas)
