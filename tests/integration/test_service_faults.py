"""The whole service, as real processes on a real S3 server, while what it stands on fails: nothing is lost or billed twice."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from fashion_gen.cli.operate import open_account
from fashion_gen.jobs.database import PATIENCE_S
from fashion_gen.jobs.states import AttemptOutcome, JobState, LookState, Topic
from fashion_gen.jobs.tables import Garment, Job, Look
from fashion_gen.storage.s3 import S3Location, S3Storage
from servers import s3
from servers.faulty_proxy import FaultyProxy, faulty
from tests.servers import studios
from tests.servers.backstage import Backstage, running

pytestmark = pytest.mark.slow

LEASE_S = 4
OUTAGE_S = 2 * LEASE_S + 1  # longer than the lease, than lost messages wait, and than a connection may be silent
SETTINGS = {
    "studio": "tests.servers.studios:Actor",
    "jobs__lease_seconds": LEASE_S,
    "jobs__redispatch_seconds": 5,
    "queue__timeout_seconds": 2,
    "queue__sweep_seconds": 0.5,
    "storage__backend": "s3",
    "storage__timeout_seconds": 2,
}


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("script") / "act"


@pytest.fixture(scope="module")
def proxy(swift: S3Location) -> Iterator[FaultyProxy]:
    port = urlsplit(swift.endpoint or "").port
    assert port
    with faulty(port) as opened:
        yield opened


@pytest.fixture(scope="module")
def stage(
    script: Path, proxy: FaultyProxy, swift: S3Location, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Backstage]:
    """A service with a portal whose bucket is reached through a network that fails on demand."""
    os.environ[studios.SCRIPT] = str(script)
    root = tmp_path_factory.mktemp("service")
    bucket = {
        "storage__bucket": swift.bucket,
        "storage__prefix": root.name,
        "storage__endpoint": f"http://127.0.0.1:{proxy.port}",
        "storage__access_key": s3.ACCESS_KEY,
        "storage__secret_key": s3.SECRET,
    }
    directly = S3Storage(replace(swift, prefix=root.name))
    with running(root / "data", portal=True, storage=directly, **SETTINGS, **bucket) as stage:
        stage.until(lambda: stage.store.workers.alive(Topic.RENDER), "a render worker is there")
        yield stage
    del os.environ[studios.SCRIPT]


@dataclass(frozen=True)
class Shop:
    """A seller with a garment that is ready, over HTTP."""

    stage: Backstage
    garment: Garment
    token: str

    def ask(self, key: str, *, looks: int = 2) -> httpx.Response:
        """Submit a job once, as a client does."""
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key}
        body = {"garment_id": self.garment.id, "brief": {"looks": looks}}
        return httpx.post(f"{self.stage.url}/v1/jobs", json=body, headers=headers, timeout=60, trust_env=False)

    def submit(self, key: str, *, looks: int = 2) -> Job:
        """Submit a job that is taken."""
        answer = self.ask(key, looks=looks)
        assert answer.status_code == 202, answer.text
        return self.stage.store.jobs.get(self.garment.seller_id, answer.json()["id"])

    def looks(self) -> list[Look]:
        seller_id = self.garment.seller_id
        return [
            look for job in self.stage.jobs_of(seller_id) for look in self.stage.store.looks.of_job(seller_id, job.id)
        ]

    def outcomes(self, look: Look) -> list[AttemptOutcome | None]:
        return [attempt.outcome for attempt in self.stage.store.looks.attempts(look.seller_id, look.id)]

    def check_books(self, *, jobs: int, looks: int) -> None:
        """Every look passed, was finished and billed once, and its files are there."""
        found, seller_id = self.looks(), self.garment.seller_id
        assert [job.state for job in self.stage.jobs_of(seller_id)] == [JobState.SUCCEEDED] * jobs
        assert [look.state for look in found] == [LookState.PASSED] * looks
        assert sorted(line.look_id for line in self.stage.ledger_of(seller_id)) == sorted(look.id for look in found)
        assert {self.outcomes(look).count(AttemptOutcome.PASSED) for look in found} == {1}
        assert all(self.stage.storage.exists(key) for look in found for key in look.files.values())


@pytest.fixture
def shop(stage: Backstage, script: Path) -> Iterator[Shop]:
    seller_id, token = open_account(stage.store, "Ada's shirts")
    garment = stage.garment(seller_id)
    stage.until(lambda: stage.store.garments.get(seller_id, garment.id).files, "the garment is prepared")
    yield Shop(stage, garment, token)
    script.unlink(missing_ok=True)


@pytest.fixture(params=["down", "silent"])
def fault(request: pytest.FixtureRequest, proxy: FaultyProxy) -> Iterator[str]:
    """A way in which the S3 server is away; mended in any case."""
    yield request.param
    setattr(proxy, request.param, False)


def test_looks_wait_for_an_s3_server_that_is_away_and_are_kept_when_it_is_back(
    shop: Shop, stage: Backstage, proxy: FaultyProxy, script: Path, fault: str
) -> None:
    script.write_text("sleep 1")
    job = shop.submit("one")
    stage.until(lambda: any(look.state is LookState.RUNNING for look in shop.looks()), "a look is being made")
    setattr(proxy, fault, True)
    stage.until(lambda: any(AttemptOutcome.RETURNED in shop.outcomes(look) for look in shop.looks()), "one came back")

    assert not stage.finished(job)
    [returned, *_] = [look for look in shop.looks() if AttemptOutcome.RETURNED in shop.outcomes(look)]
    assert returned.state in (LookState.QUEUED, LookState.DISPATCHED, LookState.RUNNING)  # it is on its way again
    assert returned.failures == 0  # which is nobody's fault
    told = stage.store.looks.attempts(returned.seller_id, returned.id)[0].reason or ""
    assert "check that the server runs" in told
    assert s3.SECRET not in told
    assert stage.ledger_of(returned.seller_id) == []

    setattr(proxy, fault, False)
    stage.until(lambda: stage.finished(job), "the job is done")
    shop.check_books(jobs=1, looks=2)


def test_garment_waits_for_an_s3_server_that_is_away(stage: Backstage, shop: Shop, proxy: FaultyProxy) -> None:
    proxy.down = True
    try:
        garment = stage.garment(shop.garment.seller_id)
        stage.until(lambda: stage.store.garments.get(garment.seller_id, garment.id).attempt, "it was tried")
        stage.until(
            lambda: stage.store.garments.get(garment.seller_id, garment.id).state in ("queued", "dispatched"),
            "it was put back",
        )
    finally:
        proxy.down = False
    stage.until(lambda: stage.store.garments.get(garment.seller_id, garment.id).state == "ready", "it is prepared")
    assert stage.store.garments.get(garment.seller_id, garment.id).failures == 0


def test_s3_server_slower_than_a_lease_loses_no_lease(shop: Shop, stage: Backstage, proxy: FaultyProxy) -> None:
    proxy.delay_s = 1.0  # a look has several files, so that all of them take longer than the lease
    try:
        job = shop.submit("one")
        stage.until(lambda: stage.finished(job), "the job is done")
    finally:
        proxy.delay_s = 0.0

    shop.check_books(jobs=1, looks=2)
    assert {tuple(shop.outcomes(look)) for look in shop.looks()} == {(AttemptOutcome.PASSED,)}


def test_jobs_are_taken_and_finished_around_a_redis_that_hangs(shop: Shop, stage: Backstage, script: Path) -> None:
    script.write_text("sleep 1")
    shop.submit("before")
    stage.until(lambda: any(look.state is LookState.RUNNING for look in shop.looks()), "a look is being made")
    script.unlink()
    with suspended(stage.supervisor.pids["queue (Redis)"]):
        until = time.monotonic() + OUTAGE_S
        for number in range(3):
            shop.submit(f"during-{number}")
        time.sleep(max(0.0, until - time.monotonic()))
    shop.submit("after")
    stage.until(lambda: all(stage.finished(job) for job in stage.jobs_of(shop.garment.seller_id)), "all are done")

    shop.check_books(jobs=5, looks=10)


def test_database_locked_for_longer_than_anybody_waits_takes_jobs_later_and_loses_none(
    shop: Shop, stage: Backstage, script: Path
) -> None:
    script.write_text("sleep 1")
    shop.submit("before")
    stage.until(lambda: any(look.state is LookState.RUNNING for look in shop.looks()), "a look is being made")
    with locked(stage.folder.root / "fashion-gen.db"):
        until = time.monotonic() + PATIENCE_S + 2
        refused = shop.ask("during")
        time.sleep(max(0.0, until - time.monotonic()))
    assert refused.status_code == 503
    assert refused.json()["retryable"]
    assert int(refused.headers["Retry-After"]) > 0
    shop.submit("during")  # as the answer says
    shop.submit("during")  # and once more, which changes nothing
    stage.until(lambda: all(stage.finished(job) for job in stage.jobs_of(shop.garment.seller_id)), "all are done")

    shop.check_books(jobs=2, looks=4)


@contextmanager
def suspended(pid: int) -> Iterator[None]:
    """A process that neither answers nor dies."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Somebody else writes into the SQLite file."""
    with closing(sqlite3.connect(database, isolation_level=None, timeout=60)) as intruder:
        intruder.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            intruder.execute("ROLLBACK")
