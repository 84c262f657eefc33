"""The ledger: a look is billed once, when it passes; failed looks and those that the inspection rejected are free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fashion_gen.jobs.database import insert_new
from fashion_gen.jobs.ids import new_id
from fashion_gen.jobs.paging import Page, page
from fashion_gen.jobs.tables import Look, Usage
from fashion_gen.jobs.verbs import Verbs


@dataclass(frozen=True, slots=True)
class UsageLine:
    """Looks billed on one preset."""

    preset: str
    units: int


class Ledger(Verbs):
    """What sellers used."""

    def usage(self, seller_id: str, since: datetime, until: datetime) -> list[UsageLine]:
        """Looks billed from `since` up to but not including `until`, by preset."""
        query = (
            select(Usage.preset, func.sum(Usage.units))
            .where(Usage.seller_id == seller_id, Usage.created_at >= since, Usage.created_at < until)
            .group_by(Usage.preset)
            .order_by(Usage.preset)
        )
        with self._database.reading() as session:
            return [UsageLine(preset, int(units)) for preset, units in session.execute(query)]

    def page(self, seller_id: str, *, cursor: str | None = None, limit: int = 100) -> Page[Usage]:
        """The lines of the ledger, newest first."""
        with self._database.reading() as session:
            return page(session, select(Usage).where(Usage.seller_id == seller_id), Usage, cursor=cursor, limit=limit)


def bill(session: Session, look: Look, now: datetime) -> bool:
    """Bill a look that passed, in the running transaction, unless it was billed before; say whether it was now."""
    line = {
        "id": new_id("use", now),
        "created_at": now,
        "seller_id": look.seller_id,
        "look_id": look.id,
        "job_id": look.job_id,
        "preset": look.preset,
        "units": 1,
    }
    return insert_new(session, Usage, line, unique=("look_id",))
