"""Loads and checks `templates/` once: poses, scenes, stylings, personas, channels and prompt recipes.

One item a file, TOML, the file's stem is the item's name. Whoever adds a file here has added a pose or a scene; no code
changes. Joint limits are the body's business (`body.kinematics.LIMITS`); a test checks every pose against them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, Protocol, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from fashion_gen.errors import InputError, InvalidBrief, NotFound, SetupError
from fashion_gen.records import (
    AgeBand,
    Framing,
    Measurements,
    Persona,
    Piece,
    Pose,
    Presentation,
    Scene,
    SizeType,
    Styling,
)

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Channel:
    """Where a picture goes: the size, the format and the limits of that place."""

    name: str
    width: int
    height: int
    format: str  #: "jpeg", "png" or "webp"
    quality: int
    max_bytes: int
    background: tuple[int, int, int] | None  #: None leaves the scene's own background
    note: str
    rules: tuple[str, ...]


def root() -> Path:
    """The templates folder: inside the package when installed from a wheel, beside it in a checkout."""
    packed = Path(__file__).parent / "templates"
    return packed if packed.is_dir() else Path(__file__).parents[1] / "templates"


def lookup(noun: str, name: str, catalogue: Mapping[str, T]) -> T:
    """Return `catalogue[name]`, or raise NotFound with the names that exist."""
    if name not in catalogue:
        raise NotFound(noun, name, catalogue)
    return catalogue[name]


@cache
def poses() -> Mapping[str, Pose]:
    """Every pose under templates/poses; angles in degrees, those left out are 0."""
    return read_folder(root() / "poses", _PoseFile)


@cache
def scenes() -> Mapping[str, Scene]:
    """Every scene under templates/scenes."""
    return read_folder(root() / "scenes", _SceneFile)


@cache
def stylings() -> Mapping[str, Styling]:
    """Every set of companion clothes under templates/styling."""
    return read_folder(root() / "styling", StylingFile)


@cache
def personas() -> Mapping[str, Persona]:
    """Every named persona under templates/personas."""
    return read_folder(root() / "personas", PersonaFile)


@cache
def channels() -> Mapping[str, Channel]:
    """Every channel under templates/channels."""
    return read_folder(root() / "channels", _ChannelFile)


@cache
def recipes() -> Mapping[str, dict[str, Any]]:
    """Every prompt recipe under templates/prompts, as plain tables; `generate.prompts` gives them meaning."""
    return read_folder(root() / "prompts", _RecipeFile)


def find_pose(name: str) -> Pose:
    """The pose that a brief asks for: a name under templates/poses, or the path of a file ending in ".toml".

    Raises:
        NotFound: there is no pose of that name.
        InvalidBrief: the file is missing or wrong.
    """
    return pose_from(Path(name)) if name.endswith(".toml") else lookup("pose", name, poses())


def pose_from(path: Path) -> Pose:
    """Read one pose of the user's own. Raises InvalidBrief naming the file, the field and the cure."""
    return read_own(path, _PoseFile)


def read_own(path: Path, schema: type[_File[T_co]]) -> T_co:
    """Read one TOML file that the user wrote; whatever is wrong with it is an InvalidBrief."""
    try:
        return _read(path, schema)
    except _MalformedError as exc:
        raise InvalidBrief(str(exc)) from exc


def read_folder(folder: Path, schema: type[_File[T_co]]) -> Mapping[str, T_co]:
    """Read every TOML file of a folder that ships with the package, by stem; an absent folder is empty."""
    try:
        return MappingProxyType({path.stem: _read(path, schema) for path in sorted(folder.glob("*.toml"))})
    except _MalformedError as exc:
        raise SetupError(str(exc)) from exc


class _MalformedError(InputError):
    """A file that does not say what its schema asks for: an InvalidBrief or a SetupError, by whose file it is."""


def _read(path: Path, schema: type[_File[T_co]]) -> T_co:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return schema.model_validate(table).record(path.stem)
    except FileNotFoundError as exc:
        raise _MalformedError(f"There is no file {path}: give the path of a TOML file.") from exc
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise _MalformedError(f"{path} is not readable TOML ({exc}): mend it or remove the file.") from exc
    except ValidationError as exc:
        error = exc.errors()[0]
        field = ".".join(str(part) for part in error["loc"]) or "the file"
        raise _MalformedError(f'{path}: "{field}" is wrong ({error["msg"]}): mend it or remove the file.') from exc


# The schemas: what a file may say. Each turns itself into the record that the rest of the house uses.


class _File(Protocol[T_co]):
    @classmethod
    def model_validate(cls, obj: Any) -> _File[T_co]: ...
    def record(self, name: str) -> T_co: ...


class Schema(BaseModel):
    """Base of every file schema: a misspelt field is an error, not a silent default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _rgb(text: str) -> str:
    return text.removeprefix("#").lower()


Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$"), AfterValidator(_rgb)]


def rgb(colour: str) -> tuple[int, int, int]:
    """ "1a2b3c" to (26, 43, 60)."""
    red, green, blue = bytes.fromhex(colour)
    return red, green, blue


class _Torso(Schema):
    yaw: float = 0.0
    lean: float = 0.0
    bend: float = 0.0


class _Head(Schema):
    yaw: float = 0.0
    nod: float = 0.0
    tilt: float = 0.0


class _Limb(Schema):
    raise_: float = Field(default=0.0, alias="raise")
    swing: float = 0.0
    twist: float = 0.0


class _Arm(_Limb):
    elbow: float = 0.0


class _Leg(_Limb):
    knee: float = 0.0


class _Angles(Schema):
    torso: _Torso = _Torso()
    head: _Head = _Head()
    left_arm: _Arm = _Arm()
    right_arm: _Arm = _Arm()
    left_leg: _Leg = _Leg()
    right_leg: _Leg = _Leg()


class _PoseFile(Schema):
    framing: Framing = Framing.FULL
    tags: tuple[str, ...] = ()
    seat: Literal["none", "stool", "wheelchair"] = "none"
    angles: _Angles = _Angles()

    def record(self, name: str) -> Pose:
        return Pose(name, self.framing, self.angles.model_dump(by_alias=True), self.tags, self.seat)


class _SceneFile(Schema):
    backdrop: Literal["plain", "gradient", "street", "room"]
    wall: Colour
    floor: Colour
    prompt: str = Field(min_length=1)
    light: float = Field(default=1.0, ge=0.5, le=1.5)

    def record(self, name: str) -> Scene:
        return Scene(name, self.backdrop, rgb(self.wall), rgb(self.floor), self.prompt, self.light)


class _PieceTable(Schema):
    slot: Literal["top", "bottom", "shoes"]
    shape: str
    colour: Colour
    name: str = Field(min_length=1)


class StylingFile(Schema):
    pieces: tuple[_PieceTable, ...]

    @field_validator("pieces")
    @classmethod
    def _dresses_all(cls, pieces: tuple[_PieceTable, ...]) -> tuple[_PieceTable, ...]:
        """One piece for each slot: whatever the garment is, the rest of the person is dressed."""
        if sorted(piece.slot for piece in pieces) != ["bottom", "shoes", "top"]:
            raise ValueError("a styling has one top, one bottom and shoes")
        return pieces

    def record(self, name: str) -> Styling:
        return Styling(name, tuple(Piece(p.slot, p.shape, rgb(p.colour), p.name) for p in self.pieces))


class _MeasurementsTable(Schema):
    height: float = Field(ge=145, le=200)
    shoulder: float = Field(gt=0)
    neck: float = Field(gt=0)
    chest: float = Field(gt=0)
    waist: float = Field(gt=0)
    hip: float = Field(gt=0)
    upper_arm: float = Field(gt=0)
    wrist: float = Field(gt=0)
    thigh: float = Field(gt=0)
    calf: float = Field(gt=0)
    belly: float = Field(default=0.0, ge=0, le=25)


class PersonaFile(Schema):
    """A persona as a file says it."""

    tone: int = Field(ge=1, le=10)
    size: SizeType
    age: AgeBand
    presentation: Presentation
    hair: str
    hair_colour: str
    features: tuple[str, ...] = ()
    seed: int = 0
    measurements: _MeasurementsTable

    def record(self, name: str) -> Persona:
        return Persona(
            name=name,
            tone=self.tone,
            size=self.size,
            age=self.age,
            presentation=self.presentation,
            hair=self.hair,
            hair_colour=self.hair_colour,
            measurements=Measurements(**self.measurements.model_dump()),
            features=self.features,
            seed=self.seed,
        )


class _ChannelFile(Schema):
    width: int = Field(ge=64, le=20_000)
    height: int = Field(ge=64, le=20_000)
    format: Literal["jpeg", "png", "webp"] = "jpeg"
    quality: int = Field(default=92, ge=1, le=100)
    max_bytes: int = Field(gt=0)
    background: Colour | None = None
    note: str = ""
    rules: tuple[str, ...] = ()

    def record(self, name: str) -> Channel:
        background = None if self.background is None else rgb(self.background)
        return Channel(
            name, self.width, self.height, self.format, self.quality, self.max_bytes, background, self.note, self.rules
        )


class _RecipeFile(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)

    def record(self, name: str) -> dict[str, Any]:
        return dict(self.model_extra or {})
