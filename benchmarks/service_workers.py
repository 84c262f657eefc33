"""What the service adds to a look, how soon an idle one starts, and how several workers share the work.

    python -m benchmarks.service_workers [--json]

Real processes (Redis, dispatcher, workers) on SQLite and a local folder; the generator is a double that paints nothing or sleeps.
Latency is from the commit of the job to the claim of its look, both by the same clock. The overhead is everything but the
generator: dispatch, message, claim, reading the photo and the garment, casting, encoding and writing three small files, finishing.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from fashion_gen.jobs.states import Topic
from fashion_gen.jobs.tables import Garment
from fashion_gen.testing import QuickStudio
from tests.servers.backstage import Backstage, running

SLEEP_S = 0.5  #: a batch of the sleeping generator


class SleepingStudio(QuickStudio):
    """Takes `SLEEP_S` a batch, asleep: as a GPU at work looks to the processor."""

    def __init__(self, preset: str = "mini") -> None:
        super().__init__(preset, step_s=SLEEP_S / self.STEPS)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=50, help="single jobs on the idle system")
    parser.add_argument("--looks", type=int, default=200, help="looks of the throughput runs")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = {
        "start_after_ms": idle_latency(given.jobs),
        "overhead_per_look_ms": overhead(given.looks),
        "speed_up_of_4_workers": speed_up(4, batches=max(given.looks // 5, 24)),
    }
    if given.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:<24} {value}")
    return 0


def idle_latency(jobs: int) -> dict[str, float]:
    """Milliseconds from a job's commit to its worker's claim, one job at a time."""
    waits = []
    with service(workers=1) as (stage, garment):
        for _ in range(jobs):
            job = stage.job(garment)
            stage.poke()
            stage.until(lambda job=job: stage.finished(job), "the job is done")
            [look] = stage.store.looks.of_job(job.seller_id, job.id)
            [attempt] = stage.store.looks.attempts(look.seller_id, look.id)
            waits.append(1000 * (attempt.created_at - job.created_at).total_seconds())
            time.sleep(0.1)
    waits.sort()
    return {"median": round(statistics.median(waits), 1), "p95": round(waits[int(0.95 * len(waits))], 1)}


def overhead(looks: int) -> dict[str, float]:
    """Milliseconds for each look when the generator takes none: one worker, batches of four, back to back.

    "cpu" is processor time of worker, dispatcher and Redis: what a busy machine does not change.
    """
    with service(workers=1) as (stage, garment):
        before = _cpu_seconds(stage)
        seconds = _seconds(stage, garment, looks=looks, per_job=20)
        spent = _cpu_seconds(stage) - before
    return {"wall": round(1000 * seconds / looks, 1), "cpu": round(1000 * spent / looks, 1)}


def speed_up(workers: int, *, batches: int) -> float:
    """How many times faster several workers are than one, with a generator that sleeps."""
    spent = {}
    for number in (1, workers):
        with service(workers=number, studio="benchmarks.service_workers:SleepingStudio", jobs__batch_size=1) as (
            stage,
            garment,
        ):
            spent[number] = _seconds(stage, garment, looks=batches, per_job=4)
    return round(spent[1] / spent[workers], 2)


def _seconds(stage: Backstage, garment: Garment, *, looks: int, per_job: int) -> float:
    """From the first job's commit to the last one's end, as the database has it."""
    jobs = [stage.job(garment, looks=per_job) for _ in range(looks // per_job)]
    stage.poke()
    stage.until(
        lambda: stage.finished(jobs[-1]) and all(map(stage.finished, jobs)), "the jobs are done", patience_s=600
    )
    rows = stage.jobs_of(garment.seller_id)[: len(jobs)]
    return (
        max(row.finished_at for row in rows if row.finished_at) - min(row.created_at for row in rows)
    ).total_seconds()


def _cpu_seconds(stage: Backstage) -> float:
    processes = [psutil.Process(pid) for pid in stage.supervisor.pids.values()]
    processes += [below for process in processes for below in process.children(recursive=True)]
    return sum(process.cpu_times().user + process.cpu_times().system for process in processes)


@contextmanager
def service(*, workers: int, **settings: object) -> Iterator[tuple[Backstage, Garment]]:
    """Some render workers, warm, and a garment that is ready."""
    names = {f"render {number}": ["render"] for number in range(workers)} | {"prepare": ["prepare"]}
    with (
        tempfile.TemporaryDirectory(prefix="fg-bench-") as folder,
        running(Path(folder) / "data", workers=names, **settings) as stage,
    ):
        seller = stage.store.sellers.add("Ada's shirts", max_in_flight=1000)
        garment = stage.garment(seller.id)
        stage.until(lambda: stage.store.garments.get(seller.id, garment.id).files, "the garment is prepared")
        stage.until(lambda: len(stage.store.workers.alive(Topic.RENDER)) == workers, "every worker is there")
        warm = [stage.job(garment, looks=4) for _ in range(2 * workers)]
        stage.until(lambda: all(map(stage.finished, warm)), "every worker has opened its studio")
        yield stage, garment


if __name__ == "__main__":
    sys.exit(main())
