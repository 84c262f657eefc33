"""Links for storages that have no server of their own: the portal serves them, and a signed token says what it may."""

from __future__ import annotations

import binascii
import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from fashion_gen.errors import LinkRefused, SetupError
from fashion_gen.storage.base import check_key
from fashion_gen.storage.presign import Presigned, Presigner, attachment, check_upload, seconds_of

MIN_KEY_BYTES = 32  # as many as the digest has (RFC 2104, section 3)
_PURPOSE = b"fashion-gen link 1\n"  # so that nothing else signed with the same key is a link


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token allows: one method on one key until it expires."""

    method: str  #: "PUT", "POST" or "GET"
    key: str
    expires: int  #: seconds since 1970
    size: int | None = None  #: bytes that must come
    content_type: str | None = None  #: type that must come
    disposition: str | None = None  #: the Content-Disposition to answer with


class TokenPresigner(Presigner):
    """Signs tokens by HMAC-SHA256; `base_url` is where the portal serves them.

    PUT and GET links are `base_url/TOKEN`; a form is posted to `base_url` with the token in its field "token". Whoever
    serves them calls `redeem` with what came before reading the body, reads no more than `Grant.size` bytes, and puts
    them into the storage under `Grant.key`.

    Raises:
        SetupError: the key is shorter than 32 bytes; an empty one would let anybody sign.
    """

    def __init__(
        self, base_url: str, key: SecretStr, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._key = key.get_secret_value().encode()
        if len(self._key) < MIN_KEY_BYTES:
            raise SetupError(
                f"The key that signs links has {len(self._key)} bytes: set FASHION_GEN_STORAGE__LINK_KEY to at least "
                f"{MIN_KEY_BYTES}, as python -c 'import secrets; print(secrets.token_urlsafe(32))' prints them."
            )
        self._base = base_url.rstrip("/")
        self._now = now

    def put(self, key: str, *, size: int, content_type: str, lifetime: timedelta) -> Presigned:
        check_upload(size, content_type)
        grant = Grant("PUT", check_key(key), self._until(lifetime), size, content_type)
        return Presigned(
            "PUT",
            f"{self._base}/{self._sign(grant)}",
            _moment(grant),
            headers={"Content-Type": content_type, "Content-Length": str(size)},
        )

    def form(self, key: str, *, size: int, content_type: str, lifetime: timedelta) -> Presigned:
        check_upload(size, content_type)
        grant = Grant("POST", check_key(key), self._until(lifetime), size, content_type)
        fields = {"token": self._sign(grant), "Content-Type": content_type}
        return Presigned("POST", self._base, _moment(grant), fields=fields)

    def get(self, key: str, *, lifetime: timedelta, filename: str | None = None) -> Presigned:
        named = attachment(filename) if filename else None
        grant = Grant("GET", check_key(key), self._until(lifetime), disposition=named)
        return Presigned("GET", f"{self._base}/{self._sign(grant)}", _moment(grant))

    def redeem(self, token: str, method: str, *, content_type: str | None = None, size: int | None = None) -> Grant:
        """Return what the token allows, if this request is it.

        `content_type` and `size` are those of the body that came: for a form, of its file.

        Raises:
            LinkRefused: the token is forged or cut, has expired, or this is another request than the signed one.
        """
        grant = self._read(token)
        if self._now().timestamp() >= grant.expires:
            raise LinkRefused("The link has expired: ask for a new one.")
        if method != grant.method:
            raise LinkRefused(f"The link is for {grant.method}, not for {method}: ask for another one.")
        if (size, content_type) != (grant.size, grant.content_type):
            raise LinkRefused(
                f"The link is for {grant.size} bytes of {grant.content_type}, not for {size} of {content_type}: send "
                "what was announced, or ask for a new link."
            )
        return grant

    def _until(self, lifetime: timedelta) -> int:
        return int(self._now().timestamp()) + seconds_of(lifetime)

    def _sign(self, grant: Grant) -> str:
        payload = json.dumps(asdict(grant), separators=(",", ":")).encode()
        return f"{_text(payload)}.{_text(self._digest(payload))}"

    def _read(self, token: str) -> Grant:
        head, _, tail = token.partition(".")
        try:
            payload, digest = _bytes(head), _bytes(tail)
        except (ValueError, binascii.Error) as exc:
            raise LinkRefused("The link is damaged: copy the whole of it.") from exc
        # In constant time, so that nobody can guess a digest byte by byte.
        if not hmac.compare_digest(digest, self._digest(payload)):
            raise LinkRefused("The link was changed after it was signed: ask for a new one.")
        return Grant(**json.loads(payload))

    def _digest(self, payload: bytes) -> bytes:
        return hmac.digest(self._key, _PURPOSE + payload, hashlib.sha256)


def _moment(grant: Grant) -> datetime:
    return datetime.fromtimestamp(grant.expires, UTC)


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
