"""Links that the bucket's own server honours (Signature Version 4, in the query or in a form's policy)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from fashion_gen.errors import SetupError
from fashion_gen.storage.base import check_key
from fashion_gen.storage.presign import Presigned, Presigner, attachment, check_upload, seconds_of
from fashion_gen.storage.s3.errors import translated
from fashion_gen.storage.s3.location import S3Location, open_client


class S3Presigner(Presigner):
    """Signs with the location's own keys; nothing is sent.

    `public_endpoint` is the address by which browsers reach the server, where it is not the one that we use: the host
    is signed too. `forms`: the server takes browser forms with a policy (AWS and Ceph do, Swift does not).
    """

    def __init__(self, location: S3Location, *, public_endpoint: str | None = None, forms: bool = False) -> None:
        self.location = location
        self._forms = forms
        self._client = open_client(location, endpoint=public_endpoint)

    def put(self, key: str, *, size: int, content_type: str, lifetime: timedelta) -> Presigned:
        check_upload(size, content_type)
        until = _until(lifetime)
        url = self._sign("put_object", key, lifetime, {"ContentLength": size, "ContentType": content_type})
        return Presigned("PUT", url, until, headers={"Content-Type": content_type, "Content-Length": str(size)})

    def form(self, key: str, *, size: int, content_type: str, lifetime: timedelta) -> Presigned:
        check_upload(size, content_type)
        if not self._forms:
            raise SetupError(
                "This storage takes no browser forms: use a PUT link, or set FASHION_GEN_STORAGE__FORMS=true if its "
                "server does."
            )
        until = _until(lifetime)
        with translated(self.location, key):
            post = self._client.generate_presigned_post(
                self.location.bucket,
                self.location.name_of(check_key(key)),
                Fields={"Content-Type": content_type},
                Conditions=[["content-length-range", size, size], {"Content-Type": content_type}],
                ExpiresIn=seconds_of(lifetime),
            )
        return Presigned("POST", post["url"], until, fields=post["fields"])

    def get(self, key: str, *, lifetime: timedelta, filename: str | None = None) -> Presigned:
        until = _until(lifetime)
        named = {"ResponseContentDisposition": attachment(filename)} if filename else {}
        return Presigned("GET", self._sign("get_object", key, lifetime, named), until)

    def _sign(
        self, verb: Literal["put_object", "get_object"], key: str, lifetime: timedelta, more: dict[str, Any]
    ) -> str:
        name = self.location.name_of(check_key(key))
        with translated(self.location, key):
            return self._client.generate_presigned_url(
                verb, Params={"Bucket": self.location.bucket, "Key": name, **more}, ExpiresIn=seconds_of(lifetime)
            )


def _until(lifetime: timedelta) -> datetime:
    """Taken before signing, so that what we promise is never longer than what the server grants."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds_of(lifetime))
