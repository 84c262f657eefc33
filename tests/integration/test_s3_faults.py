"""What a bucket does when its server, the network or the set-up fails: real servers, real sockets."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from fashion_gen.errors import FashionGenError, InputError, NotFound, SetupError, StorageUnavailable
from fashion_gen.storage import probe
from fashion_gen.storage.s3 import S3Location, S3Presigner, S3Storage, set_lifecycle
from servers import s3
from servers.faulty_proxy import FaultyProxy, faulty

KEY = "job/look.png"
LARGE = bytes(range(251)) * 80_000  # 20 MB, three parts
A_DAY = timedelta(days=1)


@pytest.fixture
def proxy(swift: S3Location) -> Iterator[FaultyProxy]:
    port = urlsplit(swift.endpoint or "").port
    assert port
    with faulty(port) as opened:
        yield opened


@pytest.fixture
def storage(swift: S3Location, proxy: FaultyProxy, tmp_path: Path) -> S3Storage:
    """A part of the bucket of this test's own, behind the faulty network."""
    return S3Storage(replace(swift, prefix=tmp_path.name, endpoint=f"http://127.0.0.1:{proxy.port}", attempts=3))


@pytest.fixture(params=["swift", "ceph"])
def server(request: pytest.FixtureRequest) -> S3Location:
    location: S3Location = request.getfixturevalue(request.param)
    return location


def verbs(storage: S3Storage) -> dict[str, Callable[[], object]]:
    return {
        "put": lambda: storage.put(KEY, b"1"),
        "put in parts": lambda: storage.put(KEY, LARGE),
        "get": lambda: storage.get(KEY),
        "exists": lambda: storage.exists(KEY),
        "stat": lambda: storage.stat(KEY),
        "delete": lambda: storage.delete(KEY),
        "keys": storage.keys,
        "discard_partial": lambda: storage.discard_partial(datetime.now(UTC)),
        "probe": lambda: probe(storage),
    }


def failures(storage: S3Storage) -> dict[str, FashionGenError]:
    """What each verb raises; every one has to."""
    found = {}
    for name, verb in verbs(storage).items():
        with pytest.raises(FashionGenError) as caught:
            verb()
        found[name] = caught.value
    return found


def test_while_the_server_is_down_every_verb_may_be_retried_and_afterwards_works(
    storage: S3Storage, proxy: FaultyProxy
) -> None:
    storage.put(KEY, b"before")
    proxy.down = True
    for name, error in failures(storage).items():
        assert type(error) is StorageUnavailable, name
        assert error.retryable
        assert "check that the server runs" in str(error)
    proxy.down = False
    assert storage.get(KEY) == b"before"


def test_where_nothing_listens_every_verb_may_be_retried(swift: S3Location, proxy: FaultyProxy) -> None:
    proxy.close()
    storage = S3Storage(replace(swift, endpoint=f"http://127.0.0.1:{proxy.port}", attempts=1))
    assert {type(error) for error in failures(storage).values()} == {StorageUnavailable}


def test_a_server_that_never_answers_is_given_up(storage: S3Storage, proxy: FaultyProxy) -> None:
    proxy.silent = True
    hasty = S3Storage(replace(storage.location, read_timeout=0.3, attempts=2))
    for attempt in (lambda: hasty.put(KEY, b"1"), lambda: hasty.get(KEY), lambda: hasty.exists(KEY)):
        with pytest.raises(StorageUnavailable, match="does not answer"):
            attempt()


def test_an_upload_that_is_cut_is_sent_again(storage: S3Storage, proxy: FaultyProxy) -> None:
    proxy.cut_requests = 1
    storage.put(KEY, LARGE[:1_000_000])
    assert proxy.cuts == 1
    assert storage.get(KEY) == LARGE[:1_000_000]


@pytest.mark.parametrize("size", [1_000_000, len(LARGE)], ids=["whole", "in parts"])
def test_a_download_that_is_cut_in_its_middle_is_read_again(storage: S3Storage, proxy: FaultyProxy, size: int) -> None:
    storage.put(KEY, LARGE[:size])
    proxy.cut_answers = 1
    assert storage.get(KEY) == LARGE[:size]
    assert proxy.cuts == 1


@pytest.mark.parametrize("size", [1_000_000, len(LARGE)], ids=["whole", "in parts"])
def test_bytes_that_change_on_their_way_are_not_stored(server: S3Location, tmp_path: Path, size: int) -> None:
    with faulty(urlsplit(server.endpoint or "").port or 0) as proxy:
        there = f"http://127.0.0.1:{proxy.port}"
        storage = S3Storage(replace(server, prefix=tmp_path.name, endpoint=there, attempts=2))
        proxy.garbles = True
        with pytest.raises(StorageUnavailable) as caught:
            storage.put(KEY, LARGE[:size])
        proxy.garbles = False
        assert caught.value.retryable
        assert not storage.exists(KEY)


def test_a_download_that_is_always_cut_is_given_up(storage: S3Storage, proxy: FaultyProxy) -> None:
    storage.put(KEY, LARGE[:1_000_000])
    proxy.cut_answers = 1000
    with pytest.raises(StorageUnavailable) as caught:
        storage.get(KEY)
    assert caught.value.retryable


def test_a_part_that_fails_leaves_the_old_file_and_no_parts(storage: S3Storage, proxy: FaultyProxy) -> None:
    storage.put(KEY, b"old")
    proxy.cut_where = b"partNumber=2"
    with pytest.raises(StorageUnavailable):
        storage.put(KEY, LARGE)
    assert proxy.cuts == 3  # as many attempts as the location allows
    assert storage.get(KEY) == b"old"
    assert storage.discard_partial(datetime.now(UTC) + A_DAY) == 0


def test_parts_of_a_killed_process_are_discarded_when_they_are_old(server: S3Location, tmp_path: Path) -> None:
    storage = S3Storage(replace(server, prefix=tmp_path.name))
    name = storage.location.name_of(KEY)
    begun = storage.client.create_multipart_upload(Bucket=server.bucket, Key=name)
    storage.client.upload_part(
        Bucket=server.bucket, Key=name, UploadId=begun["UploadId"], PartNumber=1, Body=b"x" * 5_242_880
    )
    assert storage.keys() == ()
    assert storage.discard_partial(datetime.now(UTC) - A_DAY) == 0
    assert storage.discard_partial(datetime.now(UTC) + A_DAY) == 1
    assert storage.discard_partial(datetime.now(UTC) + A_DAY) == 0


@pytest.mark.parametrize(
    "wrong", [{"secret_key": "wrong-secret"}, {"access_key": "test:nobody"}], ids=["secret", "access"]
)
def test_wrong_keys_are_a_matter_of_setting_up(server: S3Location, wrong: dict[str, str]) -> None:
    storage = S3Storage(replace(server, **{name: SecretStr(value) for name, value in wrong.items()}))
    for name, error in failures(storage).items():
        assert type(error) is SetupError, name
        assert not error.retryable
        assert "check the access key and the secret key" in str(error)


def test_a_bucket_that_is_not_there_is_a_matter_of_setting_up(server: S3Location) -> None:
    for name, error in failures(S3Storage(replace(server, bucket="not-there"))).items():
        assert type(error) is SetupError, name
        assert "create the bucket, or name another" in str(error)


def test_a_bucket_with_an_impossible_name_is_told_without_asking(swift: S3Location) -> None:
    with pytest.raises(SetupError, match="correct the bucket's name"):
        S3Storage(replace(swift, bucket="no such/bucket!")).put(KEY, b"1")


def test_a_key_that_is_too_long_with_its_prefix_is_the_callers_fault(server: S3Location) -> None:
    storage = S3Storage(replace(server, prefix="/".join(["prefix-" * 30] * 4)))
    with pytest.raises(InputError, match="use a shorter one"):
        storage.put("/".join(["abcdefgh"] * 60), b"1")


def test_a_missing_file_is_not_found_and_not_retried(server: S3Location) -> None:
    with pytest.raises(NotFound) as caught:
        S3Storage(server).get(KEY)
    assert not caught.value.retryable


@pytest.mark.parametrize("checksums", ["when_supported", "when_required"])
def test_files_keep_with_and_without_the_newer_checksums(server: S3Location, tmp_path: Path, checksums: str) -> None:
    storage = S3Storage(replace(server, prefix=tmp_path.name, checksums=checksums))  # type: ignore[arg-type]
    for data in (b"small", LARGE):
        storage.put(KEY, data)
        assert storage.get(KEY) == data


@pytest.mark.parametrize(
    ("key", "kind"), [("a.png", "image/png"), ("a.webp", "image/webp"), ("0123ab", "application/octet-stream")]
)
@pytest.mark.parametrize("data", [b"1", LARGE], ids=["whole", "in parts"])
def test_the_type_follows_from_the_suffix(server: S3Location, tmp_path: Path, key: str, kind: str, data: bytes) -> None:
    storage = S3Storage(replace(server, prefix=tmp_path.name))
    storage.put(key, data)
    found = storage.client.head_object(Bucket=server.bucket, Key=storage.location.name_of(key))
    assert found["ContentType"] == kind


def test_what_others_keep_in_the_bucket_is_not_listed(swift: S3Location, tmp_path: Path) -> None:
    storage = S3Storage(replace(swift, prefix=tmp_path.name))
    storage.client.put_object(Bucket=swift.bucket, Key=f"{tmp_path.name}/folder/", Body=b"")
    storage.client.put_object(Bucket=swift.bucket, Key=f"{tmp_path.name}-2/{KEY}", Body=b"")
    storage.put(KEY, b"1")
    assert storage.keys() == (KEY,)


def test_keys_are_never_printed(server: S3Location, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    storage = S3Storage(server)
    storage.put(KEY, b"1")
    storage.get(KEY)
    S3Presigner(server).get(KEY, lifetime=A_DAY)
    wrong = S3Storage(replace(server, access_key=SecretStr("test:somebody"), secret_key=SecretStr("wrong-secret")))
    told = [repr(server), str(server), repr(storage), caplog.text]
    for error in failures(wrong).values():
        told += traceback.format_exception(error)
    text = "\n".join(told)
    assert "looks" in text
    assert s3.SECRET not in text
    assert "wrong-secret" not in text
    assert s3.ACCESS_KEY not in "\n".join([*told[:3], *told[4:]])


def test_rules_for_forgetting_are_set_where_the_server_has_them(ceph: S3Location, tmp_path: Path) -> None:
    storage = S3Storage(replace(ceph, prefix=tmp_path.name))
    assert set_lifecycle(storage, originals=A_DAY, quarantine=A_DAY)  # where there are no rules yet
    of_others = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 5}}
    storage.client.put_bucket_lifecycle_configuration(
        Bucket=ceph.bucket,
        LifecycleConfiguration={"Rules": [of_others]},  # type: ignore[list-item]
    )
    for days in (10, 20):
        assert set_lifecycle(storage, originals=timedelta(days=days, hours=1), quarantine=timedelta(hours=3))
    rules = storage.client.get_bucket_lifecycle_configuration(Bucket=ceph.bucket)["Rules"]
    told = {rule["Filter"]["Prefix"]: rule.get("Expiration", {}).get("Days") for rule in rules}
    top = tmp_path.name
    assert told == {"logs/": 5, f"{top}/originals/": 21, f"{top}/quarantine/": 1, f"{top}/": None}


def test_a_server_without_such_rules_says_so(swift: S3Location) -> None:
    assert set_lifecycle(S3Storage(swift), originals=A_DAY, quarantine=A_DAY) is False
