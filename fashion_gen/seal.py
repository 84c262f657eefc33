"""Words that are kept in the database and that nobody who reads it shall know: the keys of sellers' buckets."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from pydantic import SecretStr

from fashion_gen.errors import SetupError
from fashion_gen.secret import derived


class Seal:
    """Encrypts and signs (Fernet: AES-128-CBC and HMAC-SHA256) by a key made from the service's secret."""

    def __init__(self, secret: SecretStr, purpose: str) -> None:
        key = bytes.fromhex(derived(secret, purpose).get_secret_value())
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def close(self, words: SecretStr) -> str:
        """What may lie in a database."""
        return self._fernet.encrypt(words.get_secret_value().encode()).decode()

    def open(self, sealed: str) -> SecretStr:
        """The words again. Raises SetupError where they were sealed by another secret, or changed."""
        try:
            return SecretStr(self._fernet.decrypt(sealed).decode())
        except InvalidToken as exc:
            raise SetupError(
                "The keys were sealed by another secret: set them anew, or give every process the same FASHION_GEN_PORTAL__SECRET."
            ) from exc
