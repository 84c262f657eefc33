"""Looks: what a worker does with them under a lease, and what a seller says to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fashion_gen.errors import Conflict
from fashion_gen.jobs import destinations, ledger, outbox, settle
from fashion_gen.jobs.leases import Claim, Leases
from fashion_gen.jobs.reads import own
from fashion_gen.jobs.states import (
    OPEN_LOOKS,
    AttemptOutcome,
    GarmentState,
    LookState,
    Review,
    Topic,
    move,
)
from fashion_gen.jobs.tables import Attempt, Garment, Job, Look, Upload
from fashion_gen.jobs.verbs import Verbs


@dataclass(frozen=True, slots=True)
class Work:
    """A claimed look with everything that a worker needs to know about it."""

    claim: Claim
    look: Look
    job: Job
    garment: Garment
    upload: Upload


@dataclass(frozen=True, slots=True)
class Rendered:
    """What came out for one look."""

    passed: bool  #: the inspection's word
    reason: str | None  #: why not
    result: Mapping[str, Any]  #: an entry of result.json's "looks"
    files: Mapping[str, str]  #: storage keys by role
    persona: str
    tone: int  #: Monk 1-10, as asked
    seed: int
    render_ms: int = 0


class LookLeases(Leases[Look]):
    """Leases on looks."""

    _table = Look
    _states = LookState

    def work(self, claims: Sequence[Claim]) -> list[Work]:
        """Everything about these claims, in their order."""
        by_id = {claim.id: claim for claim in claims}
        query = (
            select(Look, Job, Garment, Upload)
            .join(Job, Look.job_id == Job.id)
            .join(Garment, Job.garment_id == Garment.id)
            .join(Upload, Garment.upload_id == Upload.id)
            .where(Look.id.in_(by_id))
        )
        with self._database.reading() as session:
            found = {look.id: (look, job, garment, upload) for look, job, garment, upload in session.execute(query)}
        return [Work(claim, *found[claim.id]) for claim in claims]

    def finish(self, claim: Claim, done: Rendered) -> LookState:
        """Keep the result, bill a passed look and settle its job, all in one transaction; return the look's state.

        A look that was cancelled meanwhile ends as cancelled, unbilled. Raises LeaseLost.
        """
        with self._database.writing() as session:
            look = self._held(session, claim)
            if look.cancel_requested_at is not None:
                self._end(session, look, LookState.CANCELLED, AttemptOutcome.CANCELLED, None)
            else:
                self._keep(session, look, done)
            self._settle(session, [look.id])
            return look.state

    def cancelled(self, claim: Claim) -> None:
        """The worker stopped because the seller no longer wants the look. Raises LeaseLost."""
        with self._database.writing() as session:
            look = self._held(session, claim)
            self._end(session, look, LookState.CANCELLED, AttemptOutcome.CANCELLED, None)
            self._settle(session, [look.id])

    def _keep(self, session: Session, look: Look, done: Rendered) -> None:
        now = self._clock()
        state, outcome = (
            (LookState.PASSED, AttemptOutcome.PASSED) if done.passed else (LookState.REJECTED, AttemptOutcome.REJECTED)
        )
        look.result, look.files = dict(done.result), dict(done.files)
        look.persona, look.tone, look.seed, look.render_ms = done.persona, done.tone, done.seed, done.render_ms
        look.review = Review.PENDING
        self._end(session, look, state, outcome, done.reason)
        if done.passed:
            ledger.bill(session, look, now)
            destinations.owe(session, look, now)
        outbox.put(session, Topic.EVENT, f"look.{state.value}", [look.id], now, seller_id=look.seller_id)

    def _requeue(self, session: Session, row: Look, reason: str, outcome: AttemptOutcome) -> None:
        if row.cancel_requested_at is not None:  # nobody wants it any more: do not start it again
            self._end(session, row, LookState.CANCELLED, outcome, reason)
            return
        super()._requeue(session, row, reason, outcome)

    def _cancelled(self, session: Session, held: Sequence[str]) -> Sequence[str]:
        return session.scalars(select(Look.id).where(Look.id.in_(held), Look.cancel_requested_at.is_not(None))).all()

    def _lock(self, session: Session, ids: Sequence[str]) -> None:
        settle.lock_jobs(session, ids)

    def _settle(self, session: Session, ids: Sequence[str]) -> None:
        settle.settle_looks(session, ids, self._clock())


class Looks(Verbs):
    """A seller's looks."""

    def get(self, seller_id: str, look_id: str) -> Look:
        """One look. Raises NotFound."""
        with self._database.reading() as session:
            return own(session, Look, seller_id, look_id)

    def of_job(self, seller_id: str, job_id: str) -> Sequence[Look]:
        """The looks of a job in the order of its casting. Raises NotFound."""
        with self._database.reading() as session:
            own(session, Job, seller_id, job_id)
            return session.scalars(select(Look).where(Look.job_id == job_id).order_by(Look.number)).all()

    def attempts(self, seller_id: str, look_id: str) -> Sequence[Attempt]:
        """Every attempt at a look, oldest first. Raises NotFound."""
        with self._database.reading() as session:
            own(session, Look, seller_id, look_id)
            return session.scalars(select(Attempt).where(Attempt.subject_id == look_id).order_by(Attempt.number)).all()

    def cancelled(self, look_id: str) -> bool:
        """Whether the seller no longer wants a look: one read by primary key."""
        with self._database.reading() as session:
            return session.scalar(select(Look.cancel_requested_at).where(Look.id == look_id)) is not None

    def cancel(self, seller_id: str, look_id: str) -> Look:
        """Stop one look: at once while it waits, at its worker's next heartbeat while it runs; a finished one stays."""
        with self._database.writing() as session:
            look, job = _with_job(session, seller_id, look_id)
            now = self._clock()
            settle.cancel(look, now)
            settle.settle_job(session, job, now)
            return look

    def approve(self, seller_id: str, look_id: str) -> Look:
        """The seller takes it. Raises NotFound, Conflict."""
        return self._review(seller_id, look_id, Review.APPROVED)

    def reject(self, seller_id: str, look_id: str) -> Look:
        """The seller does not want it; a passed look stays billed. Raises NotFound, Conflict."""
        return self._review(seller_id, look_id, Review.REJECTED)

    def retry(self, seller_id: str, look_id: str) -> Look:
        """Render a finished look again, same person, another seed; never billed twice.

        Raises:
            NotFound: no such look.
            Conflict: it is not finished, was cancelled, or its garment cannot be dressed.
        """
        with self._database.writing() as session:
            look, job = _with_job(session, seller_id, look_id)
            move(look.state, LookState.QUEUED)
            if look.state in OPEN_LOOKS:
                raise Conflict("The look is still being made: wait for it, or cancel it.")
            if own(session, Garment, seller_id, job.garment_id).state is not GarmentState.READY:
                raise Conflict("The garment of this look cannot be dressed: make a new one from a better photo.")
            now = self._clock()
            look.seeds_spent += max(int(job.brief.get("max_attempts", 1)), 1)
            look.state, look.review = LookState.QUEUED, Review.PENDING
            look.failures, look.available_at = 0, now
            look.reason = look.batch_id = look.dispatched_at = look.finished_at = look.cancel_requested_at = None
            settle.settle_job(session, job, now)
            return look

    def _review(self, seller_id: str, look_id: str, review: Review) -> Look:
        with self._database.writing() as session:
            look, _ = _with_job(session, seller_id, look_id)
            if look.state is not LookState.PASSED:
                raise Conflict(f"Only a look that passed can be {review.value}; this one is {look.state.value}.")
            look.review = review
            name = f"look.{review.value}_by_seller"
            outbox.put(session, Topic.EVENT, name, [look.id], self._clock(), seller_id=seller_id)
            return look


def _with_job(session: Session, seller_id: str, look_id: str) -> tuple[Look, Job]:
    """The look under its job's lock."""
    job_id = own(session, Look, seller_id, look_id).job_id
    job = own(session, Job, seller_id, job_id, lock=True)
    return session.scalars(select(Look).where(Look.id == look_id).execution_options(populate_existing=True)).one(), job
