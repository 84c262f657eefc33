"""Pictures of people around garments: presets, their weights and licences, and the generators that run them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fashion_gen.generate.base import Generator, Shot
from fashion_gen.generate.licences import Commercial, check_licences, commercial_use
from fashion_gen.generate.prompts import Prompt, assemble
from fashion_gen.generate.recipe import Recipe, preset_names, recipe_of
from fashion_gen.generate.weights import download, size_on_disk
from fashion_gen.registry import resolve

__all__ = [
    "Generator",
    "Installed",
    "Prompt",
    "Recipe",
    "Shot",
    "assemble",
    "installed",
    "open_generator",
    "preset_names",
    "pull",
    "recipe_of",
]

#: What opens a generator: called with the recipe, `device` and `models_dir`.
BACKENDS: Mapping[str, str] = {"diffusers": "fashion_gen.generate.diffusers_backend:open_diffusers"}


@dataclass(frozen=True, slots=True)
class Installed:
    """A row of the table of presets."""

    preset: str
    summary: str
    licences: tuple[str, ...]
    commercial: Commercial
    bytes_on_disk: int | None  #: None: not installed
    sources: tuple[str, ...]

    @property
    def installed(self) -> bool:
        return self.bytes_on_disk is not None


def open_generator(
    preset: str, *, device: str | None = None, allow_noncommercial: bool = False, models_dir: Path | None = None
) -> Generator:
    """Load the generator of a preset: `device` None is the best there is, `models_dir` None the cache of the model hub.

    Raises:
        NotFound: no such preset or device.
        LicenceRefused: its weights may not be used commercially.
        BackendUnavailable: a library, the device or the weights are missing.
        WeightsUntrusted: a weight file is not the pinned one.
    """
    recipe = recipe_of(preset)
    check_licences(recipe, allow_noncommercial=allow_noncommercial)
    open_backend = resolve("generator", recipe.backend, BACKENDS)
    generator: Generator = open_backend(recipe, device=device, models_dir=models_dir)
    return generator


def installed(models_dir: Path | None = None) -> tuple[Installed, ...]:
    """Return what is known of every preset, without loading any."""
    return tuple(_row(recipe_of(name), models_dir) for name in preset_names())


def pull(preset: str, *, allow_noncommercial: bool = False, models_dir: Path | None = None) -> Installed:
    """Download the weights of a preset, with progress bars on a terminal, and pin their digests.

    Raises NotFound, LicenceRefused, BackendUnavailable, WeightsUntrusted.
    """
    recipe = recipe_of(preset)
    check_licences(recipe, allow_noncommercial=allow_noncommercial)
    for weights in recipe.weights:
        download(weights, preset, models_dir)
    return _row(recipe, models_dir)


def _row(recipe: Recipe, models_dir: Path | None) -> Installed:
    return Installed(
        preset=recipe.preset,
        summary=recipe.summary,
        licences=tuple(dict.fromkeys(weights.terms.name for weights in recipe.weights)),
        commercial=commercial_use(recipe),
        bytes_on_disk=size_on_disk(recipe, models_dir),
        sources=tuple(weights.source for weights in recipe.weights),
    )
