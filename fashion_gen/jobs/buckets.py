"""From a seller's words to a bucket that works, and from its row to the bucket: the keys are sealed in between."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, cast

from pydantic import SecretStr

from fashion_gen.errors import BackendUnavailable, InputError, SetupError
from fashion_gen.jobs.destinations import Place
from fashion_gen.jobs.tables import Destination
from fashion_gen.seal import Seal
from fashion_gen.storage import Storage, probe

if TYPE_CHECKING:
    from fashion_gen.storage.s3.location import Checksums

ATTEMPTS = 2  #: of each request: whoever waits for a bucket that is down keeps other sellers' looks waiting


class Buckets:
    """Sellers' buckets. `allow_private`: sellers are of this house, see `storage.destination.open_destination`."""

    def __init__(self, seal: Seal, *, allow_private: bool = False) -> None:
        self._seal = seal
        self._allow_private = allow_private

    def admit(self, place: Place, access_key: SecretStr, secret_key: SecretStr) -> str:
        """Try a bucket by writing, reading and deleting a small file; return its keys as the database may have them.

        Raises:
            InputError: it cannot be used; the message says what the seller has to mend.
            BackendUnavailable: boto3 is not installed.
        """
        _check_installed()
        try:
            probe(self._opened(place, access_key, secret_key))
        except SetupError as exc:  # of the seller's making, not of ours
            raise InputError(str(exc)) from exc
        return self._seal.close(SecretStr(json.dumps([access_key.get_secret_value(), secret_key.get_secret_value()])))

    def open(self, row: Destination) -> Storage:
        """The bucket of a row. Nothing is sent yet.

        Raises:
            SetupError: its keys were sealed by another secret, or boto3 is not installed.
            InputError: its address leads into our own network by now.
        """
        _check_installed()
        access_key, secret_key = json.loads(self._seal.open(row.sealed_keys).get_secret_value())
        return self._opened(_place_of(row), SecretStr(access_key), SecretStr(secret_key))

    def _opened(self, place: Place, access_key: SecretStr, secret_key: SecretStr) -> Storage:
        from fashion_gen.storage.destination import open_destination
        from fashion_gen.storage.s3 import S3Location

        location = S3Location(
            bucket=place.bucket,
            endpoint=place.endpoint,
            region=place.region,
            prefix=place.prefix.strip("/"),
            access_key=access_key,
            secret_key=secret_key,
            path_style=place.path_style,
            checksums=cast("Checksums", place.checksums),
            attempts=ATTEMPTS,
        )
        return open_destination(location, allow_private=self._allow_private)


def _place_of(row: Destination) -> Place:
    values: dict[str, Any] = {name: getattr(row, name) for name in Place.__slots__}
    return Place(**values)


def _check_installed() -> None:
    if find_spec("boto3") is None:
        raise BackendUnavailable("Sellers' buckets need boto3: pip install 'fashion-gen[s3]'.")
