"""Prompts to token numbers, with the vocabulary that the package ships."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from fashion_gen.generate.vocabulary import mini_vocabulary
from training.model import Shape, build_tokenizer


def tokeniser(shape: Shape) -> Callable[[Sequence[str]], NDArray[np.int64]]:
    """Return a function from prompts to (N, tokens) int64, padded as the pipeline pads."""
    tokenizer = build_tokenizer(mini_vocabulary(), shape.tokens)

    def tokenise(prompts: Sequence[str]) -> NDArray[np.int64]:
        batch = tokenizer(list(prompts), padding="max_length", truncation=True, max_length=shape.tokens)
        return np.asarray(batch["input_ids"], np.int64)

    return tokenise
