"""Who asks: an API key in the header Authorization, or a session of the pages; what it may do; how often.

Every route goes by the seller that is found here: another seller's rows do not exist for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Depends
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request

from fashion_gen.errors import NotAuthenticated
from fashion_gen.jobs import Store
from fashion_gen.portal.limits import demand
from fashion_gen.portal.parts import Parts
from fashion_gen.portal.problems import Forbidden
from fashion_gen.portal.sessions import COOKIE

CSRF_HEADER = "X-Requested-With"
CSRF_VALUE = "fashion-gen"
_SAFE = ("GET", "HEAD", "OPTIONS")

_bearer = HTTPBearer(
    auto_error=False, scheme_name="apiKey", description="An API key: `Authorization: Bearer fg_live_...`."
)
_cookie = APIKeyCookie(
    name=COOKIE,
    auto_error=False,
    scheme_name="session",
    description=f"A session from POST /v1/session. Requests that change something also need `{CSRF_HEADER}: {CSRF_VALUE}`.",
)


class Scope(StrEnum):
    """What a key may do; none contains another."""

    READ = "read"  # see what is the seller's
    WRITE = "write"  # upload, ask for garments and jobs, review looks
    ADMIN = "admin"  # list, make and revoke API keys


@dataclass(frozen=True, slots=True)
class Caller:
    """The seller that asks, by which key."""

    seller_id: str
    key_id: str
    scopes: frozenset[str]


def parts_of(request: Request) -> Parts:
    """The parts that `create_app` was given."""
    parts: Parts = request.app.state.parts
    return parts


async def _parts(request: Request) -> Parts:  # async, so that no thread is asked for it
    return parts_of(request)


PartsDep = Annotated[Parts, Depends(_parts)]


def need(scope: Scope) -> Callable[..., Caller]:
    """A dependency that lets pass who has this scope, within the seller's rate limit."""

    def allowed(
        request: Request,
        bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
        cookie: Annotated[str | None, Depends(_cookie)],
    ) -> Caller:
        parts = parts_of(request)
        caller = _caller(request, parts, bearer, cookie)
        request.state.caller = caller
        quotas: Quotas = request.app.state.quotas
        verdict = parts.limiter.take(caller.seller_id, quotas.per_minute(caller.seller_id))
        request.state.rate_limit = demand(verdict)  # `middleware.Requests` puts it on the response, also of an error
        if scope not in caller.scopes:
            raise Forbidden(
                f'This needs a key with the scope "{scope}"; yours has: {", ".join(sorted(caller.scopes))}.'
            )
        return caller

    return allowed


Reader = Annotated[Caller, Depends(need(Scope.READ))]
Writer = Annotated[Caller, Depends(need(Scope.WRITE))]
Admin = Annotated[Caller, Depends(need(Scope.ADMIN))]


class Quotas:
    """Requests per minute of each seller, looked up every half minute: an operator's change takes effect soon."""

    def __init__(self, store: Store, *, keep_s: float = 30.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._keep_s = keep_s
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, int]] = {}

    def per_minute(self, seller_id: str) -> int:
        """The seller's limit. Raises NotFound, DatabaseUnavailable."""
        until, limit = self._known.get(seller_id, (0.0, 0))
        now = self._clock()
        if now < until:
            return limit
        limit = self._store.sellers.get(seller_id).requests_per_minute
        with self._lock:
            if len(self._known) > 100_000:
                self._known.clear()
            self._known[seller_id] = (now + self._keep_s, limit)
        return limit


def _caller(request: Request, parts: Parts, bearer: HTTPAuthorizationCredentials | None, cookie: str | None) -> Caller:
    if bearer is not None:
        key = parts.store.keys.authenticate(bearer.credentials)
    elif cookie is not None:
        key = parts.store.keys.recall(parts.sessions.key_id(cookie))
        _refuse_forgery(request)
    else:
        raise NotAuthenticated("This needs an API key: send it as Authorization: Bearer fg_live_...")
    return Caller(key.seller_id, key.id, frozenset(key.scopes))


def _refuse_forgery(request: Request) -> None:
    """A page of another site can make a browser send forms with our cookie, but not a header of its own (Fetch, CORS)."""
    if request.method not in _SAFE and request.headers.get(CSRF_HEADER) != CSRF_VALUE:
        raise Forbidden(f"A session that changes something needs the header {CSRF_HEADER}: {CSRF_VALUE}.")
