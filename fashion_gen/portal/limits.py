"""Rate limits: a token bucket for each seller, in Redis where there is one, else in this process.

Headers as in draft-ietf-httpapi-ratelimit-headers: what the policy is, what is left, when more comes.
"""

from __future__ import annotations

import math
import threading
import time
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from redis import Redis

from fashion_gen.portal.problems import TooManyRequests
from fashion_gen.portal.redis_link import RedisLink

WINDOW_S = 60

# One bucket in one hash. Redis' own clock is used, so that the clocks of web machines need not agree.
_SCRIPT = """
local size, per_second = tonumber(ARGV[1]), tonumber(ARGV[2])
local now = redis.call('TIME')
local at = now[1] + now[2] / 1e6
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(bucket[1]) or size
tokens = math.min(size, tokens + math.max(0, at - (tonumber(bucket[2]) or at)) * per_second)
local allowed = tokens >= 1
if allowed then tokens = tokens - 1 end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.6f', at))
redis.call('EXPIRE', KEYS[1], math.ceil(size / per_second) + 1)
return {allowed and 1 or 0, tostring(tokens)}
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass, and what is left."""

    allowed: bool
    tokens: float  #: left in the bucket
    per_minute: int

    @property
    def headers(self) -> dict[str, str]:
        """What the caller is told."""
        full_in = math.ceil((self.per_minute - self.tokens) * WINDOW_S / self.per_minute)
        told = {
            "RateLimit-Policy": f'"default";q={self.per_minute};w={WINDOW_S}',
            "RateLimit": f'"default";r={int(self.tokens)};t={full_in}',
        }
        if not self.allowed:
            told["Retry-After"] = str(max(1, math.ceil((1 - self.tokens) * WINDOW_S / self.per_minute)))
        return told


class RateLimiter(ABC):
    """Token buckets by name."""

    @abstractmethod
    def take(self, name: str, per_minute: int) -> Verdict | None:
        """Take a token from a bucket of `per_minute`, refilled evenly. None: nobody knows, so let the request pass."""


class RedisLimiter(RateLimiter):
    """Buckets that all web processes share. While Redis is away every request passes."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._script = link.client.register_script(_SCRIPT)

    def take(self, name: str, per_minute: int) -> Verdict | None:
        def run(client: Redis) -> tuple[int, bytes]:
            allowed, tokens = self._script(
                keys=[f"fashion-gen:bucket:{name}"], args=[per_minute, per_minute / WINDOW_S], client=client
            )
            return allowed, tokens

        answer = self._link.ask(run)
        return None if answer is None else Verdict(bool(answer[0]), float(answer[1]), per_minute)


class LocalLimiter(RateLimiter):
    """Buckets of this process alone: with n web processes a seller may ask n times as often."""

    def __init__(self, *, most: int = 10_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str, per_minute: int) -> Verdict:
        with self._lock:
            now = self._clock()
            tokens, at = self._buckets.pop(name, (float(per_minute), now))
            tokens = min(per_minute, tokens + (now - at) * per_minute / WINDOW_S)
            allowed = tokens >= 1
            self._buckets[name] = (tokens - allowed, now)
            if len(self._buckets) > self._most:  # the one that was used longest ago is nearly full anyway
                self._buckets.popitem(last=False)
            return Verdict(allowed, tokens - allowed, per_minute)


def demand(verdict: Verdict | None) -> dict[str, str]:
    """Return the headers of a request that may pass. Raises TooManyRequests."""
    if verdict is None:
        return {}
    if not verdict.allowed:
        raise TooManyRequests(
            f"More than {verdict.per_minute} requests a minute: wait as long as the header Retry-After says.",
            verdict.headers,
        )
    return verdict.headers
