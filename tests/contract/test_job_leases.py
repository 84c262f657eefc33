"""Leases: one owner at a time, nothing lost, nothing billed twice, whatever dies."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from fashion_gen.errors import LeaseLost
from fashion_gen.jobs import Store
from fashion_gen.jobs.states import AttemptOutcome, JobState, LookState
from fashion_gen.jobs.testing import StandingClock
from tests.contract.job_store import add_job, claim_one, looks_of, rendered

ALWAYS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


def billed(store: Store, seller: str) -> int:
    return sum(line.units for line in store.ledger.usage(seller, *ALWAYS))


def test_a_finished_look_ends_its_job_and_is_billed(store: Store, seller: str) -> None:
    job = add_job(store, seller)
    [look] = looks_of(store, job)
    claim = claim_one(store, look)
    assert store.jobs.get(seller, job.id).state is JobState.RUNNING
    assert store.look_leases.finish(claim, rendered()) is LookState.PASSED
    done = store.jobs.get(seller, job.id)
    assert (done.state, done.passed) == (JobState.SUCCEEDED, 1)
    assert done.finished_at is not None
    assert billed(store, seller) == 1
    assert store.looks.get(seller, look.id).seed == 4_000_000_000


def test_what_the_inspection_rejects_is_free(store: Store, seller: str) -> None:
    job = add_job(store, seller)
    [look] = looks_of(store, job)
    assert store.look_leases.finish(claim_one(store, look), rendered(passed=False)) is LookState.REJECTED
    assert billed(store, seller) == 0
    assert store.jobs.get(seller, job.id).state is JobState.FAILED
    assert store.looks.get(seller, look.id).reason == "tone: asked 7, measured 3"


def test_a_repeated_message_claims_nothing(store: Store, seller: str) -> None:
    [look] = looks_of(store, add_job(store, seller))
    claim = claim_one(store, look)
    assert store.look_leases.claim([look.id], "render-2") == []
    store.look_leases.finish(claim, rendered())
    assert store.look_leases.claim([look.id], "render-2") == []


def test_of_many_claimers_at_once_one_wins(store: Store, seller: str) -> None:
    ids = [look.id for look in looks_of(store, add_job(store, seller, looks=6))]
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda n: store.look_leases.claim(ids, f"render-{n}"), range(8)))
    assert sorted(claim.id for claims in won for claim in claims) == sorted(ids)


def test_two_looks_that_finish_at_once_end_their_job(store: Store, seller: str) -> None:
    job = add_job(store, seller, looks=8)
    claims = store.look_leases.claim([look.id for look in looks_of(store, job)], "render-1")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda claim: store.look_leases.finish(claim, rendered()), claims))
    done = store.jobs.get(seller, job.id)
    assert (done.state, done.passed) == (JobState.SUCCEEDED, 8)
    assert billed(store, seller) == 8


def test_the_look_of_a_dead_worker_is_done_by_another(store: Store, seller: str, clock: StandingClock) -> None:
    [look] = looks_of(store, add_job(store, seller))
    first = claim_one(store, look)
    clock.advance(seconds=29)
    assert store.look_leases.sweep().returned == ()
    clock.advance(seconds=2)
    assert store.look_leases.sweep().returned == (look.id,)
    clock.advance(seconds=10)
    second = claim_one(store, look, "render-2")
    with pytest.raises(LeaseLost):
        store.look_leases.finish(first, rendered())
    store.look_leases.finish(second, rendered())
    assert billed(store, seller) == 1
    outcomes = [attempt.outcome for attempt in store.looks.attempts(seller, look.id)]
    assert outcomes == [AttemptOutcome.ABANDONED, AttemptOutcome.PASSED]


def test_a_heartbeat_keeps_the_lease(store: Store, seller: str, clock: StandingClock) -> None:
    [look] = looks_of(store, add_job(store, seller))
    claim = claim_one(store, look)
    for _ in range(5):
        clock.advance(seconds=20)
        assert store.look_leases.heartbeat([claim]).lost == frozenset()
        assert store.look_leases.sweep().returned == ()


def test_a_heartbeat_learns_that_the_lease_was_lost(store: Store, seller: str, clock: StandingClock) -> None:
    mine, swept = looks_of(store, add_job(store, seller, looks=2))
    claims = [claim_one(store, mine), claim_one(store, swept)]
    clock.advance(seconds=20)
    store.look_leases.heartbeat(claims[:1])
    clock.advance(seconds=20)
    store.look_leases.sweep()
    assert store.look_leases.heartbeat(claims).lost == {swept.id}


def test_a_poison_look_fails_with_its_reason_after_three(store: Store, seller: str, clock: StandingClock) -> None:
    job = add_job(store, seller)
    [look] = looks_of(store, job)
    for again in (True, True, False):
        clock.advance(minutes=2)
        assert store.look_leases.fail(claim_one(store, look), "ValueError in generate") is again
    assert store.looks.get(seller, look.id).state is LookState.FAILED
    assert store.looks.get(seller, look.id).reason == "ValueError in generate"
    assert store.jobs.get(seller, job.id).state is JobState.FAILED


def test_a_look_that_kills_its_worker_fails_after_three(store: Store, seller: str, clock: StandingClock) -> None:
    [look] = looks_of(store, add_job(store, seller))
    for _ in range(3):
        clock.advance(minutes=2)
        claim_one(store, look)
        clock.advance(minutes=2)
        swept = store.look_leases.sweep()
    assert swept.failed == (look.id,)
    assert "render-1 died" in str(store.looks.get(seller, look.id).reason)


def test_the_infrastructures_faults_do_not_count(store: Store, seller: str, clock: StandingClock) -> None:
    [look] = looks_of(store, add_job(store, seller))
    for _ in range(10):
        clock.advance(minutes=2)
        store.look_leases.give_back(claim_one(store, look), "storage unavailable")
    assert store.looks.get(seller, look.id).state is LookState.QUEUED
    assert store.looks.get(seller, look.id).failures == 0


def test_what_was_put_back_waits_a_little(store: Store, seller: str, clock: StandingClock) -> None:
    [look] = looks_of(store, add_job(store, seller))
    store.look_leases.give_back(claim_one(store, look), "storage unavailable")
    assert store.look_leases.claim([look.id], "render-2") == []
    clock.advance(seconds=3)
    assert len(store.look_leases.claim([look.id], "render-2")) == 1
