"""Where results are kept: bytes under keys, in a folder or elsewhere."""

from fashion_gen.storage.base import Storage, check_key
from fashion_gen.storage.local import LocalStorage

__all__ = ["LocalStorage", "Storage", "check_key"]
