"""What one worker process holds: store, storage, studios. Opened in the pool's child at its first task, never before the fork."""

from __future__ import annotations

import logging
import os
import socket
import threading
from functools import cache, cached_property
from typing import Any

from fashion_gen import settings, wiring
from fashion_gen.errors import DatabaseUnavailable
from fashion_gen.jobs import Store
from fashion_gen.jobs.buckets import Buckets
from fashion_gen.jobs.states import Topic
from fashion_gen.poke import Poke, redis_url
from fashion_gen.settings import Settings
from fashion_gen.storage import Storage
from fashion_gen.studio import Extract, Studio
from workers.gpu import Studios

log = logging.getLogger(__name__)


class Process:
    """Everything that a task needs. Attributes open on first use, so that a prepare worker never loads a generator."""

    def __init__(self, chosen: Settings) -> None:
        self.settings = chosen
        self.owner = f"{socket.gethostname()}:{os.getpid()}"

    @cached_property
    def store(self) -> Store:
        return wiring.open_store(self.settings)

    @cached_property
    def storage(self) -> Storage:
        return wiring.open_storage(self.settings.storage)

    @cached_property
    def buckets(self) -> Buckets:
        return wiring.open_buckets(self.settings)

    @cached_property
    def studios(self) -> Studios:
        chosen = self.settings.workers
        return Studios(self._open_studio, most=chosen.warm_presets, keep_free=chosen.free_memory)

    @cached_property
    def extract(self) -> Extract:
        if self.settings.workers.studio is not None:
            return self._open_studio(self.settings.generate.preset).extract
        return wiring.open_extract(self.settings)

    @cached_property
    def poke(self) -> Poke:
        return Poke(redis_url(self.settings.queue))

    def _open_studio(self, preset: str) -> Studio:
        if self.settings.workers.studio is not None:
            studio: Studio = wiring.load_class(self.settings.workers.studio)(preset)
            return studio
        return wiring.Studio(preset=preset, settings=self.settings)


@cache
def here() -> Process:
    """This process's. Call it in a task, not on import."""
    return Process(settings.load())


class Presence(threading.Thread):
    """Says every few seconds that this worker is alive, so that the dispatcher counts on it."""

    def __init__(self, store: Store, worker_id: str, topic: Topic, *, every_s: float) -> None:
        super().__init__(name="presence", daemon=True)
        self._store = store
        self._worker_id = worker_id
        self._topic = topic
        self._every_s = every_s
        self._left = threading.Event()

    def run(self) -> None:
        while True:
            try:
                self._store.workers.beat(self._worker_id, self._topic)
            except DatabaseUnavailable as exc:
                log.warning("%s", exc, extra={"action": "presence_missed", "worker": self._worker_id})
            if self._left.wait(self._every_s):
                return

    def leave(self) -> None:
        """Stop, and tell the dispatcher to count on others."""
        self._left.set()
        self.join(timeout=self._every_s)
        try:
            self._store.workers.leave(self._worker_id)
        except DatabaseUnavailable as exc:  # it will be taken for silent soon
            log.warning("%s", exc, extra={"action": "leave_missed", "worker": self._worker_id})


def stay_present(topic: Topic, worker_id: str) -> Presence:
    """Start saying that this process is alive."""
    store: Any = here().store
    presence = Presence(store, worker_id, topic, every_s=store.policy.worker_silence.total_seconds() / 4)
    presence.start()
    return presence
