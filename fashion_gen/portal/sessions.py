"""Sessions of the pages: a signed cookie that names the API key it was opened with.

The cookie holds no secret and no rights: the key is looked up at every request, so revoking it ends its sessions.
"""

from __future__ import annotations

from datetime import timedelta

from itsdangerous import BadData, URLSafeTimedSerializer
from pydantic import SecretStr
from starlette.responses import Response

from fashion_gen.errors import NotAuthenticated, SetupError

COOKIE = "fashion_gen_session"
LIFETIME = timedelta(hours=12)
MIN_KEY_BYTES = 32


class Sessions:
    """Signs session cookies and reads them. `secure`: the portal is reached by https, and the cookie only by it.

    Raises:
        SetupError: the key is too short.
    """

    def __init__(self, key: SecretStr, *, secure: bool, lifetime: timedelta = LIFETIME) -> None:
        if len(key.get_secret_value().encode()) < MIN_KEY_BYTES:
            raise SetupError(
                f"The key that signs sessions is short: set FASHION_GEN_PORTAL__SECRET to {MIN_KEY_BYTES} characters or more."
            )
        self._serializer = URLSafeTimedSerializer(key.get_secret_value(), salt="fashion-gen session 1")
        self._secure = secure
        self._lifetime = lifetime

    def open(self, response: Response, key_id: str) -> None:
        """Set the cookie. Strict: no other site's link or form ever carries it."""
        response.set_cookie(
            COOKIE,
            str(self._serializer.dumps(key_id)),
            max_age=int(self._lifetime.total_seconds()),
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="strict",
        )

    def close(self, response: Response) -> None:
        """Remove the cookie."""
        response.delete_cookie(COOKIE, path="/", secure=self._secure, httponly=True, samesite="strict")

    def key_id(self, cookie: str) -> str:
        """The id of the key that the session was opened with. Raises NotAuthenticated."""
        try:
            return str(self._serializer.loads(cookie, max_age=int(self._lifetime.total_seconds())))
        except BadData as exc:
            raise NotAuthenticated("The session has ended: sign in again.") from exc
