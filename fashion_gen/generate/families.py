"""Where the pipeline classes of diffusers truly differ: text in, and how control pictures are handed over."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import torch

from fashion_gen.generate.prompt_cache import PromptCache
from fashion_gen.generate.prompts import Prompt
from fashion_gen.generate.recipe import Control

Embedding = dict[str, torch.Tensor]  #: name of a call argument -> (1, ...) tensor


class Family(ABC):
    """One pipeline with its cache of encoded prompts."""

    def __init__(self, pipe: Any) -> None:
        self._pipe = pipe
        self._cache = PromptCache(self._encode)

    def prompt_arguments(self, prompts: Sequence[Prompt], *, guided: bool) -> Embedding:
        """Return the embeddings of a batch, (N, ...) each; those of the negative prompts only when `guided`."""
        arguments = _stack([self._cache(prompt.positive) for prompt in prompts])
        if guided:
            negative = _stack([self._negative(prompt) for prompt in prompts])
            arguments |= {f"negative_{name}": value for name, value in negative.items()}
        return arguments

    def _negative(self, prompt: Prompt) -> Embedding:
        return self._cache(prompt.negative)

    @abstractmethod
    def _encode(self, text: str) -> Embedding:
        """Return the embeddings of one text, (1, ...) each."""

    @abstractmethod
    def control_arguments(self, pictures: list[torch.Tensor], controls: Sequence[Control]) -> dict[str, Any]:
        """Return the call arguments for control pictures, (N, 3, H, W) in [0, 1] each."""


class StableDiffusion(Family):
    """StableDiffusionControlNetInpaintPipeline, with one ControlNet or several."""

    def _encode(self, text: str) -> Embedding:
        embeds, _ = self._pipe.encode_prompt(text, self._pipe.device, 1, False)
        return {"prompt_embeds": embeds}

    def control_arguments(self, pictures: list[torch.Tensor], controls: Sequence[Control]) -> dict[str, Any]:
        return {"control_image": pictures[0] if len(pictures) == 1 else pictures}


class StableDiffusionXLUnion(Family):
    """StableDiffusionXLControlNetUnionInpaintPipeline."""

    def _encode(self, text: str) -> Embedding:
        embeds, _, pooled, _ = self._pipe.encode_prompt(
            text, device=self._pipe.device, do_classifier_free_guidance=False
        )
        return {"prompt_embeds": embeds, "pooled_prompt_embeds": pooled}

    def _negative(self, prompt: Prompt) -> Embedding:
        encoded = self._cache(prompt.negative)
        if not prompt.negative and self._pipe.config.force_zeros_for_empty_prompt:
            return {name: torch.zeros_like(value) for name, value in encoded.items()}
        return encoded

    def control_arguments(self, pictures: list[torch.Tensor], controls: Sequence[Control]) -> dict[str, Any]:
        return {"control_image": pictures, "control_mode": [control.mode or 0 for control in controls]}


FAMILIES: dict[str, type[Family]] = {
    "StableDiffusionControlNetInpaintPipeline": StableDiffusion,
    "StableDiffusionXLControlNetUnionInpaintPipeline": StableDiffusionXLUnion,
}


def _stack(rows: list[Embedding]) -> Embedding:
    return {name: torch.cat([row[name] for row in rows]) for name in rows[0]}
