"""What is sent to somebody: the outbox, webhooks, and the heartbeats of workers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from fashion_gen.jobs import states
from fashion_gen.jobs.ids import LENGTH
from fashion_gen.jobs.tables.base import Base, Row, text_of


class OutboxMessage(Row):
    """Written in the transaction it speaks of; sent afterwards, at least once. Carries ids only."""

    __tablename__ = "outbox"

    seller_id: Mapped[str | None] = mapped_column(ForeignKey("sellers.id"))  #: None: a batch of several sellers
    topic: Mapped[states.Topic] = mapped_column(text_of(states.Topic))
    name: Mapped[str] = mapped_column(String(64))  #: an event such as "job.succeeded"; the priority of a batch
    ids: Mapped[list[str]]
    sent_at: Mapped[datetime | None]

    __table_args__ = (
        # Only what is still to be sent is looked for: the index stays small whatever the table holds.
        Index(
            "ix_outbox_unsent",
            "topic",
            "id",
            sqlite_where=text("sent_at IS NULL"),
            postgresql_where=text("sent_at IS NULL"),
        ),
        Index(None, "sent_at"),
    )


class WebhookEndpoint(Row):
    __tablename__ = "webhook_endpoints"

    seller_id: Mapped[str] = mapped_column(ForeignKey("sellers.id"))
    url: Mapped[str] = mapped_column(String(2000))
    secret: Mapped[str] = mapped_column(String(200))  #: signs, so it cannot be kept as a hash
    previous_secret: Mapped[str | None] = mapped_column(String(200))  #: signs too while the seller rotates
    events: Mapped[list[str]]
    active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (Index(None, "seller_id", "created_at", "id"),)


class WebhookDelivery(Row):
    """One event for one endpoint, with its retries."""

    __tablename__ = "webhook_deliveries"

    seller_id: Mapped[str] = mapped_column(ForeignKey("sellers.id"))
    endpoint_id: Mapped[str] = mapped_column(ForeignKey("webhook_endpoints.id"))
    event_id: Mapped[str] = mapped_column(String(LENGTH))  #: the outbox message: receivers drop repeats by it
    event: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]]
    state: Mapped[states.DeliveryState] = mapped_column(text_of(states.DeliveryState))
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None]
    status_code: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(1000))

    __table_args__ = (
        Index(None, "endpoint_id", "event_id", unique=True),
        Index(None, "state", "next_attempt_at"),
        Index(None, "seller_id", "created_at", "id"),
    )


class Worker(Base):
    """Who says to be alive. A worker writes its own row every few seconds."""

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    topic: Mapped[states.Topic] = mapped_column(text_of(states.Topic))  #: what it takes
    slots: Mapped[int]  #: batches that it works on at once
    seen_at: Mapped[datetime]
    details: Mapped[dict[str, Any]]  #: e.g. device and warm presets

    __table_args__ = (Index(None, "topic", "seen_at"),)
