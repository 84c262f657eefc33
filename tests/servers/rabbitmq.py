"""A real RabbitMQ for tests, where the system has one: `apt-get install rabbitmq-server`."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server"
START_S = 120.0


class CannotStart(Exception):
    """There is no RabbitMQ to be had here."""


@contextmanager
def running() -> Iterator[str]:
    """Run a node of its own on ports that the system chose; yield its URL. Raises CannotStart."""
    if not Path(SERVER).exists():
        raise CannotStart("rabbitmq-server is not installed")
    folder = Path(tempfile.mkdtemp(prefix="fg-mq-"))
    port, dist, epmd = _free_port(), _free_port(), _free_port()
    environ = {
        **os.environ,
        "HOME": str(folder),
        "RABBITMQ_NODENAME": f"fg{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(dist),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "logs"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(epmd),
    }
    (folder / "plugins").write_text("[].\n")
    (folder / "rabbitmq.conf").write_text("disk_free_limit.absolute = 10MB\n")
    with (folder / "output").open("ab") as output:
        server = subprocess.Popen([SERVER], env=environ, stdout=output, stderr=output, start_new_session=True)
    try:
        _wait(server, port, folder)
        yield f"amqp://guest:guest@127.0.0.1:{port}//"
    finally:
        server.terminate()
        server.wait(60)
        subprocess.run(["epmd", "-kill"], env=environ, check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    server.kill()
    raise CannotStart(f"RabbitMQ did not start: {(folder / 'output').read_text(errors='replace')[-500:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
