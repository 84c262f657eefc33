"""Sellers: the tenants."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from fashion_gen.errors import InputError, NotFound
from fashion_gen.jobs.ids import new_id
from fashion_gen.jobs.paging import Page, page
from fashion_gen.jobs.tables import Seller
from fashion_gen.jobs.verbs import Verbs


class Sellers(Verbs):
    """For operators: tenants cannot see each other, so none of this is theirs to call."""

    def add(self, name: str, *, weight: int = 1, max_in_flight: int = 64, requests_per_minute: int = 600) -> Seller:
        """Open an account. Raises InputError where a limit is not positive."""
        _check(weight=weight, max_in_flight=max_in_flight, requests_per_minute=requests_per_minute)
        now = self._clock()
        seller = Seller(
            id=new_id("sel", now),
            created_at=now,
            name=name,
            weight=weight,
            max_in_flight=max_in_flight,
            requests_per_minute=requests_per_minute,
            active=True,
        )
        with self._database.writing() as session:
            session.add(seller)
        return seller

    def get(self, seller_id: str) -> Seller:
        """One seller. Raises NotFound."""
        with self._database.reading() as session:
            return _get(session, seller_id)

    def page(self, *, cursor: str | None = None, limit: int = 50) -> Page[Seller]:
        """Sellers, newest first. Raises InputError for a cursor that is not ours."""
        with self._database.reading() as session:
            return page(session, select(Seller), Seller, cursor=cursor, limit=limit)

    def limit(self, seller_id: str, *, weight: int, max_in_flight: int, requests_per_minute: int) -> Seller:
        """Set the limits. Raises NotFound; InputError where one is not positive."""
        _check(weight=weight, max_in_flight=max_in_flight, requests_per_minute=requests_per_minute)
        with self._database.writing() as session:
            seller = _get(session, seller_id)
            seller.weight, seller.max_in_flight = weight, max_in_flight
            seller.requests_per_minute = requests_per_minute
            return seller

    def activate(self, seller_id: str, *, active: bool) -> Seller:
        """Open or close the account: keys of a closed one are refused, its rows stay. Raises NotFound."""
        with self._database.writing() as session:
            seller = _get(session, seller_id)
            seller.active = active
            return seller


def _get(session: Session, seller_id: str) -> Seller:
    seller = session.get(Seller, seller_id)
    if seller is None:
        raise NotFound("seller", seller_id, ())
    return seller


def _check(**limits: int) -> None:
    for name, value in limits.items():
        if value < 1:
            raise InputError(f"{name} must be at least 1, not {value}.")
