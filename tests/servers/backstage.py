"""The service as real processes under a temporary folder: Redis, dispatcher, workers, perhaps a portal; and a store to ask.

The same children, supervised the same way, as `fashion-gen up`. The studio is `fashion_gen.testing.QuickStudio` unless told
otherwise: what is measured and broken is the service, not the generator.
"""

from __future__ import annotations

import hashlib
import io
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import numpy as np
import redis
from PIL import Image

from fashion_gen.cli.up import free_port
from fashion_gen.embedded import Child, DataFolder, Supervisor
from fashion_gen.embedded import redis as embedded_redis
from fashion_gen.embedded.service import PORTAL, answers
from fashion_gen.jobs import Database, NewGarment, NewJob, NewUpload, Page, Store, migrate
from fashion_gen.jobs.tables import Garment, Job, Usage
from fashion_gen.jobs.tables.base import Row
from fashion_gen.records import Brief
from fashion_gen.storage import LocalStorage, Storage

PATIENCE_S = 120.0
R = TypeVar("R", bound=Row)


class Backstage:
    """One running service."""

    def __init__(
        self,
        folder: DataFolder,
        database: str,
        environ: Mapping[str, str],
        children: Sequence[Child],
        *,
        url: str,
        storage: Storage,
    ) -> None:
        self.folder = folder
        self.environ = environ
        self.url = url  #: the portal's, where one runs
        self.store = Store(Database(database))
        self.storage = storage
        self.supervisor = Supervisor(children, pause_s=0.2, longest_pause_s=1.0)
        self.children = {child.name: child for child in children}

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Send a signal to a child and to what it has started."""
        os.killpg(self.supervisor.pids[name], number)

    def kill_if_running(self, name: str, number: int = signal.SIGKILL) -> bool:
        """As `kill`; False where it is down already."""
        try:
            self.kill(name, number)
        except ProcessLookupError:
            return False
        return True

    @contextmanager
    def another(self, name: str, arguments: Sequence[str]) -> Iterator[None]:
        """One more process for a while; it has started, not necessarily arrived, when the block begins."""
        extra = Supervisor([_process(f"another {name}", arguments, self.folder, self.environ)])
        extra.start(threading.Event())
        try:
            yield
        finally:
            extra.stop()

    def until(self, true: Callable[[], object], what: str, *, patience_s: float = PATIENCE_S) -> None:
        """Wait for something, looking after the children meanwhile."""
        deadline = time.monotonic() + patience_s
        while not true():
            assert time.monotonic() < deadline, f"waited in vain until {what}\n{self.last_words()}"
            self.supervisor.tend()
            time.sleep(0.02)

    def last_words(self) -> str:
        """The ends of all logs."""
        return "\n".join(
            f"--- {path.name}\n" + "\n".join(path.read_text(errors="replace").splitlines()[-15:])
            for path in sorted(self.folder.logs.iterdir())
        )

    def poke(self) -> None:
        """What the portal does after it has committed."""
        with redis.Redis(unix_socket_path=str(self.folder.socket)) as client:
            client.publish("fashion-gen:poke", b"1")

    def garment(self, seller_id: str) -> Garment:
        """A photo that was uploaded and is to be prepared."""
        data = photo()
        upload = self.store.uploads.add(seller_id, NewUpload("shirt.png", len(data), "image/png", depicts_person=False))
        key = f"originals/{seller_id}/{upload.id}"
        self.storage.put(key, data)
        sha256 = hashlib.sha256(data).hexdigest()
        self.store.uploads.received(seller_id, upload.id, sha256=sha256, size=len(data), storage_key=key)
        return self.store.garments.add(seller_id, NewGarment(upload.id))

    def job(self, garment: Garment, looks: int = 1, *, preset: str = "mini") -> Job:
        return self.store.jobs.add(garment.seller_id, NewJob(garment.id, Brief(looks=looks), preset)).job

    def jobs_of(self, seller_id: str) -> list[Job]:
        """Every job of a seller."""
        return _all_rows(lambda cursor: self.store.jobs.page(seller_id, cursor=cursor, limit=200))

    def ledger_of(self, seller_id: str) -> list[Usage]:
        """Every line of a seller's ledger."""
        return _all_rows(lambda cursor: self.store.ledger.page(seller_id, cursor=cursor, limit=200))

    def finished(self, job: Job) -> bool:
        return self.store.jobs.get(job.seller_id, job.id).finished_at is not None


@contextmanager
def running(
    root: Path,
    *,
    workers: Mapping[str, Sequence[str]] | None = None,
    database: tuple[Child, str] | None = None,
    portal: bool = False,
    storage: Storage | None = None,
    studio: str = "fashion_gen.testing:QuickStudio",
    **settings: object,
) -> Iterator[Backstage]:
    """Run Redis, a dispatcher, `workers` (name to roles) and perhaps a portal.

    `database`: a server as a child and its URL; SQLite where there is none. `storage`: where the tests look for files, if
    not in the service's own folder. Settings as in "jobs__lease_seconds=3".
    """
    folder = DataFolder(root)
    port = free_port("127.0.0.1", 0)
    url, database_url = f"http://127.0.0.1:{port}", database[1] if database else folder.database
    if database is None:
        migrate(database_url)
    environ = {
        "JOBS__DATABASE": database_url,
        "QUEUE__BROKER": f"redis+socket://{folder.socket}",
        "STORAGE__ROOT": str(folder.files),
        "STORAGE__LINK_KEY": folder.link_key(),
        "PORTAL__URL": url,
        "WORKERS__STUDIO": studio,
        "WORKERS__GRACE_SECONDS": "30",
        **{name.upper(): str(value) for name, value in settings.items()},
    }
    environ = {f"FASHION_GEN_{name}": value for name, value in environ.items()}
    children = [database[0]] if database else []
    children += [embedded_redis.child(folder), _process("dispatcher", ["dispatcher"], folder, environ)]
    wanted = {"render": ["render"], "prepare": ["prepare"]} if workers is None else workers
    children += [_process(name, [*roles, "--name", name], folder, environ) for name, roles in wanted.items()]
    if portal:
        command = [sys.executable, "-m", *PORTAL, "--host", "127.0.0.1", "--port", str(port)]
        log = folder.logs / "portal.log"
        children.append(Child("portal", command, log, environ, lambda: answers("127.0.0.1", port), level=2))
    stage = Backstage(folder, database_url, environ, children, url=url, storage=storage or LocalStorage(folder.files))
    try:
        stage.supervisor.start(threading.Event())
        yield stage
    finally:
        stage.supervisor.stop()
        stage.store.close()
        folder.close()


def photo(side: int = 320) -> bytes:
    """A dark square on white, as PNG."""
    rgb = np.full((side, side, 3), 245, np.uint8)
    rgb[side // 4 : -side // 4, side // 4 : -side // 4] = (180, 40, 40)
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "png")
    return file.getvalue()


def _all_rows(page: Callable[[str | None], Page[R]]) -> list[R]:
    rows, cursor = [], None
    while True:
        found = page(cursor)
        rows += found.rows
        cursor = found.next_cursor
        if cursor is None:
            return rows


def _process(name: str, arguments: Sequence[str], folder: DataFolder, environ: Mapping[str, str]) -> Child:
    command = [sys.executable, "-m", "workers", *arguments]
    return Child(name, command, folder.logs / f"{name}.log", environ, stop_s=45, level=1)
