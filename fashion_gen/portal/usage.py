"""Usage: what was billed. A look is billed once, when it passes; failed and rejected ones are free."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from fashion_gen.portal.auth import PartsDep, Reader
from fashion_gen.portal.fields import Cursor, Limit, Listing, Moment, listing

router = APIRouter(prefix="/v1/usage", tags=["usage"])


class PresetUsage(BaseModel):
    """Looks billed on one preset."""

    preset: str
    looks: int


class UsageOut(BaseModel):
    """Looks billed in a span of time."""

    since: datetime
    until: datetime = Field(description="not included")
    looks: int
    by_preset: list[PresetUsage]


class UsageLineOut(BaseModel):
    """One line of the ledger."""

    id: str
    look_id: str
    job_id: str
    preset: str
    looks: int
    created_at: datetime


@router.get("", summary="Sum what was billed")
def total(
    caller: Reader,
    parts: PartsDep,
    since: Annotated[Moment | None, Query(description="else the beginning of this month, UTC")] = None,
    until: Annotated[Moment | None, Query(description="not included; else now")] = None,
) -> UsageOut:
    now = parts.store.clock()
    until = until or now + timedelta(microseconds=1)
    since = since or now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    lines = parts.store.ledger.usage(caller.seller_id, since, until)
    return UsageOut(
        since=since,
        until=until,
        looks=sum(line.units for line in lines),
        by_preset=[PresetUsage(preset=line.preset, looks=line.units) for line in lines],
    )


@router.get("/lines", summary="List what was billed, look by look")
def lines(caller: Reader, parts: PartsDep, cursor: Cursor = None, limit: Limit = 50) -> Listing[UsageLineOut]:
    page = parts.store.ledger.page(caller.seller_id, cursor=cursor, limit=limit)
    return listing(
        page,
        lambda line: UsageLineOut(
            id=line.id,
            look_id=line.look_id,
            job_id=line.job_id,
            preset=line.preset,
            looks=line.units,
            created_at=line.created_at,
        ),
    )
