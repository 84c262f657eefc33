"""Messages written in the transaction they speak of, and sent afterwards, at least once.

A message carries ids only: the database is the truth, and whoever gets a message twice finds the work done.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from fashion_gen.jobs.database import insert_rows
from fashion_gen.jobs.ids import new_id
from fashion_gen.jobs.states import Topic
from fashion_gen.jobs.tables import OutboxMessage
from fashion_gen.jobs.verbs import Verbs


class Queue(ABC):
    """The way to the workers: Celery in the service, a list in tests."""

    @abstractmethod
    def send(self, message: OutboxMessage) -> None:
        """Send one message. Raises QueueUnavailable (retryable) where the broker does not take it."""


class Outbox(Verbs):
    """What is still to be sent."""

    def pending(self, topics: Sequence[Topic] = tuple(Topic), *, limit: int = 100) -> Sequence[OutboxMessage]:
        """The oldest unsent messages."""
        query = select(OutboxMessage).where(OutboxMessage.sent_at.is_(None), OutboxMessage.topic.in_(topics))
        with self._database.reading() as session:
            return session.scalars(query.order_by(OutboxMessage.id).limit(limit)).all()

    def sent(self, message_ids: Sequence[str]) -> None:
        """Remember that these need not be sent again."""
        with self._database.writing() as session:
            session.execute(
                update(OutboxMessage).where(OutboxMessage.id.in_(message_ids)).values(sent_at=self._clock())
            )

    def relay(self, queue: Queue, topics: Sequence[Topic] = (Topic.PREPARE, Topic.RENDER), *, limit: int = 100) -> int:
        """Send what is pending and return how many that were.

        A process that dies between the two steps sends again later: the receivers' claims make repeats harmless.
        Raises QueueUnavailable; what was sent before it is remembered as sent.
        """
        done: list[str] = []
        try:
            for message in self.pending(topics, limit=limit):
                queue.send(message)
                done.append(message.id)
        finally:
            if done:
                self.sent(done)
        return len(done)

    def prune(self, older_than: timedelta = timedelta(days=7)) -> int:
        """Forget messages that were sent long ago; return how many."""
        with self._database.writing() as session:
            gone = session.execute(delete(OutboxMessage).where(OutboxMessage.sent_at < self._clock() - older_than))
            return int(gone.rowcount)  # type: ignore[attr-defined]  # a CursorResult, always, for DML


def put(
    session: Session, topic: Topic, name: str, ids: Sequence[str], now: datetime, *, seller_id: str | None = None
) -> None:
    """Add a message to the running transaction."""
    message = {
        "id": new_id("evt", now),
        "created_at": now,
        "seller_id": seller_id,
        "topic": topic,
        "name": name,
        "ids": list(ids),
        "sent_at": None,
    }
    insert_rows(session, OutboxMessage, [message])
