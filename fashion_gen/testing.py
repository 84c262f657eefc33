"""Doubles of the house's interfaces, for tests here and in the code of others. They pass the same contract tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import numpy as np

from fashion_gen.errors import Cancelled as CancelledError
from fashion_gen.errors import NotFound
from fashion_gen.generate.base import Cancelled, Generator, OnStep, Shot, check_sizes
from fashion_gen.generate.recipe import Recipe, recipe_of
from fashion_gen.pose import DetectedPose, PoseEstimator
from fashion_gen.records import Picture
from fashion_gen.storage.base import Entry, Storage, check_key, check_prefix


class MemoryStorage(Storage):
    """A storage that forgets everything with the process."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._modified: dict[str, datetime] = {}

    def put(self, key: str, data: bytes) -> None:
        self._modified[check_key(key)] = datetime.now(UTC)
        self.files[key] = bytes(data)

    def get(self, key: str) -> bytes:
        if not self.exists(key):
            raise NotFound("file", key, self.keys(key.rpartition("/")[0])[:10])
        return self.files[key]

    def exists(self, key: str) -> bool:
        return check_key(key) in self.files

    def delete(self, key: str) -> None:
        self.files.pop(check_key(key), None)

    def stat(self, key: str) -> Entry:
        if not self.exists(key):
            raise NotFound("file", key, ())
        return Entry(key, len(self.files[key]), self._modified[key])

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        check_prefix(prefix)
        return iter([self.stat(key) for key in tuple(self.files) if key.startswith(prefix)])

    def discard_partial(self, before: datetime) -> int:
        return 0  # a write into memory is never cut off


class EchoGenerator(Generator):
    """A generator that paints nothing: the canvas comes back, with a grain from the seed where the mask allows it."""

    def __init__(self, recipe: Recipe | None = None) -> None:
        self._recipe = recipe or recipe_of("mini")

    @property
    def recipe(self) -> Recipe:
        return self._recipe

    @property
    def weights_sha256(self) -> str:
        return "0" * 64

    def generate(
        self, shots: Sequence[Shot], *, on_step: OnStep | None = None, cancelled: Cancelled | None = None
    ) -> list[Picture]:
        check_sizes(shots)
        total = len(shots) * self._recipe.steps
        for done in range(len(shots), total + 1, max(len(shots), 1)):
            if cancelled is not None and cancelled():
                raise CancelledError("Cancelled while painting; nothing was kept.")
            if on_step is not None:
                on_step(done, total)
        return [_grained(shot) for shot in shots]


class FixedPoseEstimator(PoseEstimator):
    """An estimator that sees the same people in every picture that is not one flat colour."""

    name = "fixed"

    def __init__(self, *people: DetectedPose) -> None:
        self.people = tuple(sorted(people, key=lambda person: -person.score))

    def estimate(self, rgb: Picture) -> tuple[DetectedPose, ...]:
        return self.people if np.ptp(rgb.reshape(-1, 3), axis=0).any() else ()


def _grained(shot: Shot) -> Picture:
    grain = np.random.default_rng(shot.seed).integers(-3, 4, shot.canvas.shape)
    grained = np.clip(shot.canvas + grain, 0, 255).astype(np.uint8)
    return np.where(shot.mask[..., None], grained, shot.canvas)
