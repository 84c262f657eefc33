"""Read me first: a photo goes in, looks come out.

    photo ─▶ garment.extract ─▶ casting.cast ─▶ pose.choose ─▶ generate ─▶ compose ─▶ quality.inspect ─▶ label

Every stage is a function of values; this file holds the line between them and nothing else. It does no I/O: whoever calls it
opens the photo before and writes the looks after (`album.py`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import repeat
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from PIL import Image

from fashion_gen import body, compose, garment, images, label, planning, pose, quality
from fashion_gen.errors import Cancelled
from fashion_gen.generate.base import Generator, Shot
from fashion_gen.planning import Plan
from fashion_gen.portrait import portrait
from fashion_gen.records import (
    Brief,
    Garment,
    Inspection,
    Label,
    Look,
    Mask,
    Photo,
    Picture,
    Stroke,
)

#: A new seed cannot cure these: they come from the photo and the composite, not from the generator.
NOT_CURED_BY_SEED = frozenset({"pixel_lock", "garment_delta_e"})

_LIMBS = body.SKIN - {body.Part.FACE}

Progress = Callable[[str, int, int], None]


class Extract(Protocol):
    """Cuts a garment out of a photo, as `Studio.extract` does."""

    def __call__(self, photo: Photo, brief: Brief, *, strokes: Sequence[Stroke] = ()) -> Garment: ...


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """The back-ends that a studio works with."""

    generator: Generator
    segmenter: garment.Segmenter
    judge: quality.Judge
    people: pose.PoseEstimator | None = None  #: finds people in photos of worn garments
    version: str = "0"


@dataclass(slots=True)
class Clock:
    """Seconds by verb."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def time(self, verb: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[verb] = self.seconds.get(verb, 0.0) + time.perf_counter() - start


class Studio:
    """Renders looks. Build it once and keep it: the generator holds its weights."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.parts.generator.close()

    def render(
        self,
        photo: Path | str | bytes | Photo,
        brief: Brief | None = None,
        *,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> list[Look]:
        """Return the looks of one photo, in the order of the casting.

        Raises:
            InputError: the photo or the brief is at fault; the message names the cure.
            GenerationError: the generator failed.
            Cancelled: `cancelled()` said so.
        """
        brief = brief or Brief()
        opened = (
            photo if isinstance(photo, Photo) else images.open_photo(Path(photo) if isinstance(photo, str) else photo)
        )
        return self.dress(self.extract(opened, brief), brief, progress=progress, cancelled=cancelled)

    def extract(
        self, photo: Photo, brief: Brief, *, mask: Mask | None = None, strokes: Sequence[Stroke] = ()
    ) -> Garment:
        """Cut the garment out and understand it. An (H, W) `mask` of the caller's replaces the segmenter, `strokes` mend it."""
        found = self.parts.people.estimate(photo.rgb) if self.parts.people else None
        people = None if found is None else [person.keypoints for person in found]
        return garment.extract(
            photo,
            self.parts.segmenter,
            kind=brief.kind,
            category=brief.category,
            mask=mask,
            people=people,
            strokes=strokes,
        )

    def dress(
        self,
        worn: Garment,
        brief: Brief,
        *,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> list[Look]:
        """Put the garment on the people that the brief asks for."""
        clock = Clock()
        with clock.time("pose"):
            plans = self.plan(worn, brief)
        if progress:
            progress("pose", len(plans), len(plans))
        return self.paint(plans, progress=progress, cancelled=cancelled, clock=clock)

    def paint(
        self,
        plans: Sequence[Plan],
        *,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
        clock: Clock | None = None,
    ) -> list[Look]:
        """Render plans together, also those of several garments and briefs; return their looks in the same order.

        Raises:
            GenerationError: the generator failed.
            Cancelled: `cancelled()` said so.
        """
        clock, tell = clock or Clock(), progress or (lambda _verb, _done, _of: None)
        looks: dict[int, Look] = {}
        open_ = list(range(len(plans)))
        attempt = 0
        while open_:
            attempt += 1
            for look_index, look in self._attempt([(i, plans[i]) for i in open_], attempt, clock, tell, cancelled):
                looks[look_index] = _better(looks.get(look_index), look)
            open_ = [i for i in open_ if attempt < plans[i].max_attempts and _worth_another(looks[i].inspection)]
        return [looks[i] for i in range(len(plans))]

    def plan(self, worn: Garment, brief: Brief, *, only: Mapping[int, int] | None = None) -> list[Plan]:
        """Cast, style, pose and draw the canvas of every look, as `planning.plan` does; no generation."""
        return planning.plan(worn, brief, self.parts.generator.recipe, only=only)

    def _attempt(
        self,
        plans: Sequence[tuple[int, Plan]],
        attempt: int,
        clock: Clock,
        tell: Progress,
        cancelled: Callable[[], bool] | None,
    ) -> list[tuple[int, Look]]:
        """Generate, compose, label and inspect these looks once."""
        shots = [replace(plan.shot, seed=plan.shot.seed + attempt - 1) for _, plan in plans]
        with clock.time("generate"):
            pictures = self.parts.generator.generate(
                shots, on_step=lambda done, of: tell("generate", done, of), cancelled=cancelled
            )
            heads = self._heads([plan for _, plan in plans], pictures, shots, cancelled)
        if cancelled and cancelled():
            raise Cancelled("Stopped before the looks were finished.")
        share = {verb: spent / len(plans) for verb, spent in clock.seconds.items()}
        clock.seconds.clear()

        def finish(job: tuple[tuple[int, Plan], Picture, compose.CloseUp | None, Shot]) -> tuple[int, Look]:
            (index, plan), picture, head, shot = job
            return index, self._finish(plan, picture, head, shot.seed, attempt, dict(share))

        # numpy, OpenCV and the encoders release the interpreter: two looks are finished at once.
        done: list[tuple[int, Look]] = []
        with ThreadPoolExecutor(max_workers=2) as pool:
            for item in pool.map(finish, zip(plans, pictures, heads, shots, strict=True)):
                done.append(item)
                tell("compose", len(done), len(plans))
        return done

    def _heads(
        self,
        plans: Sequence[Plan],
        pictures: Sequence[Picture],
        shots: Sequence[Shot],
        cancelled: Callable[[], bool] | None,
    ) -> list[compose.CloseUp | None]:
        """Paint the heads of painted looks once more, larger, where a face shows and the recipe asks for it."""
        generator = self.parts.generator
        seeds = [shot.seed for shot in shots]
        with ThreadPoolExecutor(max_workers=2) as pool:
            portraits = list(pool.map(portrait, plans, pictures, seeds, repeat(generator.recipe)))
        wanted = [one.shot for one in portraits if one is not None]
        painted = iter(generator.generate(wanted, cancelled=cancelled) if wanted else ())
        return [None if one is None else one.finish(next(painted)) for one in portraits]

    def _finish(
        self,
        plan: Plan,
        picture: Picture,
        head: compose.CloseUp | None,
        seed: int,
        attempt: int,
        seconds: dict[str, float],
    ) -> Look:
        clock = Clock(seconds)
        worn, staging, view = plan.worn, plan.staging, plan.staging.view
        with clock.time("compose"):
            size = compose.master_size(staging.garment_to_canvas, view.width, view.height)
            placed = compose.place(worn, staging.garment_to_canvas, view.width, size, warp=staging.warp)
            master = compose.master(self._plate(plan, picture, placed, head), placed, person=plan.mannequin.parts != 0)
        matte = np.rint(placed.matte * 255).astype(np.uint8)
        reference = np.dstack([placed.rgb, matte])
        with clock.time("label"):
            # The id names what went in, so the same brief on the same photo is the same file.
            look_id = f"{worn.photo.sha256[:16]}-{seed:08x}"
            file = label.encode(master, "png", mark=label.Mark(look_id, version=self.parts.version))
        with clock.time("inspect"):
            asked = quality.Asked(plan.mannequin.rgb, plan.mannequin.parts, staging.keypoints, staging.persona.tone)
            inspection = quality.inspect(
                images.decode(file), reference, asked, judge=self.parts.judge, attempts=attempt
            )
        return Look(
            image=Image.fromarray(master),
            master=file,
            persona=staging.persona,
            pose=staging.pose,
            keypoints=staging.keypoints,
            scene=plan.scene.name,
            styling=plan.styling.name,
            seed=seed,
            preset=self.parts.generator.preset,
            weights_sha256=self.parts.generator.weights_sha256,
            garment_box=placed.box,
            garment_mask=matte,
            reference=reference,
            inspection=inspection,
            invented=(*(piece.name for piece in plan.styling.pieces), "person", "background"),
            notes=staging.notes,
            label=Label(xmp=label.read(file).labelled),
            seconds=clock.seconds,
        )

    def _plate(
        self, plan: Plan, picture: Picture, placed: compose.PlacedGarment, head: compose.CloseUp | None
    ) -> Picture:
        """What stands behind the garment, as the recipe takes it from the painting or from the drawing."""
        if self.parts.generator.recipe.figure == "painted":
            return compose.painted_plate(picture, placed, person=plan.mannequin.parts != 0, head=head)
        drawn = plan.drawn_at(*placed.size)
        return compose.relit(
            drawn.rgb,
            plan.shot.canvas,
            picture,
            person=drawn.parts != 0,
            skin=(drawn.parts == body.Part.FACE, np.isin(drawn.parts, [int(part) for part in _LIMBS])),
            garment=plan.placed.matte,
        )


def _worth_another(inspection: Inspection) -> bool:
    codes = {reason.split(":")[0] for reason in inspection.reasons}
    return not inspection.passed and not codes & NOT_CURED_BY_SEED


def _better(old: Look | None, new: Look) -> Look:
    """The look with fewer faults; the earlier one when they are equal. Attempts count all the same."""
    if old is None or new.inspection.passed or len(new.inspection.reasons) < len(old.inspection.reasons):
        return new
    return replace(old, inspection=replace(old.inspection, attempts=new.inspection.attempts))
