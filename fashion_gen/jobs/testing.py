"""Doubles for tests of code that works with jobs: a store that is gone afterwards, a queue that is a list, a clock that stands.

The store is the real one on SQLite, in a temporary folder: in memory it would not bear several threads.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fashion_gen.errors import QueueUnavailable
from fashion_gen.jobs.database import Database, migrate
from fashion_gen.jobs.ids import utc_now
from fashion_gen.jobs.outbox import Queue
from fashion_gen.jobs.policy import Policy
from fashion_gen.jobs.store import Store
from fashion_gen.jobs.tables import OutboxMessage


@contextmanager
def temporary_store(*, policy: Policy | None = None, clock: Callable[[], datetime] = utc_now) -> Iterator[Store]:
    """A migrated store on a file that is deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="fashion-gen-") as folder:
        url = f"sqlite:///{Path(folder) / 'jobs.db'}"
        migrate(url)
        with Store(Database(url), policy=policy, clock=clock) as store:
            yield store


class ListQueue(Queue):
    """Remembers what was sent; breaks when told to."""

    def __init__(self) -> None:
        self.messages: list[OutboxMessage] = []
        self.broken = False

    def send(self, message: OutboxMessage) -> None:
        if self.broken:
            raise QueueUnavailable("The queue is broken: mend it.")
        self.messages.append(message)


class StandingClock:
    """Time that passes when told to."""

    def __init__(self, now: datetime = datetime(2026, 1, 1, 12, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        """Let `timedelta(**span)` go by."""
        self.now += timedelta(**span)
