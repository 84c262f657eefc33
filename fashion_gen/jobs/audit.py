"""The audit log: who did what. Entries are added, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from fashion_gen.jobs.ids import new_id
from fashion_gen.jobs.paging import Page, page
from fashion_gen.jobs.tables import AuditEntry
from fashion_gen.jobs.verbs import Verbs


class Audit(Verbs):
    """The audit log of sellers."""

    def note(
        self, seller_id: str, actor: str, action: str, subject: str, details: Mapping[str, Any] | None = None
    ) -> None:
        """Add an entry. `actor` is a key's id, "portal", "operator" or "system"; `details` holds no secrets."""
        now = self._clock()
        entry = AuditEntry(
            id=new_id("aud", now),
            created_at=now,
            seller_id=seller_id,
            actor=actor,
            action=action,
            subject=subject,
            details=dict(details or {}),
        )
        with self._database.writing() as session:
            session.add(entry)

    def page(self, seller_id: str, *, cursor: str | None = None, limit: int = 50) -> Page[AuditEntry]:
        """Entries, newest first. Raises InputError for a cursor that is not ours."""
        query = select(AuditEntry).where(AuditEntry.seller_id == seller_id)
        with self._database.reading() as session:
            return page(session, query, AuditEntry, cursor=cursor, limit=limit)
