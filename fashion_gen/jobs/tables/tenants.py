"""Sellers and what belongs to their account: keys, usage, the audit log, idempotency keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fashion_gen.jobs.tables.base import Base, Row


class Seller(Row):
    __tablename__ = "sellers"

    name: Mapped[str] = mapped_column(String(200))
    weight: Mapped[int] = mapped_column(default=1)  #: share of the workers beside others' shares
    max_in_flight: Mapped[int] = mapped_column(default=64)  #: looks dispatched or running at once
    requests_per_minute: Mapped[int] = mapped_column(default=600)
    active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (Index(None, "created_at", "id"),)


class ApiKey(Row):
    """The secret itself is shown once and never stored."""

    __tablename__ = "api_keys"

    seller_id: Mapped[str] = mapped_column(ForeignKey("sellers.id"))
    name: Mapped[str] = mapped_column(String(200))
    secret_sha256: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[str]]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "seller_id", "created_at", "id"),)


class Usage(Row):
    """One line of the ledger: a look that passed, once, however often it is rendered again."""

    __tablename__ = "usage"

    seller_id: Mapped[str] = mapped_column(ForeignKey("sellers.id"))
    look_id: Mapped[str] = mapped_column(ForeignKey("looks.id"))
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"))
    preset: Mapped[str] = mapped_column(String(64))
    units: Mapped[int]  #: looks

    __table_args__ = (UniqueConstraint("look_id"), Index(None, "seller_id", "created_at", "id"))


class AuditEntry(Row):
    """Who did what to which thing. Never holds secrets or pictures."""

    __tablename__ = "audit_log"

    seller_id: Mapped[str] = mapped_column(ForeignKey("sellers.id"))
    actor: Mapped[str] = mapped_column(String(64))  #: an API key's id, "portal", "operator" or "system"
    action: Mapped[str] = mapped_column(String(64))  #: e.g. "job.cancel"
    subject: Mapped[str] = mapped_column(String(64))
    details: Mapped[dict[str, Any]]

    __table_args__ = (Index(None, "seller_id", "created_at", "id"),)


class IdempotencyRecord(Base):
    """A request that must have one effect, however often it comes; `reply` is None while the first one is at work."""

    __tablename__ = "idempotency_keys"

    seller_id: Mapped[str] = mapped_column(ForeignKey("sellers.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    route: Mapped[str] = mapped_column(String(100), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))  #: SHA-256 of the request's body
    reply: Mapped[dict[str, Any] | None]
    locked_until: Mapped[datetime]  #: an open record older than this belonged to a process that died
    expires_at: Mapped[datetime]

    __table_args__ = (Index(None, "expires_at"),)
