"""Training pictures: read from shards while they are still being rendered, kept on the device as bytes.

A shard is an uncompressed `shard-*.npz` that a renderer moved into the folder when it was complete:

    image   (N, H, W, 3) uint8   the rendered person
    canvas  (N, H, W, 3) uint8   the dressed mannequin: the condition
    garment (N, H, W)    uint8   matte of the seller's garment
    labels  (N, H, W)    uint8   see `labels.Label`
    face    (N, 4)       float32 x0, y0, x1, y1 in pixels, zeros when there is none
    prompt  (N,)         str     words of `fashion_gen.generate.vocabulary.mini_vocabulary()`

There are no loader processes: whole shards go to the device, and batches are gathered and flipped there.
"""

from __future__ import annotations

import queue
import threading
import time
import zipfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.labels import weight_map
from training.model import Shape

Tokenise = Callable[[Sequence[str]], NDArray[np.int64]]
#: (B, 3, H, W) in [-1, 1] -> (B, 4, h, w) latents
Encode = Callable[[Tensor], Tensor]


@dataclass(frozen=True, eq=False)
class Shard:
    """One file's samples, shapes as in the module docstring, and the prompts' tokens (N, tokens)."""

    name: str
    image: NDArray[np.uint8]
    canvas: NDArray[np.uint8]
    garment: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    face: NDArray[np.float32]
    prompts: tuple[str, ...]
    ids: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.image)

    def first(self, count: int) -> Shard:
        """Return the first `count` samples."""
        return replace(self, **{field.name: getattr(self, field.name)[:count] for field in fields(self)[1:]})


def read_shard(path: Path, shape: Shape, tokenise: Tokenise) -> Shard:
    """Return the samples of one file.

    Raises:
        ValueError: the file is broken or its arrays have other shapes or types than they should.
    """
    pixels = (shape.height, shape.width)
    wanted = {"image": (*pixels, 3), "canvas": (*pixels, 3), "garment": pixels, "labels": pixels}
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in (*wanted, "face", "prompt")}
    except (OSError, KeyError, EOFError, zipfile.BadZipFile) as exc:
        raise ValueError(f"{path.name} cannot be read: {exc}") from exc
    count = len(arrays["prompt"])
    for name, size in wanted.items():
        if arrays[name].shape != (count, *size) or arrays[name].dtype != np.uint8:
            raise ValueError(f"{path.name}: {name} is {arrays[name].dtype} {arrays[name].shape}, not uint8 {size}")
    if arrays["face"].shape != (count, 4) or not np.isfinite(arrays["face"]).all():
        raise ValueError(f"{path.name}: face is {arrays['face'].shape} or not finite")
    prompts = tuple(str(prompt) for prompt in arrays["prompt"])
    image, canvas, garment, labels = (arrays[name] for name in wanted)
    face = arrays["face"].astype(np.float32)
    return Shard(path.name, image, canvas, garment, labels, face, prompts, tokenise(prompts))


class ShardReader:
    """Reads the shards of a folder in the background, each once, those that appear later too.

    A broken file is reported through `on_error` and skipped: a crashed renderer must not stop the training.
    """

    def __init__(
        self,
        folder: Path,
        shape: Shape,
        tokenise: Tokenise,
        *,
        skip: Collection[str] = (),
        on_error: Callable[[str], None] = print,
        poll: float = 1.0,
        ahead: int = 4,
    ) -> None:
        self._folder, self._shape, self._tokenise = folder, shape, tokenise
        self._skip, self._on_error, self._poll = skip, on_error, poll
        self._ready: queue.Queue[Shard] = queue.Queue(maxsize=ahead)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read_all, daemon=True, name="shard-reader")
        self._thread.start()

    def take(self, timeout: float = 0.0) -> Shard | None:
        """Return the next shard, or None when none is ready within `timeout` seconds."""
        try:
            return self._ready.get(timeout=timeout) if timeout > 0 else self._ready.get_nowait()
        except queue.Empty:
            return None

    def close(self) -> None:
        """Stop reading."""
        self._stop.set()
        while self._thread.is_alive():  # it may be waiting to hand over
            self.take()
            self._thread.join(timeout=0.05)

    def _read_all(self) -> None:
        seen = set(self._skip)
        while not self._stop.is_set():
            fresh = [path for path in sorted(self._folder.glob("shard-*.npz")) if path.name not in seen]
            for path in fresh:
                seen.add(path.name)
                self._hand_over(path)
            if not fresh:
                self._stop.wait(self._poll)

    def _hand_over(self, path: Path) -> None:
        try:
            shard = read_shard(path, self._shape, self._tokenise)
        except ValueError as exc:
            self._on_error(str(exc))
            return
        while not self._stop.is_set():
            try:
                self._ready.put(shard, timeout=0.2)
                return
            except queue.Full:
                continue


@dataclass(frozen=True, eq=False)
class Drawn:
    """A batch as it is stored, flipped by chance."""

    image: Tensor  #: (B, 3, H, W) uint8
    canvas: Tensor  #: (B, 3, H, W) uint8
    garment: Tensor  #: (B, 1, H, W) uint8
    face: Tensor  #: (B, 4) float32, pixels
    ids: Tensor  #: (B, tokens) int64
    latents: Tensor  #: (B, 2, 4, h, w) float16: of the image and of the canvas with the garment pasted on; or empty
    weight: Tensor  #: (B, 1, h, w) float16


class Store:
    """The samples on the device, newest over oldest when it is full.

    With `encode`, latents are made once for each sample and each of its mirror images: at training time only the masked
    picture, which differs every time, is left to encode.
    """

    def __init__(self, shape: Shape, capacity: int, device: torch.device, encode: Encode | None = None) -> None:
        height, width = shape.height, shape.width
        small = shape.latent_size
        self._shape, self._capacity, self._encode, self._device = shape, capacity, encode, device
        self._added = 0

        def room(*size: int, dtype: torch.dtype = torch.uint8) -> Tensor:
            return torch.empty((capacity, *size), dtype=dtype, device=device)

        self._image, self._canvas = room(height, width, 3), room(height, width, 3)
        self._garment = room(height, width)
        self._face = room(4, dtype=torch.float32)
        self._ids = room(shape.tokens, dtype=torch.int64)
        latents = 2 if encode else 0
        self._latents = room(2, latents, shape.latent_channels, *small, dtype=torch.float16)
        self._weight = room(1, *small, dtype=torch.float16)

    def __len__(self) -> int:
        return min(self._added, self._capacity)

    @property
    def added(self) -> int:
        """Samples ever added, those since overwritten included."""
        return self._added

    @torch.no_grad()
    def add(self, shard: Shard) -> None:
        """Put a shard's samples on the device."""
        for start in range(0, len(shard), 64):
            piece = slice(start, min(start + 64, len(shard)))
            image, canvas, garment, labels, face, ids = (
                torch.from_numpy(array[piece]).to(self._device)
                for array in (shard.image, shard.canvas, shard.garment, shard.labels, shard.face, shard.ids)
            )
            places = (torch.arange(len(image), device=self._device) + self._added) % self._capacity
            self._image[places], self._canvas[places], self._garment[places] = image, canvas, garment
            self._face[places], self._ids[places] = face, ids
            self._weight[places] = weight_map(labels, face, self._shape.shrink).half()
            if self._encode is not None:
                self._latents[places] = self._both_ways(image, canvas, garment)
            self._added += len(image)

    def draw(self, count: int, rng: torch.Generator, *, flips: bool = True) -> Drawn:
        """Return `count` samples at random, half of them mirrored."""
        places = torch.randint(len(self), (count,), generator=rng, device=self._device)
        flip = torch.rand(count, generator=rng, device=self._device) < (0.5 if flips else -1.0)
        return self.at(places, flip)

    def at(self, places: Tensor, flip: Tensor) -> Drawn:
        """Return the samples at `places` (B,), mirrored where `flip` (B,) says so."""

        def mirrored(values: Tensor) -> Tensor:
            return torch.where(flip[:, None, None, None], values.flip(-1), values)

        face = self._face[places]
        turned = torch.stack(
            [self._shape.width - face[:, 2], face[:, 1], self._shape.width - face[:, 0], face[:, 3]], dim=1
        )
        none = face[:, 2] <= face[:, 0]
        return Drawn(
            image=mirrored(self._image[places].permute(0, 3, 1, 2)),
            canvas=mirrored(self._canvas[places].permute(0, 3, 1, 2)),
            garment=mirrored(self._garment[places][:, None]),
            face=torch.where((flip & ~none)[:, None], turned, face),
            ids=self._ids[places],
            latents=self._latents[places, flip.long()],
            weight=mirrored(self._weight[places]),
        )

    def _both_ways(self, image: Tensor, canvas: Tensor, garment: Tensor) -> Tensor:
        """Return (N, 2 mirrored, 2 kinds, 4, h, w) latents."""
        assert self._encode is not None
        truth = to_signed(image.permute(0, 3, 1, 2))
        start = paste(to_signed(canvas.permute(0, 3, 1, 2)), truth, garment[:, None])
        ways = [torch.stack([self._encode(truth.flip(d)), self._encode(start.flip(d))], dim=1) for d in ((), (-1,))]
        return torch.stack(ways, dim=1).half()


def to_signed(pixels: Tensor) -> Tensor:
    """Return uint8 pixels as float32 in [-1, 1]."""
    return pixels.float() / 127.5 - 1


def paste(canvas: Tensor, garment: Tensor, matte: Tensor) -> Tensor:
    """Return `canvas` (B, 3, H, W) with the garment's pixels over it; `matte` (B, 1, H, W) uint8."""
    share = matte.float() / 255
    return canvas + (garment - canvas) * share


def fill(store: Store, reader: ShardReader, wanted: int, patience: float, *, at_least: int = 1) -> None:
    """Add shards until `store` has `wanted` samples or `patience` seconds are over.

    Raises:
        TimeoutError: fewer than `at_least` samples came.
    """
    deadline = time.monotonic() + patience
    while store.added < wanted and time.monotonic() < deadline:
        shard = reader.take(timeout=0.5)
        if shard is not None:
            store.add(shard)
    if store.added < at_least:
        raise TimeoutError(f"Only {store.added} samples after {patience:.0f} s; is the renderer running?")
