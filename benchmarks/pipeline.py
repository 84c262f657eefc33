"""The whole pipeline beside a plain diffusers script: same weights, steps, batch and canvases, in one run.

    python -m benchmarks.pipeline [PHOTO] [-n 4] [--rounds 3] [--preset mini]

The plain script is what the diffusers documentation shows: `StableDiffusionControlNetInpaintPipeline.from_pretrained` and one call.
It neither casts, poses, composes nor inspects. The ratio of the issue is the product's total over the plain script's
denoise-plus-decode; machines are noisy, so rounds alternate and medians count.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from pathlib import Path
from typing import Any

import torch
from diffusers import DPMSolverMultistepScheduler, StableDiffusionControlNetInpaintPipeline
from PIL import Image

import fashion_gen
from fashion_gen import images
from fashion_gen.generate import recipe_of
from fashion_gen.generate.base import Shot
from fashion_gen.records import Brief, Photo
from fashion_gen.wiring import Studio

HERE = Path(fashion_gen.__file__).parent
EXAMPLE = HERE / "example" / "garment.jpg"


class Plain:
    """The documentation's own example with the preset's weights."""

    def __init__(self, preset: str) -> None:
        recipe = recipe_of(preset)
        pipe = StableDiffusionControlNetInpaintPipeline.from_pretrained(
            HERE / "generate" / recipe.base.folder, dtype=torch.float32, local_files_only=True
        )
        pipe.scheduler = DPMSolverMultistepScheduler.from_config(pipe.scheduler.config, **recipe.scheduler.options)
        pipe.set_progress_bar_config(disable=True)
        self._pipe, self._recipe = pipe, recipe

    def run(self, shots: list[Shot]) -> dict[str, float]:
        """Paint the shots; seconds in all, and of denoising plus decoding."""
        marks: dict[str, float] = {}

        def step(_pipe: Any, index: int, _time: Any, values: dict[str, Any]) -> dict[str, Any]:
            marks.setdefault("first", time.perf_counter())
            marks["steps"] = index + 1
            marks["last"] = time.perf_counter()
            return values

        start = time.perf_counter()
        self._pipe(
            prompt=[shot.prompt.positive for shot in shots],
            image=[Image.fromarray(shot.canvas) for shot in shots],
            mask_image=[Image.fromarray(shot.mask) for shot in shots],
            control_image=[Image.fromarray(shot.mannequin) for shot in shots],
            strength=self._recipe.strength,
            num_inference_steps=self._recipe.steps,
            guidance_scale=self._recipe.guidance,
            controlnet_conditioning_scale=self._recipe.control_scale,
            generator=[torch.Generator().manual_seed(shot.seed) for shot in shots],
            callback_on_step_end=step,
            output_type="np",
        )
        end = time.perf_counter()
        # The first step has no start mark: it took as long as the others.
        per_step = (marks["last"] - marks["first"]) / max(marks["steps"] - 1, 1)
        return {"total": end - start, "denoise_decode": per_step * marks["steps"] + end - marks["last"]}


def product(studio: Studio, photo: Photo, brief: Brief) -> dict[str, float]:
    """One render, seconds by verb and in all."""
    start = time.perf_counter()
    garment = studio.extract(photo, brief)
    extracted = time.perf_counter()
    looks = studio.dress(garment, brief)
    seconds = {"total": time.perf_counter() - start, "garment": extracted - start}
    for verb in looks[0].seconds:
        seconds[verb] = sum(look.seconds[verb] for look in looks)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", type=Path, nargs="?", default=EXAMPLE)
    parser.add_argument("-n", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--preset", default="mini")
    args = parser.parse_args()
    # One attempt: a second one would be other work than the plain script's.
    brief = Brief(looks=args.n, max_attempts=1)
    photo = images.open_photo(args.photo)
    start = time.perf_counter()
    studio = Studio(preset=args.preset)
    loading = time.perf_counter() - start
    plain = Plain(args.preset)
    shots = [plan.shot for plan in studio.plan(studio.extract(photo, brief), brief)]
    plain.run(shots[:1])
    ours: list[dict[str, float]] = []
    theirs: list[dict[str, float]] = []
    for number in range(args.rounds):
        theirs.append(plain.run(shots))
        ours.append(product(studio, photo, brief))
        print(f"round {number + 1}: ours {ours[-1]['total']:.1f} s, plain {theirs[-1]['total']:.1f} s", flush=True)
    median = {key: statistics.median(row[key] for row in ours) for key in ours[0]}
    base = statistics.median(row["denoise_decode"] for row in theirs)
    print(f"\n{args.n} looks, preset {args.preset}, {torch.get_num_threads()} threads, median of {args.rounds}")
    print(f"plain diffusers, denoise + decode  {base:7.2f} s")
    print(f"fashion-gen, everything            {median['total']:7.2f} s   ratio {median['total'] / base:.2f}")
    for verb, spent in median.items():
        if verb != "total":
            print(f"    {verb:<12} {spent:7.2f} s (summed over looks)")
    print(f"loading {loading:.1f} s, peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GB")


if __name__ == "__main__":
    main()
