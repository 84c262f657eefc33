"""Sellers' own buckets, and which looks they are still to get."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from fashion_gen.jobs.tables.base import Base, Row


class Destination(Row):
    """A seller's bucket for results. The keys to it are sealed by the service's secret, which is not in the database."""

    __tablename__ = "destinations"

    seller_id: Mapped[str] = mapped_column(ForeignKey("sellers.id"), unique=True)
    bucket: Mapped[str] = mapped_column(String(255))
    endpoint: Mapped[str | None] = mapped_column(String(1000))
    region: Mapped[str] = mapped_column(String(64))
    prefix: Mapped[str] = mapped_column(String(512))
    path_style: Mapped[bool]
    checksums: Mapped[str] = mapped_column(String(24))
    sealed_keys: Mapped[str] = mapped_column(String(4000))
    turn: Mapped[int] = mapped_column(default=0)  #: messages so far: the fencing token
    available_at: Mapped[datetime]  #: no message before
    failures: Mapped[int] = mapped_column(default=0)  #: since a file last arrived
    reason: Mapped[str | None] = mapped_column(String(1000))  #: why the last one did not
    copied_at: Mapped[datetime | None]  #: when one last did

    __table_args__ = (Index(None, "available_at"),)


class Copy(Base):
    """A look that passed and belongs into its seller's bucket too."""

    __tablename__ = "copies"

    look_id: Mapped[str] = mapped_column(ForeignKey("looks.id"), primary_key=True)
    seller_id: Mapped[str] = mapped_column(ForeignKey("sellers.id"))
    attempt: Mapped[int]  #: the look's, whose files are meant
    asked_at: Mapped[datetime]
    copied_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "ix_copies_waiting",
            "seller_id",
            "asked_at",
            "look_id",
            sqlite_where=text("copied_at IS NULL"),
            postgresql_where=text("copied_at IS NULL"),
        ),
    )
