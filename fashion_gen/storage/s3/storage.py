"""A bucket as storage."""

from __future__ import annotations

import hashlib
import io
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from mimetypes import MimeTypes
from typing import TYPE_CHECKING

from boto3.s3.transfer import TransferConfig

from fashion_gen.errors import NotFound
from fashion_gen.storage.base import Entry, Storage, check_key, check_prefix, is_key
from fashion_gen.storage.s3.errors import translated
from fashion_gen.storage.s3.location import S3Location, open_client

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MULTIPART_BYTES = 16 * 1024 * 1024  #: larger files go up and come down in parts
_PART_BYTES = 8 * 1024 * 1024  # S3 takes parts from 5 MiB on

# The system's own tables differ from machine to machine; Python's lacks the newer pictures.
_TYPES = MimeTypes(filenames=())
for _suffix in ("webp", "avif", "heic"):
    _TYPES.add_type(f"image/{_suffix}", f".{_suffix}")


class S3Storage(Storage):
    """Keeps every key as an object of that name below the location's prefix. One object serves many threads.

    Every write carries a checksum for the server to compare (MD5 for a file up to 16 MB, otherwise CRC32 for each part,
    unless the location says that the server chokes on it), a large file is invisible until its last part is there, and
    what fails is tried again as often as the location says. SetupError means wrong credentials or no such bucket; opening
    asks the server nothing. `page` is how many keys it lists at a time.
    """

    def __init__(self, location: S3Location, *, page: int = 1000) -> None:
        self.location = location
        self._page = page
        self._client = open_client(location)
        self._transfer = TransferConfig(
            multipart_threshold=MULTIPART_BYTES,
            multipart_chunksize=_PART_BYTES,
            max_concurrency=4,
            num_download_attempts=location.attempts,
            preferred_transfer_client="classic",  # never the CRT one, which brings its own settings
        )

    @property
    def client(self) -> S3Client:
        """The client beneath, for what only S3 has (lifecycle rules)."""
        return self._client

    def put(self, key: str, data: bytes) -> None:
        name, kind = self._name(key), content_type(key)
        with self._asking(key):
            if len(data) < MULTIPART_BYTES:
                # MD5, since Ceph compares it and passes over CRC32 (research/infra.md, section 3).
                md5 = b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
                self._client.put_object(
                    Bucket=self.location.bucket, Key=name, Body=data, ContentType=kind, ContentMD5=md5
                )
            else:  # aborts the parts by itself when one of them fails
                self._client.upload_fileobj(
                    io.BytesIO(data),
                    self.location.bucket,
                    name,
                    ExtraArgs={"ContentType": kind},
                    Config=self._transfer,
                )

    def get(self, key: str) -> bytes:
        file = io.BytesIO()
        with self._asking(key):
            # Unlike get_object, this also asks again when the connection is cut in the middle of the body.
            self._client.download_fileobj(self.location.bucket, self._name(key), file, Config=self._transfer)
        return file.getvalue()

    def exists(self, key: str) -> bool:
        try:
            self.stat(key)
        except NotFound:
            return False
        return True

    def delete(self, key: str) -> None:
        with self._asking(key):
            self._client.delete_object(Bucket=self.location.bucket, Key=self._name(key))

    def stat(self, key: str) -> Entry:
        with self._asking(key):
            found = self._client.head_object(Bucket=self.location.bucket, Key=self._name(key))
        return Entry(key, found["ContentLength"], found["LastModified"].astimezone(UTC))

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        return self._pages(self.location.name_of(check_prefix(prefix)))

    def discard_partial(self, before: datetime) -> int:
        removed = 0
        bucket, top = self.location.bucket, self.location.name_of("")
        with translated(self.location):
            for page in self._client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix=top):
                for upload in page.get("Uploads", ()):
                    if upload["Initiated"] < before:
                        self._client.abort_multipart_upload(
                            Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                        )
                        removed += 1
        return removed

    def _pages(self, prefix: str) -> Iterator[Entry]:
        start = len(self.location.name_of(""))
        with translated(self.location):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.location.bucket, Prefix=prefix, PaginationConfig={"PageSize": self._page}
            )
            for page in pages:
                for item in page.get("Contents", ()):
                    if is_key(key := item["Key"][start:]):
                        yield Entry(key, item["Size"], item["LastModified"].astimezone(UTC))

    def _name(self, key: str) -> str:
        return self.location.name_of(check_key(key))

    @contextmanager
    def _asking(self, key: str) -> Iterator[None]:
        """As `translated`; an answer to HEAD does not tell a missing bucket from a missing key, so ask for the bucket."""
        try:
            with translated(self.location, key):
                yield
        except NotFound:
            with translated(self.location):
                self._client.head_bucket(Bucket=self.location.bucket)
            raise


def content_type(key: str) -> str:
    """The media type by the key's suffix; bytes of no known kind, which no browser will run, where it has none."""
    return _TYPES.guess_type(key)[0] or "application/octet-stream"
