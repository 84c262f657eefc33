"""The revisions make exactly the tables that the code knows, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from fashion_gen.errors import DatabaseUnavailable, SetupError
from fashion_gen.jobs import Database, Store, migrate
from fashion_gen.jobs.database import alembic_config
from fashion_gen.jobs.tables import Base
from tests.contract.job_store import new_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/jobs.db"
    return new_database(request.getfixturevalue("postgres"))


def test_autogenerate_finds_no_difference(database_url: str) -> None:
    migrate(database_url)
    database = Database(database_url)
    with database.engine.begin() as connection:
        command.check(alembic_config(connection))
    database.close()


def test_revisions_go_down_and_up_again(database_url: str) -> None:
    migrate(database_url)
    database = Database(database_url)
    with database.engine.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
        left = set(connection.dialect.get_table_names(connection))
    assert left.isdisjoint(Base.metadata.tables)
    database.close()
    migrate(database_url)
    with Store(Database(database_url)) as store:
        assert store.sellers.page().rows == []


def test_processes_that_migrate_at_once_wait_for_each_other(database_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, [database_url] * 4))
    with Store(Database(database_url)) as store:
        assert store.sellers.page().rows == []


def test_a_database_without_tables_names_the_cure(database_url: str) -> None:
    with Store(Database(database_url)) as store, pytest.raises(SetupError, match="fashion-gen migrate"):
        store.sellers.add("Ada")


def test_a_database_that_is_away_is_retryable() -> None:
    with Store(Database("postgresql://app@127.0.0.1:1/none")) as store, pytest.raises(DatabaseUnavailable) as caught:
        store.sellers.page()
    assert caught.value.retryable


@pytest.mark.parametrize("url", ["", "mysql://x", "what is this", "postgresql+nothing://x"])
def test_a_url_that_cannot_be_used_names_the_cure(url: str) -> None:
    with pytest.raises(SetupError, match="sqlite:///FILE"):
        Database(url)


def test_a_locked_sqlite_file_is_retryable(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/jobs.db"
    migrate(url)
    other = Database(url)  # of another process
    with Store(Database(url, patience_s=0.05)) as store:
        with other.writing() as session:
            session.execute(text("DELETE FROM sellers"))
            with pytest.raises(DatabaseUnavailable, match="locked"):
                store.sellers.add("Ada")
        with store.database.writing(), pytest.raises(DatabaseUnavailable, match="locked"):
            store.sellers.add("Ada")
        assert store.sellers.add("Ada").name == "Ada"
    other.close()
