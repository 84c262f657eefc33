"""A studio for the workers of tests, named by the setting FASHION_GEN_WORKERS__STUDIO. It misbehaves when told to."""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fashion_gen.errors import Cancelled
from fashion_gen.records import Look
from fashion_gen.studio import Plan
from fashion_gen.testing import QuickStudio

#: Names a file with one word, the act; no file is no act.
SCRIPT = "TEST_SCRIPT"
SMALL_DISK = 8 << 20  #: bytes; the database of a test and its log stay below this
STEP_S = 0.1


class Actor(QuickStudio):
    """Plays what the script says: "sleep 3.0" (seconds a batch), "die" or "fill the disk"."""

    def paint(self, plans: Sequence[Plan], **more: Any) -> list[Look]:
        verb, _, rest = act().partition(" ")
        if verb == "die":  # as the kernel does it to a process that takes too much memory
            os.kill(os.getpid(), signal.SIGKILL)
        if verb == "sleep":
            _sleep(float(rest), more["cancelled"])
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL_DISK if verb == "fill" else hard, hard))
        looks = super().paint(plans, **more)
        return [replace(look, master=bytes(2 * SMALL_DISK)) for look in looks] if verb == "fill" else looks


def act() -> str:
    """What the script says now."""
    script = Path(os.environ[SCRIPT])
    return script.read_text() if script.exists() else ""


def _sleep(seconds: float, cancelled: Callable[[], bool]) -> None:
    """Asleep, as a GPU at work looks to the CPU, in steps as a denoising loop has them."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(STEP_S)
        if cancelled():
            raise Cancelled("Cancelled while painting; nothing was kept.")
