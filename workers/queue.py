"""The way from the outbox to the workers: one Celery message for each batch of ids."""

from __future__ import annotations

from celery import Celery
from kombu.exceptions import OperationalError

from fashion_gen.errors import QueueUnavailable
from fashion_gen.jobs import Queue
from fashion_gen.jobs.destinations import Turn
from fashion_gen.jobs.states import Priority, Topic
from fashion_gen.jobs.tables import OutboxMessage
from workers.app import IO, PREPARE, RENDER, TASKS


class CeleryQueue(Queue):
    """Sends messages by Celery. Connections are made when needed and made anew when broken."""

    def __init__(self, celery: Celery) -> None:
        self._celery = celery

    def send(self, message: OutboxMessage) -> None:
        """Raises QueueUnavailable."""
        if message.topic is Topic.PREPARE:
            self._send(TASKS["prepare"], PREPARE, list(message.ids))
        else:
            self._send(TASKS["render"], RENDER[Priority(message.name)], list(message.ids))

    def copy(self, turn: Turn) -> None:
        """Ask an io worker to copy looks to a seller's own bucket. Raises QueueUnavailable."""
        self._send(TASKS["copy"], IO, turn.seller_id, turn.number)

    def tidy(self) -> None:
        """Ask an io worker to forget what is old. Raises QueueUnavailable."""
        self._send(TASKS["tidy"], IO)

    def _send(self, task: str, queue: str, *args: object) -> None:
        try:
            # Once: the dispatcher comes again soon, and has other things to do meanwhile.
            self._celery.send_task(task, args=args, queue=queue, retry=False, ignore_result=True)
        except (OperationalError, OSError) as exc:
            raise QueueUnavailable(f"The broker does not answer ({type(exc).__name__}): it is tried again.") from exc
