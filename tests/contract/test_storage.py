"""What every storage promises, the double in `testing.py` included."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fashion_gen.errors import InputError, NotFound
from fashion_gen.storage import LocalStorage, Storage
from fashion_gen.testing import MemoryStorage

BACK_ENDS: dict[str, Callable[[Path], Storage]] = {
    "local": lambda folder: LocalStorage(folder / "results"),
    "memory": lambda folder: MemoryStorage(),
}
KEY = "job-1/look-01.png"


@pytest.fixture(params=BACK_ENDS)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return BACK_ENDS[request.param](tmp_path)


@pytest.mark.parametrize("data", [b"", b"pixels", bytes(range(256)) * 4000])
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
    ):
        with pytest.raises(InputError, match="relative path of plain names"):
            attempt()
    assert storage.keys() == ()


@pytest.mark.parametrize("prefix", ["/", "..", "../", "a/../..", "a//"])
def test_unsafe_prefixes_are_refused(storage: Storage, prefix: str) -> None:
    with pytest.raises(InputError):
        storage.keys(prefix)
