"""Uploads: announce a photo, send it to the target, complete it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, StringConstraints

from fashion_gen import images
from fashion_gen.errors import Conflict, InputError, InvalidMove, NotFound
from fashion_gen.jobs import NewUpload
from fashion_gen.jobs.states import UploadState
from fashion_gen.jobs.tables import Upload
from fashion_gen.portal.auth import PartsDep, Reader, Writer
from fashion_gen.portal.fields import (
    Body,
    Cursor,
    Limit,
    Listing,
    Moment,
    Sha256,
    Text,
    UploadId,
    listing,
    pointer_errors,
)
from fashion_gen.portal.openapi import problems
from fashion_gen.portal.parts import Parts
from fashion_gen.storage import Announced, Uploads

router = APIRouter(prefix="/v1/uploads", tags=["uploads"])


class Consent(Body):
    """The consent of a person who is to be seen in the photo."""

    reference: Text = Field(description="where you keep it, such as the number of the model release")
    given_at: Moment


class UploadBody(Body):
    """A photo that is going to be sent."""

    name: Text = Field(description="the file's name at yours", examples=["hoodie.jpg"])
    size: int = Field(ge=1, le=images.MAX_BYTES, description="bytes", examples=[482113])
    content_type: Annotated[str, StringConstraints(max_length=100)] = Field(
        description="one of " + ", ".join(sorted(images.MEDIA_TYPES)), examples=["image/jpeg"]
    )
    depicts_person: bool = Field(description="whether a real person can be seen in the photo; then `consent` is needed")
    consent: Consent | None = None
    sha256: Sha256 | None = Field(default=None, description="digest of the bytes, if you want it to be checked")


class Target(BaseModel):
    """Where the bytes go: one request with this method, this URL and exactly these headers."""

    method: str
    url: str
    headers: dict[str, str]
    expires_at: datetime


class UploadOut(BaseModel):
    """An upload."""

    id: str
    state: UploadState
    name: str
    size: int
    content_type: str
    sha256: str | None
    depicts_person: bool
    consent: Consent | None
    reason: str | None = Field(description="why it was refused")
    created_at: datetime
    expires_at: datetime = Field(description="when the photo is deleted")
    target: Target | None = Field(description="where to send the bytes, while they are awaited")


@router.post("", status_code=201, summary="Announce a photo and get the target for its bytes")
def create(body: UploadBody, caller: Writer, parts: PartsDep, response: Response) -> UploadOut:
    with pointer_errors("content_type"):
        announced = Announced(body.size, body.content_type, body.sha256, body.name)
    if body.depicts_person and body.consent is None:
        with pointer_errors("consent"):
            raise InputError("A photo that shows a real person needs that person's consent: say where you keep it.")
    consent = body.consent
    upload = parts.store.uploads.add(
        caller.seller_id,
        NewUpload(
            name=body.name,
            size=body.size,
            content_type=announced.content_type,
            depicts_person=body.depicts_person,
            consent_reference=consent.reference if consent else None,
            consent_given_at=consent.given_at if consent else None,
            sha256=body.sha256,
        ),
    )
    response.headers["Location"] = f"/v1/uploads/{upload.id}"
    return _shown(upload, parts)


@router.get("", summary="List uploads")
def index(caller: Reader, parts: PartsDep, cursor: Cursor = None, limit: Limit = 50) -> Listing[UploadOut]:
    page = parts.store.uploads.page(caller.seller_id, cursor=cursor, limit=limit)
    return listing(page, lambda upload: _shown(upload, parts))


@router.get("/{upload_id}", summary="Get an upload; while its bytes are awaited, with a fresh target")
def show(upload_id: UploadId, caller: Reader, parts: PartsDep) -> UploadOut:
    return _shown(parts.store.uploads.get(caller.seller_id, upload_id), parts)


@router.post(
    "/{upload_id}:complete",
    summary="Say that the bytes were sent: they are looked at and let in, or refused",
    responses=problems(409, 422),
)
def complete(upload_id: UploadId, caller: Writer, parts: PartsDep) -> UploadOut:
    upload = parts.store.uploads.get(caller.seller_id, upload_id)
    if upload.state is UploadState.RECEIVED:  # a repeat, whose first answer may have been lost
        return _shown(upload, parts)
    if upload.state is not UploadState.AWAITING:
        raise InvalidMove("upload", upload.state.value, UploadState.RECEIVED.value)
    announced = _announced(upload)
    try:
        original = Uploads(parts.storage, parts.presigner).accept(caller.seller_id, upload.id, announced)
    except NotFound as exc:
        raise Conflict("The bytes have not come: send them to the target first.") from exc
    except InputError as exc:
        parts.store.uploads.refuse(caller.seller_id, upload.id, str(exc)[:1000])
        raise
    received = parts.store.uploads.received(
        caller.seller_id, upload.id, sha256=original.sha256, size=original.size, storage_key=original.key
    )
    return _shown(received, parts)


def _shown(upload: Upload, parts: Parts) -> UploadOut:
    consented = upload.consent_reference is not None and upload.consent_given_at is not None
    return UploadOut(
        id=upload.id,
        state=upload.state,
        name=upload.name,
        size=upload.size,
        content_type=upload.content_type,
        sha256=upload.sha256,
        depicts_person=upload.depicts_person,
        consent=Consent.model_construct(reference=upload.consent_reference, given_at=upload.consent_given_at)
        if consented
        else None,
        reason=upload.reason,
        created_at=upload.created_at,
        expires_at=upload.expires_at,
        target=_target(upload, parts) if upload.state is UploadState.AWAITING else None,
    )


def _target(upload: Upload, parts: Parts) -> Target:
    link = Uploads(parts.storage, parts.presigner).open(upload.seller_id, upload.id, _announced(upload))
    return Target(method=link.method, url=link.url, headers=dict(link.headers), expires_at=link.expires)


def _announced(upload: Upload) -> Announced:
    return Announced(upload.size, upload.content_type, upload.sha256, upload.name)
