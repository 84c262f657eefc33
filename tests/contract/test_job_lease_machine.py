"""Every order of claims, deaths, sweeps, cancels and late finishes that hypothesis can think of.

Whatever happens: a look never has two owners, is never billed twice, never billed unless it passed, and ends some day.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from fashion_gen.errors import Conflict, LeaseLost
from fashion_gen.jobs import Claim, Policy, Store
from fashion_gen.jobs.states import FINISHED_JOBS, OPEN_LOOKS, LookState, Topic
from fashion_gen.jobs.tables import Look, Usage
from fashion_gen.jobs.testing import StandingClock
from tests.contract.job_store import add_job, looks_of, open_store, rendered

LOOKS = 3


class Leases(RuleBasedStateMachine):
    claims = Bundle("claims")

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.clock = StandingClock()
        self.store: Store = open_store(Path(self.folder.name), self.clock, Policy())
        self.seller = self.store.sellers.add("Ada").id
        self.job = add_job(self.store, self.seller, looks=LOOKS)
        self.ids = [look.id for look in looks_of(self.store, self.job)]
        self.passed: set[str] = set()  # looks that passed at least once
        self.holders: dict[str, Claim] = {}  # by look, who got it last

    def teardown(self) -> None:
        if not hasattr(self, "store"):
            return
        self.drain()
        self.store.close()
        self.folder.cleanup()

    @rule(target=claims, worker=st.sampled_from(["w1", "w2"]), which=st.sets(st.integers(0, LOOKS - 1), min_size=1))
    def claim(self, worker: str, which: set[int]):  # type: ignore[no-untyped-def]
        before = self.states()
        got = self.store.look_leases.claim([self.ids[n] for n in sorted(which)], worker)
        for claim in got:
            assert before[claim.id] in (LookState.QUEUED, LookState.DISPATCHED), "a look got a second owner"
            earlier = self.holders.get(claim.id)
            assert earlier is None or claim.attempt > earlier.attempt
            self.holders[claim.id] = claim
        return multiple(*got)

    @rule(claim=consumes(claims), passed=st.booleans())
    def finish(self, claim: Claim, passed: bool) -> None:
        try:
            state = self.store.look_leases.finish(claim, rendered(passed=passed))
        except LeaseLost:
            self.expect_lost(claim)
            return
        self.expect_held(claim)
        if state is LookState.PASSED:
            self.passed.add(claim.id)

    @rule(claim=consumes(claims), kind=st.sampled_from(["fail", "final", "give_back", "cancelled"]))
    def end_otherwise(self, claim: Claim, kind: str) -> None:
        leases = self.store.look_leases
        try:
            if kind == "give_back":
                leases.give_back(claim, "storage unavailable")
            elif kind == "cancelled":
                leases.cancelled(claim)
            else:
                leases.fail(claim, "ValueError", final=kind == "final")
        except LeaseLost:
            self.expect_lost(claim)
            return
        self.expect_held(claim)

    @rule(claim=claims)
    def heartbeat(self, claim: Claim) -> None:
        pulse = self.store.look_leases.heartbeat([claim])
        if claim.id in pulse.lost:
            self.expect_lost(claim)

    @rule(seconds=st.sampled_from([1, 15, 40, 130]))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds=seconds)

    @rule()
    def sweep(self) -> None:
        self.store.look_leases.sweep()

    @rule()
    def dispatch(self) -> None:
        self.store.workers.beat("w1", Topic.RENDER)
        self.store.dispatcher.render()

    @rule(which=st.integers(0, LOOKS - 1), verb=st.sampled_from(["cancel", "retry", "approve"]))
    def seller_says(self, which: int, verb: str) -> None:
        try:
            getattr(self.store.looks, verb)(self.seller, self.ids[which])
        except Conflict:
            assert verb != "cancel"

    @invariant()
    def books_balance(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.database.reading() as session:
            billed = Counter(row.look_id for row in session.query(Usage))
            looks = {row.id: row for row in session.query(Look)}
        assert set(billed) == self.passed
        assert all(times == 1 for times in billed.values())
        assert len(looks) == LOOKS
        for look in looks.values():
            assert (look.state is LookState.RUNNING) == (look.owner is not None) == (look.lease_expires_at is not None)
            assert (look.finished_at is None) == (look.state in OPEN_LOOKS)
        job = self.store.jobs.get(self.seller, self.job.id)
        counts = Counter(look.state for look in looks.values())
        assert (job.passed, job.rejected) == (counts[LookState.PASSED], counts[LookState.REJECTED])
        assert (job.state in FINISHED_JOBS) == (not any(counts[state] for state in OPEN_LOOKS))

    def drain(self) -> None:
        """Nothing is lost: after every worker died, a good one brings each look to an end."""
        for _ in range(20):
            self.clock.advance(minutes=5)
            self.store.look_leases.sweep()
            for claim in self.store.look_leases.claim(self.ids, "good"):
                self.store.look_leases.finish(claim, rendered())
        assert not set(self.states().values()) & set(OPEN_LOOKS)

    def states(self) -> dict[str, LookState]:
        return {look.id: look.state for look in looks_of(self.store, self.job)}

    def expect_held(self, claim: Claim) -> None:
        assert self.holders.get(claim.id) == claim, "a claim that was overtaken could still end its look"

    def expect_lost(self, claim: Claim) -> None:
        look = self.store.looks.get(self.seller, claim.id)
        assert look.state is not LookState.RUNNING or look.attempt != claim.attempt


TestLeases = pytest.mark.slow(Leases.TestCase)
# Each step commits to a file, so the number of examples is small; the wall clock judges nothing.
TestLeases.settings = settings(
    max_examples=10,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
