"""The census of the jobs, on both databases."""

from __future__ import annotations

from datetime import timedelta

from fashion_gen.jobs import Store
from fashion_gen.jobs.census import Census
from fashion_gen.jobs.states import Priority
from fashion_gen.jobs.testing import StandingClock
from tests.contract.job_store import add_job, claim_one, looks_of, rendered


def test_what_waits_and_what_became_of_the_rest_is_counted(
    store: Store, clock: StandingClock, seller: str, other: str
) -> None:
    passing, failing, waiting = looks_of(store, add_job(store, seller, looks=3))
    store.look_leases.finish(claim_one(store, passing), rendered())
    store.look_leases.finish(claim_one(store, failing), rendered(passed=False))
    add_job(store, other, priority=Priority.CATALOG)
    clock.advance(seconds=40)
    counts = store.census.take()
    assert (counts.jobs["running"], counts.jobs["queued"], counts.jobs["succeeded"]) == (1, 1, 0)
    assert counts.open_looks["queued", "interactive"] == counts.open_looks["queued", "catalog"] == 1
    assert counts.open_looks["running", "interactive"] == 0
    assert counts.queue_age_s == {"interactive": 40.0, "catalog": 40.0}
    assert counts.totals.looks == {("mini", "passed"): 1, ("mini", "rejected"): 1}
    assert counts.totals.gpu_s == {"mini": 0.024}
    assert counts.totals.rejections == {("tone", "7-10"): 1}
    assert waiting.id not in repr(counts)


def test_an_empty_database_counts_zeros(store: Store) -> None:
    counts = store.census.take()
    assert not any(counts.jobs.values())
    assert counts.queue_age_s == {"interactive": 0.0, "catalog": 0.0}
    assert counts.totals.looks == {}


def test_scrapers_that_come_often_are_told_the_last_census(store: Store, clock: StandingClock, seller: str) -> None:
    census = Census(store.database, every=timedelta(hours=1), clock=clock)
    before = census.take()
    add_job(store, seller)
    assert census.take() is before
    clock.advance(hours=1)
    assert census.take().jobs["queued"] == 1
