"""The kinds of fields that several bodies share, and the envelope of lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Generic, TypeVar

from fastapi import Header, Path, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from fashion_gen.errors import InputError
from fashion_gen.jobs import Page
from fashion_gen.jobs.tables import Row
from fashion_gen.portal.problems import FieldError, InvalidRequest, code_of, pointer

T = TypeVar("T")
R = TypeVar("R", bound=Row)

_YEARS = range(1970, 9999)  # beyond these, time zones lead out of what a datetime can hold


class Body(BaseModel):
    """Base of what callers send: a misspelt field is an error, not a silent default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def printable(text: str) -> str:
    """Refuse control characters with a ValueError, as pydantic wants it."""
    # Databases refuse NUL, UTF-8 refuses lone surrogates, and logs should not be forged by line breaks.
    if not text.isprintable():
        raise ValueError("holds control characters: leave them out")
    return text


def _ordinary(moment: datetime) -> datetime:
    if moment.year not in _YEARS:
        raise ValueError(f"must lie between the years {_YEARS.start} and {_YEARS.stop}")
    return moment


Text = Annotated[str, StringConstraints(min_length=1, max_length=255, strip_whitespace=True), AfterValidator(printable)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(printable)]
Moment = Annotated[AwareDatetime, AfterValidator(_ordinary)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


def _id(prefix: str) -> str:
    return rf"^{prefix}_[0-9a-f]{{32}}$"


UploadId = Annotated[str, Path(pattern=_id("upl"), examples=["upl_0199f3c2a1b07d0c5e1f2a3b4c5d6e7f"])]
GarmentId = Annotated[str, Path(pattern=_id("gar"), examples=["gar_0199f3c2a1b07d0c5e1f2a3b4c5d6e7f"])]
JobId = Annotated[str, Path(pattern=_id("job"), examples=["job_0199f3c2a1b07d0c5e1f2a3b4c5d6e7f"])]
LookId = Annotated[str, Path(pattern=_id("look"), examples=["look_0199f3c2a1b07d0c5e1f2a3b4c5d6e7f"])]
KeyId = Annotated[str, Path(pattern=_id("key"), examples=["key_0199f3c2a1b07d0c5e1f2a3b4c5d6e7f"])]

Cursor = Annotated[
    str | None, Query(max_length=200, description="`next_cursor` of the page before; leave it out for the first")
]
Limit = Annotated[int, Query(ge=1, le=200, description="rows in a page at most")]
IdempotencyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!-~]{1,255}$",
        description="a name of your choice for this request, such as a UUID: however often it is sent within 24 hours, it has "
        "one effect, and repeats are answered with the header Idempotency-Replayed: true",
    ),
]


class Listing(BaseModel, Generic[T]):
    """One page of a list, newest first."""

    data: list[T]
    next_cursor: str | None = Field(default=None, description="`cursor` of the next page; null on the last")
    has_more: bool = False


class Link(BaseModel):
    """A link to a file that works without an API key until it expires. Do not publish it."""

    url: str
    expires_at: datetime


def listing(page: Page[R], shown: Callable[[R], T]) -> Listing[T]:
    """A page of rows as callers see it."""
    return Listing(
        data=[shown(row) for row in page.rows], next_cursor=page.next_cursor, has_more=page.next_cursor is not None
    )


@contextmanager
def pointer_errors(*path: str | int) -> Iterator[None]:
    """Say of what the block refuses which field of the body is at fault."""
    try:
        yield
    except InputError as exc:
        fault = FieldError(pointer=pointer(*path), code=code_of(exc), detail=str(exc))
        raise InvalidRequest([fault]) from exc
