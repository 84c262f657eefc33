"""Briefs as callers write them, and the refusal of those that ask for what there is not.

The library also takes the paths of files for poses and castings; here a name is a name, and never a path.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from fashion_gen import library
from fashion_gen.jobs.briefs import MAX_LOOKS
from fashion_gen.portal.fields import Body, Name, printable
from fashion_gen.portal.problems import FieldError, InvalidRequest, pointer
from fashion_gen.records import AgeBand, Brief, Category, Framing, Kind, Presentation, SizeType

_MAX_SEED = 2**31 - 1


class BriefBody(Body):
    """What is asked for."""

    looks: int = Field(default=4, ge=1, le=MAX_LOOKS, description="how many people")
    casting: (
        Annotated[str, Field(max_length=10_000), AfterValidator(printable)]
        | Annotated[list[Name], Field(min_length=1, max_length=100)]
    ) = Field(
        default="balanced",
        description='"balanced" covers skin tones, sizes, ages and presentations by quotas; or names of /v1/personas, as a '
        "list or separated by commas, taken in turn",
        examples=["balanced", ["bente", "kiran"]],
    )
    tone: int | None = Field(default=None, ge=1, le=10, description="everybody's Monk Skin Tone, 1 (lightest) to 10")
    size: SizeType | None = Field(default=None, description="everybody's size")
    age: AgeBand | None = Field(default=None, description="everybody's age; adults only")
    presentation: Presentation | None = Field(default=None, description="everybody's presentation")
    pose: Name = Field(
        default="auto", description='"auto" finds the pose in which the garment lies; or one of /v1/poses'
    )
    framing: Framing | None = Field(default=None, description="how much of the person is shown; else by the garment")
    scene: Name = Field(default="studio-grey", description="one of /v1/scenes")
    styling: Name = Field(default="auto", description='companion clothes: "auto", or one of /v1/stylings')
    channels: list[Name] = Field(
        default_factory=list, max_length=50, description="one more file for each of these /v1/channels"
    )
    seed: int = Field(default=0, ge=0, le=_MAX_SEED, description="another seed, other people and pictures")
    category: Category | None = Field(default=None, description="what the garment is, where it was mistaken")
    kind: Kind | None = Field(default=None, description="how it was photographed, where that was mistaken")
    max_attempts: int = Field(default=3, ge=1, le=10, description="seeds tried for a look before it is given up")
    grade: bool = Field(
        default=True,
        description="whether a garment may be cut to the wearer's size: up to 5 % narrower or 15 % wider, 25 % where it "
        "would not go round otherwise",
    )

    def brief(self) -> Brief:
        """The brief of the library."""
        values = self.model_dump() | {"casting": ",".join(self._cast()), "channels": tuple(self.channels)}
        return Brief(**values)

    def faults(self) -> Iterator[FieldError]:
        """Everything that this brief asks for and that there is not."""
        yield from self._casting_faults()
        for field, asked, known, free in (
            ("pose", self.pose, library.poses(), ("auto",)),
            ("scene", self.scene, library.scenes(), ()),
            ("styling", self.styling, library.stylings(), ("auto",)),
        ):
            yield from unknown(asked, (*free, *known), "brief", field)
        for place, channel in enumerate(self.channels):
            yield from unknown(channel, library.channels(), "brief", "channels", place)

    def _cast(self) -> list[str]:
        if isinstance(self.casting, list):
            return self.casting
        return [name.strip() for name in self.casting.split(",") if name.strip()]

    def _casting_faults(self) -> Iterator[FieldError]:
        names = self._cast()
        if names == ["balanced"]:
            return
        if not names:
            yield FieldError(
                pointer=pointer("brief", "casting"),
                code="nobody",
                detail='The casting names nobody: write "balanced", or names of personas.',
            )
        for place, name in enumerate(names):
            where = ("casting", place) if isinstance(self.casting, list) else ("casting",)
            yield from unknown(name, library.personas(), "brief", *where)


def unknown(name: str, known: Collection[str], *path: str | int) -> Iterator[FieldError]:
    """The fault of a name that is not known, with those that are."""
    if name not in known:
        detail = f'There is no "{name}". Known: {", ".join(sorted(known))}.'
        yield FieldError(pointer=pointer(*path), code="unknown_name", detail=detail)


def refuse(faults: Iterator[FieldError]) -> None:
    """Raise InvalidRequest where there is any fault: all are told at once."""
    found = list(faults)
    if found:
        raise InvalidRequest(found)
