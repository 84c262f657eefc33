"""A seller's own bucket as the place for results. Its address comes from outside, so it is not trusted."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from fashion_gen.errors import InputError
from fashion_gen.storage.s3 import S3Location, S3Storage


def open_destination(location: S3Location, *, allow_private: bool = False) -> S3Storage:
    """Open a seller's bucket; `probe` it before relying on it.

    `allow_private` is for operators whose sellers are in the same house: it allows http and private addresses. The name
    is looked up now and again by every request, so a network policy on the workers is the second lock.

    Raises:
        InputError: no keys (ours would be used otherwise), not https, or an address inside our own network.
    """
    if location.access_key is None:
        raise InputError(
            "The bucket has no keys: give the access key and the secret key of a user who may write there."
        )
    if location.endpoint is not None and not allow_private:
        _refuse_inner(location.endpoint, None if location.path_style else location.bucket)
    return S3Storage(location)


def _refuse_inner(endpoint: str, bucket: str | None) -> None:
    """`bucket` is what stands before the endpoint's name, where the provider wants it there."""
    parts = urlsplit(endpoint)
    host = parts.hostname if bucket is None else f"{bucket}.{parts.hostname}"
    if parts.scheme != "https":
        raise InputError(f'The endpoint "{endpoint}" is not encrypted: give one that begins with https://.')
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, parts.port or 443, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as exc:  # the latter for names that cannot be
        raise InputError(f'The endpoint "{endpoint}" has no address: check its name.') from exc
    # One bad address of several is enough: the client would try them all.
    if not all(ipaddress.ip_address(address).is_global for address in found):
        raise InputError(f'The endpoint "{endpoint}" is not on the public internet: give one that is.')
