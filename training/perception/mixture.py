"""An endless stream of samples in fixed shares, ready for the net."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.perception import flat, odd, people, photos
from training.perception.camera import shoot
from training.perception.sample import Sample

SIZE = 256
SHARES = {"labelled": 0.4, "drawn": 0.18, "people": 0.33, "empty": 0.03, "bag": 0.03, "several": 0.03}


@dataclass(frozen=True)
class Sources:
    """Where everything lies."""

    labelled: Path
    mattes: Path
    figures: Path
    kinds: Path = photos.KINDS_NOTED


class Mixture:
    """Draws samples; the same seed draws the same."""

    def __init__(self, sources: Sources, size: int = SIZE) -> None:
        self.pictures = photos.Pictures(photos.load(sources.labelled, sources.mattes, sources.kinds))
        self.figures = people.load(sources.figures)
        self.size = size

    def stream(self, seed: int) -> Iterator[tuple[Sample, str, int]]:
        """Samples with the name of their source, and the number of the labelled picture (-1 elsewhere)."""
        rng = np.random.default_rng(seed)
        names, shares = list(SHARES), np.array(list(SHARES.values()))
        while True:
            name = str(rng.choice(names, p=shares / shares.sum()))
            sample, index = self.draw(rng, name)
            yield sample, name, index

    def draw(self, rng: np.random.Generator, name: str) -> tuple[Sample, int]:
        """One sample of a source, as a photo."""
        size = self.size
        if name == "labelled":
            sample, index = self.pictures.draw(rng, size)
            return shoot(rng, sample, size, turn=12, crop=0.18), index
        if name == "people":
            figure = self.figures[int(rng.integers(len(self.figures)))]
            sample = people.draw(rng, figure, size, self.pictures.beside)
            return shoot(rng, sample, size, turn=5, crop=0.1), -1
        if name == "drawn":
            sample = flat.draw(rng, size, self.pictures.beside, self.pictures.cloth)
        else:
            sample = {"empty": odd.empty, "bag": odd.bag, "several": odd.several}[name](rng, size, self.pictures)
        return shoot(rng, sample, size, turn=6, crop=0.06), -1
