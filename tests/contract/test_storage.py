"""What every storage promises, the double in `testing.py` included."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from fashion_gen.errors import InputError, NotFound
from fashion_gen.storage import LocalStorage, ScopedStorage, Storage, probe, results_scope
from fashion_gen.storage.s3 import S3Location, S3Storage
from fashion_gen.testing import MemoryStorage

KEY = "job-1/look-01.png"
A_DAY = timedelta(days=1)


@pytest.fixture(params=["local", "memory", "scoped", "swift", "ceph"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    match request.param:
        case "local":
            yield LocalStorage(tmp_path / "results")
        case "memory":
            yield MemoryStorage()
        case "scoped":
            shared = MemoryStorage()
            for key in ("a", "results/shop-2/a", "results/shop-12/a"):  # none of these may ever show
                shared.put(key, b"of another seller")
            yield ScopedStorage(shared, results_scope("shop-1"))
        case server:  # one bucket for all tests: it is emptied after each
            bucket = opened(request.getfixturevalue(server))
            yield bucket
            for entry in bucket.entries():
                bucket.delete(entry.key)


@cache
def opened(location: S3Location) -> S3Storage:
    return S3Storage(replace(location, prefix="Tests/größe"), page=10)


@pytest.mark.parametrize("data", [b"", b"pixels", bytes(range(256)) * 4000, bytes(range(251)) * 80_000], ids=len)
def test_what_is_put_is_got(storage: Storage, data: bytes) -> None:
    storage.put(KEY, data)
    assert storage.get(KEY) == data
    assert storage.exists(KEY)


def test_put_replaces(storage: Storage) -> None:
    storage.put(KEY, b"a long first version")
    storage.put(KEY, b"short")
    assert storage.get(KEY) == b"short"
    assert storage.keys() == (KEY,)


def test_a_missing_key_is_not_found(storage: Storage) -> None:
    assert not storage.exists(KEY)
    with pytest.raises(NotFound, match="look-01"):
        storage.get(KEY)


def test_a_folder_is_no_key(storage: Storage) -> None:
    storage.put(KEY, b"1")
    assert not storage.exists("job-1")
    with pytest.raises(NotFound):
        storage.get("job-1")
    storage.delete("job-1")
    assert storage.exists(KEY)


def test_delete_forgets_and_may_be_repeated(storage: Storage) -> None:
    storage.put(KEY, b"1")
    storage.delete(KEY)
    storage.delete(KEY)
    assert not storage.exists(KEY)
    assert storage.keys() == ()


def test_keys_are_sorted_and_found_by_plain_prefix(storage: Storage) -> None:
    for key in ("b/2", "b/10", "a", "b-side", "b/c/d", "größe/连衣裙.png"):
        storage.put(key, b"")
    assert storage.keys() == ("a", "b-side", "b/10", "b/2", "b/c/d", "größe/连衣裙.png")
    assert storage.keys("b") == ("b-side", "b/10", "b/2", "b/c/d")
    assert storage.keys("b/") == ("b/10", "b/2", "b/c/d")
    assert storage.keys("b/1") == ("b/10",)
    assert storage.keys("größe/") == ("größe/连衣裙.png",)
    assert storage.keys("none/") == ()


def test_there_are_more_keys_than_a_page_holds(storage: Storage) -> None:
    names = tuple(f"rows/{n:02}" for n in range(31))  # pages hold ten here
    for name in reversed(names):
        storage.put(name, b"")
    assert storage.keys("rows/") == names


def test_size_and_age_are_known_without_reading(storage: Storage) -> None:
    before = datetime.now(UTC)
    storage.put("größe/连衣裙 & more+100%.png", b"pixels")
    found = storage.stat("größe/连衣裙 & more+100%.png")
    assert (found.key, found.size) == ("größe/连衣裙 & more+100%.png", 6)
    assert found.modified.tzinfo is UTC
    assert timedelta(seconds=-1) <= found.modified - before <= timedelta(minutes=5)  # S3 counts whole seconds
    (listed,) = storage.entries()
    assert (listed.key, listed.size) == (found.key, found.size)
    assert abs(listed.modified - found.modified) <= timedelta(seconds=1)
    with pytest.raises(NotFound, match="look-01"):
        storage.stat(KEY)


def test_putting_at_once_keeps_one_whole_version(storage: Storage) -> None:
    versions = [bytes([n]) * 200_000 for n in range(16)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda data: storage.put(KEY, data), versions))
        list(pool.map(lambda n: storage.put(f"many/{n}", versions[n]), range(16)))
    assert storage.get(KEY) in versions
    assert [storage.get(f"many/{n}") for n in range(16)] == versions


def test_nothing_partial_is_left_by_writes_that_end(storage: Storage) -> None:
    storage.put(KEY, bytes(20_000_000))
    assert storage.discard_partial(datetime.now(UTC) + A_DAY) == 0
    assert storage.stat(KEY).size == 20_000_000


def test_a_probe_leaves_nothing_behind(storage: Storage) -> None:
    probe(storage)
    assert storage.keys() == ()


BAD_KEYS = [
    "",
    "/etc/passwd",
    "../up",
    "a/../../up",
    "a/..",
    ".",
    "./a",
    "a//b",
    "a/",
    "a\\b",
    "C:/a",
    "nul\0",
    "line\nbreak",
    ".hidden",
    "a/.part-1",
    "lone\udcff",
    "x" * 300,
    "/".join(["abcdefgh"] * 200),
]


@pytest.mark.parametrize("key", BAD_KEYS)
def test_unsafe_keys_are_refused_by_every_verb(storage: Storage, key: str) -> None:
    for attempt in (
        lambda: storage.put(key, b"x"),
        lambda: storage.get(key),
        lambda: storage.exists(key),
        lambda: storage.delete(key),
        lambda: storage.stat(key),
    ):
        with pytest.raises(InputError, match="relative path of plain names"):
            attempt()
    assert storage.keys() == ()


@pytest.mark.parametrize("prefix", ["/", "..", "../", "a/../..", "a//"])
def test_unsafe_prefixes_are_refused(storage: Storage, prefix: str) -> None:
    with pytest.raises(InputError):
        storage.keys(prefix)
