"""Sellers' own buckets: where they are, what they are still to get, and whose turn it is.

Our own storage stays the truth; what goes to a seller's bucket is a copy, made after the look was finished and billed. So a
bucket that is down delays nobody but itself: its looks are owed, in the transaction that finished them, until they are there.

    passed look ─▶ owed (`owe`) ─▶ the dispatcher gives its seller a turn ─▶ an io worker copies, look by look ─▶ `copied`

A turn that is lost or dies is given again when its time is over, under the next number; a file that is written twice is the
same file under the same key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.orm import Session

from fashion_gen.errors import NotFound
from fashion_gen.jobs.ids import new_id
from fashion_gen.jobs.leases import MAX_REASON
from fashion_gen.jobs.states import LookState
from fashion_gen.jobs.tables import Copy, Destination, Look, Seller
from fashion_gen.jobs.verbs import Verbs


@dataclass(frozen=True, slots=True)
class Place:
    """Which bucket, as `storage.s3.S3Location` wants it, without its keys."""

    bucket: str
    endpoint: str | None = None
    region: str = "us-east-1"
    prefix: str = ""
    path_style: bool = True
    checksums: str = "when_supported"


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to copy for a seller, until the next turn is given."""

    seller_id: str
    number: int


@dataclass(frozen=True, slots=True)
class Owed:
    """A look that is to be copied, of this attempt."""

    look: Look
    attempt: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A seller's bucket and how far it has come."""

    destination: Destination = field(repr=False)
    waiting: int  #: looks that it is still to get


class Destinations(Verbs):
    """The buckets of sellers, one each."""

    def set(self, seller_id: str, place: Place, sealed_keys: str) -> Standing:
        """Send results to this bucket from now on, and at once what the one before has not got. Raises NotFound."""
        now = self._clock()
        values = {name: getattr(place, name) for name in Place.__slots__}
        values |= {"sealed_keys": sealed_keys, "available_at": now, "failures": 0, "reason": None}
        with self._database.writing() as session:
            # The seller's lock keeps two first ones from being made at once.
            if session.scalars(select(Seller.id).where(Seller.id == seller_id).with_for_update()).first() is None:
                raise NotFound("seller", seller_id, ())
            row = _find(session, seller_id, lock=True)
            if row is None:
                row = Destination(id=new_id("dst", now), created_at=now, seller_id=seller_id, turn=0)
                session.add(row)
            for name, value in values.items():
                setattr(row, name, value)
            row.turn += 1  # whoever copies to the old place, stops
            row.copied_at = None
            return Standing(row, _waiting(session, seller_id))

    def get(self, seller_id: str) -> Standing:
        """Raises NotFound where the seller has none."""
        with self._database.reading() as session:
            return Standing(_own(session, seller_id), _waiting(session, seller_id))

    def remove(self, seller_id: str) -> None:
        """Copy nothing more, and forget the keys. Raises NotFound."""
        with self._database.writing() as session:
            session.delete(_own(session, seller_id))
            session.execute(delete(Copy).where(Copy.seller_id == seller_id, Copy.copied_at.is_(None)))

    def copy_of(self, look_id: str) -> Copy | None:
        """Whether a look was copied or is to be; None where neither."""
        with self._database.reading() as session:
            return session.get(Copy, look_id)

    def give_turns(self, *, limit: int = 100) -> list[Turn]:
        """Turns for sellers whose buckets are owed something, those first who have waited longest."""
        now, due = self._clock(), (Destination.available_at <= self._clock(), _is_owed())
        query = select(Destination.id).where(*due).order_by(Destination.available_at).limit(limit)
        with self._database.reading() as session:
            ids = session.scalars(query).all()
        if not ids:  # nearly always: no writer's lock is taken for nothing
            return []
        with self._database.writing() as session:
            given = session.execute(
                update(Destination)
                .where(Destination.id.in_(ids), *due)
                .values(turn=Destination.turn + 1, available_at=now + self._policy.redispatch_after)
                .returning(Destination.seller_id, Destination.turn)
            ).all()
        return [Turn(seller_id, number) for seller_id, number in given]

    def begin(self, turn: Turn) -> Destination | None:
        """Start a turn; None where it is over, since another was given or the bucket changed."""
        with self._database.writing() as session:
            return self._advance(session, turn, self._policy.copy_lease)

    def owed(self, turn: Turn, *, limit: int) -> Sequence[Owed]:
        """The oldest looks that the seller's bucket is to get."""
        query = (
            select(Look, Copy.attempt)
            .join(Copy, Copy.look_id == Look.id)
            .where(Copy.seller_id == turn.seller_id, *_open())
            .order_by(Copy.asked_at, Copy.look_id)
            .limit(limit)
        )
        with self._database.reading() as session:
            return [Owed(look, attempt) for look, attempt in session.execute(query)]

    def copied(self, turn: Turn, owed: Owed) -> bool:
        """All files of a look are there; say whether the turn goes on.

        A look that was made anew meanwhile stays owed: its attempt is another.
        """
        now = self._clock()
        with self._database.writing() as session:
            row = self._advance(session, turn, self._policy.copy_lease)
            if row is None:
                return False
            row.copied_at, row.failures, row.reason = now, 0, None
            this = (Copy.look_id == owed.look.id, Copy.attempt == owed.attempt)
            session.execute(update(Copy).where(*this).values(copied_at=now))
            return True

    def end(self, turn: Turn, *, pause: timedelta = timedelta()) -> None:
        """The turn is over; the next one may come after a pause."""
        with self._database.writing() as session:
            self._advance(session, turn, pause)

    def fail(self, turn: Turn, reason: str) -> None:
        """The bucket does not take files: it is asked again, ever more seldom, until it does or is changed."""
        with self._database.writing() as session:
            row = self._advance(session, turn, timedelta())
            if row is not None:
                row.failures += 1
                row.reason = reason[:MAX_REASON]
                row.available_at = self._clock() + self._policy.copy_delay(row.failures)

    def _advance(self, session: Session, turn: Turn, span: timedelta) -> Destination | None:
        """Put the next turn off, if this one still holds."""
        row = _find(session, turn.seller_id, lock=True)
        if row is None or row.turn != turn.number:
            return None
        row.available_at = self._clock() + span
        return row


def owe(session: Session, look: Look, now: datetime) -> None:
    """Remember, in the running transaction, that a look that passed belongs into its seller's bucket, if there is one."""
    if session.scalar(select(exists().where(Destination.seller_id == look.seller_id))):
        copy = Copy(look_id=look.id, seller_id=look.seller_id, attempt=look.attempt, asked_at=now, copied_at=None)
        session.merge(copy)  # a look that is made again has been owed before


def _find(session: Session, seller_id: str, *, lock: bool = False) -> Destination | None:
    query = select(Destination).where(Destination.seller_id == seller_id)
    return session.scalars(query.with_for_update() if lock else query).one_or_none()


def _own(session: Session, seller_id: str) -> Destination:
    row = _find(session, seller_id)
    if row is None:
        raise NotFound("destination", "of this seller", ())
    return row


def _open() -> tuple[ColumnElement[bool], ...]:
    """Copies to be made. A look that is being made again is left until its new picture passes."""
    return Copy.copied_at.is_(None), Look.state == LookState.PASSED


def _is_owed() -> Any:
    return exists().where(Copy.seller_id == Destination.seller_id, Copy.look_id == Look.id, *_open())


def _waiting(session: Session, seller_id: str) -> int:
    query = select(func.count()).select_from(Copy).join(Look, Copy.look_id == Look.id)
    return session.scalar(query.where(Copy.seller_id == seller_id, *_open())) or 0
