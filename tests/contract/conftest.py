"""The store on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fashion_gen.jobs import Database, Store, migrate
from fashion_gen.jobs.testing import StandingClock
from tests.contract.job_store import empty, new_database, open_store


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture(scope="session")
def migrated_postgres(postgres: str) -> str:
    """URL of one database with tables, which all tests share and empty."""
    url = new_database(postgres)
    migrate(url)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: StandingClock) -> Iterator[Store]:
    if request.param == "sqlite":
        opened = open_store(tmp_path, clock)
    else:
        opened = Store(Database(request.getfixturevalue("migrated_postgres")), clock=clock)
        empty(opened)
    with opened:
        yield opened


@pytest.fixture
def seller(store: Store) -> str:
    return store.sellers.add("Ada's shirts").id


@pytest.fixture
def other(store: Store) -> str:
    return store.sellers.add("Bo's coats").id
