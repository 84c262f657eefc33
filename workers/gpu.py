"""One process's studios: opened when a look first asks for their preset, kept warm, let go when memory runs short.

Only ever used in a pool's child, after the fork: neither CUDA nor torch's thread pools survive one. torch is not imported
here unless a generator has done so.
"""

from __future__ import annotations

import gc
import logging
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import psutil

from fashion_gen.errors import OutOfMemory
from fashion_gen.studio import Studio

log = logging.getLogger(__name__)


class Studios:
    """Warm studios by preset, the least recently used one first to go.

    `open_studio` loads a preset; `free_share` says how much of the device's memory is free, in [0, 1].
    """

    def __init__(
        self,
        open_studio: Callable[[str], Studio],
        *,
        most: int,
        keep_free: float,
        free_share: Callable[[], float] | None = None,
    ) -> None:
        self._open_studio = open_studio
        self._most = most
        self._keep_free = keep_free
        self._free_share = free_share or device_memory_free
        self._warm: OrderedDict[str, Studio] = OrderedDict()

    @property
    def warm(self) -> tuple[str, ...]:
        """Presets that are loaded, the least recently used one first."""
        return tuple(self._warm)

    def __call__(self, preset: str) -> Studio:
        """Return the studio of a preset, loading it if need be.

        Raises:
            SetupError: its weights or libraries are missing.
            OutOfMemory: it does not fit, even alone.
        """
        if preset not in self._warm:
            self._make_room()
            self._warm[preset] = self._load(preset)
        self._warm.move_to_end(preset)
        return self._warm[preset]

    def keep_only_latest(self) -> None:
        """Unload all but the last one used: it ran out of memory while it painted, and may fit alone."""
        while len(self._warm) > 1:
            self._unload_oldest()

    def close(self) -> None:
        """Unload everything."""
        while self._warm:
            self._unload_oldest()

    def _make_room(self) -> None:
        while self._warm and (len(self._warm) >= self._most or self._free_share() < self._keep_free):
            self._unload_oldest()

    def _load(self, preset: str) -> Studio:
        while True:
            try:
                studio = self._open_studio(preset)
            except OutOfMemory:
                if not self._warm:
                    raise
                self._unload_oldest()
            else:
                log.info("preset loaded", extra={"action": "preset_loaded", "preset": preset})
                return studio

    def _unload_oldest(self) -> None:
        preset, studio = self._warm.popitem(last=False)
        studio.__exit__(None, None, None)
        del studio
        gc.collect()  # pipelines hold themselves in circles; their memory is wanted now
        torch = _cuda()
        if torch is not None:
            torch.cuda.empty_cache()
        log.info("preset unloaded", extra={"action": "preset_unloaded", "preset": preset})


def device_memory_free() -> float:
    """The free share of the GPU's memory, or of the machine's where no GPU is in use."""
    torch = _cuda()
    if torch is None:
        memory = psutil.virtual_memory()
        return float(memory.available / memory.total)
    free, total = torch.cuda.mem_get_info()
    # What torch holds in reserve it gives to the next preset.
    return float((free + torch.cuda.memory_reserved() - torch.cuda.memory_allocated()) / total)


def ran_out_of_memory(errors: Iterable[BaseException]) -> bool:
    """Whether the device's memory was too small for a look."""
    return any(isinstance(error, OutOfMemory) for error in errors)


def device_broken(errors: Sequence[BaseException]) -> bool:
    """Whether CUDA is lost to this process: after an illegal access, say, every later call fails until it is replaced.

    Asked only after errors, since it waits for the device.
    """
    torch = _cuda() if errors else None
    if torch is None:
        return False
    try:
        torch.cuda.synchronize()
        torch.zeros(1, device="cuda").item()
    except RuntimeError as exc:  # torch.AcceleratorError is one, and so is the error of a torch without it
        return not isinstance(exc, torch.OutOfMemoryError)
    return False


def _cuda() -> Any | None:
    """torch, if this process uses a GPU with it."""
    torch = sys.modules.get("torch")
    return torch if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized() else None
