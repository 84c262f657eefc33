"""Jobs: one garment x one brief. Accepted with 202, done by the workers, followed by GET or by events."""

from __future__ import annotations

from datetime import datetime
from itertools import chain
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from fashion_gen.errors import InvalidBrief, NotFound
from fashion_gen.jobs import NewJob
from fashion_gen.jobs.states import JobState, Priority
from fashion_gen.jobs.tables import Job
from fashion_gen.portal.auth import PartsDep, Reader, Writer
from fashion_gen.portal.briefs import BriefBody, refuse, unknown
from fashion_gen.portal.fields import (
    Body,
    Cursor,
    IdempotencyHeader,
    JobId,
    Limit,
    Listing,
    Name,
    Text,
    listing,
    pointer_errors,
)
from fashion_gen.portal.looks import LookSummary, summary
from fashion_gen.portal.once import REPLAYED, once
from fashion_gen.portal.openapi import problems

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])


class JobBody(Body):
    """One garment x one brief."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "garment_id": "gar_0199f3c2a1b07d0c5e1f2a3b4c5d6e7f",
                    "brief": {"looks": 4, "scene": "studio-grey", "channels": ["shopify"]},
                    "external_id": "SKU 1234",
                }
            ]
        }
    )

    garment_id: Text = Field(examples=["gar_0199f3c2a1b07d0c5e1f2a3b4c5d6e7f"])
    brief: BriefBody = BriefBody()
    preset: Name | None = Field(default=None, description="one of /v1/presets; else the operator's own choice")
    priority: Priority = Field(
        default=Priority.INTERACTIVE, description='"catalog" waits behind the interactive jobs of everybody'
    )
    external_id: Text | None = Field(default=None, description="your own name for it, such as a SKU")


class JobOut(BaseModel):
    """A job."""

    id: str
    state: JobState
    garment_id: str
    preset: str
    priority: Priority
    external_id: str | None
    brief: dict[str, Any]
    counts: dict[str, int] = Field(description="looks: all, and how many passed, were rejected, failed, were cancelled")
    cancel_requested_at: datetime | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class JobDetail(JobOut):
    """A job with its looks, in the order of its casting."""

    looks: list[LookSummary]


@router.post("", status_code=202, summary="Submit a job", responses=problems(409))
def create(
    body: JobBody, caller: Writer, parts: PartsDep, response: Response, idempotency_key: IdempotencyHeader = None
) -> JobOut:
    preset = body.preset or parts.default_preset
    known = [row.name for row in parts.presets()]
    refuse(chain(body.brief.faults(), unknown(preset, known, "preset")))
    new = NewJob(body.garment_id, body.brief.brief(), preset, body.priority, body.external_id)
    try:
        added = parts.store.jobs.add(caller.seller_id, new, once=once(idempotency_key, "POST /v1/jobs", body))
    except (NotFound, InvalidBrief) as exc:
        with pointer_errors("garment_id"):
            raise exc
    if added.replayed:
        response.headers[REPLAYED] = "true"
    else:
        parts.poke()
    response.headers["Location"] = f"/v1/jobs/{added.job.id}"
    return JobOut(**fields_of(added.job))


@router.get("", summary="List jobs")
def index(
    caller: Reader,
    parts: PartsDep,
    state: Annotated[JobState | None, Query(description="only those in this state")] = None,
    external_id: Annotated[Text | None, Query(description="only those of this name")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listing[JobOut]:
    page = parts.store.jobs.page(caller.seller_id, state=state, external_id=external_id, cursor=cursor, limit=limit)
    return listing(page, lambda job: JobOut(**fields_of(job)))


@router.get("/{job_id}", summary="Get a job with its looks")
def show(job_id: JobId, caller: Reader, parts: PartsDep) -> JobDetail:
    looks = parts.store.looks.of_job(caller.seller_id, job_id)
    job = parts.store.jobs.get(caller.seller_id, job_id)
    return JobDetail(**fields_of(job), looks=[summary(look) for look in looks])


@router.post(
    "/{job_id}:cancel", summary="Cancel a job: waiting looks end at once, running ones soon, finished ones stay"
)
def cancel(job_id: JobId, caller: Writer, parts: PartsDep) -> JobOut:
    job = parts.store.jobs.cancel(caller.seller_id, job_id)
    parts.store.audit.note(caller.seller_id, caller.key_id, "job.cancel", job.id)
    return JobOut(**fields_of(job))


def fields_of(job: Job) -> dict[str, Any]:
    """A job as callers see it."""
    return {
        "id": job.id,
        "state": job.state,
        "garment_id": job.garment_id,
        "preset": job.preset,
        "priority": job.priority,
        "external_id": job.external_id,
        "brief": job.brief,
        "counts": {
            "looks": job.looks,
            "passed": job.passed,
            "rejected": job.rejected,
            "failed": job.failed,
            "cancelled": job.cancelled,
        },
        "cancel_requested_at": job.cancel_requested_at,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
    }
