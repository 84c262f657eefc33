"""Links to files of a seller's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from fashion_gen.portal.fields import Link
from fashion_gen.portal.parts import Parts


def to_files(parts: Parts, name: str, keys: Mapping[str, str]) -> dict[str, Link]:
    """A link for each storage key, by role; a browser saves the file as "{name}-{role}" with the key's suffix."""
    return {role: _link(parts, key, f"{name}-{role.replace(':', '-')}") for role, key in keys.items()}


def _link(parts: Parts, key: str, stem: str) -> Link:
    filename = stem + PurePosixPath(key).suffix
    link = parts.presigner.get(key, lifetime=parts.timing.link, filename=filename)
    return Link(url=link.url, expires_at=link.expires)
