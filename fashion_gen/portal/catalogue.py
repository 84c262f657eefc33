"""What there is to choose from: personas, poses, scenes, stylings, channels, presets. The same for every seller."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel, Field

from fashion_gen import library
from fashion_gen.portal.auth import PartsDep, Reader
from fashion_gen.portal.fields import Listing
from fashion_gen.records import AgeBand, Framing, Presentation, SizeType

router = APIRouter(prefix="/v1", tags=["catalogue"])

MAX_AGE_S = 300

IfNoneMatch = Annotated[str | None, Header(description="ETag of the copy that you have", max_length=1000)]
T = TypeVar("T", bound=BaseModel)
_UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "Your copy is still good."}}


class PersonaOut(BaseModel):
    """Somebody who can wear the garment. Not a real person."""

    name: str
    tone: int = Field(description="Monk Skin Tone, 1 (lightest) to 10")
    size: SizeType
    age: AgeBand
    presentation: Presentation
    hair: str
    hair_colour: str
    features: list[str]
    height_cm: float


class PoseOut(BaseModel):
    """A pose."""

    name: str
    framing: Framing
    seat: str
    tags: list[str]


class SceneOut(BaseModel):
    """Background and light."""

    name: str
    backdrop: str
    wall: str = Field(description="its colour", examples=["#d9d9d9"])


class StylingOut(BaseModel):
    """Companion clothes."""

    name: str
    pieces: dict[str, str] = Field(description="what is worn, by slot")


class ChannelOut(BaseModel):
    """A place where pictures go, and what it takes."""

    name: str
    width: int
    height: int
    format: str
    max_bytes: int
    note: str
    rules: list[str]


class PresetOut(BaseModel):
    """A generator recipe."""

    name: str
    summary: str
    commercial: str = Field(description="whether its pictures may be used commercially")
    licences: list[str]
    installed: bool
    default: bool
    width: int
    height: int


@router.get("/personas", summary="List personas", response_model=Listing[PersonaOut], responses=_UNCHANGED)
def personas(_: Reader, if_none_match: IfNoneMatch = None) -> Response:
    return _cached(if_none_match, _personas)


@router.get("/poses", summary="List poses", response_model=Listing[PoseOut], responses=_UNCHANGED)
def poses(_: Reader, if_none_match: IfNoneMatch = None) -> Response:
    return _cached(if_none_match, _poses)


@router.get("/scenes", summary="List scenes", response_model=Listing[SceneOut], responses=_UNCHANGED)
def scenes(_: Reader, if_none_match: IfNoneMatch = None) -> Response:
    return _cached(if_none_match, _scenes)


@router.get("/stylings", summary="List stylings", response_model=Listing[StylingOut], responses=_UNCHANGED)
def stylings(_: Reader, if_none_match: IfNoneMatch = None) -> Response:
    return _cached(if_none_match, _stylings)


@router.get("/channels", summary="List channels", response_model=Listing[ChannelOut], responses=_UNCHANGED)
def channels(_: Reader, if_none_match: IfNoneMatch = None) -> Response:
    return _cached(if_none_match, _channels)


@router.get("/presets", summary="List presets", response_model=Listing[PresetOut], responses=_UNCHANGED)
def presets(_: Reader, parts: PartsDep, if_none_match: IfNoneMatch = None) -> Response:
    def rows() -> Sequence[PresetOut]:
        return [
            PresetOut(
                name=row.name,
                summary=row.summary,
                commercial=row.commercial,
                licences=list(row.licences),
                installed=row.installed,
                default=row.name == parts.default_preset,
                width=row.width,
                height=row.height,
            )
            for row in parts.presets()
        ]

    return _cached(if_none_match, rows)


def _cached(if_none_match: str | None, rows: Callable[[], Sequence[T]]) -> Response:
    """The whole list with a strong ETag (RFC 9110, section 13.1.2)."""
    body = Listing[BaseModel].model_construct(data=list(rows()), next_cursor=None, has_more=False)
    data = body.model_dump_json(serialize_as_any=True).encode()
    etag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": f"private, max-age={MAX_AGE_S}"}
    known = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    if etag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(data, headers=headers, media_type="application/json")


def _personas() -> Sequence[PersonaOut]:
    return [
        PersonaOut(
            name=persona.name,
            tone=persona.tone,
            size=persona.size,
            age=persona.age,
            presentation=persona.presentation,
            hair=persona.hair,
            hair_colour=persona.hair_colour,
            features=list(persona.features),
            height_cm=persona.measurements.height,
        )
        for persona in library.personas().values()
    ]


def _poses() -> Sequence[PoseOut]:
    return [
        PoseOut(name=pose.name, framing=pose.framing, seat=pose.seat, tags=list(pose.tags))
        for pose in library.poses().values()
    ]


def _scenes() -> Sequence[SceneOut]:
    return [
        SceneOut(name=scene.name, backdrop=scene.backdrop, wall=f"#{bytes(scene.wall).hex()}")
        for scene in library.scenes().values()
    ]


def _stylings() -> Sequence[StylingOut]:
    return [
        StylingOut(name=styling.name, pieces={piece.slot: piece.name for piece in styling.pieces})
        for styling in library.stylings().values()
    ]


def _channels() -> Sequence[ChannelOut]:
    return [
        ChannelOut(
            name=channel.name,
            width=channel.width,
            height=channel.height,
            format=channel.format,
            max_bytes=channel.max_bytes,
            note=channel.note,
            rules=list(channel.rules),
        )
        for channel in library.channels().values()
    ]
