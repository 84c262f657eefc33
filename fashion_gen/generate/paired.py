"""Two generators that paint at once, each with half of a processor's cores.

The tensors of a small model are too small to keep several cores busy inside one operation: two painters with half of
the threads each finish sooner than one with all of them. `make bench` shows by how much.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from queue import SimpleQueue

from fashion_gen.errors import Cancelled as CancelledError
from fashion_gen.errors import OutOfMemory
from fashion_gen.generate.base import Cancelled, Generator, OnStep, Shot, check_sizes
from fashion_gen.generate.recipe import Recipe
from fashion_gen.records import Picture

log = logging.getLogger(__name__)

#: A block for the time that both paint; it yields what each painter's thread calls before it starts.
Threads = Callable[[], AbstractContextManager[Callable[[], None]]]
#: (painter, steps done, steps in all) after a step of a painter; None when a painter has ended.
Report = tuple[int, int, int] | None


class PairedGenerator(Generator):
    """Gives the first half of the shots to one generator and the second half to its twin.

    Which of them paints a shot hangs on the shot's place alone, so the same shots give the same bytes. An odd shot is
    painted last, by the first generator with all threads.
    """

    def __init__(self, first: Generator, second: Generator, *, threads: Threads) -> None:
        """The two have the same recipe and weights, and nothing that both change. They belong to the pair from now on."""
        self._painters = (first, second)
        self._threads = threads
        self._roomy = True
        self._lock = threading.Lock()

    @property
    def recipe(self) -> Recipe:
        return self._painters[0].recipe

    @property
    def weights_sha256(self) -> str:
        return self._painters[0].weights_sha256

    def generate(
        self, shots: Sequence[Shot], *, on_step: OnStep | None = None, cancelled: Cancelled | None = None
    ) -> list[Picture]:
        """As every generator; `on_step` and `cancelled` are called in the caller's thread only."""
        check_sizes(shots)
        progress = _Progress(len(shots), on_step)
        with self._lock:
            pictures = self._paint_halves(shots, progress, cancelled) if self._roomy else []
            rest = shots[len(pictures) :]
            if rest:
                on_rest = progress.of_part(len(rest), before=len(pictures))
                pictures += self._painters[0].generate(rest, on_step=on_rest, cancelled=cancelled)
        return pictures

    def close(self) -> None:
        with self._lock:
            for painter in self._painters:
                painter.close()

    def _paint_halves(self, shots: Sequence[Shot], progress: _Progress, cancelled: Cancelled | None) -> list[Picture]:
        """Return the pictures of all shots but an odd last one, or none if two painters do not fit into the memory."""
        half = len(shots) // 2
        if not half:
            return []
        halves = (shots[:half], shots[half : 2 * half])
        try:
            return self._paint_at_once(halves, progress.of_part(2 * half, before=0), cancelled)
        except OutOfMemory:
            self._roomy = False
            log.warning("painting alone", extra={"action": "pair_parted", "preset": self.preset})
            return []

    def _paint_at_once(
        self, halves: Sequence[Sequence[Shot]], on_step: OnStep, cancelled: Cancelled | None
    ) -> list[Picture]:
        """Return the pictures of both halves, which are equally long."""
        stop = threading.Event()
        reports: SimpleQueue[Report] = SimpleQueue()

        def paint(index: int, start: Callable[[], None]) -> list[Picture]:
            try:
                start()
                return self._painters[index].generate(
                    halves[index],
                    on_step=lambda done, of: reports.put((index, done, of)),
                    cancelled=stop.is_set,
                )
            except BaseException:
                stop.set()  # the other half is worth nothing without this one
                raise
            finally:
                reports.put(None)

        with self._threads() as start, ThreadPoolExecutor(len(halves), "painter") as pool:
            jobs = [pool.submit(paint, index, start) for index in range(len(halves))]
            try:
                _relay(reports, len(halves), on_step, cancelled)
            except BaseException:
                stop.set()  # the pool waits for both: a step each
                raise
        return _joined(jobs)


class _Progress:
    """Counts the steps of parts as steps of the whole. What was told once is not taken back when a part is repeated."""

    def __init__(self, looks: int, on_step: OnStep | None) -> None:
        self._looks, self._on_step = looks, on_step
        self._told = 0

    def of_part(self, looks: int, *, before: int) -> OnStep:
        """Return what is called with the steps of `looks` looks; `before` others are finished."""

        def tell(done: int, total: int) -> None:
            steps = total // looks
            done += before * steps
            if self._on_step is not None and done > self._told:
                self._told = done
                self._on_step(done, self._looks * steps)

        return tell


def _relay(reports: SimpleQueue[Report], painters: int, on_step: OnStep, cancelled: Cancelled | None) -> None:
    """Pass the steps of all painters on as one count until every painter has ended. Raises Cancelled."""
    done = [0] * painters
    for painter, steps, total in _until_ended(reports, painters):
        if cancelled is not None and cancelled():
            raise CancelledError("Cancelled while painting; nothing was kept.")
        done[painter] = steps
        on_step(sum(done), painters * total)


def _until_ended(reports: SimpleQueue[Report], painters: int) -> Iterator[tuple[int, int, int]]:
    while painters:
        report = reports.get()
        if report is None:
            painters -= 1
        else:
            yield report


def _joined(jobs: Sequence[Future[list[Picture]]]) -> list[Picture]:
    """Return the pictures of all jobs in order, or raise what went wrong first, not that the others were stopped for it."""
    errors = [error for job in jobs if (error := job.exception()) is not None]
    if errors:
        raise next((error for error in errors if not isinstance(error, CancelledError)), errors[0])
    return [picture for job in jobs for picture in job.result()]
