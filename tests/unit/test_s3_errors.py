"""Answers that no server gives on demand; those that can be had are in tests/integration/test_s3_faults.py."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, NoCredentialsError
from pydantic import SecretStr

from fashion_gen.errors import InputError, NotFound, SetupError, StorageUnavailable
from fashion_gen.storage.s3 import S3Location, S3Storage
from fashion_gen.storage.s3.errors import translated

HERE = S3Location("looks", endpoint="https://s3.example.com")


def answer(code: str, status: int) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "PutObject",
    )


@pytest.mark.parametrize(
    ("code", "status", "kind", "cure"),
    [
        ("SlowDown", 503, StorageUnavailable, "try again in a while"),
        ("InternalError", 500, StorageUnavailable, "try again in a while"),
        ("RequestTimeout", 400, StorageUnavailable, "try again in a while"),
        ("BadDigest", 400, StorageUnavailable, "try again in a while"),
        ("RequestTimeTooSkewed", 403, SetupError, "set this machine's clock"),
        ("PermanentRedirect", 301, SetupError, "set the region"),
        ("ExpiredToken", 400, SetupError, "renew"),
        ("403", 403, SetupError, "list the bucket"),
        ("MethodNotAllowed", 405, SetupError, "look into its log"),
        ("404", 404, NotFound, "look.png"),
    ],
)
def test_answers_are_told_with_their_cure(code: str, status: int, kind: type[Exception], cure: str) -> None:
    with pytest.raises(kind, match=cure) as caught, translated(HERE, "look.png"):
        raise answer(code, status)
    assert type(caught.value) is kind
    assert isinstance(caught.value.__cause__, ClientError)


def test_without_any_keys_the_settings_are_named() -> None:
    with pytest.raises(SetupError, match="set access key and secret key"), translated(HERE, "look.png"):
        raise NoCredentialsError


def test_one_key_without_the_other_is_refused() -> None:
    with pytest.raises(SetupError, match="set both, or neither"):
        S3Location("looks", access_key=SecretStr("a"))


@pytest.mark.parametrize(
    ("endpoint", "cure"),
    [("https://user:hush@s3.example.com", "set access key and secret key"), ("s3.example.com", "write it as https://")],
)
def test_endpoints_that_cannot_be_meant_are_refused(endpoint: str, cure: str) -> None:
    with pytest.raises(SetupError, match=cure) as caught:
        S3Location("looks", endpoint=endpoint)
    assert "hush" not in str(caught.value)


def test_a_region_that_cannot_be_is_refused() -> None:
    with pytest.raises(SetupError, match="check the endpoint and the region"):
        S3Storage(S3Location("looks", region="no such region!"))


@pytest.mark.parametrize("prefix", ["/looks", "looks/", "../looks", "a//b"])
def test_prefixes_that_no_key_begins_with_are_refused(prefix: str) -> None:
    with pytest.raises(InputError, match="plain names"):
        S3Location("looks", prefix=prefix)


def test_locations_print_where_they_are() -> None:
    assert S3Location("looks", prefix="shop-1").title == "s3://looks/shop-1"
    assert HERE.title == "s3://looks at https://s3.example.com"
