"""What the jobs are doing, in numbers: for metrics. Counted over all sellers, and none is named."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fashion_gen.jobs.database import Database
from fashion_gen.jobs.ids import utc_now
from fashion_gen.jobs.states import OPEN_LOOKS, JobState, LookState, Priority
from fashion_gen.jobs.tables import Job, Look
from fashion_gen.jobs.verbs import Verbs

#: The groups by which rejections are counted: bias shows as a difference between them.
TONE_GROUPS: Mapping[str, range] = {"1-3": range(1, 4), "4-6": range(4, 7), "7-10": range(7, 11)}
_SHARE = 50
_FINISHED = (LookState.PASSED, LookState.REJECTED, LookState.FAILED, LookState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Totals:
    """What became of the looks that are finished, as they stand now."""

    looks: Mapping[tuple[str, str], int]  #: by preset and state
    gpu_s: Mapping[str, float]  #: what the generator took for them, by preset
    rejections: Mapping[tuple[str, str], int]  #: by the inspection's first reason and tone group


@dataclass(frozen=True, slots=True)
class Counts:
    """One census."""

    jobs: Mapping[str, int]  #: by state
    open_looks: Mapping[tuple[str, str], int]  #: by state and priority
    queue_age_s: Mapping[str, float]  #: of the oldest queued look, by priority; 0 where none waits
    totals: Totals


class Census(Verbs):
    """Counts, at most once in `every`: several scrapers cost as much as one.

    What waits is found by indexes. The totals read every finished look, so they are counted the less often the longer it
    takes: at most a `_SHARE`th of the time goes into them.
    """

    def __init__(
        self,
        database: Database,
        *,
        every: timedelta = timedelta(seconds=15),
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(database, clock=clock)
        self._every = every
        self._lock = threading.Lock()
        self._counts: tuple[datetime, Counts] | None = None
        self._totals: tuple[datetime, Totals] | None = None  #: and when they are to be counted again

    def take(self) -> Counts:
        """Return the counts, perhaps a few seconds old. Raises DatabaseUnavailable."""
        with self._lock:
            now = self._clock()
            if self._counts is None or now >= self._counts[0]:
                self._counts = now + self._every, self._count(now)
            return self._counts[1]

    def _count(self, now: datetime) -> Counts:
        with self._database.reading() as session:
            if self._totals is None or now >= self._totals[0]:
                started = time.perf_counter()
                totals = _totals(session)
                pause = timedelta(seconds=_SHARE * (time.perf_counter() - started))
                self._totals = now + max(pause, self._every), totals
            return Counts(_jobs(session), _open_looks(session), _queue_age(session, now), self._totals[1])


def _jobs(session: Session) -> Mapping[str, int]:
    found = session.execute(select(Job.state, func.count()).group_by(Job.state)).all()
    return {state.value: 0 for state in JobState} | {state.value: number for state, number in found}


def _open_looks(session: Session) -> Mapping[tuple[str, str], int]:
    query = select(Look.state, Look.priority, func.count()).where(Look.state.in_(OPEN_LOOKS))
    found = session.execute(query.group_by(Look.state, Look.priority)).all()
    none = {(state.value, priority.value): 0 for state in OPEN_LOOKS for priority in Priority}
    return none | {(state.value, priority.value): number for state, priority, number in found}


def _queue_age(session: Session, now: datetime) -> Mapping[str, float]:
    query = select(Look.priority, func.min(Look.available_at)).where(Look.state == LookState.QUEUED)
    found = session.execute(query.group_by(Look.priority)).all()
    ages = {priority.value: max((now - oldest).total_seconds(), 0.0) for priority, oldest in found}
    return {priority.value: 0.0 for priority in Priority} | ages


def _totals(session: Session) -> Totals:
    """In one pass over the finished looks."""
    reason = func.substr(Look.reason, 1, 24)
    columns = (Look.preset, Look.state, reason, Look.tone)
    query = select(*columns, func.count(), func.sum(Look.render_ms)).where(Look.state.in_(_FINISHED))
    looks: Counter[tuple[str, str]] = Counter()
    rejections: Counter[tuple[str, str]] = Counter()
    gpu_s: dict[str, float] = {}
    for preset, state, words, tone, number, ms in session.execute(query.group_by(*columns)):
        looks[preset, state.value] += number
        gpu_s[preset] = gpu_s.get(preset, 0.0) + (ms or 0) / 1000
        if state is LookState.REJECTED:
            # "code: words", see `quality.inspect`; codes are short, and the words behind them vary.
            rejections[(words or "unknown").partition(":")[0], _tones(tone)] += number
    return Totals(looks, gpu_s, rejections)


def _tones(tone: int | None) -> str:
    return next((name for name, tones in TONE_GROUPS.items() if tone in tones), "unknown")
