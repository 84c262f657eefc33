"""What every link promises, followed over HTTP as a browser would."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
import urllib3

from fashion_gen.errors import InputError, SetupError
from fashion_gen.storage import LocalStorage, Presigned, Presigner, Storage
from fashion_gen.storage.s3 import S3Location, S3Presigner, S3Storage
from fashion_gen.testing import MemoryStorage
from servers import link_server

KEY = "quarantine/shop-1/größe 38 连衣裙+.jpg"
DATA = b"pixels of a garment"
SHORT = timedelta(minutes=10)
WEB = urllib3.PoolManager(retries=False, timeout=60)


@dataclass(frozen=True)
class Place:
    """A storage and what signs links to it."""

    storage: Storage
    presigner: Presigner
    forms: bool = True


@contextmanager
def bucket(location: S3Location, *, forms: bool) -> Iterator[Place]:
    location = replace(location, prefix="Links")
    yield Place(S3Storage(location), S3Presigner(location, forms=forms), forms)


@contextmanager
def served(storage: Storage) -> Iterator[Place]:
    with link_server.served(storage) as presigner:
        yield Place(storage, presigner)


@pytest.fixture(scope="module", params=["local", "memory", "swift", "ceph"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("links")
    openers: dict[str, Callable[[], object]] = {
        "local": lambda: served(LocalStorage(folder)),
        "memory": lambda: served(MemoryStorage()),
        "swift": lambda: bucket(request.getfixturevalue("swift"), forms=False),  # its s3api has none
        "ceph": lambda: bucket(request.getfixturevalue("ceph"), forms=True),
    }
    with openers[request.param]() as opened:  # type: ignore[attr-defined]
        yield opened


@pytest.fixture(autouse=True)
def _emptied(place: Place) -> None:
    place.storage.delete(KEY)


def follow(link: Presigned, data: bytes | None = None, **headers: str) -> urllib3.BaseHTTPResponse:
    sent = {**link.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
    if data is not None:
        sent["Content-Length"] = str(len(data))  # as every browser does by itself
    return WEB.request(link.method, link.url, body=data, headers=sent)


def submit(link: Presigned, data: bytes, **fields: str) -> urllib3.BaseHTTPResponse:
    form = {**link.fields, **{name.replace("_", "-"): value for name, value in fields.items()}}
    return WEB.request(link.method, link.url, fields={**form, "file": ("photo.jpg", data, "image/jpeg")})


def put_link(place: Place, key: str = KEY, lifetime: timedelta = SHORT) -> Presigned:
    return place.presigner.put(key, size=len(DATA), content_type="image/jpeg", lifetime=lifetime)


def form_link(place: Place) -> Presigned:
    if not place.forms:
        pytest.skip("Swift's s3api takes no browser forms")
    return place.presigner.form(KEY, size=len(DATA), content_type="image/jpeg", lifetime=SHORT)


def test_bytes_sent_by_a_link_lie_under_its_key(place: Place) -> None:
    before = datetime.now(UTC)
    link = put_link(place)
    assert before + SHORT - timedelta(seconds=2) <= link.expires <= datetime.now(UTC) + SHORT
    assert follow(link, DATA).status in (200, 201, 204)
    assert place.storage.get(KEY) == DATA


@pytest.mark.parametrize("data", [DATA + b"!", DATA[:-1], b""], ids=["longer", "shorter", "empty"])
def test_another_length_is_refused(place: Place, data: bytes) -> None:
    assert follow(put_link(place), data).status == 403
    assert not place.storage.exists(KEY)


def test_another_type_is_refused(place: Place) -> None:
    assert follow(put_link(place), DATA, Content_Type="text/html").status == 403
    assert not place.storage.exists(KEY)


def test_a_link_for_one_key_opens_no_other(place: Place) -> None:
    secret = "results/shop-2/secret.png"
    place.storage.put(secret, b"secret")
    assert WEB.request("GET", redirected(place, secret)).status == 403


def redirected(place: Place, key: str) -> str:
    """A link to KEY whose signature is kept and whose key is another."""
    link = place.presigner.get(KEY, lifetime=SHORT).url
    if isinstance(place.presigner, S3Presigner):
        path = f"/Links/{quote(KEY)}?"
        assert path in link
        return link.replace(path, f"/Links/{key}?")
    wanted = place.presigner.get(key, lifetime=SHORT).url
    return f"{wanted.rpartition('.')[0]}.{link.rpartition('.')[2]}"


def test_a_tampered_signature_is_refused(place: Place) -> None:
    place.storage.put(KEY, DATA)
    link = place.presigner.get(KEY, lifetime=SHORT)
    at = link.url.index("X-Amz-Signature=") + 20 if "X-Amz-Signature=" in link.url else link.url.rindex(".") + 5
    forged = link.url[:at] + ("0" if link.url[at] != "0" else "1") + link.url[at + 1 :]
    assert WEB.request("GET", link.url).status == 200
    assert WEB.request("GET", forged).status == 403


def test_a_link_to_read_does_not_write(place: Place) -> None:
    place.storage.put(KEY, DATA)
    link = place.presigner.get(KEY, lifetime=SHORT)
    assert WEB.request("PUT", link.url, body=b"x" * len(DATA), headers={"Content-Type": "image/jpeg"}).status == 403
    assert place.storage.get(KEY) == DATA


def test_an_expired_link_is_refused(place: Place) -> None:
    place.storage.put(KEY, DATA)
    second = timedelta(seconds=1)
    read, write = place.presigner.get(KEY, lifetime=second), put_link(place, "quarantine/shop-1/late", second)
    time.sleep(3)
    assert WEB.request("GET", read.url).status == 403
    assert follow(write, DATA).status == 403
    assert not place.storage.exists("quarantine/shop-1/late")


def test_a_download_has_the_name_that_was_asked_for(place: Place) -> None:
    place.storage.put(KEY, DATA)
    answer = follow(place.presigner.get(KEY, lifetime=SHORT, filename='größe "38".png'))
    assert answer.status == 200
    assert answer.data == DATA
    told = answer.headers["Content-Disposition"]
    assert told == "attachment; filename=\"gr__e _38_.png\"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%2238%22.png"


def test_a_link_to_nothing_is_not_found(place: Place) -> None:
    assert WEB.request("GET", place.presigner.get("nothing/here", lifetime=SHORT).url).status == 404


def test_a_form_writes_what_was_announced(place: Place) -> None:
    assert submit(form_link(place), DATA).status in (200, 201, 204)
    assert place.storage.get(KEY) == DATA


@pytest.mark.parametrize("data", [DATA + b"!", DATA[:-1]], ids=["longer", "shorter"])
def test_a_form_of_another_length_is_refused(place: Place, data: bytes) -> None:
    assert submit(form_link(place), data).status in (400, 403)
    assert not place.storage.exists(KEY)


def test_a_form_of_another_type_is_refused(place: Place) -> None:
    assert submit(form_link(place), DATA, Content_Type="text/html").status in (400, 403)
    assert not place.storage.exists(KEY)


def test_a_form_is_refused_where_the_server_takes_none(place: Place) -> None:
    if place.forms:
        pytest.skip("takes forms")
    with pytest.raises(SetupError, match="use a PUT link"):
        place.presigner.form(KEY, size=1, content_type="image/jpeg", lifetime=SHORT)


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(days=8), timedelta(seconds=-1)])
def test_lifetimes_that_no_server_grants_are_refused(place: Place, lifetime: timedelta) -> None:
    for attempt in (
        lambda: put_link(place, lifetime=lifetime),
        lambda: place.presigner.get(KEY, lifetime=lifetime),
    ):
        with pytest.raises(InputError, match="one second to seven days"):
            attempt()


def test_unsafe_keys_sizes_and_types_are_refused(place: Place) -> None:
    with pytest.raises(InputError, match="plain names"):
        place.presigner.get("../secret", lifetime=SHORT)
    with pytest.raises(InputError, match="plain names"):
        put_link(place, "../secret")
    with pytest.raises(InputError, match="size of the file"):
        place.presigner.put(KEY, size=0, content_type="image/jpeg", lifetime=SHORT)
    with pytest.raises(InputError, match="no media type"):
        place.presigner.put(KEY, size=1, content_type="image/jpeg\r\nX: y", lifetime=SHORT)


def test_a_printed_link_cannot_be_followed(place: Place) -> None:
    link = put_link(place)
    assert link.url not in repr(link)
    assert "Signature" not in repr(link)
