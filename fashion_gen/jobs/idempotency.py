"""One effect per idempotency key, however often and however simultaneously a request comes.

draft-ietf-httpapi-idempotency-key-header: the same key with another body is refused, while the first is at work a repeat is
told so, and afterwards it gets the stored reply.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from fashion_gen.errors import IdempotencyInFlight, IdempotencyMismatch
from fashion_gen.jobs.database import insert_new
from fashion_gen.jobs.policy import Policy
from fashion_gen.jobs.tables import IdempotencyRecord
from fashion_gen.jobs.verbs import Verbs

UNIQUE = ("seller_id", "key", "route")


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """What names a request: the caller's key, our route, and a fingerprint of the body."""

    key: str
    route: str  #: e.g. "POST /v1/jobs"
    fingerprint: str  #: see `fingerprint`


def fingerprint(body: bytes) -> str:
    """SHA-256 of a request's body, in hex."""
    return hashlib.sha256(body).hexdigest()


class Idempotency(Verbs):
    """For requests of several steps. What is one transaction (`Jobs.add`) takes the key along instead."""

    def begin(self, seller_id: str, key: IdempotencyKey) -> dict[str, Any] | None:
        """Return the stored reply of an earlier request, or None: then do the work and `finish`, or `abandon` it.

        Raises:
            IdempotencyMismatch: the key was used with another body.
            IdempotencyInFlight: the first request is still at work.
        """
        with self._database.writing() as session:
            return begin(session, seller_id, key, self._policy, self._clock())

    def finish(self, seller_id: str, key: IdempotencyKey, reply: Mapping[str, Any]) -> None:
        """Keep the reply for repeats."""
        with self._database.writing() as session:
            session.execute(update(IdempotencyRecord).where(*_same(seller_id, key)).values(reply=dict(reply)))

    def abandon(self, seller_id: str, key: IdempotencyKey) -> None:
        """The work failed and had no effect: let a repeat try again."""
        with self._database.writing() as session:
            session.execute(delete(IdempotencyRecord).where(*_same(seller_id, key), IdempotencyRecord.reply.is_(None)))

    def prune(self) -> int:
        """Forget expired keys; return how many."""
        with self._database.writing() as session:
            gone = session.execute(delete(IdempotencyRecord).where(IdempotencyRecord.expires_at < self._clock()))
            return int(gone.rowcount)  # type: ignore[attr-defined]  # a CursorResult, always, for DML


def begin(
    session: Session,
    seller_id: str,
    key: IdempotencyKey,
    policy: Policy,
    now: datetime,
    *,
    reply: Mapping[str, Any] | None = None,
) -> dict[str, Any] | None:
    """As `Idempotency.begin`, inside a transaction: a rival with the same key is waited for and then seen finished.

    `reply` is what repeats will get, where it is known before the work is done in this same transaction.
    """
    record = {
        "seller_id": seller_id,
        "key": key.key,
        "route": key.route,
        "fingerprint": key.fingerprint,
        "reply": None if reply is None else dict(reply),
        "locked_until": now + policy.idempotency_lock,
        "expires_at": now + policy.idempotency_ttl,
    }
    if insert_new(session, IdempotencyRecord, record, unique=UNIQUE):
        return None
    found = session.scalars(select(IdempotencyRecord).where(*_same(seller_id, key)).with_for_update()).one()
    if found.expires_at > now:
        if found.fingerprint != key.fingerprint:
            raise IdempotencyMismatch("This Idempotency-Key was used before with another request: use a new key.")
        if found.reply is not None:
            return found.reply
        if found.locked_until > now:
            raise IdempotencyInFlight(
                "The first request with this Idempotency-Key is still at work: ask again shortly."
            )
    # It expired, or its process died: this one takes over.
    for name, value in record.items():
        setattr(found, name, value)
    return None


def _same(seller_id: str, key: IdempotencyKey) -> tuple[Any, ...]:
    return (
        IdempotencyRecord.seller_id == seller_id,
        IdempotencyRecord.key == key.key,
        IdempotencyRecord.route == key.route,
    )
