"""The surface: errors as problems, the catalogue, verify, health, metrics, logs."""

from __future__ import annotations

import base64
import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import numpy as np
import pytest
import uvicorn
from prometheus_client.parser import text_string_to_metric_families

from fashion_gen import label, library
from fashion_gen.errors import StorageUnavailable
from fashion_gen.portal.app import create_app
from fashion_gen.portal.health import Readings
from fashion_gen.storage import LocalStorage
from servers.portal import PATIENCE_S, Portal, Seller, parts_in, photo, portal, serving

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "not_found"),
        ("GET", "/", 404, "not_found"),
        ("PATCH", "/v1/jobs", 405, "method_not_allowed"),
        ("GET", "/v1/jobs/..%2f..%2fetc", 404, "not_found"),
        ("GET", "/v1/jobs/job_%00", 404, "not_found"),
        ("GET", "/v1/jobs?limit=0", 422, "invalid_request"),
        ("GET", "/v1/jobs?cursor=nonsense", 422, "input_error"),
        ("GET", "/v1/jobs?external_id=%00", 422, "invalid_request"),
        ("GET", "/v1/jobs?state=unheard-of", 422, "invalid_request"),
    ],
)
def test_every_refusal_is_a_problem(seller: Seller, method: str, path: str, status: int, code: str) -> None:
    answer = seller.http.request(method, path)
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["type"] == f"urn:fashion-gen:problem:{code}"
    assert set(problem) >= {"title", "detail", "instance", "retryable"}
    assert problem["request_id"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", JSON, 400, "malformed_json"),
        (b'{"a":' * 50_000, JSON, 400, None),
        (b"[]", JSON, 422, "invalid_request"),
        (b"", JSON, 422, "invalid_request"),
        (b"\xff\xfe", JSON, 400, None),
        (b"garment_id=x", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "unsupported_media_type"),
        (b'{"garment_id": "x"}', {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
        (b'{"garment_id": "x"}', {}, 415, "unsupported_media_type"),
    ],
)
def test_bodies_that_are_not_json_are_refused(
    seller: Seller, body: bytes, headers: dict[str, str], status: int, code: str | None
) -> None:
    answer = seller.http.post("/v1/jobs", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert code in (None, answer.json()["code"])


@pytest.mark.parametrize(
    "forged", [b"0001-01-01T00:00:00+14:00 job_1", b"2026-01-01T00:00:00+00:00 job_\x00", b"2026-01-01T00:00:00 job_1"]
)
def test_a_forged_cursor_is_refused(seller: Seller, forged: bytes) -> None:
    cursor = base64.urlsafe_b64encode(forged).decode().rstrip("=")
    assert seller.http.get("/v1/jobs", params={"cursor": cursor}).json()["code"] == "input_error"


def test_a_wrong_parameter_is_named(seller: Seller) -> None:
    [fault] = seller.http.get("/v1/jobs", params={"limit": "many"}).json()["errors"]
    assert (fault["parameter"], fault["code"]) == ("limit", "int_parsing")


def test_a_callers_request_id_is_kept_and_a_suspicious_one_is_not(seller: Seller) -> None:
    kept = seller.http.get("/v1/session", headers={"X-Request-ID": "order-4711.retry_2"})
    assert kept.headers["X-Request-ID"] == "order-4711.retry_2"
    replaced = seller.http.get("/v1/session", headers={"X-Request-ID": "a b"})
    assert replaced.headers["X-Request-ID"] != "a b"


def test_a_bug_tells_callers_nothing_but_a_request_id(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(LocalStorage):
        def exists(self, key: str) -> bool:
            raise RuntimeError("a secret of the house")

    answer = _asked(tmp_path, Broken(tmp_path / "files"))
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret of the house" not in answer.text
    assert answer.headers["X-Request-ID"] == answer.json()["request_id"]
    assert "secret of the house" in caplog.text


def test_a_storage_that_is_away_is_a_retryable_503_that_names_no_servers(tmp_path: Path) -> None:
    class Away(LocalStorage):
        def exists(self, key: str) -> bool:
            raise StorageUnavailable("s3://inner-bucket at https://inner.example does not answer: check it.")

    answer = _asked(tmp_path, Away(tmp_path / "files"))
    assert (answer.status_code, answer.json()["retryable"], answer.headers["Retry-After"]) == (503, True, "5")
    assert "inner" not in answer.text


def _asked(folder: Path, storage: LocalStorage) -> httpx.Response:
    """What a portal with this storage answers to somebody who fetches a file."""
    socket = uvicorn.Config("unused", port=0, log_level="error").bind_socket()
    url = f"http://127.0.0.1:{socket.getsockname()[1]}"
    with parts_in(folder, url) as parts, serving(create_app(replace(parts, storage=storage)), socket):
        link = parts.presigner.get("results/x/y.png", lifetime=timedelta(minutes=1))
        return httpx.get(link.url, timeout=60)


@pytest.mark.parametrize("noun", ["personas", "poses", "scenes", "stylings", "channels"])
def test_the_catalogue_is_that_of_the_library_and_need_not_be_fetched_twice(seller: Seller, noun: str) -> None:
    answer = seller.http.get(f"/v1/{noun}")
    assert {row["name"] for row in answer.json()["data"]} == set(getattr(library, noun)())
    again = seller.http.get(f"/v1/{noun}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert seller.http.get(f"/v1/{noun}", headers={"If-None-Match": '"old"'}).status_code == 200


def test_presets_say_what_may_be_done_with_their_pictures(seller: Seller) -> None:
    [preset] = seller.http.get("/v1/presets").json()["data"]
    assert (preset["name"], preset["commercial"], preset["default"], preset["installed"]) == ("mini", "yes", True, True)


def test_verify_reads_the_labels_of_a_picture(seller: Seller) -> None:
    pixels = np.full((64, 64, 3), 90, np.uint8)
    mark = label.Mark("4f1c-0001", produced_by="001191110102MAD55U9H0F10002", version="0.1.0")
    labelled = label.encode(pixels, "png", mark=mark)
    report = seller.http.post("/v1/verify", content=labelled, headers={"Content-Type": "image/png"}).json()
    assert (report["intact"], report["labelled"], report["pixels_intact"]) == (True, True, True)
    plain = seller.http.post("/v1/verify", content=photo(), headers={"Content-Type": "image/jpeg"}).json()
    assert (plain["intact"], plain["problems"][0]["code"]) == (False, "no_label")


def test_verify_takes_pictures_alone(seller: Seller) -> None:
    assert seller.http.post("/v1/verify", json={}).status_code == 415
    broken = seller.http.post("/v1/verify", content=b"x", headers={"Content-Type": "application/octet-stream"})
    assert (broken.status_code, broken.json()["code"]) == (422, "unreadable_photo")


def test_livez_answers_and_readyz_names_what_is_checked(api: Portal) -> None:
    assert api.client().get("/livez").json()["status"] == "ok"
    ready = api.client().get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert set(ready.json()["checks"]) == {"database", "storage", "redis"}
    assert "not configured" in ready.json()["checks"]["redis"]["detail"]


def test_readyz_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "a-file").touch()
    storage = LocalStorage(tmp_path / "files")
    storage.root = tmp_path / "a-file"
    socket = uvicorn.Config("unused", port=0, log_level="error").bind_socket()
    with parts_in(tmp_path, "http://unused") as parts, serving(create_app(replace(parts, storage=storage)), socket):
        parts.store.database.engine.dispose()
        (tmp_path / "jobs.db").unlink()
        url = f"http://127.0.0.1:{socket.getsockname()[1]}"
        ready = httpx.get(f"{url}/readyz", timeout=60)
        assert httpx.get(f"{url}/livez", timeout=60).status_code == 200
    assert (ready.status_code, ready.json()["status"]) == (503, "not_ready")
    assert "migrate" in ready.json()["checks"]["database"]["detail"]
    assert not ready.json()["checks"]["storage"]["ok"]


def test_a_storage_that_hangs_holds_one_probe_and_not_all_of_them(tmp_path: Path) -> None:
    asked, go_on = threading.Event(), threading.Event()

    class Hanging(LocalStorage):
        def put(self, key: str, data: bytes) -> None:
            asked.set()
            go_on.wait(PATIENCE_S)
            super().put(key, data)

    with parts_in(tmp_path, "http://unused") as parts, ThreadPoolExecutor(1) as thread:
        hanging = replace(parts, storage=Hanging(tmp_path / "files"))
        readings = Readings(hanging, keep_s=0, patience_s=0.01)
        first = thread.submit(readings.take)
        assert asked.wait(PATIENCE_S)
        assert readings.take().status == "not_ready"  # nothing is known yet
        go_on.set()
        assert first.result(PATIENCE_S).status == "ready"
        asked.clear()
        go_on.clear()
        second = thread.submit(readings.take)
        assert asked.wait(PATIENCE_S)
        assert readings.take().status == "ready"  # what was found last
        go_on.set()
        second.result(PATIENCE_S)


def test_metrics_count_what_the_jobs_are_doing(tmp_path: Path) -> None:
    with portal(tmp_path) as running:
        seller = running.seller()
        passing, waiting = running.looks(running.job(seller, looks=2))
        running.render(passing)
        running.render(running.looks(running.job(seller))[0], passed=False)
        seller.http.get(f"/v1/looks/{waiting.id}")
        text = running.client().get("/metrics").text
    samples = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["fashion_gen_jobs", ("state", "running")] == 1
    assert samples["fashion_gen_jobs", ("state", "failed")] == 1
    assert samples["fashion_gen_looks_open", ("priority", "interactive"), ("state", "queued")] == 1
    assert samples["fashion_gen_queue_age_seconds", ("priority", "interactive")] >= 0
    assert samples["fashion_gen_looks_finished", ("preset", "mini"), ("state", "passed")] == 1
    assert samples["fashion_gen_gpu_seconds", ("preset", "mini")] == 3
    assert samples["fashion_gen_inspection_failures", ("reason", "tone"), ("tones", "7-10")] == 1
    asked = [("method", "GET"), ("route", "/v1/looks/{look_id}"), ("status", "2xx")]
    assert samples[("fashion_gen_http_request_seconds_count", *asked)] == 1
    assert waiting.id not in text
    assert seller.id not in text


def test_the_log_names_who_asked_for_what_but_no_secrets(
    api: Portal, seller: Seller, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "fashion_gen.portal.access"):
        job = api.job(seller)
        seller.http.get(f"/v1/jobs/{job.id}?secret=query")
        link = seller.http.get(f"/v1/garments/{job.garment_id}").json()["files"]["cutout"]["url"]
        httpx.get(link)
    told = [vars(record) for record in caplog.records if record.name == "fashion_gen.portal.access"]
    first = told[0]
    assert (first["route"], first["status"], first["seller_id"]) == ("/v1/jobs/{job_id}", 200, seller.id)
    assert first["path_params"] == {"job_id": job.id}
    everything = json.dumps(told, default=str)
    assert seller.token not in everything
    assert "secret=query" not in everything
    assert link.rpartition("/")[2] not in everything
