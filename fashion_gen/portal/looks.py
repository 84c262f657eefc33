"""Looks: the pictures of a job, each with its certificate, and what the seller says to them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from fashion_gen.jobs.states import LookState, Review
from fashion_gen.jobs.tables import Look
from fashion_gen.portal import links
from fashion_gen.portal.auth import Caller, PartsDep, Reader, Writer
from fashion_gen.portal.fields import Link, LookId
from fashion_gen.portal.openapi import problems
from fashion_gen.portal.parts import Parts

router = APIRouter(prefix="/v1/looks", tags=["looks"])


class LookSummary(BaseModel):
    """A look in brief."""

    id: str
    number: int = Field(description="its place in the casting, from 0")
    state: LookState
    review: Review = Field(description="what you said to it")
    persona: str | None = Field(description="who wears it, once it was rendered")
    tone: int | None = Field(description="Monk Skin Tone as asked")
    seed: int | None
    reason: str | None = Field(description="why it was rejected, or failed")
    finished_at: datetime | None


class CopyState(StrEnum):
    """Whether a look is in the seller's own bucket."""

    WAITING = "waiting"
    COPIED = "copied"


class LookOut(LookSummary):
    """A look with its certificate and its files."""

    job_id: str
    preset: str
    attempts: int = Field(description="how often workers began it")
    result: dict[str, Any] | None = Field(
        description="as in result.json: pose, inspection (the certificate), what was invented, label, seconds"
    )
    files: dict[str, Link] = Field(
        description='links by role: "file" (the master), "garment_mask", "reference", "channel:<name>"'
    )
    copy_state: CopyState | None = Field(
        description="whether it is in your own bucket; null where it does not go there (see /v1/destination)"
    )


@router.get("/{look_id}", summary="Get a look with its certificate and links to its files")
def show(look_id: LookId, caller: Reader, parts: PartsDep) -> LookOut:
    return _shown(parts.store.looks.get(caller.seller_id, look_id), parts)


@router.post("/{look_id}:approve", summary="Take a look that passed", responses=problems(409))
def approve(look_id: LookId, caller: Writer, parts: PartsDep) -> LookOut:
    return _reviewed(parts.store.looks.approve(caller.seller_id, look_id), caller, parts)


@router.post("/{look_id}:reject", summary="Do not take a look that passed; it stays billed", responses=problems(409))
def reject(look_id: LookId, caller: Writer, parts: PartsDep) -> LookOut:
    return _reviewed(parts.store.looks.reject(caller.seller_id, look_id), caller, parts)


@router.post(
    "/{look_id}:retry",
    status_code=202,
    summary="Render a finished look again: same person, another seed; it is never billed twice",
    responses=problems(409),
)
def retry(look_id: LookId, caller: Writer, parts: PartsDep, response: Response) -> LookOut:
    look = parts.store.looks.retry(caller.seller_id, look_id)
    parts.store.audit.note(caller.seller_id, caller.key_id, "look.retry", look.id)
    parts.poke()
    response.headers["Location"] = f"/v1/looks/{look.id}"
    return _shown(look, parts)


def summary(look: Look) -> LookSummary:
    """A look as a job and its events show it."""
    return LookSummary(**_fields(look))


def _reviewed(look: Look, caller: Caller, parts: Parts) -> LookOut:
    parts.store.audit.note(caller.seller_id, caller.key_id, f"look.{look.review.value}", look.id)
    return _shown(look, parts)


def _shown(look: Look, parts: Parts) -> LookOut:
    return LookOut(
        **_fields(look),
        job_id=look.job_id,
        preset=look.preset,
        attempts=look.attempt,
        result=look.result,
        files=links.to_files(parts, look.id, look.files),
        copy_state=_copy_state(look, parts),
    )


def _copy_state(look: Look, parts: Parts) -> CopyState | None:
    copy = parts.store.destinations.copy_of(look.id) if look.state is LookState.PASSED else None
    if copy is None:
        return None
    return CopyState.WAITING if copy.copied_at is None else CopyState.COPIED


def _fields(look: Look) -> dict[str, Any]:
    return {
        "id": look.id,
        "number": look.number,
        "state": look.state,
        "review": look.review,
        "persona": look.persona,
        "tone": look.tone,
        "seed": look.seed,
        "reason": look.reason,
        "finished_at": look.finished_at,
    }
