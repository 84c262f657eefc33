"""Workers and dispatcher as real processes: what they do when things go well, and when they do not."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from pydantic import SecretStr

from fashion_gen import settings
from fashion_gen.jobs.states import AttemptOutcome, JobState, LookState, Topic
from fashion_gen.jobs.tables import Garment, Job, Look
from tests.servers import studios
from tests.servers.backstage import Backstage, running
from workers import app

pytestmark = pytest.mark.slow

QUICKLY = {"jobs__lease_seconds": 6, "jobs__redispatch_seconds": 6, "queue__sweep_seconds": 0.5}
GRACE_S = 12
LONG = "sleep 600"


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("script") / "act"


@pytest.fixture(scope="module")
def stage(script: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backstage]:
    """A service whose studio plays what the script says."""
    os.environ[studios.SCRIPT] = str(script)
    settings = {**QUICKLY, "workers__grace_seconds": GRACE_S, "studio": "tests.servers.studios:Actor"}
    with running(tmp_path_factory.mktemp("service"), **settings) as stage:
        stage.until(lambda: stage.store.workers.alive(Topic.RENDER), "a render worker is there")
        yield stage
    del os.environ[studios.SCRIPT]


@pytest.fixture
def garment(stage: Backstage, script: Path) -> Iterator[Garment]:
    """A garment of a new seller, ready to be dressed."""
    garment = stage.garment(stage.store.sellers.add("Ada's shirts").id)
    stage.until(lambda: stage.store.garments.get(garment.seller_id, garment.id).files, "the garment is prepared")
    yield garment
    script.unlink(missing_ok=True)


def looks_of(stage: Backstage, job: Job) -> list[Look]:
    return list(stage.store.looks.of_job(job.seller_id, job.id))


def outcomes_of(stage: Backstage, look: Look) -> list[AttemptOutcome | None]:
    return [attempt.outcome for attempt in stage.store.looks.attempts(look.seller_id, look.id)]


def state_of(stage: Backstage, job: Job) -> JobState:
    return stage.store.jobs.get(job.seller_id, job.id).state


def billed(stage: Backstage, job: Job) -> list[str]:
    return [line.look_id for line in stage.store.ledger.page(job.seller_id, limit=200).rows]


def until_running(stage: Backstage, job: Job) -> None:
    stage.until(lambda: any(look.state is LookState.RUNNING for look in looks_of(stage, job)), "a look is being made")


def test_job_is_prepared_rendered_billed_and_its_files_are_there(stage: Backstage):
    garment = stage.garment(stage.store.sellers.add("Ada's shirts").id)
    job = stage.job(garment, looks=6)  # the garment is not prepared yet: the looks wait for it
    stage.until(lambda: stage.finished(job), "the job is done")

    looks = looks_of(stage, job)
    assert [look.state for look in looks] == [LookState.PASSED] * 6
    assert all(stage.storage.exists(key) for look in looks for key in look.files.values())
    assert sorted(billed(stage, job)) == sorted(look.id for look in looks)


def test_message_that_comes_twice_changes_nothing(stage: Backstage, garment: Garment):
    job = stage.job(garment, looks=2)
    stage.until(lambda: stage.finished(job), "the job is done")
    before = [(look.id, look.attempt, look.files) for look in looks_of(stage, job)]
    queue = settings.QueueSettings(broker=SecretStr(stage.environ["FASHION_GEN_QUEUE__BROKER"]))
    with app.build(settings.load({}).model_copy(update={"queue": queue})) as celery:
        for _ in range(3):
            celery.send_task(app.TASKS["render"], args=[[id_ for id_, *_ in before]], queue="render.bulk")
    after = stage.job(garment)  # the same worker takes messages one after the other
    stage.until(lambda: stage.finished(after), "the next job is done")

    assert [(look.id, look.attempt, look.files) for look in looks_of(stage, job)] == before


def test_look_of_a_killed_worker_is_made_by_the_next_one_and_billed_once(
    stage: Backstage, garment: Garment, script: Path
):
    script.write_text(LONG)
    job = stage.job(garment)
    until_running(stage, job)
    stage.kill("render")
    script.unlink()
    stage.until(lambda: stage.finished(job), "the job is done")

    [look] = looks_of(stage, job)
    assert outcomes_of(stage, look) == [AttemptOutcome.ABANDONED, AttemptOutcome.PASSED]
    assert billed(stage, job) == [look.id]


def test_look_that_kills_its_workers_is_given_up_and_the_next_one_is_made(
    stage: Backstage, garment: Garment, script: Path
):
    script.write_text("die")
    job = stage.job(garment)
    stage.until(lambda: stage.finished(job), "the job is given up")
    script.unlink()
    after = stage.job(garment)
    stage.until(lambda: stage.finished(after), "the next job is done")

    [look] = looks_of(stage, job)
    assert look.state is LookState.FAILED
    assert "died" in (look.reason or "")
    assert outcomes_of(stage, look) == [AttemptOutcome.ABANDONED] * 3
    assert state_of(stage, after) is JobState.SUCCEEDED


def test_cancelled_job_stops_inside_the_denoising_loop(stage: Backstage, garment: Garment, script: Path):
    script.write_text(LONG)
    job = stage.job(garment, looks=2)
    until_running(stage, job)
    stage.store.jobs.cancel(job.seller_id, job.id)
    stage.until(lambda: stage.finished(job), "the job has stopped")  # by itself it would take ten minutes

    assert state_of(stage, job) is JobState.CANCELLED
    assert {look.state for look in looks_of(stage, job)} == {LookState.CANCELLED}
    assert billed(stage, job) == []


def test_worker_that_is_asked_to_stop_finishes_its_batch(stage: Backstage, garment: Garment, script: Path):
    script.write_text("sleep 2")
    job = stage.job(garment, looks=2)
    until_running(stage, job)
    stage.kill("render", signal.SIGTERM)
    stage.until(lambda: stage.finished(job), "the job is done")

    assert [outcomes_of(stage, look) for look in looks_of(stage, job)] == [[AttemptOutcome.PASSED]] * 2


def test_worker_whose_grace_is_over_puts_its_batch_back_uncounted(stage: Backstage, garment: Garment, script: Path):
    script.write_text(LONG)
    job = stage.job(garment)
    until_running(stage, job)
    stage.kill("render", signal.SIGTERM)
    [look] = looks_of(stage, job)
    stage.until(lambda: AttemptOutcome.RETURNED in outcomes_of(stage, look), "it is put back")
    script.unlink()
    stage.until(lambda: stage.finished(job), "the next worker has done it")

    [look] = looks_of(stage, job)
    assert outcomes_of(stage, look) == [AttemptOutcome.RETURNED, AttemptOutcome.PASSED]
    assert look.failures == 0


def test_redis_that_hangs_and_dies_costs_no_job(stage: Backstage, garment: Garment):
    pid = stage.supervisor.pids["queue (Redis)"]
    os.kill(pid, signal.SIGSTOP)
    jobs = [stage.job(garment, looks=2) for _ in range(3)]
    time.sleep(2)
    os.kill(pid, signal.SIGKILL)
    stage.until(lambda: all(stage.finished(job) for job in jobs), "the jobs are done")

    assert {state_of(stage, job) for job in jobs} == {JobState.SUCCEEDED}
    assert len(billed(stage, jobs[0])) == 6


def test_worker_stops_also_when_its_broker_is_gone_for_good(stage: Backstage):
    worker = psutil.Process(stage.supervisor.pids["render"])
    stage.kill("queue (Redis)")
    time.sleep(3)  # it has noticed and tries to connect again
    worker.terminate()
    deadline = time.monotonic() + 90
    while worker.status() != psutil.STATUS_ZOMBIE:  # ended, and not yet looked after by the supervisor
        assert time.monotonic() < deadline, stage.last_words()
        time.sleep(0.1)
    stage.until(lambda: stage.supervisor.pids["render"] != worker.pid, "another one is started")


def test_full_disk_puts_looks_back_until_there_is_room(stage: Backstage, garment: Garment, script: Path):
    script.write_text("fill the disk")
    job = stage.job(garment, looks=2)
    stage.until(lambda: all(look.attempt >= 2 for look in looks_of(stage, job)), "it was tried twice")
    assert not stage.finished(job)
    script.unlink()
    stage.until(lambda: stage.finished(job), "the job is done")

    assert state_of(stage, job) is JobState.SUCCEEDED
    for look in looks_of(stage, job):
        *tried, last = outcomes_of(stage, look)
        assert set(tried) == {AttemptOutcome.RETURNED}  # a full disk is not the look's fault
        assert last is AttemptOutcome.PASSED
    kept = {key for look in looks_of(stage, job) for key in look.files.values()}
    assert set(stage.storage.keys(f"results/{job.seller_id}/{job.id}/")) == kept


def test_locked_database_delays_and_loses_nothing(stage: Backstage, garment: Garment, script: Path):
    script.write_text("sleep 2")
    job = stage.job(garment, looks=2)
    until_running(stage, job)
    with closing(sqlite3.connect(stage.folder.root / "fashion-gen.db", isolation_level=None)) as intruder:
        intruder.execute("BEGIN IMMEDIATE")
        time.sleep(12)  # longer than a writer waits for its turn
        intruder.execute("ROLLBACK")
    stage.until(lambda: stage.finished(job), "the job is done")

    assert state_of(stage, job) is JobState.SUCCEEDED
    assert len(billed(stage, job)) == 2


def test_second_dispatcher_does_no_harm(stage: Backstage, garment: Garment):
    with stage.another("dispatcher", ["dispatcher"]):
        jobs = [stage.job(garment, looks=5) for _ in range(6)]
        stage.until(lambda: all(stage.finished(job) for job in jobs), "the jobs are done")

    attempts = [outcomes_of(stage, look) for job in jobs for look in looks_of(stage, job)]
    assert attempts == [[AttemptOutcome.PASSED]] * 30
    assert len(billed(stage, jobs[0])) == 30
