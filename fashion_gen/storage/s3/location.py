"""Where a bucket is and how to talk to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from pydantic import SecretStr

from fashion_gen.errors import InputError, SetupError
from fashion_gen.storage.base import MAX_KEY_BYTES, check_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Checksums = Literal["when_supported", "when_required"]


@dataclass(frozen=True, slots=True)
class S3Location:
    """A bucket, or the part of it below `prefix`. Neither key is ever printed.

    Raises:
        SetupError: one key without the other, or an endpoint that is no plain address.
        InputError: a prefix that no key may begin with.
    """

    bucket: str
    endpoint: str | None = None  #: such as "https://s3.example.com"; None is Amazon's own
    region: str = "us-east-1"
    prefix: str = ""  #: such as "shop-1/looks", without a slash at its ends
    access_key: SecretStr | None = None  #: None: boto3 looks for the machine's own keys (environment, profile, role)
    secret_key: SecretStr | None = None
    path_style: bool = True  #: https://host/bucket/key rather than https://bucket.host/key
    checksums: Checksums = "when_supported"  #: "when_required" for servers that choke on trailing CRC32 checksums
    connect_timeout: float = 5.0  #: seconds
    read_timeout: float = 30.0  #: seconds without a byte
    attempts: int = 4  #: of each request, the first one included

    def __post_init__(self) -> None:
        if (self.access_key is None) != (self.secret_key is None):
            raise SetupError("Only one of access key and secret key is set: set both, or neither.")
        if self.endpoint is not None:
            _check_endpoint(self.endpoint)
        if self.prefix:
            check_key(self.prefix)

    @property
    def title(self) -> str:
        """How messages call it: "s3://looks/shop-1 at https://s3.example.com"."""
        path = f"s3://{self.bucket}" + (f"/{self.prefix}" if self.prefix else "")
        return f"{path} at {self.endpoint}" if self.endpoint else path

    def name_of(self, key: str) -> str:
        """The object's name in the bucket; that of "" ends where keys begin. Raises InputError where it is too long."""
        name = f"{self.prefix}/{key}" if self.prefix else key
        if len(name.encode()) > MAX_KEY_BYTES:  # servers would each tell it in another way
            raise InputError(
                f'The storage key "{key}" is too long behind the prefix "{self.prefix}": use a shorter one.'
            )
        return name


def open_client(location: S3Location, *, endpoint: str | None = None) -> S3Client:
    """Return a client, safe to share between threads but not across a fork. Nothing is sent yet.

    `endpoint` is another address of the same server, for links that are followed from elsewhere.

    Raises:
        SetupError: the endpoint or the region cannot be right.
    """
    access, secret = location.access_key, location.secret_key
    session = Session(
        aws_access_key_id=access.get_secret_value() if access else None,
        aws_secret_access_key=secret.get_secret_value() if secret else None,
        region_name=location.region,
    )
    try:
        client: S3Client = session.client("s3", endpoint_url=endpoint or location.endpoint, config=_config(location))
    except (ValueError, BotoCoreError) as exc:
        raise SetupError(f"{location.title} cannot be opened ({exc}): check the endpoint and the region.") from exc
    return client


def _config(location: S3Location) -> Config:
    return Config(
        # Without this, links are signed by SigV2, which covers neither the length nor, on some servers, the type.
        signature_version="s3v4",
        s3={"addressing_style": "path" if location.path_style else "virtual"},
        request_checksum_calculation=location.checksums,
        response_checksum_validation=location.checksums,
        retries={"mode": "standard", "total_max_attempts": location.attempts},
        connect_timeout=location.connect_timeout,
        read_timeout=location.read_timeout,
        max_pool_connections=32,  # threads of one worker; more than that would only wait for the network
    )


def _check_endpoint(endpoint: str) -> None:
    parts = urlsplit(endpoint)
    if parts.username or parts.password:
        raise SetupError("The endpoint holds a user name or password: set access key and secret key instead.")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SetupError(f'The endpoint "{endpoint}" is no address: write it as https://s3.example.com.')
