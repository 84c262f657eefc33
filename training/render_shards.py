"""Render training pictures with their conditions, shard by shard, on all cores, until the time is up.

    python -m training.render_shards --out DIR --processes 14 --seconds 600 [--seed 0] [--heads]

Each sample is a `Spec` in a pose in a view: rendered by `training.people`, its condition drawn by `fashion_gen.body`.
Every sample has its own seed, so that a shard can be made again; a shard appears under its name only when it is complete.
`--heads` takes close-ups of the head, as the pipeline paints it a second time.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fashion_gen import library
from fashion_gen.body import LIMITS, PosedBody, default_view, draw_mannequin, head_view, keypoints
from fashion_gen.generate.prompts import assemble
from fashion_gen.records import (
    AgeBand,
    Category,
    Framing,
    Measurements,
    Persona,
    Piece,
    Presentation,
    SizeType,
    Styling,
    View,
)
from training import pack
from training.conditions import Fitter
from training.people.kit import Kit, prepare
from training.people.posing import Posed
from training.people.render import body as rest_body
from training.people.render import posed_body, render
from training.people.spec import Spec, sample_spec

WIDTH, HEIGHT = 320, 480
HEAD_SIDE = 224  #: of a close-up
SAMPLES_PER_SHARD = 48
#: How often each framing is drawn. Heads and hands are hardest, so closer framings get their share.
FRAMINGS = {Framing.FULL: 0.38, Framing.COWBOY: 0.36, Framing.UPPER: 0.15, Framing.LOWER: 0.11}

Angles = dict[str, dict[str, float]]


@dataclass(frozen=True, eq=False)
class Sample:
    """One row of a shard; see `training.dataset`."""

    image: NDArray[np.uint8]
    canvas: NDArray[np.uint8]
    garment: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    face: NDArray[np.float32]
    prompt: str
    tone: int
    keypoints: NDArray[np.float32]


class Camera:
    """Holds what is loaded once: packed body, poses, scenes."""

    def __init__(self) -> None:
        self.kit: Kit = prepare(pack.load())
        self.fitter = Fitter(self.kit.data)
        self.poses = [pose for pose in library.poses().values() if pose.seat == "none"]

    def take(self, seed: int, spec: Spec | None = None, framing: Framing | None = None) -> Sample:
        """One sample of a person; the same seed gives the same one."""
        rng = np.random.default_rng(seed)
        spec = spec or sample_spec(rng)
        framing = framing or Framing(rng.choice([f.value for f in FRAMINGS], p=list(FRAMINGS.values())))
        posed, body = self._stand(rng, spec, framing)
        view = _jittered(default_view(body, framing, WIDTH, HEIGHT), rng)
        return self._shoot(spec, posed, body, view, framing)

    def take_head(self, seed: int) -> Sample:
        """One sample of a head, HEAD_SIDE pixels square; the same seed gives the same one."""
        rng = np.random.default_rng(seed)
        spec = sample_spec(rng)
        posed, body = self._stand(rng, spec, Framing.UPPER)
        view = _jittered(head_view(body, default_view(body, Framing.UPPER, WIDTH, HEIGHT), HEAD_SIDE), rng)
        return self._shoot(spec, posed, body, view, Framing.UPPER, closeup=True)

    def _stand(self, rng: np.random.Generator, spec: Spec, framing: Framing) -> tuple[Posed, PosedBody]:
        posed = posed_body(self.kit, rest_body(self.kit, spec), self.angles(rng, framing))
        return posed, self.fitter.fit(posed, masculine=spec.presentation)

    def _shoot(
        self, spec: Spec, posed: Posed, body: PosedBody, view: View, framing: Framing, *, closeup: bool = False
    ) -> Sample:
        persona, styling = persona_of(spec), styling_of(spec)
        scene = library.scenes()[spec.scene]
        mannequin = draw_mannequin(body, view, persona=persona, scene=scene, styling=styling)
        picture = render(self.kit, posed, spec, view)
        prompt = assemble(persona, scene, Category(spec.garment.category), styling, "mini", framing, closeup=closeup)
        return Sample(
            image=picture.image,
            canvas=mannequin.rgb,
            garment=picture.garment,
            labels=picture.labels,
            face=np.asarray(picture.face_box if picture.face_box is not None else (0, 0, 0, 0), np.float32),
            prompt=prompt.positive,
            tone=spec.tone,
            keypoints=keypoints(body, view).astype(np.float32),
        )

    def angles(self, rng: np.random.Generator, framing: Framing) -> Angles:
        """A template varied inside the joints' limits, or arms as a garment that was laid flat would have them."""
        template = self.poses[int(rng.integers(len(self.poses)))].angles
        angles: Angles = {}
        for group, table in LIMITS.items():
            spread = {"torso": 4.0, "head": 9.0}.get(group, 6.0)
            angles[group] = {
                name: float(np.clip(template.get(group, {}).get(name, 0.0) + rng.normal() * spread, low, high))
                for name, (low, high) in table.items()
            }
        if rng.random() < 0.5:
            # Wide arms in a full picture make everybody small; close ones may be cut off, as photographers do.
            raised = float(rng.uniform(4, 38 if framing is Framing.FULL else 62))
            for side in ("left_arm", "right_arm"):
                angles[side] = {
                    "raise": float(np.clip(raised + rng.normal() * 5, 0, 80)),
                    "swing": float(rng.normal() * 5),
                    "twist": float(rng.normal() * 8),
                    "elbow": float(abs(rng.normal()) * (14 if rng.random() < 0.8 else 40)),
                }
        return angles


def _jittered(view: View, rng: np.random.Generator) -> View:
    """Larger, smaller and aside: at use the garment decides where the body stands."""
    k = float(np.exp(rng.normal() * 0.07))
    dx, dy = rng.normal(size=2) * (0.03 * view.width, 0.02 * view.height)
    return View(
        view.width,
        view.height,
        view.scale * k,
        view.width / 2 + (view.x0 - view.width / 2) * k + float(dx),
        view.height / 2 + (view.y0 - view.height / 2) * k + float(dy),
    )


def persona_of(spec: Spec) -> Persona:
    """What a seller would have called this person."""
    build = spec.build
    presentation = Presentation.ANDROGYNOUS
    if spec.presentation < 0.25:
        presentation = Presentation.FEMININE
    elif spec.presentation > 0.75:
        presentation = Presentation.MASCULINE
    return Persona(
        name="nobody",
        tone=spec.tone,
        size=_size(spec),
        age=_age(build.age),
        presentation=presentation,
        hair=spec.hair,
        hair_colour=spec.hair_colour,
        measurements=Measurements(build.stature, *[0.0] * 9),
        features=spec.features,
        seed=spec.seed,
    )


def _size(spec: Spec) -> SizeType:
    build = spec.build
    if build.belly > 0:
        return SizeType.MATERNITY
    if build.weight > 0.85:
        return SizeType.BIG if spec.presentation > 0.5 else SizeType.PLUS
    shift = 13 * spec.presentation
    if build.stature < 157 + shift:
        return SizeType.PETITE
    return SizeType.TALL if build.stature > 175 + shift else SizeType.REGULAR


def _age(years: float) -> AgeBand:
    for limit, band in ((30, AgeBand.YOUNG), (45, AgeBand.PRIME), (60, AgeBand.MIDDLE)):
        if years < limit:
            return band
    return AgeBand.SENIOR


def styling_of(spec: Spec) -> Styling:
    """The companions as the mannequin wears them."""
    pieces = [Piece(c.slot, c.shape, c.colour, f"{c.shape}") for c in spec.companions]
    return Styling("drawn", tuple(pieces))


def write_shard(path: Path, samples: list[Sample]) -> None:
    """Uncompressed and atomic: readers see a whole file or none."""
    rows = {name: np.stack([getattr(s, name) for s in samples]) for name in _ARRAYS}
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.savez(file, prompt=np.array([s.prompt for s in samples]), tone=np.array([s.tone for s in samples]), **rows)
    part.replace(path)


_ARRAYS = ("image", "canvas", "garment", "labels", "face", "keypoints")


def _seeds(start: int, worker: int, workers: int) -> Iterator[int]:
    number = start * 10_000_000 + worker
    while True:
        yield number
        number += workers


def work(worker: int, workers: int, out: Path, deadline: float, start: int, heads: bool) -> None:
    """One process: shards until the deadline."""
    # Each process has one core; threads inside it would only fight.
    os.environ["OMP_NUM_THREADS"] = "1"
    import cv2

    cv2.setNumThreads(1)
    camera = Camera()
    take = camera.take_head if heads else camera.take
    seeds = _seeds(start, worker, workers)
    shard = 0
    while time.time() < deadline:
        samples: list[Sample] = []
        while len(samples) < SAMPLES_PER_SHARD and time.time() < deadline + 20:
            seed = next(seeds)
            try:
                samples.append(take(seed))
            except (ValueError, IndexError, FloatingPointError, np.linalg.LinAlgError):
                # One impossible draw must not end a worker; it is reported with the seed that repeats it.
                print(f"seed {seed} failed:\n{traceback.format_exc()}", flush=True)
        if samples:
            write_shard(out / f"shard-{start:02d}-{worker:02d}-{shard:05d}.npz", samples)
        shard += 1


def main() -> None:
    """Start the processes and wait for them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=0, help="another seed, other people")
    parser.add_argument("--heads", action="store_true", help="close-ups of heads instead of people")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    deadline = time.time() + args.seconds
    # Compile once into numba's cache before fourteen processes would do it side by side. They are spawned: OpenCV's threads
    # do not survive a fork.
    Camera().take(args.seed * 10_000_000 + 9_999_999)
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=work, args=(i, args.processes, args.out, deadline, args.seed, args.heads))
        for i in range(args.processes)
    ]
    for process in workers:
        process.start()
    for process in workers:
        process.join()


if __name__ == "__main__":
    main()
