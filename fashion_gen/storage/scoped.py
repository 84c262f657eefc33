"""A part of a storage that looks like a whole one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from fashion_gen.storage.base import Entry, Storage, check_key, check_prefix


class ScopedStorage(Storage):
    """Everything below `scope`, such as "results/shop-1": whoever is handed this reaches no other seller's files.

    Only `discard_partial` looks at all of the storage beneath: what was cut off belongs to nobody yet.
    """

    def __init__(self, storage: Storage, scope: str) -> None:
        self._storage = storage
        self._top = f"{check_key(scope)}/"

    def put(self, key: str, data: bytes) -> None:
        self._storage.put(self._key(key), data)

    def get(self, key: str) -> bytes:
        return self._storage.get(self._key(key))

    def exists(self, key: str) -> bool:
        return self._storage.exists(self._key(key))

    def delete(self, key: str) -> None:
        self._storage.delete(self._key(key))

    def stat(self, key: str) -> Entry:
        return replace(self._storage.stat(self._key(key)), key=key)

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        found = self._storage.entries(self._top + check_prefix(prefix))
        return (replace(entry, key=entry.key.removeprefix(self._top)) for entry in found)

    def discard_partial(self, before: datetime) -> int:
        return self._storage.discard_partial(before)

    def _key(self, key: str) -> str:
        # Looked at before it is joined: "../shop-2" must not become a path that looks well from outside.
        return self._top + check_key(key)
