"""Catalogs: files of many rows, each becoming a job."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fashion_gen.jobs import states
from fashion_gen.jobs.tables.base import Row, text_of


class Catalog(Row):
    __tablename__ = "catalogs"

    seller_id: Mapped[str] = mapped_column(ForeignKey("sellers.id"))
    state: Mapped[states.CatalogState] = mapped_column(text_of(states.CatalogState))
    name: Mapped[str] = mapped_column(String(255))
    storage_key: Mapped[str] = mapped_column(String(1024))
    brief: Mapped[dict[str, Any]]  #: what rows inherit
    rows: Mapped[int] = mapped_column(default=0)
    budget: Mapped[int | None]  #: looks at most
    finished_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "seller_id", "created_at", "id"),)


class CatalogRow(Row):
    __tablename__ = "catalog_rows"

    catalog_id: Mapped[str] = mapped_column(ForeignKey("catalogs.id"))
    number: Mapped[int]  #: line of the file, from 1
    sku: Mapped[str | None] = mapped_column(String(255))
    state: Mapped[states.RowState] = mapped_column(text_of(states.RowState))
    job_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id"))
    reason: Mapped[str | None] = mapped_column(String(1000))

    __table_args__ = (
        UniqueConstraint("catalog_id", "number"),
        Index(None, "catalog_id", "state", "number"),
        Index(None, "job_id"),
    )
