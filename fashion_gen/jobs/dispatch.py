"""From the database to the queue: plan fairly, mark what goes, write the messages; `Outbox.relay` sends them.

Only as much is sent as the workers who are alive can soon take. What waits in the broker cannot be reordered, so a long
queue there would make everybody wait behind a catalog.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from fashion_gen.jobs import outbox
from fashion_gen.jobs.database import Database
from fashion_gen.jobs.fairshare import Batch, Share, Turn, Waiting, plan
from fashion_gen.jobs.ids import new_id, utc_now
from fashion_gen.jobs.policy import Policy
from fashion_gen.jobs.states import GarmentState, LookState, Priority, Topic
from fashion_gen.jobs.tables import Garment, Look, Seller, Worker
from fashion_gen.jobs.verbs import Verbs

# A loose index scan: one step of the index per seller, however many rows each has (wiki.postgresql.org/wiki/Loose_indexscan).
_SELLERS = """
WITH RECURSIVE waiting(seller_id) AS (
  SELECT min(seller_id) FROM {table} WHERE state = 'queued'
  UNION ALL
  SELECT (SELECT min(seller_id) FROM {table} WHERE state = 'queued' AND seller_id > waiting.seller_id)
  FROM waiting WHERE waiting.seller_id IS NOT NULL
) SELECT seller_id FROM waiting WHERE seller_id IS NOT NULL
"""


class Held(StrEnum):
    """Why nothing more was sent."""

    NO_WORKER = "no_worker"  # none is alive: what is queued waits in the database
    BUSY = "busy"  # every worker has enough
    IDLE = "idle"  # nothing waits, or its sellers have as much in flight as they may


@dataclass(frozen=True, slots=True)
class Tick:
    """What one round sent, and why not more; `held` is None where every free slot was filled."""

    batches: tuple[Batch, ...]
    held: Held | None


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is dispatched: looks to render workers, garments to prepare workers."""

    table: Any
    states: Any
    topic: Topic


_RENDER = _Kind(Look, LookState, Topic.RENDER)
_PREPARE = _Kind(Garment, GarmentState, Topic.PREPARE)


class Dispatcher(Verbs):
    """Keep one per service. Two at once are safe: each row is marked by one of them only."""

    def __init__(
        self, database: Database, *, policy: Policy | None = None, clock: Callable[[], datetime] = utc_now
    ) -> None:
        super().__init__(database, policy=policy, clock=clock)
        self._turns = {Topic.RENDER: Turn(), Topic.PREPARE: Turn()}

    def render(self) -> Tick:
        """Send looks that are queued, in batches of one preset."""
        return self._tick(_RENDER, self._policy.batch_size)

    def prepare(self) -> Tick:
        """Send garments that are queued, one by one."""
        return self._tick(_PREPARE, 1)

    def _tick(self, kind: _Kind, batch_size: int) -> Tick:
        now = self._clock()
        with self._database.reading() as session:
            capacity = self._capacity(session, kind, now)
            slots = capacity - _batches_out(session, kind)
            if slots <= 0:
                return Tick((), Held.BUSY if capacity else Held.NO_WORKER)
            shares = _shares(session, kind, now, most=slots * batch_size)
        batches, turn = plan(
            shares,
            self._turns[kind.topic],
            slots=slots,
            batch_size=batch_size,
            catalog_share=self._policy.catalog_share,
        )
        if not batches:  # nearly always, on an idle system: no writer's lock is taken for nothing
            return Tick((), Held.IDLE)
        sent = self._mark(kind, batches, now)
        self._turns[kind.topic] = turn
        return Tick(tuple(sent), None if len(batches) == slots else Held.IDLE)

    def _capacity(self, session: Session, kind: _Kind, now: datetime) -> int:
        """Batches that the living workers should have, at work and waiting."""
        heard = (Worker.topic == kind.topic, Worker.seen_at >= now - self._policy.worker_silence)
        places = session.scalar(select(func.coalesce(func.sum(Worker.slots), 0)).where(*heard)) or 0
        return int(places) * self._policy.batches_per_worker

    def _mark(self, kind: _Kind, batches: Sequence[Batch], now: datetime) -> list[Batch]:
        """Mark what goes and write its message in one transaction; what was cancelled meanwhile stays behind."""
        sent = []
        wanted = [id_ for batch in batches for id_ in batch.ids]
        with self._database.writing() as session:
            # Who is held by another transaction is left for the next round: a dispatcher that never waits is in no deadlock.
            free = set(
                session.scalars(
                    select(kind.table.id)
                    .where(kind.table.id.in_(wanted), kind.table.state == kind.states.QUEUED)
                    .with_for_update(skip_locked=True)
                )
            )
            for batch in batches:
                ids = tuple(id_ for id_ in batch.ids if id_ in free)
                if ids:
                    session.execute(
                        update(kind.table)
                        .where(kind.table.id.in_(ids))
                        .values(state=kind.states.DISPATCHED, batch_id=new_id("bat", now), dispatched_at=now)
                    )
                    outbox.put(session, kind.topic, batch.priority.value, ids, now)
                    sent.append(Batch(ids, batch.preset, batch.priority))
        return sent


def _batches_out(session: Session, kind: _Kind) -> int:
    out = kind.table.state.in_((kind.states.DISPATCHED, kind.states.RUNNING))
    return session.scalar(select(func.count(kind.table.batch_id.distinct())).where(out)) or 0


def _shares(session: Session, kind: _Kind, now: datetime, *, most: int) -> list[Share]:
    """Every seller with queued work and the first `most` of it: never more rows than could be sent."""
    sellers = session.scalars(text(_SELLERS.format(table=kind.table.__tablename__))).all()
    out = kind.table.state.in_((kind.states.DISPATCHED, kind.states.RUNNING))
    counts = session.execute(select(kind.table.seller_id, func.count()).where(out).group_by(kind.table.seller_id))
    in_flight: dict[str, int] = {seller_id: number for seller_id, number in counts}  # noqa: C416  (rows are no pairs)
    shares = []
    for seller in session.scalars(select(Seller).where(Seller.id.in_(sellers), Seller.active)).all():
        room = seller.max_in_flight - in_flight.get(seller.id, 0)
        if room > 0:
            queues = {
                priority: _heads(session, kind, seller.id, priority, now, min(room, most)) for priority in Priority
            }
            shares.append(Share(seller.id, seller.weight, room, queues))
    return shares


def _heads(
    session: Session, kind: _Kind, seller_id: str, priority: Priority, now: datetime, most: int
) -> list[Waiting]:
    table = kind.table
    preset = Look.preset if table is Look else table.priority  # garments know no preset: all of a priority are alike
    rows = session.execute(
        select(table.id, preset, table.failures)
        .where(
            table.state == kind.states.QUEUED,
            table.seller_id == seller_id,
            table.priority == priority,
            table.available_at <= now,
        )
        .order_by(table.available_at, table.id)
        .limit(most)
    )
    return [Waiting(id_, str(preset), alone=failures > 0) for id_, preset, failures in rows]
