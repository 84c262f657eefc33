"""`fashion-gen up`: the whole service on this machine, with nothing else to install or start."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING, Annotated

import typer

from fashion_gen.cli import operate, terminal
from fashion_gen.errors import BackendUnavailable, SetupError
from fashion_gen.stopping import on_signals

if TYPE_CHECKING:
    from fashion_gen.embedded import DataFolder, Supervisor
    from fashion_gen.settings import Settings

ORPHAN_S = 30.0  #: how long the Redis of a service that was killed may take to end
EXAMPLES = """Examples:

fashion-gen up

fashion-gen up --port 8080

Everything it keeps lies in ./data (FASHION_GEN_UP__DATA). Kill it and start it again: the jobs go on."""


def up(
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The portal's port; 0 lets the system choose.")
    ] = None,
) -> None:
    """Start portal, dispatcher, workers, queue and database on this machine; Ctrl-C stops them in order."""
    try:
        from fashion_gen import embedded, logs, settings
    except ModuleNotFoundError as exc:
        raise BackendUnavailable(f"{exc.name} is missing: pip install 'fashion-gen[service]'.") from exc

    stopping = on_signals()
    chosen = settings.load()
    logs.start(chosen.observe, process="up")
    folder = embedded.DataFolder(chosen.up.data)
    try:
        port = free_port(chosen.up.host, chosen.up.port if port is None else port)
        url = f"http://{chosen.up.host}:{port}"
        chosen = embedded.placed(chosen, folder, url=url)
        supervisor = embedded.Supervisor(embedded.children(chosen, folder, port=port))
        token = first_key(chosen)
        _wait_for_orphans(folder, stopping)
        _run(supervisor, folder, url, token, stopping)
    finally:
        folder.close()


def free_port(host: str, port: int) -> int:
    """Return the port, or a free one for 0. Raises SetupError where it is taken."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that was just let go of is free
        try:
            probe.bind((host, port))
        except OSError as exc:
            raise SetupError(
                f"Port {port} on {host} cannot be used ({exc.strerror}): choose another with --port."
            ) from exc
        return int(probe.getsockname()[1])


def first_key(chosen: Settings) -> str | None:
    """Bring the database up to date; where it has no seller yet, make one and return the token of its key."""
    from fashion_gen import wiring

    operate.bring_up_to_date(chosen)
    with wiring.open_store(chosen) as store:
        if store.sellers.page(limit=1).rows:
            return None
        return operate.open_account(store, "First seller")[1]


def _run(supervisor: Supervisor, folder: DataFolder, url: str, token: str | None, stopping: threading.Event) -> None:
    try:
        supervisor.start(stopping)
        if not stopping.is_set():
            folder.announce(url)
            _greet(url, token, folder)
            supervisor.watch(stopping)
        terminal.tell("Stopping: running looks are finished first ...")
    finally:
        supervisor.stop()


def _greet(url: str, token: str | None, folder: DataFolder) -> None:
    terminal.say(f"fashion-gen is up: {url}")
    if token is not None:
        terminal.say(f"Your API key, shown this once: {token}")
    terminal.say(f"Data and logs: {folder.root}. Ctrl-C stops it.")


def _wait_for_orphans(folder: DataFolder, stopping: threading.Event) -> None:
    """Two servers must not write one append-only file: wait until the Redis of a service that was killed has ended."""
    from fashion_gen.embedded import redis

    until = time.monotonic() + ORPHAN_S
    while redis.answers(folder) and not stopping.wait(0.1):
        if time.monotonic() > until:
            raise SetupError(f"A Redis of another service still uses {folder.redis}: stop it first.")
