"""`fashion-gen up`: one command, one folder; killed and started again, it goes on."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from fashion_gen.jobs import Database, Store
from tests.servers import studios
from tests.servers.backstage import photo

pytestmark = pytest.mark.slow
PATIENCE_S = 120.0


class Up:
    """A running `fashion-gen up`."""

    def __init__(self, process: subprocess.Popen[str], output: Path) -> None:
        self.process = process
        self._output = output
        self.url = self._read(r"is up: (\S+)")

    @property
    def output(self) -> str:
        return self._output.read_text()

    def token(self) -> str:
        return self._read(r"shown this once: (\S+)")

    def _read(self, pattern: str) -> str:
        until = time.monotonic() + PATIENCE_S
        while not (found := re.search(pattern, self.output)):
            assert self.process.poll() is None, self.output
            assert time.monotonic() < until, self.output
            time.sleep(0.05)
        return found[1]


def environ(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "FASHION_GEN_UP__DATA": str(folder / "data"),
        "FASHION_GEN_WORKERS__STUDIO": "tests.servers.studios:Actor",
        "FASHION_GEN_WORKERS__GRACE_SECONDS": "5",  # also what the orphan of a killed service has to finish its batch
        "FASHION_GEN_JOBS__LEASE_SECONDS": "5",
        "FASHION_GEN_QUEUE__SWEEP_SECONDS": "0.5",
        studios.SCRIPT: str(folder / "act"),
    }


@contextmanager
def up(folder: Path) -> Iterator[Up]:
    output = folder / f"output-{time.monotonic_ns()}"
    command = [sys.executable, "-m", "fashion_gen", "up", "--port", "0"]
    with output.open("w") as file:
        process = subprocess.Popen(command, env=environ(folder), stdout=file, stderr=file, text=True)
    try:
        yield Up(process, output)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE_S)


def complaint(folder: Path, *options: str) -> tuple[int, str]:
    """Exit code and words of an `up` that cannot start."""
    command = [sys.executable, "-m", "fashion_gen", "up", *options]
    done = subprocess.run(command, env=environ(folder), capture_output=True, text=True, timeout=PATIENCE_S)
    return done.returncode, done.stderr


def ask(client: httpx.Client, method: str, path: str, **more: Any) -> Mapping[str, Any]:
    reply = client.request(method, path, **more)
    assert reply.status_code < 300, reply.text
    body: Mapping[str, Any] = reply.json()
    return body


def submit(client: httpx.Client, looks: int) -> str:
    """Upload a photo, make a garment of it and ask for looks; return the job's id."""
    data = photo()
    announced = {"name": "shirt.png", "size": len(data), "content_type": "image/png", "depicts_person": False}
    upload = ask(client, "POST", "/v1/uploads", json=announced)
    target = upload["target"]
    sent = httpx.request(target["method"], target["url"], headers=target["headers"], content=data, trust_env=False)
    assert sent.status_code < 300, sent.text
    ask(client, "POST", f"/v1/uploads/{upload['id']}:complete")
    garment = ask(client, "POST", "/v1/garments", json={"upload_id": upload["id"]})
    job = ask(client, "POST", "/v1/jobs", json={"garment_id": garment["id"], "brief": {"looks": looks}})
    return str(job["id"])


def wait_for(client: httpx.Client, job_id: str, *states: str) -> Mapping[str, Any]:
    until = time.monotonic() + PATIENCE_S
    while (job := ask(client, "GET", f"/v1/jobs/{job_id}"))["state"] not in states:
        assert time.monotonic() < until, job
        time.sleep(0.1)
    return job


def client_of(service: Up, token: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=service.url, headers=headers, timeout=60, trust_env=False)


def test_service_starts_works_is_killed_goes_on_and_stops(tmp_path: Path):
    with up(tmp_path) as service:
        token = service.token()
        with client_of(service, token) as client:
            first = submit(client, looks=2)
            assert wait_for(client, first, "succeeded")["counts"]["passed"] == 2

            code, words = complaint(tmp_path)
            assert code == 3
            assert f"already at {service.url}" in words

            (tmp_path / "act").write_text("sleep 600")
            second = submit(client, looks=2)
            wait_for(client, second, "running")
        service.process.kill()  # the supervisor alone: its children end by themselves
        service.process.wait()

    (tmp_path / "act").unlink()
    with up(tmp_path) as service:
        with client_of(service, token) as client:
            assert wait_for(client, second, "succeeded")["counts"]["passed"] == 2
        assert "API key" not in service.output  # shown once
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(PATIENCE_S) == 0

    with Store(Database(f"sqlite:///{tmp_path}/data/fashion-gen.db")) as store:
        [seller] = store.sellers.page().rows
        assert len(store.ledger.page(seller.id).rows) == 4
        assert not store.workers.alive("render")  # they took their leave


def test_port_in_use_is_said(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, words = complaint(tmp_path, "--port", str(port))

    assert code == 3
    assert f"Port {port} on 127.0.0.1 cannot be used" in words


def test_child_that_cannot_start_is_shown_with_its_last_words(tmp_path: Path):
    broken = tmp_path / "data" / "redis" / "appendonlydir" / "appendonly.aof.manifest"
    broken.parent.mkdir(parents=True)
    broken.write_text("what a disk makes of a file\n")
    code, words = complaint(tmp_path, "--port", "0")

    assert code == 3
    assert "The queue (Redis) stopped at once" in words
    assert "redis.log" in words
    assert "manifest" in words
