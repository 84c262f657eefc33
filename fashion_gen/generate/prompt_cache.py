"""Text is encoded once: prompts come from templates, so the same few come again and again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class PromptCache(Generic[T]):
    """A least-recently-used store of what `encode(text)` returned."""

    def __init__(self, encode: Callable[[str], T], size: int = 256) -> None:
        self._encode = encode
        self._size = size
        self._kept: OrderedDict[str, T] = OrderedDict()

    def __call__(self, text: str) -> T:
        if text in self._kept:
            self._kept.move_to_end(text)
        else:
            self._kept[text] = self._encode(text)
            if len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return self._kept[text]
