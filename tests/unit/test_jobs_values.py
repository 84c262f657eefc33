"""The small pure parts: ids, delays, briefs, faults."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_gen.errors import (
    BackendUnavailable,
    DatabaseUnavailable,
    GarmentRefused,
    GenerationError,
    InvalidBrief,
    LeaseLost,
    NotFound,
    OutOfMemory,
    StorageUnavailable,
)
from fashion_gen.jobs import briefs, paging
from fashion_gen.jobs.faults import PATIENCE_S, Fault, fault_of, insist, reason_of
from fashion_gen.jobs.ids import LENGTH, new_id
from fashion_gen.jobs.policy import Policy
from fashion_gen.records import AgeBand, Brief, Category, Framing, Kind, Presentation, SizeType


def test_ids_sort_by_time_and_differ() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    ids = [new_id("job", start + timedelta(milliseconds=n)) for n in range(100)]
    assert ids == sorted(ids)
    assert len({new_id("job", start) for _ in range(1000)}) == 1000
    assert all(id_.startswith("job_") and len(id_) <= LENGTH for id_ in ids)


def test_delays_double_up_to_a_ceiling() -> None:
    policy = Policy(retry_delay=timedelta(seconds=2), longest_retry_delay=timedelta(seconds=30))
    assert [policy.delay(n).total_seconds() for n in (0, 1, 2, 3, 4, 5, 1000)] == [2, 2, 4, 8, 16, 30, 30]


def test_a_brief_survives_json() -> None:
    brief = Brief(
        looks=3,
        tone=7,
        size=SizeType.PLUS,
        age=AgeBand.PRIME,
        presentation=Presentation.ANDROGYNOUS,
        framing=Framing.COWBOY,
        channels=("shopify", "etsy"),
        category=Category.TOP,
        kind=Kind.FLAT,
    )
    assert briefs.from_json(briefs.to_json(brief)) == brief


def test_a_broken_brief_names_its_field() -> None:
    with pytest.raises(InvalidBrief, match="kind"):
        briefs.from_json({"kind": "floating"})


@given(st.datetimes(timezones=st.just(UTC)), st.uuids())
def test_cursors_come_back(when: datetime, number: object) -> None:
    assert paging.decode(paging.encode(when, f"job_{number}")) == (when, f"job_{number}")


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (StorageUnavailable("x"), Fault.OURS_FOR_NOW),
        (DatabaseUnavailable("x"), Fault.OURS_FOR_NOW),
        (SystemExit(), Fault.OURS_FOR_NOW),
        (GarmentRefused("shoes", "x"), Fault.INPUT),
        (NotFound("scene", "moon", []), Fault.INPUT),
        (BackendUnavailable("x"), Fault.ATTEMPT),
        (GenerationError("x"), Fault.ATTEMPT),
        (OutOfMemory("x"), Fault.ATTEMPT),
        (ValueError("x"), Fault.ATTEMPT),
    ],
)
def test_whose_fault_it_is(error: BaseException, fault: Fault) -> None:
    assert fault_of(error) is fault


def test_only_our_own_words_reach_the_seller() -> None:
    assert reason_of(LeaseLost("Drop it.")) == "Drop it."
    assert "secret" not in reason_of(KeyError("secret"))


def test_a_database_that_comes_back_is_waited_for() -> None:
    slept: list[float] = []
    answers = iter([DatabaseUnavailable("x"), DatabaseUnavailable("x"), None])

    def call() -> str:
        if answer := next(answers):
            raise answer
        return "done"

    assert insist(call, sleep=slept.append) == "done"
    assert slept == list(PATIENCE_S[:2])


def test_a_database_that_stays_away_is_given_up() -> None:
    def call() -> None:
        raise DatabaseUnavailable("x")

    slept: list[float] = []
    with pytest.raises(DatabaseUnavailable):
        insist(call, sleep=slept.append)
    assert slept == list(PATIENCE_S)
