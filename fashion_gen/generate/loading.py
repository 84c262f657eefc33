"""From weight folders to a pipeline on a device."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from fashion_gen.errors import BackendUnavailable, NotFound
from fashion_gen.generate.recipe import Recipe

DEVICES = ("cuda", "mps", "cpu")


def choose_device(wanted: str | None = None) -> str:
    """Return `wanted` if it is there, or the best there is. Raises NotFound, BackendUnavailable."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted is None:
        return next(device for device in DEVICES if there[device])
    kind = wanted.partition(":")[0]  # "cuda:1" is a cuda
    if kind not in there:
        raise NotFound("device", wanted, DEVICES)
    if not there[kind]:
        raise BackendUnavailable(
            f'PyTorch sees no "{kind}" device: install a build of torch for it, or use device cpu.'
        )
    return wanted


def load_pipeline(recipe: Recipe, folders: Mapping[str, Path], device: str) -> Any:
    """Return the diffusers pipeline of `recipe` from local folders, on `device`. Raises BackendUnavailable."""
    import diffusers

    dtype = getattr(torch, getattr(recipe.dtype, device.partition(":")[0]))
    # Their log lines and progress bars speak to developers of models, not to sellers.
    with _quiet("diffusers", "transformers"), _no_progress_bars():
        try:
            pipe = _assemble(diffusers, recipe, folders, dtype)
        except (OSError, ValueError, KeyError) as exc:
            raise BackendUnavailable(
                f'The weights of the preset "{recipe.preset}" do not load ({exc}): fetch them again with '
                f"fashion-gen models pull {recipe.preset}."
            ) from exc
    pipe.set_progress_bar_config(disable=True)
    if recipe.vae_slicing:
        pipe.vae.enable_slicing()
    pipe.to(device)
    for part in (pipe.unet, pipe.controlnet, pipe.vae):
        part.to(memory_format=torch.channels_last)
        part.requires_grad_(False)
    return pipe


def _assemble(diffusers: Any, recipe: Recipe, folders: Mapping[str, Path], dtype: torch.dtype) -> Any:
    pipeline = getattr(diffusers, recipe.pipeline)
    net = diffusers.ControlNetUnionModel if "Union" in recipe.pipeline else diffusers.ControlNetModel
    common = {"dtype": dtype, "local_files_only": True, "use_safetensors": True}
    parts: dict[str, Any] = {}
    nets = [
        net.from_pretrained(folders[weights.key], variant=weights.variant, **common)
        for weights in recipe.of_role("controlnet")
    ]
    if nets:
        parts["controlnet"] = nets[0] if len(nets) == 1 else nets
    for weights in recipe.of_role("vae"):
        parts["vae"] = diffusers.AutoencoderKL.from_pretrained(folders[weights.key], variant=weights.variant, **common)
    if "XL" in recipe.pipeline:
        parts["add_watermarker"] = False  # it would alter pixels; label/ marks what we make
    else:
        parts |= {"safety_checker": None, "requires_safety_checker": False}  # prompts are assembled from adult personas
    pipe = pipeline.from_pretrained(folders[recipe.base.key], variant=recipe.base.variant, **common, **parts)
    for weights in recipe.of_role("lora"):
        pipe.load_lora_weights(folders[weights.key], weight_name=weights.name, local_files_only=True)
        pipe.fuse_lora()
        pipe.unload_lora_weights()
    scheduler = getattr(diffusers, recipe.scheduler.name)
    pipe.scheduler = scheduler.from_config(pipe.scheduler.config, **recipe.scheduler.options)
    return pipe


@contextmanager
def _quiet(*libraries: str) -> Iterator[None]:
    """Let only errors of these libraries into the log while the block runs."""
    loggers = [logging.getLogger(library) for library in libraries]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


@contextmanager
def _no_progress_bars() -> Iterator[None]:
    from diffusers.utils import logging as theirs
    from transformers.utils import logging as others

    switches = [library for library in (theirs, others) if library.is_progress_bar_enabled()]
    for library in switches:
        library.disable_progress_bar()
    try:
        yield
    finally:
        for library in switches:
            library.enable_progress_bar()
