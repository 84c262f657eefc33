"""The secret that signs sessions and links: the operator's, or one of our own that every web process shares."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from pydantic import SecretStr

from fashion_gen.errors import SetupError


def kept(path: Path) -> SecretStr:
    """Return the secret in a file, which the first process to come makes, readable by its owner alone.

    Raises:
        SetupError: the file cannot be read or made.
    """
    try:
        with suppress(FileExistsError):
            _make(path)
        return SecretStr(path.read_text(encoding="ascii").strip())
    except (OSError, UnicodeDecodeError) as exc:
        raise SetupError(
            f"{path} cannot hold the secret: make its folder writable, or set FASHION_GEN_PORTAL__SECRET."
        ) from exc


def derived(secret: SecretStr, purpose: str) -> SecretStr:
    """A key for one purpose, so that what is signed for one is nothing to another (HKDF's expand step, RFC 5869)."""
    return SecretStr(hmac.digest(secret.get_secret_value().encode(), purpose.encode() + b"\x01", hashlib.sha256).hex())


def _make(path: Path) -> None:
    """Write a new secret under a name of its own, then link it: whoever reads the file reads all of it."""
    if path.exists():
        return
    temporary = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
        os.link(temporary, path)  # raises FileExistsError where another process was first
    finally:
        temporary.unlink()
