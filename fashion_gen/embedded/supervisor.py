"""Child processes that are watched: started in order, started again when they die, stopped in the opposite order."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fashion_gen.errors import SetupError

log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
HEALTHY_S = 30.0  #: a child that ran for so long had no trouble starting
LAST_LINES = 12
POLL_S = 0.1
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Child:
    """One process of the service.

    `ready` is asked until it says yes, for `ready_s` at most. `stop_s`: what SIGTERM gives it before SIGKILL. Children of one
    `level` stop together, those of a lower one after them.
    """

    name: str
    command: Sequence[str]
    log: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], bool] = lambda: True
    ready_s: float = 60.0
    stop_s: float = 10.0
    level: int = 0


@dataclass(slots=True)
class _Running:
    child: Child
    process: subprocess.Popen[bytes]
    since: float
    pause_s: float
    start_again: float | None = None


class Supervisor:
    """Runs children. Use it from the main thread: a child dies with the thread that started it.

    One that dies starts again after `pause_s`, twice as long each time, and at most `longest_pause_s`.
    """

    def __init__(
        self, children: Sequence[Child], *, pause_s: float = FIRST_PAUSE_S, longest_pause_s: float = LONGEST_PAUSE_S
    ) -> None:
        self._children = children
        self._pause_s = pause_s
        self._longest_pause_s = longest_pause_s
        self._running: dict[str, _Running] = {}

    def start(self, stopping: threading.Event) -> None:
        """Start every child, each once the one before it is ready; return early when told to stop.

        Raises:
            SetupError: one does not become ready; its last words are in the message.
        """
        for child in self._children:
            running = self._running[child.name] = _Running(child, _spawn(child), time.monotonic(), self._pause_s)
            while not child.ready():
                if stopping.wait(POLL_S):
                    return
                if running.process.poll() is not None:
                    raise SetupError(f"The {child.name} stopped at once: {last_words(child)}")
                if time.monotonic() - running.since > child.ready_s:
                    raise SetupError(f"The {child.name} is not ready after {child.ready_s:.0f} s: {last_words(child)}")

    def watch(self, stopping: threading.Event) -> None:
        """Start again what dies, after a growing pause, until told to stop."""
        while not stopping.wait(POLL_S):
            self.tend()

    def tend(self) -> None:
        """Look after every child once: `watch` without the waiting."""
        for running in self._running.values():
            self._look_after(running)

    def stop(self) -> None:
        """Stop every child, the highest level first. Each has its time to finish."""
        for level in sorted({running.child.level for running in self._running.values()}, reverse=True):
            together = [running for running in self._running.values() if running.child.level == level]
            for running in together:
                running.process.terminate()
            for running in together:
                _finish(running)

    @property
    def pids(self) -> dict[str, int]:
        """The process of each child, for operators and tests."""
        return {name: running.process.pid for name, running in self._running.items()}

    def _look_after(self, running: _Running) -> None:
        now = time.monotonic()
        if running.start_again is not None:
            if now >= running.start_again:
                running.process, running.since, running.start_again = _spawn(running.child), now, None
            return
        code = running.process.poll()
        if code is None:
            return
        if now - running.since > HEALTHY_S:
            running.pause_s = self._pause_s
        running.start_again = now + running.pause_s
        log.error(
            "the %s ended with %s and starts again in %.1f s: %s",
            running.child.name,
            code,
            running.pause_s,
            last_words(running.child),
            extra={"action": "child_died", "child": running.child.name},
        )
        running.pause_s = min(2 * running.pause_s, self._longest_pause_s)


def last_words(child: Child) -> str:
    """The end of a child's log."""
    lines = child.log.read_text(errors="replace").strip().splitlines() if child.log.exists() else []
    return "\n  ".join([f"see {child.log}", *lines[-LAST_LINES:]])


def _spawn(child: Child) -> subprocess.Popen[bytes]:
    with child.log.open("ab") as output:
        return subprocess.Popen(
            child.command,
            env={**os.environ, **child.environ},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C in the terminal is for us: we stop the children, in order
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )


def _die_with_parent() -> None:
    """Ask Linux to end this process when its parent is gone, also by SIGKILL: nothing may be left behind that holds a GPU."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _finish(running: _Running) -> None:
    try:
        running.process.wait(running.child.stop_s)
    except subprocess.TimeoutExpired:
        log.warning("the %s does not stop and is killed", running.child.name)
        running.process.kill()
        running.process.wait()
