"""Whether a storage can be used, found by using it."""

from __future__ import annotations

import secrets

from fashion_gen.errors import StorageUnavailable
from fashion_gen.storage.base import Storage

FOLDER = "fashion-gen-probe"


def probe(storage: Storage) -> None:
    """Write a small file under a name of its own, list it, read it back and delete it.

    Raises:
        SetupError: credentials, bucket or rights are wrong; the message names the cure.
        StorageUnavailable: it does not answer, or answers with other bytes.
    """
    key, data = f"{FOLDER}/{secrets.token_hex(8)}.txt", secrets.token_bytes(64)
    storage.put(key, data)
    try:
        if storage.get(key) != data or key not in storage.keys(f"{FOLDER}/"):
            raise StorageUnavailable("The storage does not give back what was put into it: look into its server's log.")
    finally:
        storage.delete(key)
