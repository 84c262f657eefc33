"""Wake-up calls over Redis: "there is work" reaches the dispatcher at once instead of at its next look.

A call that is lost costs a second, never a job: whoever listens looks at the database anyway, a little later. So nothing
here raises when Redis is away.
"""

from __future__ import annotations

import logging
import time
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from fashion_gen.settings import QueueSettings

log = logging.getLogger(__name__)

CHANNEL = "fashion-gen:poke"
TIMEOUT_S = 2.0  #: for connecting and sending; a portal must not wait for a Redis that hangs


def redis_url(chosen: QueueSettings) -> str | None:
    """The URL of Redis as its own client writes it; None where there is none (RabbitMQ alone)."""
    url = (chosen.redis or chosen.broker).get_secret_value()
    if url.startswith("redis+socket://"):  # Celery's way of naming a socket
        parts = urlsplit(url)
        database = parse_qs(parts.query).get("virtual_host", ["0"])[0]
        return f"unix://{parts.path}?db={database}"
    return url if url.startswith(("redis://", "rediss://", "unix://")) else None


class Poke:
    """Calls and listens. `url` None: nobody can be called, and `wait` just waits."""

    def __init__(self, url: str | None) -> None:
        # No retries inside the client: who calls has better things to do, who listens comes back by itself.
        self._client: Any = (
            None
            if url is None
            else redis.Redis.from_url(
                url, socket_connect_timeout=TIMEOUT_S, socket_timeout=TIMEOUT_S, retry=Retry(NoBackoff(), 0)
            )
        )
        self._listener: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self) -> bool:
        """Wake whoever listens; say whether Redis took it."""
        if self._client is None:
            return False
        try:
            self._client.publish(CHANNEL, b"")
        except (redis.RedisError, OSError) as exc:
            log.debug("nobody could be woken: %s", exc)
            return False
        return True

    def wait(self, seconds: float) -> bool:
        """Wait for a call, or `seconds`; say whether one came. Several calls that came meanwhile count as one."""
        until = time.monotonic() + seconds
        try:
            if self._listen() and self._hear(until):
                return True
        except (redis.RedisError, OSError) as exc:
            log.debug("cannot listen for calls: %s", exc)
            self._forget()
        time.sleep(max(0.0, until - time.monotonic()))
        return False

    def close(self) -> None:
        """Hang up."""
        self._forget()
        if self._client is not None:
            self._client.close()

    def _listen(self) -> bool:
        if self._client is None:
            return False
        if self._listener is None:
            self._listener = self._client.pubsub(ignore_subscribe_messages=True)
            self._listener.subscribe(CHANNEL)
        return True

    def _hear(self, until: float) -> bool:
        heard = False
        while (left := until - time.monotonic()) > 0 or heard:
            message = self._listener.get_message(timeout=0.0 if heard else min(left, TIMEOUT_S / 2))
            if message is None and heard:
                return True
            heard = heard or message is not None
        return heard

    def _forget(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
