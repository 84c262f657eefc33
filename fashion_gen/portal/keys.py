"""API keys of a seller: two at a time, so that they can be rotated; the token is shown once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from fashion_gen.errors import InputError
from fashion_gen.jobs.tables import ApiKey
from fashion_gen.portal.auth import Admin, PartsDep, Scope
from fashion_gen.portal.fields import Body, KeyId, Listing, Moment, Text, pointer_errors
from fashion_gen.portal.openapi import problems

router = APIRouter(prefix="/v1/keys", tags=["keys"])


class KeyBody(Body):
    """A key to be made."""

    name: Text = Field(max_length=200, examples=["shop server"])
    scopes: list[Scope] = Field(
        min_length=1, max_length=len(Scope), description="what it may do; none contains another"
    )
    expires_at: Moment | None = None


class KeyOut(BaseModel):
    """A key, without its secret."""

    id: str
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class KeyIssued(KeyOut):
    """A new key."""

    token: str = Field(description="what goes into the header Authorization; it is never shown again")


@router.get("", summary="List API keys")
def index(caller: Admin, parts: PartsDep) -> Listing[KeyOut]:
    return Listing(data=[KeyOut(**_fields(key)) for key in parts.store.keys.list(caller.seller_id)])


@router.post("", status_code=201, summary="Make an API key", responses=problems(409))
def create(body: KeyBody, caller: Admin, parts: PartsDep, response: Response) -> KeyIssued:
    if body.expires_at is not None and body.expires_at <= parts.store.clock():
        with pointer_errors("expires_at"):
            raise InputError("A key that has expired already is of no use: give a moment in the future.")
    scopes = sorted(set(body.scopes))
    issued = parts.store.keys.issue(caller.seller_id, body.name, scopes=scopes, expires_at=body.expires_at)
    parts.store.audit.note(caller.seller_id, caller.key_id, "key.issue", issued.key.id, {"scopes": scopes})
    response.headers["Location"] = f"/v1/keys/{issued.key.id}"
    return KeyIssued(**_fields(issued.key), token=issued.token)


@router.delete("/{key_id}", summary="Revoke an API key at once")
def revoke(key_id: KeyId, caller: Admin, parts: PartsDep) -> KeyOut:
    key = parts.store.keys.revoke(caller.seller_id, key_id)
    parts.store.audit.note(caller.seller_id, caller.key_id, "key.revoke", key.id)
    return KeyOut(**_fields(key))


def _fields(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": key.scopes,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
    }
