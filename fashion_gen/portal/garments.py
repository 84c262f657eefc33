"""Garments: what is seen in an upload, before anything is rendered or billed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from fashion_gen.errors import NotFound
from fashion_gen.jobs import NewGarment
from fashion_gen.jobs.states import GarmentState, Priority
from fashion_gen.jobs.tables import Garment
from fashion_gen.portal import links
from fashion_gen.portal.auth import PartsDep, Reader, Writer
from fashion_gen.portal.fields import (
    Body,
    Cursor,
    GarmentId,
    IdempotencyHeader,
    Limit,
    Link,
    Listing,
    Text,
    listing,
    pointer_errors,
)
from fashion_gen.portal.once import once
from fashion_gen.portal.openapi import problems
from fashion_gen.portal.parts import Parts
from fashion_gen.records import WIDEST_STROKE, Category, Kind, Stroke

router = APIRouter(prefix="/v1/garments", tags=["garments"])

#: What a seller may fetch; the other files are notes of the workers to themselves.
_SHOWN_FILES = ("cutout",)


Share = Annotated[float, Field(ge=0, le=1)]


class StrokeBody(Body):
    """A point, or a line through points, drawn on the photo to mend the cut-out."""

    points: list[tuple[Share, Share]] = Field(
        min_length=1,
        max_length=1000,
        description="x and y as parts of the photo's width and height, from its top left",
        examples=[[(0.31, 0.42), (0.35, 0.60)]],
    )
    include: bool = Field(description="true: this is garment; false: this is not")
    width: float = Field(default=0.01, gt=0, le=WIDEST_STROKE, description="in long sides of the photo")

    def stroke(self) -> Stroke:
        """The stroke of the library."""
        return Stroke(tuple(self.points), self.include, self.width)


class GarmentBody(Body):
    """An upload that shows a garment. What is stated wins over what is seen."""

    upload_id: Text = Field(examples=["upl_0199f3c2a1b07d0c5e1f2a3b4c5d6e7f"])
    kind: Kind | None = Field(default=None, description="how it was photographed")
    category: Category | None = Field(default=None, description="what it is")
    strokes: list[StrokeBody] = Field(
        default_factory=list,
        max_length=100,
        description="mend the cut-out around them; to try others, ask for another garment of the same upload",
    )
    priority: Priority = Priority.INTERACTIVE


class GarmentOut(BaseModel):
    """A garment and its preflight."""

    id: str
    state: GarmentState
    upload_id: str
    kind: str | None = Field(description="how it was photographed, as seen or as stated")
    category: str | None
    strokes: list[StrokeBody] = Field(description="as they were asked for")
    preflight: dict[str, Any] | None = Field(
        description="what was found: `usable`, and `problems` with their cures; null until it was looked at"
    )
    reason: str | None = Field(description="why it was refused, or failed")
    files: dict[str, Link] = Field(description='links by role; "cutout" is an RGBA PNG')
    created_at: datetime
    finished_at: datetime | None


@router.post(
    "", status_code=202, summary="Ask for the garment of an upload to be cut out and looked at", responses=problems(409)
)
def create(
    body: GarmentBody,
    caller: Writer,
    parts: PartsDep,
    response: Response,
    idempotency_key: IdempotencyHeader = None,
) -> GarmentOut:
    strokes = tuple(stroke.stroke() for stroke in body.strokes)
    new = NewGarment(body.upload_id, body.kind, body.category, body.priority, strokes)
    name = once(idempotency_key, "POST /v1/garments", body)
    try:
        garment = parts.store.garments.add(caller.seller_id, new, once=name)
    except NotFound as exc:
        with pointer_errors("upload_id"):
            raise exc
    parts.poke()
    response.headers["Location"] = f"/v1/garments/{garment.id}"
    return _shown(garment, parts)


@router.get("", summary="List garments")
def index(
    caller: Reader,
    parts: PartsDep,
    state: Annotated[GarmentState | None, Query(description="only those in this state")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listing[GarmentOut]:
    page = parts.store.garments.page(caller.seller_id, state=state, cursor=cursor, limit=limit)
    return listing(page, lambda garment: _shown(garment, parts))


@router.get("/{garment_id}", summary="Get a garment with its preflight")
def show(garment_id: GarmentId, caller: Reader, parts: PartsDep) -> GarmentOut:
    return _shown(parts.store.garments.get(caller.seller_id, garment_id), parts)


def _shown(garment: Garment, parts: Parts) -> GarmentOut:
    files = {role: key for role, key in garment.files.items() if role in _SHOWN_FILES}
    return GarmentOut(
        id=garment.id,
        state=garment.state,
        upload_id=garment.upload_id,
        kind=garment.kind or garment.kind_asked,
        category=garment.category or garment.category_asked,
        strokes=[StrokeBody(**stroke) for stroke in (garment.strokes_asked or {}).get("strokes", [])],
        preflight=garment.preflight,
        reason=garment.reason,
        files=links.to_files(parts, garment.id, files),
        created_at=garment.created_at,
        finished_at=garment.finished_at,
    )
