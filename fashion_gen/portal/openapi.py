"""The OpenAPI document: what FastAPI derives, with problems as they really are. `make openapi` writes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from fashion_gen.portal.problems import MEDIA_TYPE, FieldError, Problem

DESCRIPTION = """Photos of garments in, photos of people wearing them out; the garment's pixels stay the seller's own.

**Order of things**: `POST /v1/uploads`, send the bytes to its target, `POST /v1/uploads/{id}:complete`,
`POST /v1/garments` (free preflight), `POST /v1/jobs`, follow it by `GET /v1/jobs/{id}` or `/events`, fetch
`GET /v1/looks/{id}`.

**Errors** are problems (RFC 9457) with a stable `code`, `retryable`, and for bad input `errors` that point to the field.
**Idempotency**: send `Idempotency-Key` with `POST /v1/jobs` and `POST /v1/garments`; for 24 hours repeats have no second
effect. **Lists** are pages, newest first: pass `next_cursor` as `cursor`. **Limits**: after too many requests comes 429 with
`Retry-After`; the headers `RateLimit-Policy` and `RateLimit` tell where you stand. Another seller's ids are 404."""

TAGS = [
    {"name": "uploads", "description": "Photos on their way in."},
    {"name": "garments", "description": "What is seen in a photo, before anything is billed."},
    {"name": "jobs", "description": "One garment x one brief."},
    {"name": "looks", "description": "Pictures with their certificates."},
    {"name": "catalogue", "description": "What there is to choose from."},
    {"name": "destination", "description": "Your own bucket for results; changing it needs the scope `admin`."},
    {"name": "usage", "description": "What was billed."},
    {"name": "verify", "description": "Labels of pictures."},
    {"name": "keys", "description": "API keys; they need the scope `admin`."},
    {"name": "session", "description": "Signing in to the pages."},
    {"name": "files", "description": "Signed links, where the service keeps its files in a folder."},
    {"name": "operators", "description": "Health and metrics."},
]

_WORDS = {
    400: "The body is not JSON.",
    401: "No valid API key.",
    403: "The key lacks the scope, or the link does not allow this.",
    404: "There is no such thing, or it is another seller's.",
    409: "The thing is not in a state that allows this, or the first request with this key is still at work.",
    411: "The length of the body is not said.",
    413: "The body is too large.",
    415: "The body is of a type that is not taken here.",
    422: "The request asks for what is impossible; `errors` says which field.",
    429: "Too many requests: see Retry-After.",
    503: "The database or the storage does not answer: try again.",
}

_LOCATION = {"Location": {"description": "where to look at it", "schema": {"type": "string"}}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Responses of an operation that its parameters do not tell of by themselves, such as 409."""
    return {status: {"model": Problem, "description": _WORDS[status]} for status in statuses}


def operation_id(route: APIRoute) -> str:
    """What generated clients call it, such as jobs_create."""
    return f"{route.tags[0]}_{route.name}"


def install(app: FastAPI) -> None:
    """Make the app serve this document."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _mended(
                get_openapi(
                    title=app.title,
                    version=app.version,
                    summary=app.summary,
                    description=app.description,
                    routes=app.routes,
                    tags=app.openapi_tags,
                )
            )
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way


def _mended(document: dict[str, Any]) -> dict[str, Any]:
    """Add the problems that each operation can have, give all of them their media type, and drop FastAPI's own errors."""
    for path, item in document["paths"].items():
        for operation in item.values():
            operation["responses"] = _responses(path, operation)
    schemas = document["components"]["schemas"]
    schemas["FieldError"] = FieldError.model_json_schema()
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas["Problem"].pop("$defs")
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return document


def _responses(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    said = {
        status: response
        for status, response in operation["responses"].items()
        if "ValidationError" not in str(response)
    }
    responses = {str(status): {"description": _WORDS[status]} for status in _derived(path, operation)} | said
    for status, response in responses.items():
        if int(status) in _WORDS and path.startswith("/v1"):
            response["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        if status in ("201", "202") and "/session" not in path:
            response["headers"] = _LOCATION
    return dict(sorted(responses.items()))


def _derived(path: str, operation: dict[str, Any]) -> Iterator[int]:
    """The problems that follow from what an operation takes."""
    if not path.startswith("/v1"):
        return
    places = [parameter["in"] for parameter in operation.get("parameters", ())]
    yield 503
    if operation.get("security"):
        yield from (401, 403, 429)
    if "path" in places:
        yield 404
    if "requestBody" in operation:
        yield from (400, 413, 415, 422)
    if "query" in places or "header" in places:
        yield 422
