"""Redis as something that may be away: whoever asks gets None, and for a few seconds nobody waits for it again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import redis
from pydantic import SecretStr
from redis.backoff import NoBackoff
from redis.retry import Retry

from fashion_gen.errors import QueueUnavailable, SetupError
from fashion_gen.poke import CHANNEL

log = logging.getLogger(__name__)

T = TypeVar("T")
TIMEOUT_S = 0.25  # a request waits no longer than this for a Redis that does not answer
PAUSE_S = 5.0


class RedisLink:
    """A connection to Redis that nothing depends on.

    Raises:
        SetupError: the URL cannot be understood.
    """

    def __init__(self, url: SecretStr, *, clock: Callable[[], float] = time.monotonic) -> None:
        try:
            self.client = redis.Redis.from_url(
                url.get_secret_value(),
                socket_timeout=TIMEOUT_S,
                socket_connect_timeout=TIMEOUT_S,
                retry=Retry(NoBackoff(), 1),  # once: a connection of the pool may have been closed by a restart
            )
        except ValueError as exc:
            raise SetupError("The Redis URL cannot be used: give redis://HOST:PORT/0, rediss:// or unix://.") from exc
        self._clock = clock
        self._lock = threading.Lock()
        self._away_until = 0.0

    def ask(self, question: Callable[[redis.Redis], T]) -> T | None:
        """Return the answer, or None where Redis is away."""
        if self._clock() < self._away_until:
            return None
        try:
            return question(self.client)
        except redis.RedisError as exc:
            self._away(exc)
            return None

    def poke(self) -> None:
        """Tell the dispatcher that there is something to do; it looks by itself soon anyway."""
        self.ask(lambda client: client.publish(CHANNEL, b""))

    def check(self) -> None:
        """Raise QueueUnavailable where Redis does not answer."""
        try:
            self.client.ping()
        except redis.RedisError as exc:
            raise QueueUnavailable(
                f"Redis does not answer ({type(exc).__name__}): start it or correct its URL."
            ) from exc

    def close(self) -> None:
        """Close every connection."""
        self.client.close()

    def _away(self, error: redis.RedisError) -> None:
        with self._lock:
            first = self._clock() >= self._away_until
            self._away_until = self._clock() + PAUSE_S
        if first:  # one line for each pause, not one for each request
            log.warning("Redis is away (%s)", type(error).__name__, extra={"action": "redis_away"})
