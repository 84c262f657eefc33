"""Read me first: a photo goes in, looks come out.

    photo ─▶ garment.extract ─▶ casting.cast ─▶ pose.choose ─▶ generate ─▶ compose ─▶ quality.inspect ─▶ label

Every stage is a function of values; this file holds the line between them and nothing else. It does no I/O: whoever calls it
opens the photo before and writes the looks after (`album.py`).
"""

from __future__ import annotations

import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from PIL import Image

from fashion_gen import body, casting, compose, garment, images, label, library, pose, quality
from fashion_gen.body.measurements import measure_for
from fashion_gen.errors import Cancelled
from fashion_gen.generate.base import Generator, Shot
from fashion_gen.generate.prompts import assemble
from fashion_gen.records import (
    Brief,
    Garment,
    Inspection,
    Label,
    Look,
    Mask,
    Persona,
    Photo,
    Picture,
    Scene,
    Staging,
    Styling,
)

#: A new seed cannot cure these: they come from the photo and the composite, not from the generator.
NOT_CURED_BY_SEED = frozenset({"pixel_lock", "garment_delta_e"})

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """The back-ends that a studio works with."""

    generator: Generator
    segmenter: garment.Segmenter
    judge: quality.Judge
    people: pose.PoseEstimator | None = None  #: finds people in photos of worn garments
    version: str = "0"


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """One look before it exists."""

    worn: Garment
    staging: Staging
    styling: Styling
    scene: Scene
    mannequin: body.Mannequin
    placed: compose.PlacedGarment  #: at the generator's canvas size
    shot: Shot
    max_attempts: int = 1  #: seeds to try, while another could cure what the inspection finds


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

    def extract(self, photo: Photo, brief: Brief, *, mask: Mask | None = None) -> Garment:
        """Cut the garment out and understand it. An (H, W) `mask` of the caller's replaces the segmenter."""
        found = self.parts.people.estimate(photo.rgb) if self.parts.people else None
        people = None if found is None else [person.keypoints for person in found]
        return garment.extract(
            photo, self.parts.segmenter, kind=brief.kind, category=brief.category, mask=mask, people=people
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
        """Cast, style, pose and draw the canvas of every look; no generation.

        `only` picks looks of the casting by their index, from 0, each with how many seeds were spent on it before: the same
        look comes out whether it is rendered with the others or by itself.
        """
        recipe = self.parts.generator.recipe
        scene = library.lookup("scene", brief.scene, library.scenes())
        asked_pose = None if brief.pose == "auto" else library.find_pose(brief.pose)
        plans = []
        cast = casting.cast(brief, measure=measure_for, category=worn.category)
        for index, (persona, seed) in enumerate(_seeded(cast, brief.seed)):
            if only is not None and index not in only:
                continue
            staging = pose.choose(
                worn, persona, pose=asked_pose, framing=brief.framing, width=recipe.width, height=recipe.height
            )
            rng = np.random.default_rng(seed)
            styling = casting.style(worn.category, persona, brief.styling, _mean_colour(worn), rng)
            plan = self._draw(worn, staging, styling, scene, seed)
            shot = replace(plan.shot, seed=seed + only[index]) if only else plan.shot
            plans.append(replace(plan, shot=shot, max_attempts=brief.max_attempts))
        return plans

    def _draw(self, worn: Garment, staging: Staging, styling: Styling, scene: Scene, seed: int) -> Plan:
        recipe = self.parts.generator.recipe
        persona = staging.persona
        figure = body.build_figure(persona.measurements, persona.presentation)
        posed = body.pose_body(figure, staging.pose)
        drawn = body.draw_mannequin(posed, staging.view, persona=persona, scene=scene, styling=styling)
        # The cloth ends the figure where it is worn, also where the body is broader than the garment as it lies.
        mannequin = drawn.without(pose.beside(staging, worn, drawn.parts))
        size = (staging.view.width, staging.view.height)
        placed = compose.place(worn, staging.garment_to_canvas, staging.view.width, size)
        shot = Shot(
            canvas=compose.paste(mannequin.rgb, placed, person=mannequin.parts != 0),
            mannequin=mannequin.rgb,
            skeleton=pose.draw_skeleton(staging.keypoints, *size),
            depth=mannequin.depth,
            mask=compose.paint_mask(placed, cell=recipe.latent_cell),
            prompt=assemble(persona, scene, worn.category, styling, recipe.prompt, staging.pose.framing),
            seed=seed,
        )
        return Plan(worn, staging, styling, scene, mannequin, placed, shot)

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
        if cancelled and cancelled():
            raise Cancelled("Stopped before the looks were finished.")
        share = {verb: spent / len(plans) for verb, spent in clock.seconds.items()}
        clock.seconds.clear()

        def finish(job: tuple[tuple[int, Plan], Picture, Shot]) -> tuple[int, Look]:
            (index, plan), picture, shot = job
            return index, self._finish(plan, picture, shot.seed, attempt, dict(share))

        # numpy, OpenCV and the encoders release the interpreter: two looks are finished at once.
        done: list[tuple[int, Look]] = []
        with ThreadPoolExecutor(max_workers=2) as pool:
            for item in pool.map(finish, zip(plans, pictures, shots, strict=True)):
                done.append(item)
                tell("compose", len(done), len(plans))
        return done

    def _finish(self, plan: Plan, picture: Picture, seed: int, attempt: int, seconds: dict[str, float]) -> Look:
        clock = Clock(seconds)
        worn, staging, view = plan.worn, plan.staging, plan.staging.view
        with clock.time("compose"):
            size = compose.master_size(staging.garment_to_canvas, view.width, view.height)
            placed = compose.place(worn, staging.garment_to_canvas, view.width, size)
            master = compose.master(picture, placed, person=plan.mannequin.parts != 0)
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


def _seeded(personas: Sequence[Persona], seed: int) -> Iterator[tuple[Persona, int]]:
    """A seed that hangs on the persona, not on its place: four looks at once are the same four one by one."""
    seen: Counter[str] = Counter()
    for persona in personas:
        seen[persona.name] += 1
        yield persona, zlib.crc32(f"{seed}:{persona.name}:{seen[persona.name]}".encode())


def _mean_colour(worn: Garment) -> tuple[float, float, float]:
    red, green, blue = worn.colour[worn.matte > 0.9].mean(axis=0) if (worn.matte > 0.9).any() else (128, 128, 128)
    return float(red), float(green), float(blue)


def _worth_another(inspection: Inspection) -> bool:
    codes = {reason.split(":")[0] for reason in inspection.reasons}
    return not inspection.passed and not codes & NOT_CURED_BY_SEED


def _better(old: Look | None, new: Look) -> Look:
    """The look with fewer faults; the earlier one when they are equal. Attempts count all the same."""
    if old is None or new.inspection.passed or len(new.inspection.reasons) < len(old.inspection.reasons):
        return new
    return replace(old, inspection=replace(old.inspection, attempts=new.inspection.attempts))
