"""Doubles of the house's interfaces, for tests here and in the code of others. They pass the same contract tests."""

from __future__ import annotations

from fashion_gen.errors import NotFound
from fashion_gen.storage.base import Storage, check_key, check_prefix


class MemoryStorage(Storage):
    """A storage that forgets everything with the process."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def put(self, key: str, data: bytes) -> None:
        self.files[check_key(key)] = bytes(data)

    def get(self, key: str) -> bytes:
        if not self.exists(key):
            raise NotFound("file", key, self.keys(key.rpartition("/")[0])[:10])
        return self.files[key]

    def exists(self, key: str) -> bool:
        return check_key(key) in self.files

    def delete(self, key: str) -> None:
        self.files.pop(check_key(key), None)

    def keys(self, prefix: str = "") -> tuple[str, ...]:
        check_prefix(prefix)
        return tuple(sorted(key for key in self.files if key.startswith(prefix)))
