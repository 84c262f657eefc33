"""Limits: requests per minute, in Redis and without it; the sizes of bodies; and what happens while Redis is away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from redis import Redis

from fashion_gen.poke import CHANNEL
from fashion_gen.portal.limits import LocalLimiter, RedisLimiter
from fashion_gen.portal.redis_link import RedisLink
from servers.portal import Portal, Seller, Valkey, portal


@pytest.fixture
def link(redis_server: Valkey) -> Iterator[RedisLink]:
    link = RedisLink(redis_server.url)
    yield link
    link.close()


@pytest.fixture
def limited(tmp_path: Path, link: RedisLink) -> Iterator[Portal]:
    """A portal with Redis."""
    with portal(tmp_path, link=link) as running:
        yield running


def until_refused(seller: Seller, *, most: int = 60) -> tuple[int, httpx.Response]:
    """Ask until it is too much: how many requests passed, and the refusal. The bucket fills slowly meanwhile."""
    for passed in range(most):
        answer = seller.http.get("/v1/usage")
        if answer.status_code != 200:
            return passed, answer
    raise AssertionError("nothing was refused")


@pytest.mark.parametrize("where", ["redis", "local"])
def test_more_requests_than_allowed_are_refused_until_later(request: pytest.FixtureRequest, where: str) -> None:
    running: Portal = request.getfixturevalue("limited" if where == "redis" else "api")
    eager = running.seller(requests_per_minute=3)
    passed, answer = until_refused(eager)
    assert passed >= 3
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["retryable"]) == (429, "too_many_requests", True)
    assert 1 <= int(answer.headers["Retry-After"]) <= 20
    assert answer.headers["RateLimit-Policy"] == '"default";q=3;w=60'
    assert re.fullmatch(r'"default";r=0;t=\d+', answer.headers["RateLimit"])
    assert running.seller("Bo's coats", requests_per_minute=3).http.get("/v1/usage").status_code == 200


def test_answers_say_how_many_requests_are_left(api: Portal) -> None:
    seller = api.seller(requests_per_minute=100)
    lefts = [seller.http.get("/v1/usage").headers["RateLimit"] for _ in range(2)]
    assert lefts[0].startswith('"default";r=99;t=')
    assert api.seller().http.get("/v1/jobs/nonsense").headers.get("RateLimit") is not None


def test_both_keys_of_a_seller_share_a_bucket(limited: Portal) -> None:
    seller = limited.seller(requests_per_minute=1)
    second = limited.client(limited.store.keys.issue(seller.id, "two", scopes=["read"]).token)
    until_refused(seller)
    assert second.get("/v1/usage").status_code == 429


def test_a_bucket_fills_evenly_with_time() -> None:
    now = 0.0
    limiter = LocalLimiter(clock=lambda: now)
    assert [limiter.take("a", 2).allowed for _ in range(3)] == [True, True, False]
    now += 29
    assert not limiter.take("a", 2).allowed
    now += 1
    assert limiter.take("a", 2).allowed
    now += 3600
    assert [limiter.take("a", 2).allowed for _ in range(3)] == [True, True, False]


def test_the_bucket_used_longest_ago_is_forgotten_first() -> None:
    limiter = LocalLimiter(most=2, clock=lambda: 0.0)
    for name in ("a", "b", "a", "c"):
        limiter.take(name, 1)
    assert not limiter.take("a", 1).allowed
    assert limiter.take("b", 1).allowed


def test_a_bucket_in_redis_is_gone_when_it_would_be_full_again(link: RedisLink) -> None:
    verdict = RedisLimiter(link).take("somebody", 30)
    assert verdict is not None
    assert verdict.tokens == 29
    assert 0 < link.client.ttl("fashion-gen:bucket:somebody") <= 62


def test_while_redis_is_away_requests_pass_and_readyz_says_so(tmp_path: Path, redis_server: Valkey) -> None:
    link = RedisLink(redis_server.url)
    with portal(tmp_path, link=link) as running:
        seller = running.seller(requests_per_minute=1)
        redis_server.stop()
        try:
            answers = [seller.http.get("/v1/usage") for _ in range(5)]
            assert [answer.status_code for answer in answers] == [200] * 5
            assert "RateLimit" not in answers[0].headers
            ready = httpx.get(f"{running.url}/readyz")
            assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
            assert not ready.json()["checks"]["redis"]["ok"]
            assert "Redis does not answer" in ready.json()["checks"]["redis"]["detail"]
            body = {"garment_id": running.garment(seller).id}
            assert seller.http.post("/v1/jobs", json=body).status_code == 202
        finally:
            redis_server.start()
    link.close()


def test_redis_is_asked_again_after_a_pause(redis_server: Valkey) -> None:
    now = 0.0
    link = RedisLink(redis_server.url, clock=lambda: now)
    redis_server.stop()
    try:
        assert link.ask(lambda client: client.ping()) is None
    finally:
        redis_server.start()
    assert link.ask(lambda client: client.ping()) is None
    now += 6
    assert link.ask(lambda client: client.ping())
    link.close()


def test_a_submitted_job_wakes_the_dispatcher(limited: Portal, redis_server: Valkey) -> None:
    seller = limited.seller()
    body = {"garment_id": limited.garment(seller).id}
    with Redis.from_url(redis_server.url.get_secret_value()) as client, client.pubsub() as heard:
        heard.subscribe(CHANNEL)
        assert heard.get_message(timeout=60)["type"] == "subscribe"
        assert seller.http.post("/v1/jobs", json=body).status_code == 202
        message = heard.get_message(timeout=60)
    assert message is not None
    assert message["type"] == "message"


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused(api: Portal, seller: Seller, chunked: bool) -> None:
    body = b'{"garment_id": "' + b"x" * 300_000 + b'"}'
    headers = {"Content-Type": "application/json"}
    answer = seller.http.post("/v1/jobs", content=iter([body]) if chunked else body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert answer.headers["X-Request-ID"] == answer.json()["request_id"]


def test_a_picture_may_be_larger_than_a_brief_but_not_without_end(api: Portal, seller: Seller) -> None:
    headers = {"Content-Type": "image/png"}
    large = seller.http.post("/v1/verify", content=bytes(1_000_000), headers=headers)
    assert (large.status_code, large.json()["code"]) == (422, "unreadable_photo")
    endless = seller.http.post("/v1/verify", content=bytes(26_500_000), headers=headers)
    assert endless.status_code == 413
