"""Server-sent events of a job: how things stand, what changes, resuming, the end."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from servers.portal import PATIENCE_S, Portal, Seller


@dataclass
class Event:
    name: str
    data: dict[str, Any]
    id: str


def read(answer: httpx.Response) -> Iterator[Event | None]:
    """Events as they come; None for a sign of life."""
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        if line.startswith(":"):
            yield None
        elif line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield Event(fields["event"], json.loads(fields["data"]), fields["id"])
            fields = {}


def spoken(events: Iterator[Event | None]) -> Iterator[Event]:
    """Without the signs of life."""
    return (event for event in events if event is not None)


def told(events: Iterator[Event | None]) -> list[tuple[str, str]]:
    return [(event.name, event.data["state"]) for event in spoken(events)]


def test_a_finished_job_is_told_at_once_and_the_stream_ends(api: Portal, seller: Seller) -> None:
    job = api.job(seller)
    api.render(api.looks(job)[0])
    with seller.http.stream("GET", f"/v1/jobs/{job.id}/events") as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert answer.headers["Cache-Control"] == "no-cache"
        assert told(read(answer)) == [("look", "passed"), ("job", "succeeded")]


def test_every_change_is_told_until_the_job_ends(api: Portal, seller: Seller) -> None:
    job = api.job(seller, looks=2)
    first, second = api.looks(job)
    with seller.http.stream("GET", f"/v1/jobs/{job.id}/events") as answer:
        events = read(answer)
        first_three = [next(events) for _ in range(3)]
        assert told(iter(first_three)) == [("look", "queued"), ("look", "queued"), ("job", "queued")]
        api.render(first)
        assert next(spoken(events)).name == "look"
        api.render(second, passed=False)
        end = list(spoken(events))[-1]
    assert (end.name, end.data["state"]) == ("job", "partial")
    assert end.data["counts"]["passed"] == end.data["counts"]["rejected"] == 1


def test_who_comes_back_is_sent_only_what_changed_meanwhile(api: Portal, seller: Seller) -> None:
    job = api.job(seller, looks=2)
    with seller.http.stream("GET", f"/v1/jobs/{job.id}/events") as answer:
        events = read(answer)
        last = [next(events) for _ in range(3)][-1]
    assert last is not None
    api.render(api.looks(job)[1])
    api.store.jobs.cancel(seller.id, job.id)
    with seller.http.stream("GET", f"/v1/jobs/{job.id}/events", headers={"Last-Event-ID": last.id}) as answer:
        seen = list(spoken(read(answer)))
    assert [(event.name, event.data.get("number"), event.data["state"]) for event in seen] == [
        ("look", 0, "cancelled"),
        ("look", 1, "passed"),
        ("job", None, "cancelled"),
    ]
    again = seller.http.get(f"/v1/jobs/{job.id}/events", headers={"Last-Event-ID": seen[-1].id})
    assert (again.status_code, again.content) == (204, b"")


@pytest.mark.parametrize("last", ["", "nonsense", "....", "5.70.70.70.70", "é"])
def test_an_id_that_is_not_ours_means_that_nothing_was_seen(api: Portal, seller: Seller, last: str) -> None:
    job = api.job(seller)
    api.store.jobs.cancel(seller.id, job.id)
    answer = seller.http.get(f"/v1/jobs/{job.id}/events", headers={"Last-Event-ID": last.encode("latin-1")})
    assert [line for line in answer.text.splitlines() if line.startswith("event")] == ["event: look", "event: job"]


def test_a_quiet_stream_shows_that_it_lives(api: Portal, seller: Seller) -> None:
    job = api.job(seller)
    with seller.http.stream("GET", f"/v1/jobs/{job.id}/events") as answer:
        events = read(answer)
        assert [next(events) is None for _ in range(4)] == [False, False, True, True]


def test_one_seller_cannot_hold_every_stream(api: Portal, seller: Seller) -> None:
    job = api.job(seller)
    streams = api.app.state.streams
    opened = [streams.one(seller.id) for _ in range(20)]
    for one in opened:
        one.__enter__()
    try:
        answer = seller.http.get(f"/v1/jobs/{job.id}/events")
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
    finally:
        for one in opened:
            one.__exit__(None, None, None)
    api.store.jobs.cancel(seller.id, job.id)
    assert seller.http.get(f"/v1/jobs/{job.id}/events").status_code == 200


def test_a_reader_that_leaves_is_no_longer_counted(api: Portal, seller: Seller) -> None:
    job = api.job(seller)
    streams = api.app.state.streams
    with seller.http.stream("GET", f"/v1/jobs/{job.id}/events") as answer:
        reader = read(answer)  # kept: a generator that is thrown away closes what it reads
        next(reader)
        assert streams.open(seller.id) == 1
    deadline = time.monotonic() + PATIENCE_S
    while streams.open(seller.id):
        assert time.monotonic() < deadline, "the stream of a reader that left is still open"
        time.sleep(0.02)
