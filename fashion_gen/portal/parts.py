"""What the portal is made of. Everything is handed in: nothing below `asgi.py` reads settings or opens connections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from fashion_gen.jobs import Store
from fashion_gen.jobs.buckets import Buckets
from fashion_gen.portal.limits import LocalLimiter, RateLimiter
from fashion_gen.portal.redis_link import RedisLink
from fashion_gen.portal.sessions import Sessions
from fashion_gen.storage import Presigner, Storage


@dataclass(frozen=True, slots=True)
class Timing:
    """How long and how often; tests are less patient."""

    link: timedelta = timedelta(minutes=15)  #: how long a link to a file lives
    poll: timedelta = timedelta(milliseconds=500)  #: how often a stream of events looks at its job
    heartbeat: timedelta = timedelta(seconds=15)  #: after so long without an event a stream says that it lives
    stream: timedelta = timedelta(minutes=30)  #: after which a stream ends; its client resumes by Last-Event-ID


@dataclass(frozen=True, slots=True)
class PresetRow:
    """A preset as sellers see it."""

    name: str
    summary: str
    commercial: str  #: "yes", "no" or "unknown": may the pictures be used commercially
    licences: Sequence[str]
    installed: bool
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a portal. It closes none of them."""

    store: Store
    storage: Storage
    buckets: Buckets
    presigner: Presigner
    sessions: Sessions
    presets: Callable[[], Sequence[PresetRow]]
    default_preset: str = "mini"
    version: str = "0"
    redis: RedisLink | None = None
    limiter: RateLimiter = field(default_factory=LocalLimiter)
    timing: Timing = Timing()
    lifespan: Callable[[Any], Any] | None = None  #: of the app, see Starlette

    def poke(self) -> None:
        """Tell the dispatcher that there is something to do, where it can be told."""
        if self.redis is not None:
            self.redis.poke()
