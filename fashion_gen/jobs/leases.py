"""Who works on what: claim, heartbeat, end, sweep. One owner at a time, fenced by the number of the attempt.

Leases of looks and of garments differ in how they end (`looks.py`, `garments.py`) and share everything here. Proven in
research/infra.md section 2; the fencing token is Kleppmann's (How to do distributed locking, 2016).

What counts against a look: an error in its own attempt, and the death of its worker (which it may have caused). After
`Policy.max_failures` of these it fails with its reason. What does not: our retryable set-up errors (storage or database
unavailable) and a worker that stops gracefully; those are tried again, with growing delays, for as long as it takes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import select, tuple_, update
from sqlalchemy.orm import Session

from fashion_gen.errors import LeaseLost
from fashion_gen.jobs.ids import new_id
from fashion_gen.jobs.states import AttemptOutcome
from fashion_gen.jobs.tables import Attempt, Garment, Look
from fashion_gen.jobs.verbs import Verbs

C = TypeVar("C", Look, Garment)
MAX_REASON = 1000  #: characters


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on `id` until the lease ends. `attempt` is the fencing token."""

    id: str
    seller_id: str
    attempt: int
    owner: str


@dataclass(frozen=True, slots=True)
class Pulse:
    """What a heartbeat learns."""

    lost: frozenset[str]  #: ids that somebody else may hold now: stop at once, write nothing
    cancelled: frozenset[str]  #: ids that the seller no longer wants: stop and say so with `cancelled`


@dataclass(frozen=True, slots=True)
class Swept:
    """What the sweeper found."""

    returned: tuple[str, ...]  #: back in the queue
    failed: tuple[str, ...]  #: had used up their attempts
    resent: tuple[str, ...]  #: their message was lost


class Leases(Verbs, ABC, Generic[C]):
    """Leases on the rows of one table."""

    _table: type[C]
    _states: Any  #: the enum of the table's states

    def claim(self, ids: Sequence[str], owner: str) -> list[Claim]:
        """Take those of `ids` that are free; a repeated message gets none. `owner` names the process."""
        now, table = self._clock(), self._table
        with self._database.writing() as session:
            self._lock(session, ids)
            taken = session.execute(
                update(table)
                .where(
                    table.id.in_(ids),
                    table.state.in_((self._states.QUEUED, self._states.DISPATCHED)),
                    table.available_at <= now,
                )
                .values(
                    state=self._states.RUNNING,
                    owner=owner,
                    lease_expires_at=now + self._policy.lease,
                    attempt=table.attempt + 1,
                )
                .returning(table.id, table.seller_id, table.attempt)
            ).all()
            claims = [Claim(id_, seller, attempt, owner) for id_, seller, attempt in taken]
            session.add_all(_opened(claim, now) for claim in claims)
            self._settle(session, [claim.id for claim in claims])
        return sorted(claims, key=lambda claim: ids.index(claim.id))

    def heartbeat(self, claims: Sequence[Claim]) -> Pulse:
        """Extend the leases of claims of one owner and learn what became of them."""
        if not claims:
            return Pulse(frozenset(), frozenset())
        table = self._table
        with self._database.writing() as session:
            held = session.scalars(
                update(table)
                .where(
                    tuple_(table.id, table.attempt).in_([(claim.id, claim.attempt) for claim in claims]),
                    table.state == self._states.RUNNING,
                )
                .values(lease_expires_at=self._clock() + self._policy.lease)
                .returning(table.id)
            ).all()
            cancelled = self._cancelled(session, held)
        return Pulse(frozenset(claim.id for claim in claims) - frozenset(held), frozenset(cancelled))

    def give_back(self, claim: Claim, reason: str) -> None:
        """Put the work back without counting the attempt: the infrastructure's fault, or a graceful stop. Raises LeaseLost."""
        with self._database.writing() as session:
            row = self._held(session, claim)
            self._requeue(session, row, reason, AttemptOutcome.RETURNED)
            self._settle(session, [row.id])

    def fail(self, claim: Claim, reason: str, *, final: bool = False) -> bool:
        """End the attempt as failed; say whether there will be another. `final`: trying again will not help. Raises LeaseLost."""
        with self._database.writing() as session:
            row = self._held(session, claim)
            again = self._count_failure(session, row, reason, AttemptOutcome.FAILED, final=final)
            self._settle(session, [row.id])
        return again

    def sweep(self, *, limit: int = 500) -> Swept:
        """Return what dead workers held and what lost messages spoke of. Call it every few seconds, from one process or many."""
        now, table = self._clock(), self._table
        expired = (table.state == self._states.RUNNING, table.lease_expires_at < now)
        unheard = (
            table.state == self._states.DISPATCHED,
            table.dispatched_at < now - self._policy.redispatch_after,
        )
        with self._database.reading() as session:
            dead: Sequence[str] = session.scalars(select(table.id).where(*expired).limit(limit)).all()
            lost: Sequence[str] = session.scalars(select(table.id).where(*unheard).limit(limit)).all()
        if not dead and not lost:  # nearly always: no writer's lock is taken for nothing
            return Swept((), (), ())
        with self._database.writing() as session:
            self._lock(session, [*dead, *lost])
            # Asked again under the lock: an owner may have come back in between.
            ended = session.scalars(select(table).where(table.id.in_(dead), *expired).with_for_update()).all()
            again = {row.id: self._count_failure(session, row, _died(row), AttemptOutcome.ABANDONED) for row in ended}
            resent = session.scalars(
                update(table)
                .where(table.id.in_(lost), *unheard)
                .values(state=self._states.QUEUED, batch_id=None, dispatched_at=None)
                .returning(table.id)
            ).all()
            self._settle(session, list(again))
        returned = tuple(id_ for id_, more in again.items() if more)
        return Swept(returned, tuple(id_ for id_ in again if id_ not in returned), tuple(resent))

    def _held(self, session: Session, claim: Claim) -> C:
        """The claimed row, locked, if the claim still holds."""
        self._lock(session, [claim.id])
        table = self._table
        row: C | None = session.scalars(
            select(table)
            .where(
                table.id == claim.id,
                table.attempt == claim.attempt,
                table.owner == claim.owner,
                table.state == self._states.RUNNING,
            )
            .with_for_update()
        ).one_or_none()
        if row is None:
            raise LeaseLost(f"{claim.id} is no longer held by attempt {claim.attempt}: drop its result.")
        return row

    def _count_failure(
        self, session: Session, row: C, reason: str, outcome: AttemptOutcome, *, final: bool = False
    ) -> bool:
        row.failures += 1
        if not final and row.failures < self._policy.max_failures:
            self._requeue(session, row, reason, outcome)
            return True
        self._end(session, row, self._states.FAILED, outcome, reason)
        return False

    def _requeue(self, session: Session, row: C, reason: str, outcome: AttemptOutcome) -> None:
        self._close(session, row, outcome, reason)
        row.state = self._states.QUEUED
        row.owner = row.lease_expires_at = row.batch_id = row.dispatched_at = None
        row.available_at = self._clock() + self._policy.delay(row.attempt)

    def _end(self, session: Session, row: C, state: Any, outcome: AttemptOutcome, reason: str | None) -> None:
        """Move a held row to a state that lasts."""
        self._close(session, row, outcome, reason)
        row.state = state
        row.owner = row.lease_expires_at = None
        row.reason = _cut(reason)
        row.finished_at = self._clock()

    def _close(self, session: Session, row: C, outcome: AttemptOutcome, reason: str | None) -> None:
        session.execute(
            update(Attempt)
            .where(Attempt.subject_id == row.id, Attempt.number == row.attempt)
            .values(ended_at=self._clock(), outcome=outcome, reason=_cut(reason))
        )

    def _cancelled(self, session: Session, held: Sequence[str]) -> Sequence[str]:
        """Those of the held ids that the seller no longer wants."""
        return ()

    @abstractmethod
    def _lock(self, session: Session, ids: Sequence[str]) -> None:
        """Lock what `_settle` will derive from these rows, always in one order, so that no two transactions wait in a ring."""

    @abstractmethod
    def _settle(self, session: Session, ids: Sequence[str]) -> None:
        """Bring what depends on these rows up to date, in the same transaction."""


def _opened(claim: Claim, now: datetime) -> Attempt:
    return Attempt(id=new_id("att", now), created_at=now, subject_id=claim.id, number=claim.attempt, owner=claim.owner)


def _died(row: Look | Garment) -> str:
    return f"The worker {row.owner} died or lost the database while it worked on this."


def _cut(reason: str | None) -> str | None:
    return None if reason is None else reason[:MAX_REASON]
