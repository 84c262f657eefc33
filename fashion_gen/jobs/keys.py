"""API keys: `fg_live_<id>_<secret>`, shown once, kept as a hash, two at a time so that they can be rotated."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select

from fashion_gen.errors import Conflict, NotAuthenticated
from fashion_gen.jobs.ids import new_id
from fashion_gen.jobs.reads import own
from fashion_gen.jobs.tables import ApiKey, Seller
from fashion_gen.jobs.verbs import Verbs

PREFIX = "fg_live_"
SECRET_BYTES = 32
MOST_ACTIVE = 2  #: the one in use and its successor
LAST_USED_STEP = timedelta(minutes=1)  #: a write per request would make every read wait for the disk
_REFUSED = "The API key is unknown, expired or revoked: use a valid one in the header Authorization: Bearer."

# Built once: it is asked with every request.
_BY_ID = (
    select(ApiKey, Seller.active).join(Seller, ApiKey.seller_id == Seller.id).where(ApiKey.id == bindparam("key_id"))
)


@dataclass(frozen=True, slots=True)
class Issued:
    """A new key and its token, which is never shown again."""

    key: ApiKey
    token: str

    def __repr__(self) -> str:  # a token in a log is a token lost
        return f"Issued(key={self.key.id!r})"


class Keys(Verbs):
    """The API keys of sellers."""

    def issue(self, seller_id: str, name: str, *, scopes: Sequence[str], expires_at: datetime | None = None) -> Issued:
        """Make a key. Raises NotFound for the seller, Conflict where two are active already."""
        now = self._clock()
        secret = secrets.token_urlsafe(SECRET_BYTES)
        with self._database.writing() as session:
            # The seller's lock makes two requests at once count each other.
            session.scalars(select(Seller).where(Seller.id == seller_id).with_for_update()).one()
            if len(session.scalars(_active(seller_id, now)).all()) >= MOST_ACTIVE:
                raise Conflict(f"A seller has {MOST_ACTIVE} active keys at most: revoke the old one first.")
            key = ApiKey(
                id=new_id("key", now),
                created_at=now,
                seller_id=seller_id,
                name=name,
                secret_sha256=_hash(secret),
                scopes=list(scopes),
                expires_at=expires_at,
            )
            session.add(key)
        return Issued(key, f"{PREFIX}{key.id.removeprefix('key_')}_{secret}")

    def authenticate(self, token: str) -> ApiKey:
        """Return the key that a token belongs to. Raises NotAuthenticated."""
        key_id, _, secret = token.removeprefix(PREFIX).partition("_")
        now = self._clock()
        key, active = self._find(f"key_{key_id}")
        # The same work for an unknown key, whose secret cannot match: time does not tell which ids there are.
        right = hmac.compare_digest(_hash(secret), key.secret_sha256 if key else _hash(""))
        if key is None or not (right and active and token.startswith(PREFIX) and _valid(key, now)):
            raise NotAuthenticated(_REFUSED)
        if key.last_used_at is None or now - key.last_used_at > LAST_USED_STEP:
            self._touch(key, now)
        return key

    def recall(self, key_id: str) -> ApiKey:
        """Return the key of an open session, if it is still good. Raises NotAuthenticated."""
        key, active = self._find(key_id)
        if key is None or not (active and _valid(key, self._clock())):
            raise NotAuthenticated("The API key of this session has expired or was revoked: sign in with another one.")
        return key

    def list(self, seller_id: str) -> Sequence[ApiKey]:
        """Every key of a seller, newest first, revoked ones too."""
        query = select(ApiKey).where(ApiKey.seller_id == seller_id).order_by(ApiKey.created_at.desc(), ApiKey.id)
        with self._database.reading() as session:
            return session.scalars(query).all()

    def revoke(self, seller_id: str, key_id: str) -> ApiKey:
        """End a key at once. Raises NotFound."""
        with self._database.writing() as session:
            key = own(session, ApiKey, seller_id, key_id)
            key.revoked_at = key.revoked_at or self._clock()
            return key

    def _find(self, key_id: str) -> tuple[ApiKey | None, bool]:
        """The key, and whether its seller's account is open."""
        with self._database.reading() as session:
            found = session.execute(_BY_ID, {"key_id": key_id}).one_or_none()
        return (found[0], found[1]) if found else (None, False)

    def _touch(self, key: ApiKey, now: datetime) -> None:
        with self._database.writing() as session:
            row = own(session, ApiKey, key.seller_id, key.id)
            row.last_used_at = now


def _active(seller_id: str, now: datetime):  # type: ignore[no-untyped-def]
    return select(ApiKey).where(
        ApiKey.seller_id == seller_id,
        ApiKey.revoked_at.is_(None),
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now),
    )


def _valid(key: ApiKey, now: datetime) -> bool:
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > now)


def _hash(secret: str) -> str:
    # A secret of 32 random bytes cannot be guessed, so a slow password hash would only slow us.
    return hashlib.sha256(secret.encode()).hexdigest()
