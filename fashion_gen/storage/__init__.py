"""Where files lie: bytes under keys, in a folder or a bucket; who may send and fetch them; when they are forgotten.

`S3Storage` and the seller's bucket live in `storage.s3` and `storage.destination`, since they need boto3.
"""

from fashion_gen.storage.base import Entry, Storage, check_key
from fashion_gen.storage.layout import original_key, quarantine_key, result_key, results_scope
from fashion_gen.storage.local import LocalStorage
from fashion_gen.storage.presign import Presigned, Presigner
from fashion_gen.storage.probe import probe
from fashion_gen.storage.retention import Swept, sweep
from fashion_gen.storage.scoped import ScopedStorage
from fashion_gen.storage.tokens import Grant, TokenPresigner
from fashion_gen.storage.uploads import Announced, Original, Uploads

__all__ = [
    "Announced",
    "Entry",
    "Grant",
    "LocalStorage",
    "Original",
    "Presigned",
    "Presigner",
    "ScopedStorage",
    "Storage",
    "Swept",
    "TokenPresigner",
    "Uploads",
    "check_key",
    "original_key",
    "probe",
    "quarantine_key",
    "result_key",
    "results_scope",
    "sweep",
]
