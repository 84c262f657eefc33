"""The bucket's own rules for forgetting, where the server has such."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fashion_gen.storage.layout import ORIGINALS, QUARANTINE
from fashion_gen.storage.s3.errors import code_of, translated
from fashion_gen.storage.s3.storage import S3Storage

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import LifecycleRuleTypeDef

_OURS = "fashion-gen:"
_UNKNOWN_HERE = ("NotImplemented", "MethodNotAllowed", "501", "405")


def set_lifecycle(storage: S3Storage, *, originals: timedelta, quarantine: timedelta) -> bool:
    """Ask the server to forget old originals, uploads left in quarantine, and parts of files never finished.

    Rules count in whole days, rounded up, so `retention.sweep` stays the broom for shorter times. Rules of others in
    the same bucket are kept. Returns False where the server has no such rules.

    Raises:
        SetupError: the credentials may not change the rules of the bucket.
    """
    with translated(storage.location):
        in_force = _in_force(storage)
        if in_force is None:
            return False
        ours = _rules(storage, originals, quarantine)
        names = {rule["ID"] for rule in ours}
        kept = [rule for rule in in_force if rule.get("ID") not in names]
        storage.client.put_bucket_lifecycle_configuration(
            Bucket=storage.location.bucket, LifecycleConfiguration={"Rules": [*kept, *ours]}
        )
    return True


def _in_force(storage: S3Storage) -> list[Any] | None:
    """The rules of the bucket, those of others too; None where the server knows no rules."""
    try:
        answer = storage.client.get_bucket_lifecycle_configuration(Bucket=storage.location.bucket)
    except ClientError as exc:
        code = code_of(exc)
        if code == "NoSuchLifecycleConfiguration":
            return []
        if code in _UNKNOWN_HERE:
            return None
        raise
    return answer.get("Rules")  # Swift answers with a list of files, and takes new rules for a new bucket


def _rules(storage: S3Storage, originals: timedelta, quarantine: timedelta) -> list[LifecycleRuleTypeDef]:
    """The rules' names hold the prefix: several shops may share a bucket."""
    name = storage.location.name_of
    rules: list[LifecycleRuleTypeDef] = [
        {
            "ID": f"{_OURS}{name(folder)}",
            "Status": "Enabled",
            "Filter": {"Prefix": name(f"{folder}/")},
            "Expiration": {"Days": max(math.ceil(age / timedelta(days=1)), 1)},
        }
        for folder, age in ((ORIGINALS, originals), (QUARANTINE, quarantine))
    ]
    rules.append(
        {
            "ID": f"{_OURS}{name('parts')}",
            "Status": "Enabled",
            "Filter": {"Prefix": name("")},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        }
    )
    return rules
