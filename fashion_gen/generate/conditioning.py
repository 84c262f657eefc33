"""A ControlNet embeds its control picture anew at every step, at full size; we do it once."""

from __future__ import annotations

from typing import Any

import torch

_KEPT = (
    8  # more than any recipe has control pictures; a net that makes new tensors at each step must not fill the memory
)


class RememberedEmbedding(torch.nn.Module):
    """Wraps a conditioning embedding and returns the same result for the same tensor object.

    The pipelines hand the very same tensor to every step, so identity is enough, and exact. `forget()` lets go of them.
    """

    def __init__(self, inner: torch.nn.Module) -> None:
        super().__init__()
        self.inner = inner
        self._seen: list[tuple[torch.Tensor, torch.Tensor]] = []

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        for known, earlier in self._seen:
            if known is picture:
                return earlier
        embedded: torch.Tensor = self.inner(picture)
        self._seen = [*self._seen[1 - _KEPT :], (picture, embedded)]
        return embedded

    def forget(self) -> None:
        self._seen.clear()


def remember_conditions(controlnet: Any) -> list[RememberedEmbedding]:
    """Wrap the conditioning embedding of a ControlNet, or of each of several, and return the wrappers."""
    wrapped = []
    for net in getattr(controlnet, "nets", [controlnet]):
        net.controlnet_cond_embedding = RememberedEmbedding(net.controlnet_cond_embedding)
        wrapped.append(net.controlnet_cond_embedding)
    return wrapped
