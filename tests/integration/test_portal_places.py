"""The same portal on the places of production: PostgreSQL, and a bucket in a real S3 server."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import uvicorn

from fashion_gen.portal.app import create_app
from fashion_gen.storage.s3 import S3Location, S3Presigner, S3Storage
from servers.portal import PATIENCE_S, Portal, parts_in, photo, portal, serving
from tests.contract.job_store import new_database


@pytest.fixture(scope="module")
def on_postgres(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with portal(tmp_path_factory.mktemp("portal"), database=new_database(postgres)) as running:
        yield running


def test_a_hundred_requests_at_once_with_one_key_are_one_job_on_postgresql(on_postgres: Portal) -> None:
    seller = on_postgres.seller()
    body = {"garment_id": on_postgres.garment(seller).id, "brief": {"looks": 2}}
    headers = {"Idempotency-Key": "a-hundred"}
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: seller.http.post("/v1/jobs", json=body, headers=headers), range(100)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(seller.http.get("/v1/jobs").json()["data"]) == 1


def test_what_postgresql_would_refuse_is_refused_before(on_postgres: Portal) -> None:
    seller = on_postgres.seller()
    garment = on_postgres.garment(seller).id
    for wrong in (
        {"external_id": "a\u0000"},
        {"brief": {"scene": "\ud800"}},
        {"brief": {"casting": "\ud800"}},
        {"brief": {"\ud800": 1}},
        {"garment_id": "\u0000"},
    ):
        body = json.dumps({"garment_id": garment, **wrong})
        answer = seller.http.post("/v1/jobs", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422, answer.text
    for path in ("/v1/jobs/job_%00", "/v1/jobs?external_id=%00", "/v1/jobs?cursor=MjAyNi0wMS0wMVQwMDowMDowMFogAA"):
        assert seller.http.get(path).status_code in (404, 422)


def test_metrics_and_usage_count_on_postgresql(on_postgres: Portal) -> None:
    seller = on_postgres.seller()
    on_postgres.render(on_postgres.looks(on_postgres.job(seller))[0])
    assert seller.http.get("/v1/usage").json()["looks"] == 1
    assert 'fashion_gen_looks_finished{preset="mini",state="passed"}' in on_postgres.client().get("/metrics").text


def test_a_photo_goes_straight_into_the_bucket_and_results_come_straight_out(tmp_path: Path, swift: S3Location) -> None:
    listening = uvicorn.Config("unused", host="127.0.0.1", port=0, log_level="error").bind_socket()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with parts_in(tmp_path, url) as local:
        parts = replace(local, storage=S3Storage(swift), presigner=S3Presigner(swift))
        with serving(create_app(parts), listening) as app:
            running = Portal(url, app, parts)
            seller, data = running.seller(), photo()
            body = {"name": "a.jpg", "size": len(data), "content_type": "image/jpeg", "depicts_person": False}
            upload = seller.http.post("/v1/uploads", json=body).json()
            target = upload["target"]
            assert swift.endpoint is not None
            assert target["url"].startswith(swift.endpoint)
            sent = httpx.put(target["url"], content=data, headers=target["headers"], timeout=PATIENCE_S)
            assert sent.is_success, sent.text
            done = seller.http.post(f"/v1/uploads/{upload['id']}:complete").json()
            assert (done["state"], done["sha256"]) == ("received", hashlib.sha256(data).hexdigest())
            link = seller.http.get(f"/v1/garments/{running.garment(seller).id}").json()["files"]["cutout"]["url"]
            assert httpx.get(link, timeout=PATIENCE_S).content == b"a cut-out"
            assert seller.http.get("/v1/files/a.b").status_code == 404  # the bucket serves its files itself
            assert seller.http.get("/readyz").json()["checks"]["storage"]["ok"]
            running.close()
