"""Files of a local storage by signed links: what S3 does by itself where the files lie there.

The token in the path is the whole right: no API key is asked for, and nothing else is served.
"""

from __future__ import annotations

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Response
from starlette.requests import Request
from starlette.responses import FileResponse

from fashion_gen.errors import LinkRefused, NotFound
from fashion_gen.portal.auth import PartsDep
from fashion_gen.portal.openapi import problems
from fashion_gen.portal.parts import Parts
from fashion_gen.portal.problems import LengthRequired
from fashion_gen.storage import Grant, LocalStorage, TokenPresigner

router = APIRouter(prefix="/v1/files", tags=["files"])

Token = Annotated[str, Path(max_length=4000, pattern=r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$")]
_RAW = {"required": True, "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}}


@router.put(
    "/{token}",
    status_code=204,
    summary="Send a file to the target of an upload (local storage only)",
    description="Exactly the bytes and the type that were announced, with a Content-Length.",
    openapi_extra={"requestBody": _RAW},
    responses=problems(403, 411),
)
async def put(token: Token, request: Request, parts: PartsDep) -> Response:
    storage, grant = _redeem(parts, token, request, "PUT")
    # Chunk by chunk to the disk: a slow sender holds a file open, not a picture in memory.
    incoming = await run_sync(storage.receive, grant.key)
    try:
        received = 0
        async for chunk in request.stream():
            received += len(chunk)
            await run_sync(incoming.write, chunk)
        if received != grant.size:
            raise LinkRefused(f"{received} bytes came instead of {grant.size}: send the whole file again.")
        await run_sync(incoming.commit)
    finally:
        await run_sync(incoming.discard)
    return Response(status_code=204)


@router.get(
    "/{token}",
    summary="Fetch a file by its link (local storage only)",
    response_class=FileResponse,
    responses={
        200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
        **problems(403),
    },
)
def get(token: Token, request: Request, parts: PartsDep) -> Response:
    storage, grant = _redeem(parts, token, request, "GET")
    if not storage.exists(grant.key):
        raise LinkRefused("The file of this link was deleted: ask for a new one.")
    headers = {"Cache-Control": "private, max-age=60"}
    if grant.disposition:
        headers["Content-Disposition"] = grant.disposition
    return FileResponse(storage.path(grant.key), headers=headers)


def _redeem(parts: Parts, token: str, request: Request, method: str) -> tuple[LocalStorage, Grant]:
    if not isinstance(parts.storage, LocalStorage) or not isinstance(parts.presigner, TokenPresigner):
        raise NotFound("file", "here: this service keeps its files in a bucket", ())
    if method == "GET":
        return parts.storage, parts.presigner.redeem(token, "GET")
    length = request.headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        raise LengthRequired("Say the length of the file: send a Content-Length.")
    kind = request.headers.get("content-type")
    return parts.storage, parts.presigner.redeem(token, method, content_type=kind, size=int(length))
