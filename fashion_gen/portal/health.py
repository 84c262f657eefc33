"""For operators: is the process alive, can it do its work, and how much is going on. Keep these off the public network."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from starlette.requests import Request

from fashion_gen import storage
from fashion_gen.errors import FashionGenError
from fashion_gen.portal.auth import PartsDep
from fashion_gen.portal.metrics import Durations, exposition
from fashion_gen.portal.parts import Parts

router = APIRouter(tags=["operators"])

KEEP_S = 5.0  # probes of many load balancers cost as much as one: a probe of S3 is four requests
PATIENCE_S = 10.0  # of who comes while the first check is still running


class Check(BaseModel):
    """One part that the portal needs."""

    ok: bool
    detail: str | None = Field(default=None, description="what is wrong and what to do")


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"
    version: str


class Readiness(BaseModel):
    """Whether the portal can do its work."""

    status: Literal["ready", "degraded", "not_ready"] = Field(
        description="degraded: everything is accepted, but rate limits are off until Redis is back"
    )
    checks: dict[str, Check]


_UNKNOWN = Readiness(
    status="not_ready",
    checks={"portal": Check(ok=False, detail="The first checks are still running: ask again shortly.")},
)


class Readings:
    """The last readiness, kept for a moment. Only one caller at a time looks for a new one.

    The others are told the last: a storage that hangs would else take one thread after the other from the requests.
    """

    def __init__(
        self,
        parts: Parts,
        *,
        keep_s: float = KEEP_S,
        patience_s: float = PATIENCE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._parts = parts
        self._keep_s = keep_s
        self._patience_s = patience_s
        self._clock = clock
        self._lock = threading.Lock()
        self._last: tuple[float, Readiness] | None = None

    def take(self) -> Readiness:
        """Check every part, or return what was found a moment ago."""
        last = self._last
        if not self._lock.acquire(timeout=0 if last else self._patience_s):
            return last[1] if last else _UNKNOWN
        try:
            if self._last is None or self._clock() - self._last[0] >= self._keep_s:
                found = _check(self._parts)
                self._last = self._clock(), found
            return self._last[1]
        finally:
            self._lock.release()


@router.get("/livez", summary="Is the process alive")
async def livez(parts: PartsDep) -> Alive:
    return Alive(version=parts.version)


@router.get(
    "/readyz",
    summary="Can the portal do its work",
    responses={503: {"model": Readiness, "description": "Database or storage cannot be used; each says why."}},
)
def readyz(request: Request, response: Response) -> Readiness:
    readings: Readings = request.app.state.readings
    readiness = readings.take()
    response.status_code = 503 if readiness.status == "not_ready" else 200
    return readiness


@router.get("/metrics", summary="Prometheus metrics", response_class=Response)
def metrics(request: Request, parts: PartsDep) -> Response:
    durations: Durations = request.app.state.durations
    return Response(exposition(durations, parts.store.census), media_type="text/plain; version=0.0.4; charset=utf-8")


def _check(parts: Parts) -> Readiness:
    needed = {
        "database": _outcome(lambda: parts.store.sellers.page(limit=1)),
        "storage": _outcome(lambda: storage.probe(parts.storage)),
    }
    redis = Check(ok=True, detail="not configured: rate limits count in each web process by itself")
    if parts.redis is not None:
        redis = _outcome(parts.redis.check)
    if not all(check.ok for check in needed.values()):
        return Readiness(status="not_ready", checks={**needed, "redis": redis})
    return Readiness(status="ready" if redis.ok else "degraded", checks={**needed, "redis": redis})


def _outcome(attempt: Callable[[], object]) -> Check:
    try:
        attempt()
    except FashionGenError as exc:
        return Check(ok=False, detail=str(exc))
    return Check(ok=True)
