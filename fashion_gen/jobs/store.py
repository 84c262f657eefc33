"""The store: every noun's verbs over one database, in one hand.

There is no second implementation to hide behind an interface: SQLAlchemy already is the one between SQLite and PostgreSQL,
and `tests/contract` runs every verb on both.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self

from fashion_gen.jobs.audit import Audit
from fashion_gen.jobs.census import Census
from fashion_gen.jobs.database import Database
from fashion_gen.jobs.destinations import Destinations
from fashion_gen.jobs.dispatch import Dispatcher
from fashion_gen.jobs.garments import GarmentLeases, Garments
from fashion_gen.jobs.idempotency import Idempotency
from fashion_gen.jobs.ids import utc_now
from fashion_gen.jobs.jobs import Jobs
from fashion_gen.jobs.keys import Keys
from fashion_gen.jobs.ledger import Ledger
from fashion_gen.jobs.looks import LookLeases, Looks
from fashion_gen.jobs.outbox import Outbox
from fashion_gen.jobs.policy import Policy
from fashion_gen.jobs.sellers import Sellers
from fashion_gen.jobs.uploads import Uploads
from fashion_gen.jobs.workers import Workers


class Store:
    """What the portal, the dispatcher and the workers know. `migrate` the database first."""

    def __init__(
        self, database: Database, *, policy: Policy | None = None, clock: Callable[[], datetime] = utc_now
    ) -> None:
        policy = policy or Policy()
        self.database = database
        self.policy = policy
        self.clock = clock
        # tenants: every verb takes the seller and sees nobody else's rows
        self.uploads = Uploads(database, clock=clock)
        self.garments = Garments(database, policy=policy, clock=clock)
        self.jobs = Jobs(database, policy=policy, clock=clock)
        self.looks = Looks(database, clock=clock)
        self.keys = Keys(database, clock=clock)
        self.ledger = Ledger(database, clock=clock)
        self.audit = Audit(database, clock=clock)
        self.destinations = Destinations(database, policy=policy, clock=clock)
        self.idempotency = Idempotency(database, policy=policy, clock=clock)
        # operators, dispatcher and workers
        self.sellers = Sellers(database, clock=clock)
        self.garment_leases = GarmentLeases(database, policy=policy, clock=clock)
        self.look_leases = LookLeases(database, policy=policy, clock=clock)
        self.outbox = Outbox(database, clock=clock)
        self.dispatcher = Dispatcher(database, policy=policy, clock=clock)
        self.census = Census(database, clock=clock)
        self.workers = Workers(database, policy=policy, clock=clock)

    def close(self) -> None:
        """Close every connection."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
