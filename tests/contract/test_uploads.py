"""An upload's way in and its end, over HTTP and on every storage."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
import urllib3
from PIL import Image

from fashion_gen.errors import InputError, NotFound, PhotoTooLarge, PhotoTooSmall, UnreadablePhoto, UploadRefused
from fashion_gen.storage import (
    Announced,
    LocalStorage,
    Presigned,
    ScopedStorage,
    Storage,
    Swept,
    Uploads,
    original_key,
    quarantine_key,
    result_key,
    results_scope,
    sweep,
)
from fashion_gen.storage.s3 import S3Location, S3Presigner, S3Storage
from fashion_gen.testing import MemoryStorage
from servers import link_server

WEB = urllib3.PoolManager(retries=False, timeout=60)
SHOP, UPLOAD = "shop-1", "upload-7"
MONTH, DAY = timedelta(days=30), timedelta(days=1)


@dataclass(frozen=True)
class Place:
    storage: Storage
    uploads: Uploads


@contextmanager
def served(storage: Storage) -> Iterator[Place]:
    with link_server.served(storage) as presigner:
        yield Place(storage, Uploads(storage, presigner))


@pytest.fixture(params=["local", "memory", "swift", "ceph"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param in ("local", "memory"):
        with served(LocalStorage(tmp_path) if request.param == "local" else MemoryStorage()) as opened:
            yield opened
    else:
        whole: S3Location = request.getfixturevalue(request.param)
        location = replace(whole, prefix=uuid4().hex)
        storage = S3Storage(location)
        yield Place(storage, Uploads(storage, S3Presigner(location)))


def photo(kind: str = "JPEG", side: int = 300) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.full((side, side, 3), 200, np.uint8)).save(file, kind)
    return file.getvalue()


def announced(data: bytes, content_type: str = "image/jpeg", *, digest: bool = False) -> Announced:
    return Announced(len(data), content_type, hashlib.sha256(data).hexdigest() if digest else None, "shirt.jpg")


def send(link: Presigned, data: bytes) -> None:
    assert WEB.request(link.method, link.url, body=data, headers=link.headers).status in (200, 201, 204)


@pytest.mark.parametrize(
    ("kind", "content_type"), [("JPEG", "image/jpg"), ("PNG", "image/png"), ("AVIF", "image/avif")]
)
def test_a_photo_that_is_what_it_says_becomes_an_original(place: Place, kind: str, content_type: str) -> None:
    data = photo(kind)
    said = announced(data, content_type)
    send(place.uploads.open(SHOP, UPLOAD, said), data)
    original = place.uploads.accept(SHOP, UPLOAD, said)
    sha256 = hashlib.sha256(data).hexdigest()
    assert original.key == f"originals/shop-1/{sha256}"
    assert (original.sha256, original.size, original.content_type) == (sha256, len(data), f"image/{kind.lower()}")
    assert place.storage.get(original.key) == data
    assert place.storage.keys() == (original.key,)


def test_accepting_may_be_repeated_where_the_digest_was_announced(place: Place) -> None:
    data = photo()
    said = announced(data, digest=True)
    send(place.uploads.open(SHOP, UPLOAD, said), data)
    assert place.uploads.accept(SHOP, UPLOAD, said) == place.uploads.accept(SHOP, UPLOAD, said)


def test_another_seller_does_not_find_it(place: Place) -> None:
    data = photo()
    said = announced(data, digest=True)
    send(place.uploads.open(SHOP, UPLOAD, said), data)
    place.uploads.accept(SHOP, UPLOAD, said)
    with pytest.raises(NotFound, match="upload-7"):
        place.uploads.accept("shop-2", UPLOAD, said)


def test_nothing_is_accepted_before_it_came(place: Place) -> None:
    with pytest.raises(NotFound, match="upload-7"):
        place.uploads.accept(SHOP, UPLOAD, announced(photo(), digest=True))


def test_what_is_refused_is_deleted(place: Place) -> None:
    data = photo()
    refused = {
        UploadRefused: [
            (data + b"!", announced(data)),  # came by another way than the link, which would not let it through
            (data, announced(data, "image/png")),
            (data, Announced(len(data), "image/jpeg", "0" * 64)),
        ],
        UnreadablePhoto: [(text := b"<svg onload='x'>" * 9, announced(text)), (cut := data[:100], announced(cut))],
        PhotoTooSmall: [(small := photo(side=90), announced(small))],
    }
    for kind, cases in refused.items():
        for came, said in cases:
            place.storage.put(quarantine_key(SHOP, UPLOAD), came)
            with pytest.raises(kind) as caught:
                place.uploads.accept(SHOP, UPLOAD, said)
            assert type(caught.value) is kind
            assert place.storage.keys() == ()


def test_a_sweep_forgets_by_age_and_leaves_results(place: Place) -> None:
    original, waiting = original_key(SHOP, "a" * 64), quarantine_key(SHOP, UPLOAD)
    result = result_key(SHOP, "job-1", "look-01.png")
    for key in (original, waiting, result):
        place.storage.put(key, b"1")
    now = datetime.now(UTC)
    assert sweep(place.storage, now=now, originals=MONTH, quarantine=DAY) == Swept(0, 0, 0)
    assert sweep(place.storage, now=now + 2 * DAY, originals=MONTH, quarantine=DAY) == Swept(0, 1, 0)
    assert place.storage.keys() == (original, result)
    assert sweep(place.storage, now=now + 31 * DAY, originals=MONTH, quarantine=DAY) == Swept(1, 0, 0)
    assert place.storage.keys() == (result,)


@pytest.mark.parametrize(
    ("said", "kind", "cure"),
    [
        ((26 * 1024 * 1024, "image/jpeg"), PhotoTooLarge, "more than 25 MB"),
        ((1000, "image/svg+xml"), UnreadablePhoto, "save it as JPEG"),
        ((1000, "application/zip"), UnreadablePhoto, "save it as JPEG"),
        ((1000, "image/jpeg", "ABC"), InputError, "64 hexadecimal digits"),
    ],
)
def test_what_could_never_be_let_in_is_refused_before_it_is_sent(
    said: tuple[int, str], kind: type[Exception], cure: str
) -> None:
    with pytest.raises(kind, match=cure):
        Announced(*said)


@pytest.mark.parametrize("seller", ["shop-1/quarantine", "..", "", "a/../b", "a\\b"])
def test_a_sellers_id_cannot_reach_into_another_folder(seller: str) -> None:
    for attempt in (
        lambda: quarantine_key(seller, UPLOAD),
        lambda: quarantine_key(SHOP, seller),
        lambda: original_key(seller, "a" * 64),
        lambda: result_key(seller, "job-1"),
    ):
        with pytest.raises(InputError):
            attempt()
    with pytest.raises(InputError):
        result_key(SHOP, "..", "shop-2", "look.png")


def test_a_scope_reaches_no_other_sellers_files() -> None:
    shared = MemoryStorage()
    shared.put(result_key("shop-2", "look.png"), b"2")
    scoped = ScopedStorage(shared, results_scope(SHOP))
    scoped.put("job-1/look.png", b"1")
    assert shared.get(result_key(SHOP, "job-1", "look.png")) == b"1"
    for key in ("../shop-2/look.png", "/results/shop-2/look.png", "a/../../shop-2/look.png"):
        for attempt in (scoped.get, scoped.delete, scoped.exists, lambda key: scoped.put(key, b"x")):
            with pytest.raises(InputError):
                attempt(key)
    assert shared.get(result_key("shop-2", "look.png")) == b"2"


def test_a_file_name_cannot_write_into_a_message() -> None:
    with pytest.raises(PhotoTooLarge, match=r"^a\?\[2Jb\.jpg has") as caught:
        Announced(10**9, "image/jpeg", title="a\x1b[2Jb.jpg")
    assert str(caught.value).isprintable()
