"""What follows from looks that moved: their jobs' counts and states, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fashion_gen.jobs import outbox
from fashion_gen.jobs.states import FINISHED_JOBS, OPEN_LOOKS, JobState, LookState, Topic, derive, move
from fashion_gen.jobs.tables import Job, Look


def lock_jobs(session: Session, look_ids: Sequence[str]) -> Sequence[Job]:
    """Lock the jobs of these looks, in the order of their ids.

    Every move of a look happens under its job's lock: two looks that finish at once would else each see the other
    as running, and the job would never end.
    """
    jobs = select(Look.job_id).where(Look.id.in_(look_ids)).distinct()
    return session.scalars(select(Job).where(Job.id.in_(jobs)).order_by(Job.id).with_for_update()).all()


def settle_looks(session: Session, look_ids: Iterable[str], now: datetime) -> None:
    """Derive the jobs of these looks, which are locked."""
    session.flush()
    jobs = select(Look.job_id).where(Look.id.in_(list(look_ids))).distinct()
    for job in session.scalars(select(Job).where(Job.id.in_(jobs)).order_by(Job.id)).all():
        settle_job(session, job, now)


def cancel(look: Look, now: datetime) -> None:
    """Stop a look whose job is locked. A running one keeps its owner, who hears of it at the next heartbeat."""
    if look.state is LookState.RUNNING:
        look.cancel_requested_at = look.cancel_requested_at or now
    elif look.state in OPEN_LOOKS:
        look.state = move(look.state, LookState.CANCELLED)
        look.cancel_requested_at = look.finished_at = now


def settle_job(session: Session, job: Job, now: datetime) -> None:
    """Derive a job from its looks; tell the outbox where its state changed."""
    session.flush()
    rows = session.execute(select(Look.state, func.count()).where(Look.job_id == job.id).group_by(Look.state)).all()
    counts: dict[LookState, int] = {row[0]: row[1] for row in rows}
    job.passed = counts.get(LookState.PASSED, 0)
    job.rejected = counts.get(LookState.REJECTED, 0)
    job.failed = counts.get(LookState.FAILED, 0)
    job.cancelled = counts.get(LookState.CANCELLED, 0)
    state = derive(counts, cancel_requested=job.cancel_requested_at is not None)
    if state is JobState.RUNNING and job.started_at is None:
        job.started_at = now
    if state is not job.state:
        job.state = state
        job.finished_at = now if state in FINISHED_JOBS else None
        outbox.put(session, Topic.EVENT, f"job.{state.value}", [job.id], now, seller_id=job.seller_id)
