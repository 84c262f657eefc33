"""A bucket of an S3-compatible server as storage. The only place that knows boto3; install it by the extra "s3"."""

from fashion_gen.storage.s3.lifecycle import set_lifecycle
from fashion_gen.storage.s3.location import S3Location
from fashion_gen.storage.s3.presign import S3Presigner
from fashion_gen.storage.s3.storage import S3Storage

__all__ = ["S3Location", "S3Presigner", "S3Storage", "set_lifecycle"]
