"""Wake-up calls: whoever names a Redis is heard, and a Redis that is away costs nobody anything."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from pydantic import SecretStr

from fashion_gen.poke import Poke, redis_url
from fashion_gen.settings import QueueSettings


@pytest.mark.parametrize(
    ("broker", "redis", "url"),
    [
        ("redis://host:6379/1", None, "redis://host:6379/1"),
        ("rediss://host/0", None, "rediss://host/0"),
        ("redis+socket:///run/redis.sock", None, "unix:///run/redis.sock?db=0"),
        ("redis+socket:///run/redis.sock?virtual_host=3", None, "unix:///run/redis.sock?db=3"),
        ("amqp://guest@host//", None, None),
        ("amqp://guest@host//", "redis://other/0", "redis://other/0"),
    ],
)
def test_url_of_redis_is_the_brokers_unless_another_is_named(broker: str, redis: str | None, url: str | None):
    chosen = QueueSettings(broker=SecretStr(broker), redis=None if redis is None else SecretStr(redis))

    assert redis_url(chosen) == url


def test_redis_that_is_away_is_no_error(tmp_path: Path):
    with Poke(f"unix://{tmp_path}/none.sock") as poke:
        assert poke.send() is False
        started = time.monotonic()
        assert poke.wait(0.1) is False
        assert time.monotonic() - started >= 0.1  # a loop around it must not spin


def test_without_redis_waiting_is_all_that_is_left():
    with Poke(None) as poke:
        assert poke.send() is False
        assert poke.wait(0.01) is False
