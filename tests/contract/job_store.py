"""What tests of the store share: one on each database, a clock that stands still, and rows made in one line."""

from __future__ import annotations

import secrets
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy

from fashion_gen.jobs import Claim, Database, NewGarment, NewJob, NewUpload, Policy, Prepared, Rendered, Store, migrate
from fashion_gen.jobs.tables import Base, Garment, Job, Look
from fashion_gen.jobs.testing import StandingClock
from fashion_gen.records import Brief, Category, Kind

SHA = "a" * 64


def open_store(folder: Path, clock: StandingClock, policy: Policy | None = None) -> Store:
    """A store on SQLite in this folder."""
    (folder / "jobs.db").write_bytes(_migrated())
    return Store(Database(f"sqlite:///{folder / 'jobs.db'}"), policy=policy, clock=clock)


@cache
def _migrated() -> bytes:
    """An empty database with its tables: migrating takes longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        migrate(f"sqlite:///{folder}/jobs.db")
        return Path(folder, "jobs.db").read_bytes()


def empty(store: Store) -> None:
    """Delete every row of a PostgreSQL database: quicker than a new database for each test."""
    tables = ", ".join(Base.metadata.tables)
    with store.database.writing() as session:
        session.execute(sqlalchemy.text(f"TRUNCATE {tables} CASCADE"))


def new_database(server: str) -> str:
    """Make an empty database on a PostgreSQL server and return its URL."""
    name = f"t{secrets.token_hex(6)}"
    engine = sqlalchemy.create_engine(
        sqlalchemy.make_url(f"{server}/postgres").set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return f"{server}/{name}"


def add_garment(store: Store, seller_id: str, *, ready: bool = True, **more: Any) -> Garment:
    upload = store.uploads.add(seller_id, NewUpload("shirt.jpg", 1000, "image/jpeg", depicts_person=False))
    store.uploads.received(seller_id, upload.id, sha256=SHA, size=1000, storage_key=f"originals/{seller_id}/{SHA}")
    garment = store.garments.add(seller_id, NewGarment(upload.id, **more))
    if ready:
        [claim] = store.garment_leases.claim([garment.id], "prepare-1")
        store.garment_leases.ready(claim, prepared())
    return store.garments.get(seller_id, garment.id)


def add_job(store: Store, seller_id: str, *, looks: int = 1, garment: Garment | None = None, **more: Any) -> Job:
    garment = garment or add_garment(store, seller_id)
    return store.jobs.add(seller_id, NewJob(garment.id, Brief(looks=looks), "mini", **more)).job


def looks_of(store: Store, job: Job) -> list[Look]:
    return list(store.looks.of_job(job.seller_id, job.id))


def claim_one(store: Store, look: Look, owner: str = "render-1") -> Claim:
    [claim] = store.look_leases.claim([look.id], owner)
    return claim


def prepared() -> Prepared:
    return Prepared(Kind.GHOST, Category.TOP, {"usable": True, "problems": []}, {"packed": "garments/x"})


def rendered(*, passed: bool = True) -> Rendered:
    return Rendered(
        passed=passed,
        reason=None if passed else "tone: asked 7, measured 3",
        result={"seed": 1},
        files={"file": "s/j/l/1/look.png"},
        persona="kiran",
        tone=7,
        seed=4_000_000_000,
        render_ms=12,
    )
