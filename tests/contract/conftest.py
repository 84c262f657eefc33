"""The store on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fashion_gen.jobs import Store
from tests.contract.job_store import Clock, new_database, open_store


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/jobs.db"
    return new_database(request.getfixturevalue("postgres"))


@pytest.fixture
def store(database_url: str, clock: Clock) -> Iterator[Store]:
    with open_store(database_url, clock) as opened:
        yield opened


@pytest.fixture
def seller(store: Store) -> str:
    return store.sellers.add("Ada's shirts").id


@pytest.fixture
def other(store: Store) -> str:
    return store.sellers.add("Bo's coats").id
