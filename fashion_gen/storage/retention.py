"""Forgetting in time: photos are the sellers', and we keep them only as long as we said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fashion_gen.errors import NotFound
from fashion_gen.storage.base import Storage
from fashion_gen.storage.layout import ORIGINALS, QUARANTINE


@dataclass(frozen=True, slots=True)
class Swept:
    """How many files a sweep removed."""

    originals: int
    quarantined: int
    partial: int  #: writes that were cut off


def sweep(storage: Storage, *, now: datetime, originals: timedelta, quarantine: timedelta) -> Swept:
    """Delete originals and quarantined uploads that are older than their times, and what cut-off writes left.

    May be cut off and repeated at any moment; results are never touched. `now` is an aware time.

    Raises:
        StorageUnavailable: the rest is left for the next sweep.
    """
    return Swept(
        originals=_forget(storage, f"{ORIGINALS}/", now - originals),
        quarantined=_forget(storage, f"{QUARANTINE}/", now - quarantine),
        partial=storage.discard_partial(now - quarantine),
    )


def _forget(storage: Storage, prefix: str, before: datetime) -> int:
    forgotten = 0
    for entry in storage.entries(prefix):
        # Looked at once more: the list may be minutes old, and the same photo may have been accepted again.
        if entry.modified < before and _still_older(storage, entry.key, before):
            storage.delete(entry.key)
            forgotten += 1
    return forgotten


def _still_older(storage: Storage, key: str, before: datetime) -> bool:
    try:
        return storage.stat(key).modified < before
    except NotFound:
        return False
