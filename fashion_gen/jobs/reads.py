"""Reading as a tenant: a row of another seller does not exist."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from fashion_gen.errors import NotFound

T = TypeVar("T")


def own(session: Session, table: type[T], seller_id: str, row_id: str, *, lock: bool = False) -> T:
    """Return the seller's row, locked until the transaction ends where `lock` is set.

    Raises:
        NotFound: there is none, or it is another seller's: the two are not told apart.
    """
    columns: Any = table
    query = select(table).where(columns.id == row_id, columns.seller_id == seller_id)
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound(str(columns.__name__).lower(), row_id, ())
    return row


def matching(column: InstrumentedAttribute[Any], wanted: object | None) -> list[ColumnElement[bool]]:
    """A filter that is absent where nothing is asked."""
    return [] if wanted is None else [column == wanted]
