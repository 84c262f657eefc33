"""A folder as storage."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from fashion_gen.errors import FashionGenError, InputError, NotFound, StorageUnavailable
from fashion_gen.storage.base import Entry, Storage, check_key, check_prefix

_PARTIAL = ".part-"

_CURES = {
    errno.ENOSPC: "free some disk space",
    errno.EFBIG: "free some disk space, or raise the limit of the file size",
    errno.EDQUOT: "free some of the disk quota",
    errno.EROFS: "choose a folder that is not read-only",
    errno.EACCES: "give yourself the right to read and write there",
    errno.EPERM: "give yourself the right to read and write there",
}


class LocalStorage(Storage):
    """Keeps every key as a file of that name under `root`, which is made at the first `put`."""

    def __init__(self, root: Path) -> None:
        if root.exists() and not root.is_dir():
            raise StorageUnavailable(f"{root} is a file: choose a folder for the results.")
        self.root = root

    def put(self, key: str, data: bytes) -> None:
        path = self.path(key)
        with _translated(key):
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_atomically(path, data)

    def get(self, key: str) -> bytes:
        path = self.path(key)
        with _translated(key):
            if not path.is_file():
                raise NotFound("file", key, self.keys(key.rpartition("/")[0])[:10])
            return path.read_bytes()

    def exists(self, key: str) -> bool:
        path = self.path(key)
        with _translated(key):
            return path.is_file()

    def delete(self, key: str) -> None:
        path = self.path(key)
        with _translated(key):
            if path.is_file():
                path.unlink(missing_ok=True)

    def stat(self, key: str) -> Entry:
        path = self.path(key)
        with _translated(key):
            if not path.is_file():
                raise NotFound("file", key, ())
            return _entry(key, path)

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        folder = check_prefix(prefix).rpartition("/")[0]
        return self._walk(self.path(folder) if folder else self.root, prefix)

    def discard_partial(self, before: datetime) -> int:
        removed = 0
        with _translated("."):
            for path in self.root.rglob(f"{_PARTIAL}*"):
                with suppress(FileNotFoundError):  # its writer lives and has just finished
                    if not path.is_symlink() and path.stat().st_mtime < before.timestamp():
                        path.unlink()
                        removed += 1
        return removed

    def _walk(self, top: Path, prefix: str) -> Iterator[Entry]:
        with _translated(prefix or "."):
            for path in _files(top):
                key = path.relative_to(self.root).as_posix()
                if key.startswith(prefix):
                    with suppress(FileNotFoundError):  # deleted by somebody else since the folder was read
                        yield _entry(key, path)

    def path(self, key: str) -> Path:
        """The file of a key. Raises InputError where a link would lead out of the root."""
        path = self.root / check_key(key)
        try:
            inside = path.resolve().is_relative_to(self.root.resolve())
        except (OSError, RuntimeError):  # links in a circle
            inside = False
        if not inside:
            raise InputError(f'The storage key "{key}" leads out of {self.root} by a link: remove the link.')
        return path


def _entry(key: str, path: Path) -> Entry:
    found = path.stat()
    return Entry(key, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))


def _files(top: Path) -> Iterator[Path]:
    """Every file of ours under `top`: links are not, and half-written files are hidden ones."""
    for folder, folders, names in os.walk(top, followlinks=False, onerror=_unless_absent):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = (Path(folder, name) for name in names if not name.startswith("."))
        yield from (path for path in paths if not path.is_symlink())


def _unless_absent(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error


def _write_atomically(path: Path, data: bytes) -> None:
    # In the same folder, since a rename is atomic only within one file system.
    temporary = path.with_name(f"{_PARTIAL}{secrets.token_hex(8)}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:  # also KeyboardInterrupt: nothing half-written stays behind
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut, where the system can sync a folder."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _translated(key: str) -> Iterator[None]:
    """Turn the system's errors into ours."""
    try:
        yield
    except FashionGenError:
        raise
    except (NotADirectoryError, IsADirectoryError, FileExistsError) as exc:
        raise InputError(f'The storage key "{key}" is a file and a folder at once: choose another name.') from exc
    except OSError as exc:
        cure = _CURES.get(exc.errno or 0, "check the disk and try again")
        raise StorageUnavailable(f'The storage cannot serve "{key}" ({exc.strerror}): {cure}.') from exc
