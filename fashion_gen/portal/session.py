"""Signing in and out of the pages: an API key is exchanged for a cookie that scripts cannot read."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, SecretStr

from fashion_gen.portal.auth import PartsDep, Reader
from fashion_gen.portal.fields import Body
from fashion_gen.portal.openapi import problems

router = APIRouter(prefix="/v1/session", tags=["session"])


class SessionBody(Body):
    """Who signs in."""

    key: SecretStr = Field(max_length=200, description="an API key", examples=["fg_live_..."])


class SessionOut(BaseModel):
    """Who is signed in."""

    seller_id: str
    key_id: str
    scopes: list[str]


@router.post("", status_code=201, summary="Sign in: the answer sets a cookie", responses=problems(401))
def sign_in(body: SessionBody, parts: PartsDep, response: Response) -> SessionOut:
    key = parts.store.keys.authenticate(body.key.get_secret_value())
    parts.sessions.open(response, key.id)
    return SessionOut(seller_id=key.seller_id, key_id=key.id, scopes=key.scopes)


@router.get("", summary="Who am I")
def who(caller: Reader) -> SessionOut:
    return SessionOut(seller_id=caller.seller_id, key_id=caller.key_id, scopes=sorted(caller.scopes))


@router.delete("", status_code=204, summary="Sign out: the answer removes the cookie")
def sign_out(parts: PartsDep) -> Response:
    response = Response(status_code=204)
    parts.sessions.close(response)
    return response
