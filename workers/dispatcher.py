"""The dispatcher: from the database to the queue, over and over.

    wait for a call ─▶ plan and mark (prepare, render) ─▶ send the outbox ─▶ turns of sellers' own buckets (copy)
                    ─▶ now and then: sweep, prune, tidy

It holds nothing that matters: kill it, start it again, run two of them. Each row is marked by one of them only (compare-and-set
in `fashion_gen.jobs.dispatch`), and a message that both send is done once. When the database or the broker is away it
says so once, and goes on when they are back.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from fashion_gen.errors import FashionGenError
from fashion_gen.jobs import Store, Swept
from fashion_gen.jobs.dispatch import Held
from fashion_gen.poke import Poke
from workers import upkeep
from workers.queue import CeleryQueue

log = logging.getLogger(__name__)

PRUNE_S, TIDY_S = 3600.0, 3600.0
LONGEST_PAUSE_S = 5.0


@dataclass(slots=True)
class _Chore:
    """Something that is done every so often."""

    name: str
    every_s: float
    do: Callable[[], None]
    due: float = 0.0


class Dispatcher:
    """The loop. `poll_s`: how long it waits for a call; `sweep_s`: how often it looks for what the dead held."""

    def __init__(
        self,
        store: Store,
        queue: CeleryQueue,
        poke: Poke,
        *,
        poll_s: float,
        sweep_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._queue = queue
        self._poke = poke
        self._poll_s = poll_s
        self._clock = clock
        self._chores = [
            _Chore("sweep", sweep_s, self._sweep),
            _Chore("prune", PRUNE_S, lambda: upkeep.prune(store)),
            _Chore("tidy", TIDY_S, queue.tidy),
        ]
        self._trouble: dict[str, str] = {}
        self._held: Held | None = None

    def run(self, stopping: threading.Event) -> None:
        """Work until told to stop."""
        pause = 0.0
        while not stopping.wait(pause):
            well = self.once()
            pause = 0.0 if well else min(max(2 * pause, 0.1), LONGEST_PAUSE_S)
            if well:
                self._poke.wait(self._poll_s)

    def once(self) -> bool:
        """One round; say whether everything answered. A part that fails does not keep the others from their turn."""
        well = self._tried("dispatch", self._dispatch)
        # Also what an earlier round marked and could not send, or a dispatcher that died.
        well &= self._tried("relay", self._relay)
        well &= self._tried("copy", self._copy)
        for chore in self._chores:
            if self._clock() >= chore.due and self._tried(chore.name, chore.do):
                chore.due = self._clock() + chore.every_s
        return well

    def _dispatch(self) -> None:
        self._store.dispatcher.prepare()
        tick = self._store.dispatcher.render()
        for batch in tick.batches:
            extra = {"action": "batch_dispatched", "looks": len(batch.ids), "preset": batch.preset}
            log.debug("batch dispatched", extra=extra)
        if tick.held is not self._held and Held.NO_WORKER in (tick.held, self._held):
            away = tick.held is Held.NO_WORKER
            log.warning("no render worker is alive" if away else "render workers are back")
        self._held = tick.held

    def _relay(self) -> None:
        while self._store.outbox.relay(self._queue):
            pass

    def _copy(self) -> None:
        # A turn that cannot be sent is given again after `redispatch_after`, as one that was lost.
        for turn in self._store.destinations.give_turns():
            self._queue.copy(turn)

    def _sweep(self) -> None:
        for what, leases in (("looks", self._store.look_leases), ("garments", self._store.garment_leases)):
            _report(what, leases.sweep())

    def _tried(self, what: str, do: Callable[[], None]) -> bool:
        try:
            do()
        except FashionGenError as exc:
            if not exc.retryable:
                raise
            if self._trouble.get(what) != str(exc):  # once, not every round
                log.warning("%s waits: %s", what, exc, extra={"action": f"{what}_waits"})
            self._trouble[what] = str(exc)
            return False
        if self._trouble.pop(what, None):
            log.info("%s goes on", what, extra={"action": f"{what}_goes_on"})
        return True


def _report(what: str, swept: Swept) -> None:
    found = {"returned": swept.returned, "failed": swept.failed, "resent": swept.resent}
    if any(found.values()):
        counts = {name: len(ids) for name, ids in found.items()}
        log.warning("swept %s", what, extra={"action": "swept", "what": what, **counts})
