"""Which key a file has: every seller's files lie under a segment of their own.

quarantine/{seller}/{upload}                  as it came, believed in nothing; gone after a day
originals/{seller}/{sha256}                   photos that were let in, named by their content; gone after their time to live
results/{seller}/{job}/{look}/{attempt}/...   a look with its channel files; kept until the seller deletes them
results/{seller}/garments/{garment}/...       cut-outs, kept likewise
"""

from __future__ import annotations

import re

from fashion_gen.errors import InputError
from fashion_gen.storage.base import check_key

QUARANTINE = "quarantine"
ORIGINALS = "originals"
RESULTS = "results"

_SHA256 = re.compile(r"[0-9a-f]{64}")


def quarantine_key(seller: str, upload: str) -> str:
    """Where a fresh upload lands. Raises InputError for an id that is not one plain segment; so do the others."""
    return f"{QUARANTINE}/{_segment(seller)}/{_segment(upload)}"


def original_key(seller: str, sha256: str) -> str:
    """Where a photo that was let in lies; `sha256` in 64 small hexadecimal digits."""
    return f"{ORIGINALS}/{_segment(seller)}/{check_sha256(sha256)}"


def result_key(seller: str, *path: str) -> str:
    """Where a result lies, such as result_key("shop-1", "job-7", "look-01.png")."""
    return check_key("/".join((results_scope(seller), *path)))


def results_scope(seller: str) -> str:
    """What a seller's results have in common, for a `ScopedStorage`."""
    return f"{RESULTS}/{_segment(seller)}"


def check_sha256(text: str) -> str:
    """Return `text` if it is a SHA-256 as `sha256sum` prints it."""
    if not _SHA256.fullmatch(text):
        raise InputError(f"{text!a} is no SHA-256: give its 64 hexadecimal digits, in small letters.")
    return text


def _segment(name: str) -> str:
    # A slash in a seller's id would reach into another seller's folder.
    if "/" in name:
        raise InputError(f"The id {name!a} holds a slash: use an id of letters, digits and hyphens.")
    return check_key(name)
