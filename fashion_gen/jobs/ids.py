"""Ids that sort by time: a prefix that names the noun, then 48 bits of milliseconds and 80 random bits in hex, as in UUIDv7."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

LENGTH = 40  #: characters at most; prefixes have at most seven


def utc_now() -> datetime:
    """The time now, aware of being UTC."""
    return datetime.now(UTC)


def new_id(prefix: str, now: datetime | None = None) -> str:
    """Return e.g. "job_0199f3c2a1b07d0c5e...": unguessable, and sortable among ids of other milliseconds."""
    milliseconds = int((now or utc_now()).timestamp() * 1000)
    return f"{prefix}_{milliseconds:012x}{secrets.token_hex(10)}"
