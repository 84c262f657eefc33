"""What is special about the local folder; the rest is in tests/contract/test_storage.py."""

from __future__ import annotations

import os
import resource
import signal
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_gen.errors import InputError, StorageUnavailable
from fashion_gen.storage import LocalStorage, check_key

KEY = "job/look.png"


def files(root: Path) -> list[str]:
    return sorted(path.name for path in root.rglob("*") if path.is_file())


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path / "results")


def test_nothing_is_made_before_the_first_put(storage: LocalStorage) -> None:
    assert storage.keys() == ()
    assert not storage.exists(KEY)
    assert not storage.root.exists()


def test_files_lie_under_their_keys_with_ordinary_permissions(storage: LocalStorage) -> None:
    storage.put(KEY, b"pixels")
    assert (storage.root / "job" / "look.png").read_bytes() == b"pixels"
    plain = storage.root / "plain"
    plain.write_bytes(b"")
    assert storage.path(KEY).stat().st_mode == plain.stat().st_mode


def test_a_full_disk_keeps_the_old_bytes_and_leaves_nothing_behind(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    storage.put(KEY, b"old")
    with pytest.raises(StorageUnavailable, match=r"cannot serve .*: free some disk space") as caught:
        put_with_little_room(storage, KEY)
    assert caught.value.retryable
    assert storage.get(KEY) == b"old"
    assert files(tmp_path) == ["look.png"]


def put_with_little_room(storage: LocalStorage, key: str) -> None:
    """Write more than the process may: the system stops in the middle, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, before[1]))
    try:
        storage.put(key, bytes(100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_file_in_the_way_of_a_folder_is_named(storage: LocalStorage) -> None:
    storage.put("a", b"1")
    for attempt in (lambda: storage.put("a/b", b"2"), lambda: storage.put("a/b/c", b"2")):
        with pytest.raises(InputError, match="choose another name"):
            attempt()
    storage.put("c/d", b"3")
    with pytest.raises(InputError, match="choose another name"):
        storage.put("c", b"4")
    assert not storage.exists("c")
    assert not storage.exists("a/b")
    assert storage.keys("a/") == ()
    assert storage.keys() == ("a", "c/d")


def test_a_root_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageUnavailable, match="choose a folder"):
        LocalStorage(tmp_path / "file")


def test_a_folder_without_permission_names_the_cure(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StorageUnavailable, match="give yourself the right"):
            storage.put(KEY, b"")
    finally:
        tmp_path.chmod(0o700)


def test_a_place_that_refuses_folders_is_unavailable() -> None:
    if not Path("/proc/self").exists():
        pytest.skip("needs /proc")
    with pytest.raises(StorageUnavailable, match="cannot serve"):
        LocalStorage(Path("/proc/results")).put(KEY, b"")


def test_links_cannot_lead_out(storage: LocalStorage, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "password").write_bytes(b"hush")
    storage.put("a", b"1")
    (storage.root / "way").symlink_to(secret)
    (storage.root / "word").symlink_to(secret / "password")
    (storage.root / "circle").symlink_to(storage.root / "circle")
    for attempt in (
        lambda: storage.get("way/password"),
        lambda: storage.put("way/new", b"x"),
        lambda: storage.delete("way/password"),
        lambda: storage.exists("word"),
        lambda: storage.put("word", b"x"),
        lambda: storage.get("circle"),
        lambda: storage.keys("way/"),
    ):
        with pytest.raises(InputError, match="remove the link"):
            attempt()
    assert files(secret) == ["password"]
    assert storage.keys() == ("a",)


def test_half_written_files_of_a_killed_process_are_not_listed(storage: LocalStorage) -> None:
    storage.put(KEY, b"1")
    (storage.root / "job" / ".part-0123").write_bytes(b"half")
    assert storage.keys() == (KEY,)


def test_readers_never_see_a_part(storage: LocalStorage) -> None:
    versions = [bytes([n]) * 200_000 for n in range(4)]
    storage.put(KEY, versions[0])
    stop = threading.Event()
    seen: set[bytes] = set()

    def read() -> None:
        while not stop.is_set():
            seen.add(storage.get(KEY))

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(12):
        storage.put(KEY, versions[n % 4])
    stop.set()
    reader.join()
    assert seen <= set(versions)


@given(st.text(max_size=40))
def test_an_accepted_key_stays_below_the_root(key: str) -> None:
    try:
        check_key(key)
    except InputError:
        return
    root = Path("/results")
    assert os.path.normpath(root / key) == str(root / key)
    assert (root / key).is_relative_to(root)
    assert root != root / key


def test_what_a_killed_process_left_is_discarded_when_it_is_old(storage: LocalStorage) -> None:
    storage.put(KEY, b"1")
    half = storage.root / "job" / ".part-0123"
    half.write_bytes(b"half")
    written = datetime(2026, 11, 26, tzinfo=UTC)
    os.utime(half, (written.timestamp(), written.timestamp()))
    assert storage.discard_partial(written) == 0
    assert storage.discard_partial(written + timedelta(seconds=1)) == 1
    assert files(storage.root) == ["look.png"]
