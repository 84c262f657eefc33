"""The OpenAPI document: what FastAPI derives, with problems as they really are. `make openapi` writes it."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from fashion_gen.portal.problems import MEDIA_TYPE, Problem

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
    413: "The body is too large.",
    415: "The body is of a type that is not taken here.",
    422: "The request asks for what is impossible; `errors` says which field.",
    429: "Too many requests: see Retry-After.",
    503: "The database or the storage does not answer: try again.",
}

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": words} for status, words in _WORDS.items()
}


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
    """Give problems their media type, and drop the validation errors that FastAPI would have sent."""
    for path in document["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                content = response.get("content", {})
                if status[0] in "45" and "Problem" in json.dumps(content):
                    response["content"] = {MEDIA_TYPE: next(iter(content.values()))}
    for unused in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(unused, None)
    return document
