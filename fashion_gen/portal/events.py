"""Events of a job, as server-sent events (WHATWG HTML, section 9.2).

The id of an event says which state of the job and of every look its reader has then seen. Whoever comes back with it in
Last-Event-ID is sent what is different by now: nothing has to be kept for that, and nothing can be missed.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Response
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import StreamingResponse

from fashion_gen.errors import DatabaseUnavailable
from fashion_gen.jobs.states import FINISHED_JOBS, JobState, LookState
from fashion_gen.jobs.tables import Job, Look
from fashion_gen.portal.auth import Caller, PartsDep, Reader
from fashion_gen.portal.fields import JobId
from fashion_gen.portal.jobs import JobOut, fields_of
from fashion_gen.portal.looks import summary
from fashion_gen.portal.parts import Parts
from fashion_gen.portal.problems import TooManyRequests

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])

MOST_STREAMS = 20  #: open at once for one seller, in one process

_JOB_CODES = {state: f"{number:x}" for number, state in enumerate(JobState)}
_LOOK_CODES = {state: f"{number:x}" for number, state in enumerate(LookState)}


@router.get(
    "/{job_id}/events",
    summary="Follow a job by server-sent events",
    response_class=Response,
    responses={
        200: {
            "description": "A stream of events `job` (data: a job) and `look` (data: a look in brief), first of all how "
            "things stand. It ends when the job is finished.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        204: {"description": "The job is finished and all of it was seen: do not come back."},
    },
)
def events(
    job_id: JobId,
    request: Request,
    caller: Reader,
    parts: PartsDep,
    last_event_id: Annotated[
        str | None, Header(alias="Last-Event-ID", max_length=2000, description="id of the last event that was read")
    ] = None,
) -> Response:
    job, looks = _read(parts, caller, job_id)
    seen = _seen(last_event_id)
    if seen == _state(job, looks) and job.state in FINISHED_JOBS:
        return Response(status_code=204)
    streams: Streams = request.app.state.streams
    streams.check(caller.seller_id)
    return StreamingResponse(
        _stream(parts, caller, job_id, seen, streams),
        media_type="text/event-stream",
        headers={
            "Cache-Control": "no-cache",
            "X-Accel-Buffering": "no",
        },  # nginx would keep events until a buffer is full
    )


class Streams:
    """How many streams each seller has open in this process."""

    def __init__(self, most: int = MOST_STREAMS) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._open: Counter[str] = Counter()

    def open(self, seller_id: str) -> int:
        """How many a seller has."""
        return self._open[seller_id]

    def check(self, seller_id: str) -> None:
        """Raise TooManyRequests where there are too many already."""
        if self.open(seller_id) >= self._most:
            raise TooManyRequests(
                f"{self._most} streams of events are open already: close one, or ask GET /v1/jobs/ID.",
                {"Retry-After": "5"},
            )

    @contextmanager
    def one(self, seller_id: str) -> Iterator[None]:
        """Count one while the block runs."""
        with self._lock:
            self._open[seller_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._open[seller_id] -= 1
                self._open += Counter()  # forgets those at zero


async def _stream(
    parts: Parts, caller: Caller, job_id: str, seen: Sequence[str], streams: Streams
) -> AsyncIterator[bytes]:
    timing = parts.timing
    end = anyio.current_time() + timing.stream.total_seconds()
    quiet_since = anyio.current_time()
    with streams.one(caller.seller_id):
        while anyio.current_time() < end:
            try:
                job, looks = await run_sync(_read, parts, caller, job_id)
            except DatabaseUnavailable:  # the reader comes back with the last id, and the database with it
                return
            for event in _differences(seen, job, looks):
                quiet_since = anyio.current_time()
                yield event
            seen = _state(job, looks)
            if job.state in FINISHED_JOBS:
                return
            if anyio.current_time() - quiet_since >= timing.heartbeat.total_seconds():
                quiet_since = anyio.current_time()
                yield KEEPALIVE_COMMENT
            await anyio.sleep(timing.poll.total_seconds())


def _read(parts: Parts, caller: Caller, job_id: str) -> tuple[Job, Sequence[Look]]:
    # The job first: one that is finished has looks that are finished too.
    job = parts.store.jobs.get(caller.seller_id, job_id)
    return job, parts.store.looks.of_job(caller.seller_id, job_id)


def _differences(seen: Sequence[str], job: Job, looks: Sequence[Look]) -> Iterator[bytes]:
    """An event for each look that is not as it was seen, then one for the job: its counts moved too."""
    now = _state(job, looks)
    if seen == now:
        return
    seen = list(seen) if len(seen) == len(now) else [""] * len(now)
    for place, look in enumerate(looks, start=1):
        if seen[place] != now[place]:
            seen[place] = now[place]
            yield _event("look", summary(look), seen)
    yield _event("job", JobOut(**fields_of(job)), now)


def _event(name: str, data: BaseModel, seen: Sequence[str]) -> bytes:
    return format_sse_event(event=name, data_str=data.model_dump_json(), id=".".join(code or "-" for code in seen))


def _state(job: Job, looks: Sequence[Look]) -> list[str]:
    """One code for the job and one for each look: its state and how often it was begun."""
    return [_JOB_CODES[job.state], *(f"{_LOOK_CODES[look.state]}{look.attempt}" for look in looks)]


def _seen(last_event_id: str | None) -> list[str]:
    """What a reader has seen; nothing, where the id is not one of ours."""
    codes = (last_event_id or "").split(".")
    return ["" if code == "-" else code for code in codes]
