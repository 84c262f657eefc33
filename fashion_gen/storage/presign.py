"""Links by which a browser or a shop sends or fetches a file itself, without our keys and without our processes."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote

from fashion_gen.errors import InputError

MAX_LIFETIME = timedelta(days=7)  # of Signature Version 4
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]*")


@dataclass(frozen=True, slots=True)
class Presigned:
    """One request that whoever holds it may make until it expires. Its repr keeps what would let others make it too."""

    method: str  #: "PUT", "POST" or "GET"
    url: str = field(repr=False)
    expires: datetime
    headers: Mapping[str, str] = field(default_factory=dict)  #: to be sent as they are; browsers add Content-Length
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)  #: of the form, before its field "file"


class Presigner(ABC):
    """Makes such links. Every method raises InputError for a key that `check_key` refuses or a lifetime over 7 days.

    The server behind the links answers 403 (some 400) where link, length or type are not what was signed.
    """

    @abstractmethod
    def put(self, key: str, *, size: int, content_type: str, lifetime: timedelta) -> Presigned:
        """Allow to write exactly `size` bytes of that type under `key`, by PUT. It may be repeated until it expires."""

    @abstractmethod
    def form(self, key: str, *, size: int, content_type: str, lifetime: timedelta) -> Presigned:
        """Allow the same by a form of type multipart/form-data. Raises SetupError where the server takes no forms."""

    @abstractmethod
    def get(self, key: str, *, lifetime: timedelta, filename: str | None = None) -> Presigned:
        """Allow to read `key`; with `filename` a browser saves it under that name rather than show it."""


def check_upload(size: int, content_type: str) -> None:
    """Refuse with InputError what no upload can be: nothing at all, or of no type."""
    if size < 1:
        raise InputError(f"An upload of {size} bytes is none: give the size of the file.")
    if not _MEDIA_TYPE.fullmatch(content_type):
        raise InputError(f"{content_type!a} is no media type: give one such as image/jpeg.")


def seconds_of(lifetime: timedelta) -> int:
    """Whole seconds of a lifetime. Raises InputError under one second or over `MAX_LIFETIME`."""
    if not timedelta(seconds=1) <= lifetime <= MAX_LIFETIME:
        raise InputError(f"A link cannot live for {lifetime}: choose one second to seven days.")
    return int(lifetime.total_seconds())


def attachment(filename: str) -> str:
    """Return the Content-Disposition that saves under `filename`, in any script (RFC 6266, RFC 8187)."""
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
