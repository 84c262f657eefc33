"""boto3's errors become ours, once, by one table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from boto3.exceptions import Boto3Error
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    InvalidRegionError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
)
from s3transfer.exceptions import RetriesExceededError

from fashion_gen.errors import FashionGenError, NotFound, SetupError, StorageUnavailable
from fashion_gen.storage.s3.location import S3Location

_WRONG_KEYS = "check the access key and the secret key"
_WRONG_REGION = "set the region that the bucket is in"

#: S3's error codes (API Reference, "Error responses") that an operator must mend; HEAD answers with the bare status.
_SETUP_CURES = {
    "InvalidAccessKeyId": _WRONG_KEYS,
    "SignatureDoesNotMatch": _WRONG_KEYS,
    "InvalidToken": _WRONG_KEYS,
    "ExpiredToken": "renew the session's credentials",
    "AccessDenied": f"{_WRONG_KEYS}, and allow them to list the bucket and to read, write and delete in it",
    "403": f"{_WRONG_KEYS}, and allow them to list the bucket and to read, write and delete in it",
    "AllAccessDisabled": "ask the bucket's owner to enable it",
    "RequestTimeTooSkewed": "set this machine's clock",
    "NoSuchBucket": "create the bucket, or name another",
    "InvalidBucketName": "correct the name of the bucket",
    "AuthorizationHeaderMalformed": _WRONG_REGION,
    "PermanentRedirect": _WRONG_REGION,
    "301": _WRONG_REGION,
    "400": f"{_WRONG_KEYS} and the region",
}
#: Refusals that another attempt may not meet; so may whatever the server blames on itself (5xx).
_TRANSIENT = (
    "BadDigest",
    "IncompleteBody",
    "NoSuchUpload",
    "OperationAborted",
    "PreconditionFailed",
    "412",
    "QuotaExceeded",
    "RequestTimeout",
    "SlowDown",
    "TooManyRequests",
    "XAmzContentSHA256Mismatch",
)
_MISSING = ("NoSuchKey", "404", "NotFound")
_CREDENTIALS = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError, ProfileNotFound)


@contextmanager
def translated(location: S3Location, key: str | None = None) -> Iterator[None]:
    """Turn whatever boto3 raises in the block into NotFound, SetupError or StorageUnavailable.

    `key` is what was asked for; None means the bucket as a whole, whose absence is a SetupError.
    """
    try:
        yield
    except ClientError as exc:
        raise _from_answer(exc, location, key) from exc
    except _CREDENTIALS as exc:
        raise SetupError(f"{location.title} needs credentials ({_noun(exc)}): set access key and secret key.") from exc
    except (ParamValidationError, InvalidRegionError) as exc:
        raise SetupError(f"{location.title} is no possible place: correct the bucket's name and the region.") from exc
    except (BotoCoreError, Boto3Error, RetriesExceededError) as exc:
        raise StorageUnavailable(
            f"{location.title} does not answer ({_noun(exc)}): check that the server runs and that the endpoint is right."
        ) from exc


def code_of(error: ClientError) -> str:
    """The server's word for what is wrong, such as "NoSuchKey"."""
    return str(error.response.get("Error", {}).get("Code", "unknown"))


def _from_answer(error: ClientError, location: S3Location, key: str | None) -> FashionGenError:
    code = code_of(error)
    if code in _MISSING and key is not None:
        return NotFound("file", key, ())
    cure = _SETUP_CURES["NoSuchBucket"] if code in _MISSING else _SETUP_CURES.get(code)
    if cure is None and (code in _TRANSIENT or _status(error) >= 500):
        what = f'"{key}"' if key else "requests"
        return StorageUnavailable(f"{location.title} cannot serve {what} now ({code}): try again in a while.")
    return SetupError(f"{location.title} refuses ({code}): {cure or 'look into its log'}.")


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500))


def _noun(error: Exception) -> str:
    """The kind of an error: its text may hold addresses with signatures."""
    return type(error).__name__
