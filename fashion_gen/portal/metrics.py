"""Prometheus metrics: how long requests take, measured here, and what the jobs are doing, counted in the database.

With several web processes set PROMETHEUS_MULTIPROC_DIR to an empty folder, so that each answers for all of them.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from fashion_gen.errors import FashionGenError
from fashion_gen.jobs.census import Census, Counts, Totals

log = logging.getLogger(__name__)

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10, 30)


class Durations:
    """How long requests took, by method, route and kind of status. A registry of its own: apps in one process may be many."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._seconds = Histogram(
            "fashion_gen_http_request_seconds",
            "Duration of HTTP requests",
            ("method", "route", "status"),
            buckets=_BUCKETS,
            registry=self.registry,
        )

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request. `route` is the pattern of the path, so that ids do not become labels."""
        known = method if method in ("GET", "POST", "PUT", "DELETE", "HEAD") else "other"
        self._seconds.labels(known, route, f"{status // 100}xx").observe(seconds)


class JobsCollector(Collector):
    """What the jobs are doing, counted when asked for. A database that does not answer leaves the numbers out."""

    def __init__(self, census: Census) -> None:
        self._census = census

    def collect(self) -> Iterator[Metric]:
        try:
            counts = self._census.take()
        except FashionGenError as exc:
            log.warning("%s", exc, extra={"action": "census_failed"})
            return
        yield from _queue(counts)
        yield from _totals(counts.totals)


def exposition(durations: Durations, census: Census) -> bytes:
    """Everything in Prometheus' text format."""
    requests = durations.registry
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # prometheus_client's own switch, read by it at import
        requests = CollectorRegistry()
        MultiProcessCollector(requests)  # type: ignore[no-untyped-call]
    jobs = CollectorRegistry()
    jobs.register(JobsCollector(census))
    return generate_latest(requests) + generate_latest(jobs)


def _queue(counts: Counts) -> Iterator[Metric]:
    jobs = GaugeMetricFamily("fashion_gen_jobs", "Jobs by state", labels=["state"])
    for state, number in counts.jobs.items():
        jobs.add_metric([state], number)
    yield jobs
    waiting = GaugeMetricFamily("fashion_gen_looks_open", "Looks that are not finished", labels=["state", "priority"])
    for (state, priority), number in counts.open_looks.items():
        waiting.add_metric([state, priority], number)
    yield waiting
    age = GaugeMetricFamily("fashion_gen_queue_age_seconds", "Age of the oldest queued look", labels=["priority"])
    for priority, seconds in counts.queue_age_s.items():
        age.add_metric([priority], seconds)
    yield age


def _totals(totals: Totals) -> Iterator[Metric]:
    """As the database has it now. Gauges, since a look that its seller wants again is taken back from its count."""
    looks = GaugeMetricFamily("fashion_gen_looks_finished", "Finished looks", labels=["preset", "state"])
    for (preset, state), number in totals.looks.items():
        looks.add_metric([preset, state], number)
    yield looks
    gpu = GaugeMetricFamily("fashion_gen_gpu_seconds", "Seconds that the generator took for them", labels=["preset"])
    for preset, seconds in totals.gpu_s.items():
        gpu.add_metric([preset], seconds)
    yield gpu
    failures = GaugeMetricFamily(
        "fashion_gen_inspection_failures",
        "Looks that the inspection rejected, by its first reason and the tones asked for (Monk scale)",
        labels=["reason", "tones"],
    )
    for (reason, tones), number in totals.rejections.items():
        failures.add_metric([reason, tones], number)
    yield failures
