"""Sweeps and probes where the storage changes, or lies, meanwhile; the rest is in tests/contract/."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fashion_gen.errors import StorageUnavailable
from fashion_gen.storage import Entry, LocalStorage, Swept, original_key, probe, sweep
from fashion_gen.testing import MemoryStorage

ORIGINAL = original_key("shop-1", "a" * 64)
MONTH, DAY = timedelta(days=30), timedelta(days=1)


class Restless(MemoryStorage):
    """Lists what was there a month ago, and something happens while it is read."""

    def __init__(self, meanwhile: Callable[[MemoryStorage], None]) -> None:
        super().__init__()
        self._meanwhile = meanwhile

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        for entry in super().entries(prefix):
            old = Entry(entry.key, entry.size, entry.modified - 2 * MONTH)
            self._meanwhile(self)
            yield old


def swept(storage: MemoryStorage | LocalStorage) -> Swept:
    return sweep(storage, now=datetime.now(UTC), originals=MONTH, quarantine=DAY)


def test_a_photo_that_is_accepted_again_during_the_sweep_stays() -> None:
    storage = Restless(lambda it: it.put(ORIGINAL, b"1"))
    storage.put(ORIGINAL, b"1")
    assert swept(storage) == Swept(0, 0, 0)
    assert storage.exists(ORIGINAL)


def test_a_photo_that_is_deleted_during_the_sweep_is_no_error() -> None:
    storage = Restless(lambda it: it.delete(ORIGINAL))
    storage.put(ORIGINAL, b"1")
    assert swept(storage) == Swept(0, 0, 0)


def test_a_folder_that_was_never_written_is_swept_too(tmp_path: Path) -> None:
    assert swept(LocalStorage(tmp_path / "new")) == Swept(0, 0, 0)


class Forgetful(MemoryStorage):
    """Says that it has written, and gives back something else."""

    def get(self, key: str) -> bytes:
        return b""


def test_a_storage_that_gives_back_other_bytes_is_found_out() -> None:
    storage = Forgetful()
    with pytest.raises(StorageUnavailable, match="does not give back what was put"):
        probe(storage)
    assert storage.keys() == ()
