"""The database: SQLite in WAL mode on one machine, PostgreSQL on many. The same statements run on both.

Foreign errors leave here as ours, so that no caller needs to know SQLAlchemy's.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, Table, create_engine, event, insert, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from fashion_gen.errors import DatabaseUnavailable, SetupError
from fashion_gen.jobs.tables import Base

PATIENCE_S = 10.0  #: for SQLite's lock, and for a free connection of the pool
CONNECT_TIMEOUT_S = 5
POOL_SIZE, POOL_OVERFLOW = 8, 16
MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 0x66617368  # any number that every process of ours agrees on


class Database:
    """Hands out sessions. `url` is SQLAlchemy's: "sqlite:///data/fashion-gen.db" or "postgresql://user@host/name".

    A busy database is waited for `patience_s` seconds.

    Raises:
        SetupError: the URL cannot be understood.
    """

    def __init__(self, url: str, *, patience_s: float = PATIENCE_S) -> None:
        self.engine = _engine(url, patience_s)
        self._patience_s = patience_s
        self._lock = threading.Lock() if self.engine.dialect.name == "sqlite" else None
        # SQLite knows one writer at a time; one that says so at once waits its turn instead of failing half-way.
        self._write = sessionmaker(self.engine.execution_options(immediate=True), expire_on_commit=False)
        self._read = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that sees one state of the database and changes nothing. Raises DatabaseUnavailable."""
        with translated(), self._read.begin() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that is committed at the end, or not at all where the block raises. Raises DatabaseUnavailable."""
        with self._turn(), translated(), self._write.begin() as session:
            yield session

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One thread of this process at a time, on SQLite.

        SQLite lets only one write anyway, and the others ask again after sleeps: with eight threads the unlucky one waited
        2.5 s. A lock wakes the next one at once.
        """
        if self._lock is None:
            yield
            return
        if not self._lock.acquire(timeout=self._patience_s):
            raise DatabaseUnavailable("The database is locked by another thread: try again shortly.")
        try:
            yield
        finally:
            self._lock.release()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def migrate(url: str) -> None:
    """Bring the tables up to date; processes that do so at once wait for each other. Raises DatabaseUnavailable."""
    # Alembic is only needed here, and a worker starts faster without it.
    from alembic import command

    database = Database(url)
    try:
        with translated(), database.engine.execution_options(immediate=True).begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
            command.upgrade(alembic_config(connection), "head")
    finally:
        database.close()


def alembic_config(connection: Connection) -> Any:
    """Alembic's configuration without an ini file, bound to a connection. Returns an `alembic.config.Config`."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def insert_rows(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert new rows by one statement. A third of the time that the session's own way takes; nothing becomes part of it."""
    session.execute(insert(cast(Table, table.__table__)), rows)


def insert_new(session: Session, table: type[Base], values: dict[str, Any], *, unique: tuple[str, ...]) -> bool:
    """Insert a row unless one with the same `unique` columns is there; say whether it was inserted.

    On PostgreSQL a transaction that inserts the same row is waited for, so two callers never both hear True.
    """
    # What comes back, not the row count, which psycopg does not know for such a statement.
    return session.execute(_insert_new(session.get_bind().dialect.name, table, unique), values).first() is not None


@cache  # made anew for each row, it took longer than the database does
def _insert_new(dialect: str, table: type[Base], unique: tuple[str, ...]) -> Any:
    build = postgresql if dialect == "postgresql" else sqlite
    statement = build.insert(cast(Table, table.__table__)).on_conflict_do_nothing(index_elements=unique)
    return statement.returning(getattr(table, unique[0]))


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into ours. Only the driver's own words are quoted: statements carry the sellers' data."""
    try:
        yield
    except (OperationalError, InterfaceError, ProgrammingError) as exc:
        if _no_tables(exc):
            raise SetupError("The database has no tables, or old ones: run fashion-gen migrate.") from exc
        if isinstance(exc, ProgrammingError):
            raise
        raise DatabaseUnavailable(f"The database does not answer ({_first_line(exc)}): try again shortly.") from exc
    except DBAPIError as exc:
        if not exc.connection_invalidated:
            raise
        raise DatabaseUnavailable("The database closed the connection: try again shortly.") from exc
    except PoolTimeout as exc:
        raise DatabaseUnavailable("Every connection to the database is in use: try again shortly.") from exc


def _engine(url: str, patience_s: float) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(str(parsed), patience_s)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        return create_engine(
            parsed,
            pool_size=POOL_SIZE,
            max_overflow=POOL_OVERFLOW,
            pool_timeout=patience_s,
            pool_pre_ping=True,  # a server that was restarted has closed the pooled connections
            connect_args={"connect_timeout": CONNECT_TIMEOUT_S},
        )
    except (ArgumentError, NoSuchModuleError, ImportError) as exc:
        raise SetupError(
            "The database URL cannot be used: give sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME."
        ) from exc


def _sqlite(url: str, patience_s: float) -> Engine:
    engine = create_engine(url, pool_size=POOL_SIZE, max_overflow=POOL_OVERFLOW, pool_timeout=patience_s)
    busy_timeout = f"busy_timeout={round(patience_s * 1000)}"  # before all others: they may meet a lock

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own idea of BEGIN is off; `begin` below says it
        for pragma in (busy_timeout, "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _no_tables(exc: DBAPIError) -> bool:
    words = str(exc.orig)
    return "no such table" in words or "no such column" in words or "UndefinedTable" in type(exc.orig).__name__


def _first_line(exc: DBAPIError) -> str:
    return (str(exc.orig).strip().splitlines() or [type(exc.orig).__name__])[0][:200]
