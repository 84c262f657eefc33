"""From weight folders to a pipeline on a device."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from safetensors import SafetensorError

from fashion_gen.errors import BackendUnavailable, NotFound, OutOfMemory
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
    """Return the diffusers pipeline of `recipe` from local folders, on `device`. Raises BackendUnavailable, OutOfMemory."""
    _need_peft(recipe)
    dtype = getattr(torch, getattr(recipe.dtype, device.partition(":")[0]))
    with _quiet():
        try:
            pipe = _assemble(recipe, folders, dtype)
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as exc:
            raise BackendUnavailable(
                f'The weights of the preset "{recipe.preset}" do not load ({exc}): fetch them again with '
                f"fashion-gen models pull {recipe.preset}."
            ) from exc
    pipe.set_progress_bar_config(disable=True)
    if recipe.vae_slicing:
        pipe.vae.enable_slicing()
    try:
        pipe.to(device)
    except torch.OutOfMemoryError as exc:
        raise OutOfMemory(
            f'The preset "{recipe.preset}" does not fit into the memory of {device}: close other programs there, '
            "or take a smaller preset or device cpu."
        ) from exc
    # Measured: on a CPU this makes the VAE a quarter faster and the U-Net no faster; GPUs like it everywhere.
    for part in (pipe.vae,) if device == "cpu" else (pipe.vae, pipe.unet, pipe.controlnet):
        part.to(memory_format=torch.channels_last)
    return pipe


def _assemble(recipe: Recipe, folders: Mapping[str, Path], dtype: torch.dtype) -> Any:
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
        # It would black out swimwear, and nothing here needs it: prompts are assembled, people are adults in clothes.
        parts |= {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    pipe = pipeline.from_pretrained(folders[recipe.base.key], variant=recipe.base.variant, **common, **parts)
    for weights in recipe.of_role("lora"):
        pipe.load_lora_weights(folders[weights.key], weight_name=weights.name, local_files_only=True)
        pipe.fuse_lora()
        pipe.unload_lora_weights()
    scheduler = getattr(diffusers, recipe.scheduler.name)
    pipe.scheduler = scheduler.from_config(pipe.scheduler.config, **recipe.scheduler.options)
    return pipe


def _need_peft(recipe: Recipe) -> None:
    if recipe.of_role("lora") and find_spec("peft") is None:
        raise BackendUnavailable(f'The preset "{recipe.preset}" needs the package peft: pip install peft.')


@contextmanager
def _quiet() -> Iterator[None]:
    """Hush both libraries while the block runs: they speak to developers of models, not to sellers."""
    libraries = (diffusers.utils.logging, transformers.utils.logging)
    levels = [library.get_verbosity() for library in libraries]
    bars = [library for library in libraries if library.is_progress_bar_enabled()]
    for library in libraries:
        library.set_verbosity_error()
    for library in bars:
        library.disable_progress_bar()
    try:
        yield
    finally:
        for library, level in zip(libraries, levels, strict=True):
            library.set_verbosity(level)
        for library in bars:
            library.enable_progress_bar()
