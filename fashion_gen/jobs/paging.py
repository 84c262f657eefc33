"""Cursor paging: newest first, stable while rows are added; the cursor is opaque to the caller."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import Select, and_, or_
from sqlalchemy.orm import Session

from fashion_gen.errors import InputError
from fashion_gen.jobs.tables import Row

MAX_LIMIT = 200
R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Some rows, and how to ask for those that follow; `next_cursor` is None on the last page."""

    rows: Sequence[R]
    next_cursor: str | None


def page(session: Session, query: Select[R], table: type[R], *, cursor: str | None, limit: int) -> Page[R]:
    """Run a query page by page, in falling order of (created_at, id). `limit` is cut to 1 to `MAX_LIMIT`.

    Raises:
        InputError: the cursor is not one of ours.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    if cursor:
        when, last = decode(cursor)
        query = query.where(or_(table.created_at < when, and_(table.created_at == when, table.id < last)))
    rows = session.scalars(query.order_by(table.created_at.desc(), table.id.desc()).limit(limit + 1)).all()
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, encode(rows[-1].created_at, rows[-1].id) if more else None)


def encode(when: datetime, row_id: str) -> str:
    """Return a cursor that points behind this row."""
    return base64.urlsafe_b64encode(f"{when.isoformat()} {row_id}".encode()).decode().rstrip("=")


def decode(cursor: str) -> tuple[datetime, str]:
    """Return (created_at, id) of the row that the cursor points behind. Raises InputError."""
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
        when, _, row_id = text.partition(" ")
        moment = datetime.fromisoformat(when)
        if moment.tzinfo is None or not row_id:
            raise ValueError("incomplete")
    except (ValueError, UnicodeError, binascii.Error) as exc:
        raise InputError("The cursor is not one of ours: use next_cursor of the page before, unchanged.") from exc
    return moment, row_id
