"""Heartbeats of workers: whom the dispatcher may count on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from fashion_gen.jobs.states import Topic
from fashion_gen.jobs.tables import Worker
from fashion_gen.jobs.verbs import Verbs


class Workers(Verbs):
    """Who is alive."""

    def beat(self, worker_id: str, topic: Topic, *, slots: int = 1, details: Mapping[str, Any] | None = None) -> None:
        """A worker says that it is alive and works on `slots` messages of `topic` at once."""
        with self._database.writing() as session:
            row = Worker(id=worker_id, topic=topic, slots=slots, seen_at=self._clock(), details=dict(details or {}))
            session.merge(row)

    def leave(self, worker_id: str) -> None:
        """A worker stops gracefully."""
        with self._database.writing() as session:
            session.execute(delete(Worker).where(Worker.id == worker_id))

    def alive(self, topic: Topic) -> Sequence[Worker]:
        """Workers that were heard of lately."""
        since = self._clock() - self._policy.worker_silence
        with self._database.reading() as session:
            return session.scalars(
                select(Worker).where(Worker.topic == topic, Worker.seen_at >= since).order_by(Worker.id)
            ).all()

    def prune(self, older_than: timedelta = timedelta(days=1)) -> None:
        """Forget workers that have been silent for long."""
        with self._database.writing() as session:
            session.execute(delete(Worker).where(Worker.seen_at < self._clock() - older_than))
