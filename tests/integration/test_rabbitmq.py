"""RabbitMQ instead of Redis, by settings alone."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from fashion_gen.jobs.states import AttemptOutcome, JobState, LookState
from tests.servers import rabbitmq, studios
from tests.servers.backstage import Backstage, running

pytestmark = pytest.mark.slow


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Backstage]:
    monkeypatch.setenv(studios.SCRIPT, str(tmp_path / "act"))
    try:
        with (
            rabbitmq.running() as broker,
            running(
                tmp_path / "data",
                queue__broker=broker,
                queue__poll_seconds=0.2,  # nobody can call without Redis
                queue__sweep_seconds=0.5,
                jobs__lease_seconds=6,
                jobs__redispatch_seconds=6,
                studio="tests.servers.studios:Actor",
            ) as stage,
        ):
            yield stage
    except rabbitmq.CannotStart as exc:
        pytest.skip(f"no RabbitMQ here: {exc}")


def test_jobs_are_done_and_a_killed_worker_costs_none(stage: Backstage, tmp_path: Path):
    garment = stage.garment(stage.store.sellers.add("Ada's shirts").id)
    first = stage.job(garment, looks=6)
    stage.until(lambda: stage.finished(first), "the first job is done")
    assert stage.store.jobs.get(first.seller_id, first.id).state is JobState.SUCCEEDED

    (tmp_path / "act").write_text("sleep 600")
    second = stage.job(garment)
    [look] = stage.store.looks.of_job(second.seller_id, second.id)
    stage.until(
        lambda: stage.store.looks.get(look.seller_id, look.id).state is LookState.RUNNING, "the look is being made"
    )
    os.killpg(stage.supervisor.pids["render"], signal.SIGKILL)
    (tmp_path / "act").unlink()
    stage.until(lambda: stage.finished(second), "the second job is done")

    outcomes = [attempt.outcome for attempt in stage.store.looks.attempts(look.seller_id, look.id)]
    assert outcomes == [AttemptOutcome.ABANDONED, AttemptOutcome.PASSED]
