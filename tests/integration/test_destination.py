"""A seller's own bucket from end to end, against a real S3 server: set by the API or the operator, filled by the workers."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from typer.testing import CliRunner

from fashion_gen import wiring
from fashion_gen.cli import app
from fashion_gen.errors import InputError
from fashion_gen.jobs import Database, Store, copying, migrate
from fashion_gen.jobs.buckets import Buckets
from fashion_gen.jobs.destinations import Place
from fashion_gen.jobs.states import JobState, LookState
from fashion_gen.seal import Seal
from fashion_gen.storage.s3 import S3Location, S3Storage
from servers import s3
from servers.faulty_proxy import FaultyProxy, faulty
from servers.portal import SECRET, Portal, Seller
from tests.servers.backstage import Backstage, running

WRONG = "a-secret-that-is-wrong"
PATH = "/v1/destination"


@pytest.fixture
def theirs(swift: S3Location, tmp_path: Path) -> S3Location:
    """A part of the bucket of this test's own."""
    return replace(swift, prefix=tmp_path.name)


def body(location: S3Location, **more: Any) -> dict[str, Any]:
    keys = {"access_key": s3.ACCESS_KEY, "secret_key": s3.SECRET}
    return {"bucket": location.bucket, "endpoint": location.endpoint, "prefix": location.prefix, **keys, **more}


def copy_all(api: Portal) -> None:
    """What the dispatcher and an io worker do."""
    for turn in api.store.destinations.give_turns():
        copying.copy(turn, store=api.store, storage=api.parts.storage, open_bucket=api.parts.buckets.open)


def test_a_bucket_is_tried_taken_and_filled(api: Portal, seller: Seller, theirs: S3Location) -> None:
    assert seller.http.get(PATH).status_code == 404
    answer = seller.http.put(PATH, json=body(theirs))
    assert answer.status_code == 200, answer.text
    assert S3Storage(theirs).keys() == ()  # the file of the trial is gone again

    [look] = api.looks(api.job(seller))
    api.render(look)
    assert seller.http.get(PATH).json()["waiting"] == 1
    assert seller.http.get(f"/v1/looks/{look.id}").json()["copy_state"] == "waiting"
    copy_all(api)

    told = seller.http.get(PATH).json()
    assert (told["waiting"], told["failures"], told["reason"]) == (0, 0, None)
    assert told["copied_at"] is not None
    assert seller.http.get(f"/v1/looks/{look.id}").json()["copy_state"] == "copied"
    arrived = S3Storage(theirs).keys()
    assert [key.rpartition("/")[2] for key in arrived] == ["look.json", "look.png"]
    assert S3Storage(theirs).get(arrived[1]) == b"a master"

    assert seller.http.delete(PATH).status_code == 204
    assert seller.http.get(PATH).status_code == 404
    assert S3Storage(theirs).keys() == arrived


def test_looks_of_sellers_without_a_bucket_say_nothing_of_one(api: Portal, seller: Seller) -> None:
    [look] = api.looks(api.job(seller))
    api.render(look)
    assert seller.http.get(f"/v1/looks/{look.id}").json()["copy_state"] is None


@pytest.mark.parametrize(
    ("change", "cure"),
    [
        ({"secret_key": WRONG}, "check the access key and the secret key"),
        ({"bucket": "no-such-bucket"}, "create the bucket"),
        ({"endpoint": "http://127.0.0.1:1"}, "check that the server runs"),
        ({"endpoint": "http://user:pass@127.0.0.1"}, "user name or password"),
        ({"prefix": "../others"}, "relative path"),
    ],
)
def test_a_bucket_that_does_not_work_is_refused_with_the_cure(
    api: Portal, seller: Seller, theirs: S3Location, change: dict[str, str], cure: str
) -> None:
    answer = seller.http.put(PATH, json=body(theirs, **change))
    assert answer.status_code == 422
    assert cure in answer.json()["detail"]
    assert seller.http.get(PATH).status_code == 404


def test_no_key_of_a_bucket_is_in_answers_rows_logs_or_errors(
    api: Portal, seller: Seller, theirs: S3Location, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="fashion_gen")
    answers = [
        seller.http.put(PATH, json=body(theirs, secret_key=WRONG)),
        seller.http.put(PATH, json=body(theirs, access_key="")),
        seller.http.put(PATH, json=body(theirs)),
        seller.http.get(PATH),
    ]
    assert [answer.status_code for answer in answers] == [422, 422, 200, 200]
    with api.store.database.reading() as session:
        rows = [str(tuple(row)) for row in session.execute(text("SELECT * FROM destinations"))]
        rows += [str(tuple(row)) for row in session.execute(text("SELECT * FROM audit_log"))]
    row = api.store.destinations.get(seller.id).destination
    everything = [*(answer.text for answer in answers), *rows, caplog.text, repr(row)]
    assert not [said for said in everything if s3.SECRET in said or WRONG in said or s3.ACCESS_KEY in said]


def test_keys_that_are_withdrawn_keep_the_looks_waiting_and_say_so(
    api: Portal, seller: Seller, theirs: S3Location
) -> None:
    seller.http.put(PATH, json=body(theirs))
    [look] = api.looks(api.job(seller))
    api.render(look)
    # The server still knows the old keys; the row has ones that it does not.
    place = Place(theirs.bucket, theirs.endpoint, prefix=theirs.prefix)
    keys = SecretStr(json.dumps([s3.ACCESS_KEY, WRONG]))
    api.store.destinations.set(seller.id, place, Seal(SECRET, "destinations").close(keys))
    copy_all(api)
    told = seller.http.get(PATH).json()
    assert (told["waiting"], told["failures"]) == (1, 1)
    assert "check the access key and the secret key" in told["reason"]
    assert told["next_attempt_at"] is not None
    assert seller.http.get(f"/v1/looks/{look.id}").json()["state"] == "passed"

    assert seller.http.put(PATH, json=body(theirs)).json()["reason"] is None
    copy_all(api)
    assert seller.http.get(PATH).json()["waiting"] == 0


def test_only_a_key_with_the_scope_admin_sets_a_bucket(api: Portal, seller: Seller, theirs: S3Location) -> None:
    weak = api.client(api.store.keys.issue(seller.id, "shop", scopes=["read", "write"]).token)
    assert weak.put(PATH, json=body(theirs)).status_code == 403
    assert weak.delete(PATH).status_code == 403


def test_a_bucket_inside_our_network_is_refused(theirs: S3Location) -> None:
    strict = Buckets(Seal(SecretStr("s" * 32), "destinations"))
    place = Place("shop-looks", "https://127.0.0.1:9000")
    with pytest.raises(InputError, match="public internet"):
        strict.admit(place, SecretStr("a"), SecretStr("b"))


def test_the_operator_sets_shows_and_removes_a_bucket(
    theirs: S3Location, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = f"sqlite:///{tmp_path}/jobs.db"
    monkeypatch.setenv("FASHION_GEN_JOBS__DATABASE", database)
    monkeypatch.setenv("FASHION_GEN_PORTAL__SECRET", "s" * 32)
    monkeypatch.setenv("FASHION_GEN_STORAGE__PRIVATE_DESTINATIONS", "true")
    migrate(database)
    with Store(Database(database)) as store:
        seller_id = store.sellers.add("Ada").id

    def said(*words: str, keys: str = "") -> tuple[int, str]:
        result = CliRunner().invoke(app, ["destination", *words], input=keys)
        assert s3.SECRET not in result.output
        return result.exit_code, result.output

    place = [theirs.bucket, "--endpoint", str(theirs.endpoint), "--prefix", theirs.prefix]
    code, told = said("set", seller_id, *place, keys=f"{s3.ACCESS_KEY}\n{WRONG}\n")
    assert (code, "check the access key" in told) == (2, True)
    assert said("show", seller_id)[0] == 2
    assert said("set", "sel_nobody", *place, keys=f"{s3.ACCESS_KEY}\n{s3.SECRET}\n")[0] == 2
    assert said("set", seller_id, *place, keys=f"{s3.ACCESS_KEY}\n{s3.SECRET}\n")[0] == 0
    assert "0 looks wait" in said("show", seller_id)[1]
    assert said("remove", seller_id)[0] == 0
    assert said("show", seller_id)[0] == 2


@pytest.fixture
def proxy(swift: S3Location) -> Iterator[FaultyProxy]:
    port = urlsplit(swift.endpoint or "").port
    assert port
    with faulty(port) as opened:
        yield opened


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Backstage]:
    """A service whose io worker copies."""
    workers = {"render": ["render"], "prepare": ["prepare", "io"]}
    with running(tmp_path / "service", workers=workers, storage__private_destinations=True) as stage:
        for name, value in stage.environ.items():
            monkeypatch.setenv(name, value)
        yield stage


@pytest.mark.slow
def test_a_bucket_that_is_down_delays_no_look_and_gets_all_of_them_later(
    stage: Backstage, theirs: S3Location, proxy: FaultyProxy
) -> None:
    buckets = wiring.open_buckets()  # of the same secret as the workers'
    place = Place(theirs.bucket, f"http://127.0.0.1:{proxy.port}", prefix=theirs.prefix)
    sealed = buckets.admit(place, SecretStr(s3.ACCESS_KEY), SecretStr(s3.SECRET))
    seller_id = stage.store.sellers.add("Ada's shirts").id
    stage.store.destinations.set(seller_id, place, sealed)

    proxy.down = True
    job = stage.job(stage.garment(seller_id), looks=4)
    stage.until(lambda: stage.finished(job), "the looks are made without their seller's bucket")
    stage.until(lambda: stage.store.destinations.get(seller_id).destination.failures, "the bucket was tried")
    standing = stage.store.destinations.get(seller_id)
    assert standing.waiting == 4
    assert "check that the server runs" in (standing.destination.reason or "")

    proxy.down = False
    stage.until(lambda: stage.store.destinations.get(seller_id).waiting == 0, "everything has arrived")
    assert stage.store.jobs.get(seller_id, job.id).state is JobState.SUCCEEDED
    looks = stage.store.looks.of_job(seller_id, job.id)
    assert [look.state for look in looks] == [LookState.PASSED] * 4
    bucket = S3Storage(theirs)
    for look in looks:
        for key in look.files.values():
            assert bucket.get(key.removeprefix(f"results/{seller_id}/")) == stage.storage.get(key)
    assert len(stage.ledger_of(seller_id)) == 4
