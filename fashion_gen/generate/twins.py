"""What two painters on one CPU share: the weights, and torch's threads."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch


def twin(pipe: Any) -> Any:
    """Return a copy of a pipeline that uses the memory of its weights.

    Scheduler, tokenizers and modules are its own: all three keep state during a call (tokenizers fail outright when two
    threads use one), while weights are only read.
    """
    modules = [part for part in pipe.components.values() if isinstance(part, torch.nn.Module)]
    shared = (tensor for module in modules for tensor in (*module.parameters(), *module.buffers()))
    return copy.deepcopy(pipe, {id(tensor): tensor for tensor in shared})


@contextmanager
def halved_threads() -> Iterator[Callable[[], None]]:
    """Yield what each of two Python threads calls first, to compute with half of torch's threads from then on.

    The number is a thread's own, but what was set last also counts for threads that meet torch later: it is set anew
    when the block ends.
    """
    total = torch.get_num_threads()
    try:
        yield lambda: torch.set_num_threads(max(1, total // 2))
    finally:
        torch.set_num_threads(total)
