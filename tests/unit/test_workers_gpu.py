"""Warm studios: loaded once, the least recently used one first to go."""

from __future__ import annotations

import pytest

from fashion_gen.errors import OutOfMemory
from fashion_gen.testing import QuickStudio
from workers import gpu
from workers.gpu import Studios


class Loader:
    """Opens studios and remembers which; fails for presets in `too_large` while others are loaded."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.too_large: set[str] = set()
        self.studios: Studios | None = None

    def __call__(self, preset: str) -> QuickStudio:
        assert self.studios is not None
        if preset in self.too_large and self.studios.warm:
            raise OutOfMemory(f"{preset} does not fit.")
        self.opened.append(preset)
        return QuickStudio(preset)


def studios(loader: Loader, *, most: int = 4, keep_free: float = 0.0, free: float = 1.0) -> Studios:
    loader.studios = Studios(loader, most=most, keep_free=keep_free, free_share=lambda: free)
    return loader.studios


def test_preset_is_loaded_once_and_kept_warm():
    load = Loader()
    warm = studios(load)

    assert warm("mini") is warm("mini")
    assert load.opened == ["mini"]


def test_least_recently_used_preset_makes_room():
    load = Loader()
    warm = studios(load, most=2)
    for preset in ("mini", "sd15", "mini", "sdxl"):
        warm(preset)

    assert warm.warm == ("mini", "sdxl")


def test_presets_are_unloaded_while_memory_is_short():
    load = Loader()
    warm = studios(load, keep_free=0.3, free=0.1)
    warm("mini")
    warm("sd15")

    assert warm.warm == ("sd15",)


def test_preset_that_does_not_fit_beside_others_is_tried_alone():
    load = Loader()
    warm = studios(load)
    warm("mini")
    load.too_large.add("sdxl")
    warm("sdxl")

    assert warm.warm == ("sdxl",)


def test_preset_that_does_not_even_fit_alone_is_an_error():
    def never(preset: str) -> QuickStudio:
        raise OutOfMemory(f"{preset} does not fit.")

    warm = Studios(never, most=2, keep_free=0.0, free_share=lambda: 1.0)
    with pytest.raises(OutOfMemory, match="sdxl"):
        warm("sdxl")


def test_after_running_out_of_memory_only_the_latest_preset_stays():
    warm = studios(Loader())
    warm("mini")
    warm("sd15")
    warm.keep_only_latest()

    assert warm.warm == ("sd15",)


def test_device_is_not_broken_where_there_is_none():
    assert gpu.device_broken([RuntimeError("CUDA error: an illegal memory access was encountered")]) is False
    assert 0.0 < gpu.device_memory_free() <= 1.0


def test_memory_errors_are_recognised():
    assert gpu.ran_out_of_memory([ValueError(), OutOfMemory("no")])
    assert not gpu.ran_out_of_memory([ValueError()])
