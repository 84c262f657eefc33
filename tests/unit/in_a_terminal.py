"""Run a script with its standard error on a terminal of its own; copy what it said there to ours."""

from __future__ import annotations

import os
import pty
import subprocess
import sys


def main(script: str) -> int:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", script], stderr=theirs, env={**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    ) as process:
        os.close(theirs)
        while chunk := _read(ours):
            os.write(2, chunk)
    return process.returncode


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux says so when the other side is closed
        return b""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
