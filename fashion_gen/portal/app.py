"""Puts the portal together: routes, errors, limits. Everything it works with is handed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from fashion_gen import images
from fashion_gen.portal import (
    catalogue,
    destination,
    events,
    files,
    garments,
    health,
    jobs,
    keys,
    looks,
    openapi,
    problems,
    session,
    uploads,
    usage,
    verify,
)
from fashion_gen.portal.auth import Quotas
from fashion_gen.portal.events import Streams
from fashion_gen.portal.metrics import Durations
from fashion_gen.portal.middleware import BodyLimit, Requests
from fashion_gen.portal.parts import Parts

MAX_BODY = 256 * 1024  #: bytes of JSON: a brief that names every persona has a hundredth of it
_FILES = {"/v1/verify": verify.MAX_BYTES, "/v1/files/": images.MAX_BYTES}

_NOUNS = (uploads, garments, jobs, events, looks, catalogue, destination, usage, verify, keys, session, files)


def create_app(parts: Parts) -> FastAPI:
    """Return the app. It opens nothing and closes nothing."""
    app = routed(lifespan=parts.lifespan)
    app.state.parts = parts
    app.state.quotas = Quotas(parts.store)
    app.state.streams = Streams()
    app.state.durations = Durations()
    app.state.readings = health.Readings(parts)
    problems.install(app)
    # The last one added is the outermost: also what the limit refuses has an id and is logged.
    app.add_middleware(BodyLimit, limit=MAX_BODY, larger=_FILES)
    app.add_middleware(Requests, durations=app.state.durations)
    return app


def routed(*, lifespan: Callable[[Any], Any] | None = None) -> FastAPI:
    """The routes and their description, with nothing behind them yet."""
    app = FastAPI(
        title="fashion-gen",
        version="1",
        summary="A garment photo goes in, photos of diverse virtual models wearing that garment come out.",
        description=openapi.DESCRIPTION,
        openapi_url="/v1/openapi.json",
        docs_url=None,  # FastAPI's pages of docs load scripts from elsewhere, which a self-hosted portal does not do
        redoc_url=None,
        lifespan=lifespan,
        openapi_tags=openapi.TAGS,
        separate_input_output_schemas=False,
        generate_unique_id_function=openapi.operation_id,
    )
    for noun in _NOUNS:
        app.include_router(noun.router)
    app.include_router(health.router)
    openapi.install(app)
    return app
