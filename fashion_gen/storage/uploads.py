"""An upload's way in: announced, sent into quarantine by the seller's own browser, looked at, let in or refused."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from fashion_gen import images
from fashion_gen.errors import InputError, NotFound, PhotoTooLarge, UnreadablePhoto, UploadRefused
from fashion_gen.storage.base import Storage
from fashion_gen.storage.layout import check_sha256, original_key, quarantine_key
from fashion_gen.storage.presign import Presigned, Presigner

LIFETIME = timedelta(minutes=10)

#: Other names for the types of `images.MEDIA_TYPES` that browsers and shops use.
_ALIASES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/heif": "image/heic"}


@dataclass(frozen=True, slots=True)
class Announced:
    """What a client says about a file before sending it.

    Raises:
        InputError: no such file can be let in, and why; PhotoTooLarge and UnreadablePhoto are the usual ones.
    """

    size: int  #: bytes
    content_type: str  #: such as "image/jpeg"
    sha256: str | None = None  #: 64 hexadecimal digits; with it, `Uploads.accept` may be repeated
    title: str = "The photo"  #: how messages call it; it decides nothing

    def __post_init__(self) -> None:
        if self.size > images.MAX_BYTES:
            raise PhotoTooLarge(f"{self.noun} has more than 25 MB: scale it down or save it as JPEG.")
        if self.kind not in images.MEDIA_TYPES:
            raise UnreadablePhoto(f"{self.noun} is announced as {self.content_type!a}: {images.CURE}.")
        if self.sha256 is not None:
            check_sha256(self.sha256)

    @property
    def kind(self) -> str:
        """The type by its usual name."""
        return _ALIASES.get(self.content_type, self.content_type)

    @property
    def noun(self) -> str:
        """The title, fit for a message whatever the client called its file."""
        return images.printable(self.title)


@dataclass(frozen=True, slots=True)
class Original:
    """A photo that was let in."""

    key: str
    sha256: str
    size: int  #: bytes
    content_type: str


class Uploads:
    """Lets photos in. The database beside it remembers what was announced; this holds no state."""

    def __init__(self, storage: Storage, presigner: Presigner) -> None:
        self._storage = storage
        self._presigner = presigner

    def open(self, seller: str, upload: str, announced: Announced, *, lifetime: timedelta = LIFETIME) -> Presigned:
        """Return the link by which the client sends the file into quarantine, by PUT."""
        return self._presigner.put(
            quarantine_key(seller, upload),
            size=announced.size,
            content_type=announced.content_type,
            lifetime=lifetime,
        )

    def accept(self, seller: str, upload: str, announced: Announced) -> Original:
        """Look at what came, by its bytes alone, and move it to the originals, or delete it.

        What is stored is what was looked at, even if the link is used again meanwhile. Accepting the same photo again
        starts its time to live anew. If `announced.sha256` is given, a call that was cut off may be repeated: a
        photo that is already in is found there.

        Raises:
            NotFound: nothing has been uploaded yet.
            UploadRefused: size, type or digest are not as announced.
            UnreadablePhoto, PhotoTooLarge, PhotoTooSmall: it is no photo that we take.
            StorageUnavailable: try again; the upload is still there.
        """
        key = quarantine_key(seller, upload)
        try:
            data = self._read(key, announced)
            kind, sha256 = _inspected(data, announced)
        except NotFound:
            return self._let_in_before(seller, upload, announced)
        except InputError:
            self._storage.delete(key)
            raise
        original = Original(original_key(seller, sha256), sha256, len(data), kind)
        self._storage.put(original.key, data)
        self._storage.delete(key)  # last: whatever was cut off before can be done again
        return original

    def _read(self, key: str, announced: Announced) -> bytes:
        size = self._storage.stat(key).size  # before reading: it could be larger than memory
        if size != announced.size:
            raise UploadRefused(
                f"{announced.noun} has {size} bytes, but {announced.size} were announced: upload it again."
            )
        return self._storage.get(key)

    def _let_in_before(self, seller: str, upload: str, announced: Announced) -> Original:
        if announced.sha256 is not None:
            key = original_key(seller, announced.sha256)
            if self._storage.exists(key):
                return Original(key, announced.sha256, announced.size, announced.kind)
        raise NotFound("upload", upload, ())


def _inspected(data: bytes, announced: Announced) -> tuple[str, str]:
    """Return type and SHA-256 of the bytes, or refuse them."""
    kind = images.media_type(data, announced.title)
    if kind != announced.kind:
        raise UploadRefused(
            f"{announced.noun} is {kind}, but {announced.content_type} was announced: upload it again as what it is."
        )
    sha256 = hashlib.sha256(data).hexdigest()
    if announced.sha256 not in (None, sha256):
        raise UploadRefused(f"{announced.noun} was changed on its way (SHA-256 {sha256}): upload it again.")
    return kind, sha256
