"""A preset is data: `presets/<name>.toml` says which weights, pipeline, steps and sizes make a generator."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fashion_gen.errors import NotFound, SetupError
from fashion_gen.generate.licences import LICENCES, Licence

HERE = Path(__file__).parent
PRESETS = HERE / "presets"

Side = Annotated[int, Field(ge=64, le=2048, multiple_of=8)]
Share = Annotated[float, Field(gt=0.0, le=1.0)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class Weights(_Frozen):
    """One set of weight files: a folder of this package (or an absolute one), or a repository of the model hub."""

    role: Literal["base", "controlnet", "vae", "lora"]
    folder: str = ""
    repo: str = ""
    revision: str = "main"
    files: tuple[str, ...] = ()  #: patterns of what is downloaded; empty means everything
    variant: str | None = None  #: "fp16" where the repository keeps such files
    name: str = ""  #: the one file of a LoRA
    licence: str
    source: str  #: where a person reads about it
    sha256: Mapping[str, str] = {}  #: file -> digest; files not listed are pinned by their first download

    @model_validator(mode="after")
    def _complete(self) -> Weights:
        if bool(self.folder) == bool(self.repo):
            raise ValueError("give either folder or repo")
        if self.licence not in LICENCES:
            raise ValueError(f"unknown licence {self.licence!r}; known: {', '.join(LICENCES)}")
        if self.role == "lora" and not self.name:
            raise ValueError("a lora needs the name of its file")
        return self

    @property
    def terms(self) -> Licence:
        return LICENCES[self.licence]

    @property
    def key(self) -> str:
        """Its name among the weights of a recipe, and in the list of pinned digests."""
        return "/".join(filter(None, (f"{self.title}@{self.revision}", self.name)))

    @property
    def title(self) -> str:
        """Where it comes from, as said to people: a repository or a folder."""
        return self.repo or self.folder


class Control(_Frozen):
    """A picture that steers the ControlNet; `mode` is its number in a union ControlNet."""

    picture: Literal["mannequin", "skeleton", "depth"]
    mode: int | None = None


class Scheduler(_Frozen):
    """A scheduler class of diffusers, with the options that differ from those saved with the weights."""

    name: str
    options: Mapping[str, Any] = {}


class CloseUpRecipe(_Frozen):
    """How the head is painted a second time, larger; see `fashion_gen.portrait`."""

    side: Side  #: of the square window, pixels
    strength: Share  #: how far its canvas is noised


class DeviceTypes(_Frozen):
    """The number type of the weights on each kind of device."""

    cpu: Literal["float32", "bfloat16"] = "float32"
    cuda: Literal["float32", "float16", "bfloat16"] = "float16"
    mps: Literal["float32", "float16"] = "float16"


class Recipe(_Frozen):
    """How one preset makes pictures."""

    preset: str
    summary: str
    backend: str = "diffusers"
    pipeline: str  #: a pipeline class of diffusers
    prompt: str  #: a template of templates/prompts
    width: Side
    height: Side
    steps: Annotated[int, Field(ge=1, le=200)]
    guidance: Annotated[float, Field(ge=0.0)]  #: up to 1.0 there is no classifier-free guidance, and no negative prompt
    strength: Share  #: how far the canvas is noised before the first step; 1 forgets it
    batch: Annotated[int, Field(ge=1, le=64)]  #: looks painted at once
    latent_cell: Literal[4, 8] = 8  #: pixels a side that one latent stands for: masks are only as fine as this
    scheduler: Scheduler
    controls: Annotated[tuple[Control, ...], Field(min_length=1)]
    control_scale: Annotated[float, Field(ge=0.0, le=2.0)] = 1.0
    control_end: Share = 1.0  #: share of the steps after which the ControlNet lets go
    dtype: DeviceTypes = DeviceTypes()
    figure: Literal["painted", "drawn"] = "painted"  #: "drawn": strokes come from the canvas, see `compose/relight.py`
    closeup: CloseUpRecipe | None = None  #: None: heads stay as they are
    vae_slicing: bool = False  #: decode one look at a time, for memory
    weights: tuple[Weights, ...]

    @model_validator(mode="after")
    def _consistent(self) -> Recipe:
        if [weights.role for weights in self.weights].count("base") != 1:
            raise ValueError("exactly one of the weights is the base")
        if int(self.steps * self.strength) < 1:
            raise ValueError("steps x strength leaves no step")
        if self.figure == "drawn" and self.closeup is not None:
            raise ValueError("a drawn figure has its head drawn: leave out closeup, or set figure to painted")
        return self

    def of_role(self, role: str) -> tuple[Weights, ...]:
        return tuple(weights for weights in self.weights if weights.role == role)

    @property
    def base(self) -> Weights:
        return self.of_role("base")[0]


def preset_names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in PRESETS.glob("*.toml")))


@cache
def recipe_of(preset: str) -> Recipe:
    """Return the recipe of a preset that ships with the package. Raises NotFound for an unknown name."""
    if preset not in preset_names():
        raise NotFound("preset", preset, preset_names())
    return read_recipe(PRESETS / f"{preset}.toml")


def read_recipe(path: Path) -> Recipe:
    """Read a recipe file; its stem is the preset's name. Raises SetupError naming file and field."""
    try:
        return Recipe.model_validate({"preset": path.stem, **tomllib.loads(path.read_text(encoding="utf-8"))})
    except tomllib.TOMLDecodeError as exc:
        raise SetupError(f"{path}: not TOML: {exc}.") from exc
    except ValidationError as exc:
        faults = (f"{'.'.join(map(str, error['loc'])) or 'file'}: {error['msg']}" for error in exc.errors())
        raise SetupError(f"{path}: {'; '.join(faults)}.") from exc
