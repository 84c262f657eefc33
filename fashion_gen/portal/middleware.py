"""What happens to every request: it gets an id, a limit on its body, a line in the log and a place in the histogram."""

from __future__ import annotations

import logging
import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fashion_gen.portal import problems
from fashion_gen.portal.metrics import Durations
from fashion_gen.portal.problems import BodyTooLarge

access = logging.getLogger("fashion_gen.portal.access")

ID_HEADER = "X-Request-ID"
_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")  # what callers may choose: nothing that could forge a line of a log


class Requests:
    """Gives every request an id, measures it and logs it: never its body, its query or its secrets."""

    def __init__(self, app: ASGIApp, *, durations: Durations) -> None:
        self._app = app
        self._durations = durations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(ID_HEADER, "")
        request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        started, status = time.perf_counter(), 500

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[ID_HEADER] = request_id
                for name, value in scope["state"].get("rate_limit", {}).items():
                    headers[name] = value
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            self._tell(scope, request_id, status, time.perf_counter() - started)

    def _tell(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        # The route's pattern, not the path: a path may hold a signed token, and ids would be a label each.
        route = getattr(scope.get("route"), "path", "(none)")
        self._durations.observe(scope["method"], route, status, seconds)
        caller = scope["state"].get("caller")
        access.info(
            "%s %s %d",
            scope["method"],
            route,
            status,
            extra={
                "action": "request",
                "request_id": request_id,
                "method": scope["method"],
                "route": route,
                "path_params": {k: v for k, v in scope.get("path_params", {}).items() if k != "token"},
                "status": status,
                "seconds": round(seconds, 4),
                "seller_id": caller.seller_id if caller else None,
                "key_id": caller.key_id if caller else None,
            },
        )


class BodyLimit:
    """Refuses bodies of more than `limit` bytes with a problem, also where they do not say their length beforehand.

    `larger` are the limits of paths that take files, by the beginning of the path.
    """

    def __init__(self, app: ASGIApp, *, limit: int, larger: dict[str, int]) -> None:
        self._app = app
        self._limit = limit
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        limit = next((n for start, n in self._larger.items() if path.startswith(start)), self._limit)
        error = BodyTooLarge(limit)
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isascii() and announced.isdigit() and int(announced) > limit:
            refused = problems.respond(Request(scope), 413, error.code, error.detail)
            await refused(scope, receive, send)
            return
        total = 0

        async def counted() -> Message:
            nonlocal total
            message = await receive()
            total += len(message.get("body", b""))
            if total > limit:
                raise error
            return message

        await self._app(scope, counted, send)
