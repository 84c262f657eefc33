"""What the verbs of every noun work with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fashion_gen.jobs.database import Database
from fashion_gen.jobs.ids import utc_now
from fashion_gen.jobs.policy import Policy


class Verbs:
    """The verbs of one noun over one database."""

    def __init__(
        self, database: Database, *, policy: Policy | None = None, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._database = database
        self._policy = policy or Policy()
        self._clock = clock
