"""Jobs of a seller: submitted once, in one transaction; read; cancelled at any moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from fashion_gen.errors import InvalidBrief, NotFound
from fashion_gen.jobs import briefs, idempotency, outbox, settle
from fashion_gen.jobs.database import insert_rows
from fashion_gen.jobs.idempotency import IdempotencyKey
from fashion_gen.jobs.ids import new_id
from fashion_gen.jobs.paging import Page, page
from fashion_gen.jobs.reads import matching, own
from fashion_gen.jobs.states import GarmentState, JobState, LookState, Priority, Topic
from fashion_gen.jobs.tables import Garment, Job, Look
from fashion_gen.jobs.verbs import Verbs
from fashion_gen.records import Brief

# Not all of the row: what was found in the photo is long.
_GARMENT = (
    select(Garment.state, Garment.reason)
    .where(Garment.id == bindparam("garment_id"), Garment.seller_id == bindparam("seller_id"))
    .with_for_update()
)


@dataclass(frozen=True, slots=True)
class NewJob:
    """What is asked for: one garment x one brief."""

    garment_id: str
    brief: Brief
    preset: str
    priority: Priority = Priority.INTERACTIVE
    external_id: str | None = None  #: the seller's own name for it


@dataclass(frozen=True, slots=True)
class Added:
    """A job, and whether an earlier request with the same idempotency key had made it."""

    job: Job
    replayed: bool


class Jobs(Verbs):
    """The jobs of sellers."""

    def add(self, seller_id: str, new: NewJob, *, once: IdempotencyKey | None = None) -> Added:
        """Submit a job: its row, its looks, its message and the idempotency key are one transaction.

        The garment may still be in preparation: the looks then wait for it.

        Raises:
            NotFound: there is no such garment.
            InvalidBrief: the garment cannot be dressed, or the number of looks is out of range.
            IdempotencyMismatch: `once` was used with another body.
        """
        briefs.check_size(new.brief)
        now = self._clock()
        mine = {"job_id": new_id("job", now)}
        with self._database.writing() as session:
            if once is not None:
                reply = idempotency.begin(session, seller_id, once, self._policy, now, reply=mine)
                if reply is not None:
                    return Added(own(session, Job, seller_id, reply["job_id"]), replayed=True)
            return Added(_insert(session, seller_id, mine["job_id"], new, now), replayed=False)

    def get(self, seller_id: str, job_id: str) -> Job:
        """One job. Raises NotFound."""
        with self._database.reading() as session:
            return own(session, Job, seller_id, job_id)

    def page(
        self,
        seller_id: str,
        *,
        state: JobState | None = None,
        external_id: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Job]:
        """Jobs, newest first. Raises InputError for a cursor that is not ours."""
        query = select(Job).where(
            Job.seller_id == seller_id, *matching(Job.state, state), *matching(Job.external_id, external_id)
        )
        with self._database.reading() as session:
            return page(session, query, Job, cursor=cursor, limit=limit)

    def cancel(self, seller_id: str, job_id: str) -> Job:
        """Stop a job: waiting looks end at once, running ones at their worker's next heartbeat, finished ones stay.

        Cancelling twice, or a finished job, changes nothing. Raises NotFound.
        """
        now = self._clock()
        with self._database.writing() as session:
            job = own(session, Job, seller_id, job_id, lock=True)
            if job.finished_at is None and job.cancel_requested_at is None:
                job.cancel_requested_at = now
                for look in session.scalars(select(Look).where(Look.job_id == job.id).order_by(Look.number)):
                    settle.cancel(look, now)
                settle.settle_job(session, job, now)
            return job


def _insert(session: Session, seller_id: str, job_id: str, new: NewJob, now: datetime) -> Job:
    # Locked: a garment that becomes ready meanwhile would not see the looks that wait for it.
    garment = session.execute(_GARMENT, {"garment_id": new.garment_id, "seller_id": seller_id}).one_or_none()
    if garment is None:
        raise NotFound("garment", new.garment_id, ())
    if garment.state in (GarmentState.REFUSED, GarmentState.FAILED):
        raise InvalidBrief(f"The garment cannot be dressed: {garment.reason or 'its photo was refused.'}")
    job = _row(seller_id, job_id, new, now)
    insert_rows(session, Job, [job])
    state = LookState.QUEUED if garment.state is GarmentState.READY else LookState.WAITING
    insert_rows(session, Look, _looks(job, state, now))
    outbox.put(session, Topic.EVENT, "job.queued", [job_id], now, seller_id=seller_id)
    return Job(**job)


def _row(seller_id: str, job_id: str, new: NewJob, now: datetime) -> dict[str, Any]:
    return {
        "id": job_id,
        "created_at": now,
        "seller_id": seller_id,
        "garment_id": new.garment_id,
        "state": JobState.QUEUED,
        "priority": new.priority,
        "preset": new.preset,
        "brief": briefs.to_json(new.brief),
        "external_id": new.external_id,
        "looks": new.brief.looks,
        **dict.fromkeys(("passed", "rejected", "failed", "cancelled"), 0),
    }


def _looks(job: dict[str, Any], state: LookState, now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "id": look_id,
            "created_at": now,
            "seller_id": job["seller_id"],
            "job_id": job["id"],
            "number": number,
            "state": state,
            "priority": job["priority"],
            "preset": job["preset"],
            "available_at": now,
            "files": {},
        }
        # Sorted: ids of one millisecond have no order of their own, and the queue goes by them.
        for number, look_id in enumerate(sorted(new_id("look", now) for _ in range(job["looks"])))
    ]
