"""A seller's own bucket: looks that pass are copied there too. Tried before it is taken; its keys are never shown again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field, SecretStr, StringConstraints

from fashion_gen.jobs.destinations import Place, Standing
from fashion_gen.portal.auth import Admin, PartsDep, Reader
from fashion_gen.portal.fields import Body, Text, pointer_errors
from fashion_gen.portal.openapi import problems

router = APIRouter(prefix="/v1/destination", tags=["destination"])

Secret = Annotated[SecretStr, Field(min_length=1, max_length=255)]
Prefix = Annotated[str, StringConstraints(max_length=500, pattern=r"^[A-Za-z0-9!_.*'()/-]*$")]


class DestinationBody(Body):
    """A bucket and the keys of a user who may list it, and read, write and delete in it."""

    bucket: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{3,63}$")] = Field(examples=["shop-looks"])
    endpoint: Annotated[Text, StringConstraints(pattern=r"^https?://[!-~]+$")] | None = Field(
        default=None, examples=["https://s3.example.com"], description="address of the S3 server; null is Amazon's"
    )
    region: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")] = "us-east-1"
    prefix: Prefix = Field(default="", description="what every key begins with", examples=["fashion-gen"])
    path_style: bool = Field(default=True, description="address the bucket as host/bucket, not as bucket.host")
    checksums: Literal["when_supported", "when_required"] = Field(
        default="when_supported", description='"when_required" for servers that refuse CRC32 checksums'
    )
    access_key: Secret
    secret_key: Secret


class DestinationOut(BaseModel):
    """A bucket, without its keys."""

    bucket: str
    endpoint: str | None
    region: str
    prefix: str
    path_style: bool
    checksums: str
    waiting: int = Field(description="looks that it is still to get")
    copied_at: datetime | None = Field(description="when a look last arrived")
    failures: int = Field(description="attempts in a row that failed; 0: all is well")
    reason: str | None = Field(description="why the last attempt failed, and what would mend it")
    next_attempt_at: datetime | None = Field(description="when it is tried again, if it failed")


@router.get("", summary="Get your own bucket and how far it has come", responses=problems(404))
def show(caller: Reader, parts: PartsDep) -> DestinationOut:
    return _shown(parts.store.destinations.get(caller.seller_id))


@router.put(
    "", summary="Have looks that pass copied to your own bucket; a small file is written, read and deleted first"
)
def replace(body: DestinationBody, caller: Admin, parts: PartsDep) -> DestinationOut:
    place = Place(**{name: getattr(body, name) for name in Place.__slots__})
    with pointer_errors():
        sealed_keys = parts.buckets.admit(place, body.access_key, body.secret_key)
    standing = parts.store.destinations.set(caller.seller_id, place, sealed_keys)
    parts.store.audit.note(caller.seller_id, caller.key_id, "destination.set", standing.destination.id)
    parts.poke()  # it may be owed looks that the one before did not take
    return _shown(standing)


@router.delete(
    "",
    status_code=204,
    summary="Copy nothing more, and forget the keys; what was copied stays in the bucket",
    responses=problems(404),
)
def remove(caller: Admin, parts: PartsDep) -> None:
    parts.store.destinations.remove(caller.seller_id)
    parts.store.audit.note(caller.seller_id, caller.key_id, "destination.remove", caller.seller_id)


def _shown(standing: Standing) -> DestinationOut:
    row = standing.destination
    return DestinationOut(
        **{name: getattr(row, name) for name in Place.__slots__},
        waiting=standing.waiting,
        copied_at=row.copied_at,
        failures=row.failures,
        reason=row.reason,
        next_attempt_at=row.available_at if row.failures else None,
    )
