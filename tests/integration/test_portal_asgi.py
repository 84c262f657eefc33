"""The portal as a server runs it: wired from settings, in processes of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import uvicorn

from fashion_gen.jobs import Database, NewGarment, NewJob, NewUpload, Store
from fashion_gen.portal import asgi
from fashion_gen.portal.app import create_app
from fashion_gen.portal.limits import LocalLimiter, RedisLimiter
from fashion_gen.records import Brief
from fashion_gen.settings import load
from servers.portal import PATIENCE_S, serving

ROOT = Path(__file__).resolve().parents[2]


def environ(folder: Path, **more: str) -> dict[str, str]:
    chosen = {
        "JOBS__DATABASE": f"sqlite:///{folder}/jobs.db",
        "STORAGE__ROOT": f"{folder}/files",
        "PORTAL__SECRET_FILE": f"{folder}/secret",
        "QUEUE__REDIS": f"unix://{folder}/nobody.sock",
        **more,
    }
    return {f"FASHION_GEN_{name}": value for name, value in chosen.items()}


@contextmanager
def running(folder: Path, *, processes: int = 1) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-W", "error", "-m", "uvicorn", "--factory", "fashion_gen.portal.asgi:app"]
    command += ["--port", str(port), "--workers", str(processes), "--timeout-graceful-shutdown", "2", "--no-access-log"]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FASHION_GEN_")}
    inherited["PROMETHEUS_MULTIPROC_DIR"] = str(folder / "metrics")
    (folder / "metrics").mkdir()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**inherited, **environ(folder, PORTAL__URL=url)}, stdout=log, stderr=log
        )
        try:
            deadline = time.monotonic() + 3 * PATIENCE_S
            while not _alive(url):
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < deadline, (folder / "log").read_text()
                time.sleep(0.1)
            yield url, process
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def _alive(url: str) -> bool:
    try:
        return httpx.get(f"{url}/livez", timeout=PATIENCE_S).status_code == 200
    except httpx.TransportError:
        return False


def test_two_processes_start_on_an_empty_folder_and_take_a_job(tmp_path: Path) -> None:
    with running(tmp_path, processes=2) as (url, _), Store(Database(f"sqlite:///{tmp_path}/jobs.db")) as store:
        ready = httpx.get(f"{url}/readyz", timeout=PATIENCE_S)
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")  # nobody is at that socket
        seller = store.sellers.add("Ada's shirts").id
        token = store.keys.issue(seller, "first", scopes=["read", "write"]).token
        added = store.uploads.add(seller, NewUpload("a.jpg", 9, "image/jpeg", depicts_person=False))
        store.uploads.received(seller, added.id, sha256="a" * 64, size=9, storage_key=f"originals/{seller}/{'a' * 64}")
        with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE_S) as http:
            garment = http.post("/v1/garments", json={"upload_id": added.id})
            job = http.post("/v1/jobs", json={"garment_id": garment.json()["id"]})
            assert (garment.status_code, job.status_code) == (202, 202)
            assert http.get(job.headers["Location"]).json()["state"] == "queued"
            body = {"name": "b.jpg", "size": 9, "content_type": "image/jpeg", "depicts_person": False}
            target = http.post("/v1/uploads", json=body).json()["target"]
            assert target["url"].startswith(f"{url}/v1/files/")
            sent = httpx.put(target["url"], content=b"x" * 9, headers=target["headers"], timeout=PATIENCE_S)
            assert sent.status_code == 204  # perhaps the other process: they share the secret
        asked = 'fashion_gen_http_request_seconds_count{method="POST",route="/v1/jobs",status="2xx"} 1.0'
        for _ in range(8):  # whichever process answers, it answers for both
            assert asked in httpx.get(f"{url}/metrics", timeout=PATIENCE_S).text


def test_a_stop_does_not_wait_for_those_who_follow_events(tmp_path: Path) -> None:
    with running(tmp_path) as (url, process), Store(Database(f"sqlite:///{tmp_path}/jobs.db")) as store:
        seller = store.sellers.add("Ada's shirts").id
        token = store.keys.issue(seller, "first", scopes=["read"]).token
        added = store.uploads.add(seller, NewUpload("a.jpg", 9, "image/jpeg", depicts_person=False))
        store.uploads.received(seller, added.id, sha256="a" * 64, size=9, storage_key="originals/x/y")
        job = store.jobs.add(seller, NewJob(store.garments.add(seller, NewGarment(added.id)).id, Brief(), "mini")).job
        path = f"{url}/v1/jobs/{job.id}/events"
        with httpx.stream("GET", path, headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE_S) as answer:
            next(answer.iter_lines())
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_S) in (0, -signal.SIGTERM)


def test_parts_follow_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in environ(tmp_path, PORTAL__URL="https://looks.example/").items():
        monkeypatch.setenv(name, value)
    parts = asgi.open_parts(load())
    assert isinstance(parts.limiter, RedisLimiter)
    assert (parts.default_preset, [row.name for row in parts.presets()][:1]) == ("mini", ["mini"])
    monkeypatch.setenv("FASHION_GEN_QUEUE__BROKER", "amqp://guest@localhost//")
    monkeypatch.delenv("FASHION_GEN_QUEUE__REDIS")
    without = asgi.open_parts(load())
    assert without.redis is None
    assert isinstance(without.limiter, LocalLimiter)
    for opened in (parts, without):
        opened.store.close()


def test_a_portal_whose_database_is_away_at_start_says_so_until_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    nowhere = "postgresql://nobody@127.0.0.1:9/nothing"
    for name, value in environ(tmp_path, JOBS__DATABASE=nowhere).items():
        monkeypatch.setenv(name, value)
    listening = uvicorn.Config("unused", host="127.0.0.1", port=0, log_level="error").bind_socket()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    parts = replace(asgi.open_parts(load()), redis=None, limiter=LocalLimiter())
    with serving(create_app(parts), listening):
        assert httpx.get(f"{url}/livez", timeout=PATIENCE_S).status_code == 200
        ready = httpx.get(f"{url}/readyz", timeout=PATIENCE_S).json()
        answer = httpx.get(f"{url}/v1/jobs", headers={"Authorization": "Bearer fg_live_a_b"}, timeout=PATIENCE_S)
        metrics = httpx.get(f"{url}/metrics", timeout=PATIENCE_S)
    assert (ready["status"], ready["checks"]["database"]["ok"]) == ("not_ready", False)
    assert (answer.status_code, answer.json()["retryable"]) == (503, True)
    assert (metrics.status_code, "fashion_gen_jobs{" in metrics.text) == (200, False)
