"""A thread that keeps leases alive while a worker is busy, and hears what it must stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Sequence
from types import TracebackType
from typing import Any, Self

from fashion_gen.errors import DatabaseUnavailable
from fashion_gen.jobs.leases import Claim, Leases

log = logging.getLogger(__name__)


class Heartbeat:
    """Beats every `every_s` seconds between enter and exit. Asking it costs nothing: no database, just a set."""

    def __init__(self, leases: Leases[Any], claims: Sequence[Claim], *, every_s: float) -> None:
        self._leases = leases
        self._every_s = every_s
        self._held = {claim.id: claim for claim in claims}
        self._lost: frozenset[str] = frozenset()
        self._cancelled: frozenset[str] = frozenset()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def lost(self, work_id: str) -> bool:
        """Whether somebody else may hold it now."""
        return work_id in self._lost

    def cancelled(self, work_id: str) -> bool:
        """Whether the seller no longer wants it."""
        return work_id in self._cancelled

    def unwanted(self, work_ids: Collection[str]) -> bool:
        """Whether nothing of this is worth going on for: one look that is cancelled does not stop the others of its batch."""
        return all(self.lost(id_) or self.cancelled(id_) for id_ in work_ids)

    def done(self, work_id: str) -> None:
        """It ended: its lease is not to be kept, and not to be missed."""
        self._held.pop(work_id, None)

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            self.beat()

    def beat(self) -> None:
        """Beat once now."""
        claims = list(self._held.values())
        try:
            pulse = self._leases.heartbeat(claims)
        except DatabaseUnavailable as exc:
            # Go on: the lease outlives several beats, and the fencing token guards what comes after it.
            log.warning("%s", exc, extra={"action": "heartbeat_missed"})
            return
        # One that ended while the beat was on its way is not lost.
        self._lost |= pulse.lost & set(self._held)
        self._cancelled |= pulse.cancelled
