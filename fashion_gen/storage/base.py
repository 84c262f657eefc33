"""The interface of every storage, and what a key may look like."""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from fashion_gen.errors import InputError

MAX_KEY_BYTES = 1024  # S3's limit for a whole key
MAX_SEGMENT_BYTES = 240  # file systems allow 255; temporary names need a few


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a key without reading its bytes."""

    key: str
    size: int  #: bytes
    modified: datetime  #: of the last `put`, in UTC


class Storage(ABC):
    """Bytes under keys such as "hoodie/look-01.png".

    A key is a relative path with "/" between its segments; `check_key` says what is allowed. Every method raises
    InputError for a key that is not, and StorageUnavailable (retryable) where the place cannot be read or written.
    """

    @abstractmethod
    def put(self, key: str, data: bytes) -> None:
        """Write, or replace, all of `data`. Readers see the old bytes or the new, never a part, even after a crash."""

    @abstractmethod
    def get(self, key: str) -> bytes:
        """Return the bytes last put. Raises NotFound where there are none."""

    @abstractmethod
    def exists(self, key: str) -> bool:
        """Whether `get` would return something."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Forget the key; one that is not there is already forgotten."""

    @abstractmethod
    def stat(self, key: str) -> Entry:
        """Return size and age of a key. Raises NotFound where there is none."""

    @abstractmethod
    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """Every key that starts with `prefix`, in no order, read as it is asked for: there may be millions.

        As in S3, "job/look-" finds "job/look-01.png".
        """

    def keys(self, prefix: str = "") -> tuple[str, ...]:
        """Every key that starts with `prefix`, sorted."""
        return tuple(sorted(entry.key for entry in self.entries(prefix)))

    @abstractmethod
    def discard_partial(self, before: datetime) -> int:
        """Remove what writes that were cut off before that moment left behind; return how many they were."""


def check_key(key: str) -> str:
    """Return `key` if it is safe on every storage.

    Refused with InputError: absolute keys, empty segments, segments that start with a dot (so also "." and ".."),
    backslashes, colons, control characters, lone surrogates, and keys that are too long.
    """
    problem = _problem(key)
    if problem:
        raise InputError(
            f"The storage key {key!a} {problem}: use a relative path of plain names, such as job-1/look-01.png."
        )
    return key


def is_key(text: str) -> bool:
    """Whether `check_key` takes the text. A bucket of others holds what is no key of ours, such as "folder/"."""
    return _problem(text) is None


def check_prefix(prefix: str) -> str:
    """Return `prefix` if it is the beginning of a safe key; the empty one is that of all keys."""
    if prefix:
        check_key(prefix.removesuffix("/"))
    return prefix


def _problem(key: str) -> str | None:
    if any(unicodedata.category(c) in ("Cc", "Cs") or c in "\\:" for c in key):
        return "holds a backslash, a colon or a control character"
    segments = key.split("/")
    if any(not segment or segment.startswith(".") for segment in segments):
        return "has an empty segment or one that starts with a dot"
    if len(key.encode()) > MAX_KEY_BYTES or any(len(segment.encode()) > MAX_SEGMENT_BYTES for segment in segments):
        return "is too long"
    return None
