"""Generators that run the inpainting-with-ControlNet pipelines of diffusers: every preset of today is one of them."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from fashion_gen.errors import Cancelled as CancelledError
from fashion_gen.errors import GenerationError, OutOfMemory
from fashion_gen.generate.base import Cancelled, Generator, OnStep, Shot, check_sizes
from fashion_gen.generate.conditioning import remember_conditions
from fashion_gen.generate.families import FAMILIES
from fashion_gen.generate.loading import choose_device, load_pipeline
from fashion_gen.generate.paired import PairedGenerator
from fashion_gen.generate.recipe import Recipe
from fashion_gen.generate.twins import halved_threads, twin
from fashion_gen.generate.weights import combined_sha256, locate, verify
from fashion_gen.records import Picture

log = logging.getLogger(__name__)

_MEMORY_WORDS = ("out of memory", "not enough memory", "failed to allocate")


class DiffusersGenerator(Generator):
    """Paints with a loaded pipeline. One call at a time: the scheduler keeps state between steps."""

    def __init__(self, recipe: Recipe, pipe: Any, *, weights_sha256: str, batch: int | None = None) -> None:
        """`pipe` is an instance of the class that `recipe.pipeline` names, on its device, or acts like one.

        `batch` looks are painted at once, those of the recipe by default.
        """
        self._recipe = recipe
        self._pipe = pipe
        self._weights_sha256 = weights_sha256
        self._family: Any = FAMILIES[recipe.pipeline](pipe)
        self._conditions = remember_conditions(pipe.controlnet)
        self._batch = batch or recipe.batch
        self._lock = threading.Lock()

    @classmethod
    def open(cls, recipe: Recipe, *, device: str | None = None, models_dir: Path | None = None) -> DiffusersGenerator:
        """Load weights that are on this machine. Raises BackendUnavailable, WeightsUntrusted."""
        pipe, digest = _load(recipe, device, models_dir)
        return cls(recipe, pipe, weights_sha256=digest)

    @property
    def recipe(self) -> Recipe:
        return self._recipe

    @property
    def weights_sha256(self) -> str:
        return self._weights_sha256

    def generate(
        self, shots: Sequence[Shot], *, on_step: OnStep | None = None, cancelled: Cancelled | None = None
    ) -> list[Picture]:
        check_sizes(shots)
        if self._pipe is None:
            raise RuntimeError(f'The generator "{self.preset}" was closed: open another one.')
        pictures: list[Picture] = []
        with self._lock, torch.inference_mode():
            while len(pictures) < len(shots):
                batch = shots[len(pictures) : len(pictures) + self._batch]
                watch = _watcher(on_step, cancelled, len(pictures), len(batch), len(shots))
                painted = self._try(batch, watch)
                if painted is None:
                    self._shrink(len(batch))
                else:
                    pictures += painted
        return pictures

    def close(self) -> None:
        with self._lock:
            self._pipe = self._family = None
            self._conditions = []
            gc.collect()  # pipelines hold themselves in circles
            _free_device_memory()

    def _try(self, shots: Sequence[Shot], watch: Callable[..., Any]) -> list[Picture] | None:
        """Return the pictures, or None if the memory did not suffice for more than one."""
        try:
            return _to_pictures(self._paint(shots, watch))
        except (RuntimeError, MemoryError) as exc:
            if not _is_out_of_memory(exc):
                raise
            if len(shots) == 1:
                width, height = shots[0].size
                raise OutOfMemory(
                    f"One look of {width}x{height} does not fit into the memory of {self._pipe.device} with the preset "
                    f'"{self.preset}": close other programs, or take a smaller preset or device cpu.'
                ) from exc
            return None  # the exception and the tensors its frames hold must be gone before the next try
        finally:
            for condition in self._conditions:
                condition.forget()

    def _shrink(self, tried: int) -> None:
        self._batch = max(1, tried // 2)
        _free_device_memory()
        log.warning("batch halved", extra={"action": "batch_halved", "preset": self.preset, "batch": self._batch})

    def _paint(self, shots: Sequence[Shot], watch: Callable[..., Any]) -> torch.Tensor:
        """Return (N, 3, H, W) in [0, 1] on the pipeline's device."""
        recipe = self._recipe
        width, height = shots[0].size
        guided = recipe.guidance > 1.0
        controls = [_batch([_rgb(getattr(shot, control.picture)) for shot in shots]) for control in recipe.controls]
        # Noise is drawn on the CPU, one source a look: the same on every device and in every batch.
        noise = [torch.Generator("cpu").manual_seed(shot.seed) for shot in shots]
        images: torch.Tensor = self._pipe(
            image=_batch([shot.canvas for shot in shots]),
            mask_image=_batch([shot.mask[..., None] for shot in shots]),
            width=width,
            height=height,
            strength=shots[0].strength or recipe.strength,
            num_inference_steps=recipe.steps,
            guidance_scale=recipe.guidance,
            controlnet_conditioning_scale=recipe.control_scale,
            control_guidance_end=recipe.control_end,
            generator=noise,
            output_type="pt",
            callback_on_step_end=watch,
            **self._family.control_arguments(controls, recipe.controls),
            **self._family.prompt_arguments([shot.prompt for shot in shots], guided=guided),
        ).images
        return images


def open_diffusers(recipe: Recipe, *, device: str | None = None, models_dir: Path | None = None) -> Generator:
    """Load weights that are on this machine; on a CPU with cores to share they paint as a pair.

    Raises BackendUnavailable, WeightsUntrusted.
    """
    pipe, digest = _load(recipe, device, models_dir)
    if pipe.device.type != "cpu" or torch.get_num_threads() < 2 or recipe.batch < 2:
        return DiffusersGenerator(recipe, pipe, weights_sha256=digest)
    # Each paints half a batch, so the two together take the memory of one.
    halves = [
        DiffusersGenerator(recipe, each, weights_sha256=digest, batch=recipe.batch // 2) for each in (pipe, twin(pipe))
    ]
    return PairedGenerator(*halves, threads=halved_threads)


def _load(recipe: Recipe, device: str | None, models_dir: Path | None) -> tuple[Any, str]:
    """Return the pipeline on its device and the digest over its weight files."""
    chosen = choose_device(device)
    folders = {weights.key: locate(weights, recipe.preset, models_dir) for weights in recipe.weights}
    digests = {weights.key: verify(weights, folders[weights.key], models_dir) for weights in recipe.weights}
    pipe = load_pipeline(recipe, folders, chosen)
    log.info("generator loaded", extra={"action": "generator_loaded", "preset": recipe.preset, "device": chosen})
    return pipe, combined_sha256(digests)


def _free_device_memory() -> None:
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _watcher(
    on_step: OnStep | None, cancelled: Cancelled | None, finished: int, batch: int, looks: int
) -> Callable[..., Any]:
    """Return the pipeline's step callback for a batch that starts after `finished` of `looks` looks."""

    def step_ended(pipe: Any, step: int, timestep: Any, values: dict[str, Any]) -> dict[str, Any]:
        if cancelled is not None and cancelled():
            raise CancelledError("Cancelled while painting; nothing was kept.")
        if on_step is not None:
            steps = pipe.num_timesteps
            on_step(finished * steps + batch * (step + 1), looks * steps)
        return values

    return step_ended


def _rgb(picture: NDArray[Any]) -> NDArray[Any]:
    """(H, W) or (H, W, 3) -> (H, W, 3)"""
    return np.broadcast_to(picture[..., None], (*picture.shape, 3)) if picture.ndim == 2 else picture


def _batch(pictures: Sequence[NDArray[Any]]) -> torch.Tensor:
    """(H, W, C) uint8, bool or float in [0, 1] each -> (N, C, H, W) float32 in [0, 1]"""
    stacked = torch.from_numpy(np.stack(pictures)).movedim(-1, 1)
    scaled = stacked.float() / 255 if stacked.dtype == torch.uint8 else stacked.float()
    return scaled.contiguous()


def _to_pictures(images: torch.Tensor) -> list[Picture]:
    """(N, 3, H, W) in [0, 1] -> (H, W, 3) uint8 each. Raises GenerationError."""
    if not bool(images.isfinite().all()):
        raise GenerationError("The model returned numbers that are no picture: try another seed or dtype float32.")
    return list((images * 255).round().to(torch.uint8).movedim(1, -1).contiguous().cpu().numpy())


def _is_out_of_memory(exc: BaseException) -> bool:
    if isinstance(exc, (torch.OutOfMemoryError, MemoryError)):
        return True
    return any(words in str(exc).lower() for words in _MEMORY_WORDS)
