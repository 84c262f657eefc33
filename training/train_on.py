"""Train the weights that ship a little further, on people and on close-ups of heads in turn.

    python -m training.train_on --people SHARDS --heads SHARDS --out RUN --total-seconds 5400
    python -m training.export --run RUN --to fashion_gen/generate/mini

The autoencoder stays as it is, so the latents do too. For two CPU cores: no new net, a small rate, and two batches of heads
to one of people, since a head is a third of the work. Stopped and called again it goes on, as `training.train_mini` does; it writes
RUN/mini.pt, RUN/mini.jsonl and RUN/sheet.jpg, whose people are held-out heads.
"""

from __future__ import annotations

import argparse
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from training.dataset import ShardReader, Store, fill, read_shard
from training.diffusion import Objective
from training.export import denoiser_of
from training.model import MINI, Shape
from training.optimise import Clock, WallClock
from training.render_shards import HEAD_SIDE
from training.train_mini import Settings, Trainer, hold_out
from training.words import tokeniser

SHIPPED = Path(__file__).parents[1] / "fashion_gen" / "generate" / "mini"
#: Where sampling of a close-up may start: later than that of a person, whose canvas shows less of what is wanted.
HEAD_STARTS = (0.28, 0.9)
PEOPLE_EVERY = 3  #: steps; the others are of heads
SETTINGS = Settings(
    batch=4, rate=1.5e-4, capacity=900, compile=False, bf16=False, wait_for=96, patience=1800.0, log_every=10,
    save_every=300.0, sheet_every=1200.0, held_out=8, warm_up=40,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heads:
    """The close-ups' own numbers."""

    side: int = HEAD_SIDE
    batch: int = 8
    capacity: int = 3000


def train_on(
    source: Path, people: Path, heads: Path, out: Path, settings: Settings, shape: Shape, close: Heads, clock: Clock
) -> Trainer:
    """Go on from the pipeline in `source`, or from the checkpoint in `out`, until the clock says stop."""
    device = torch.device("cpu")
    if not (out / "vae").exists():
        shutil.copytree(source / "vae", out / "vae")
    trainer = Trainer(out, settings, shape, device, clock, start=denoiser_of(source, shape))
    square = replace(shape, width=close.side, height=close.side)
    tokenise, log = tokeniser(shape), trainer.log
    kept = hold_out(heads, out / "held-out", settings.patience)
    trainer.held_out = read_shard(kept, square, tokenise).first(settings.held_out)
    readers = [
        ShardReader(people, shape, tokenise, on_error=log.bad_shard),
        ShardReader(heads, square, tokenise, skip={kept.name}, on_error=log.bad_shard),
    ]
    stores = [
        Store(shape, settings.capacity, device, trainer.latents),
        Store(square, close.capacity, device, trainer.latents),
    ]
    for store, reader in zip(stores, readers, strict=True):
        fill(store, reader, settings.wait_for, settings.patience, at_least=min(16, settings.wait_for))
    log.write(action="started", people=stores[0].added, heads=stores[1].added)
    _alternate(trainer, stores, readers, (settings.batch, close.batch))
    for reader in readers:
        reader.close()
    trainer.save()
    trainer.show()
    log.write(action="stopped", step=trainer.stepper.taken, done=clock.progress, left_out=trainer.stepper.bad)
    return trainer


def _alternate(trainer: Trainer, stores: list[Store], readers: list[ShardReader], batches: tuple[int, int]) -> None:
    settings, clock = trainer.settings, trainer.clock
    objectives = (trainer.objective, Objective(trainer.device, starts=HEAD_STARTS))
    saved = shown = time.monotonic()
    while not clock.over:
        turn = 0 if trainer.stepper.taken % PEOPLE_EVERY == 0 else 1
        shard = readers[turn].take()
        if shard is not None:
            stores[turn].add(shard)
        loss = trainer.step(stores[turn].draw(batches[turn], trainer.rng), objectives[turn])
        if trainer.stepper.taken % settings.log_every < PEOPLE_EVERY:
            kind = ("people", "heads")[turn]
            trainer.log.write(step=trainer.stepper.taken, kind=kind, loss=loss, samples=stores[turn].added,
                              done=clock.progress)  # fmt: skip
        if time.monotonic() - saved > settings.save_every:
            trainer.save()
            saved = time.monotonic()
        if time.monotonic() - shown > settings.sheet_every:
            trainer.show()
            shown = time.monotonic()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="source", type=Path, default=SHIPPED, help="the pipeline to go on from")
    parser.add_argument("--people", type=Path, required=True)
    parser.add_argument("--heads", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--total-seconds", type=float, default=5400, help="of the whole training, over all calls")
    parser.add_argument("--this-call-seconds", type=float, default=float("inf"))
    given = parser.parse_args()
    clock = WallClock(given.total_seconds, given.this_call_seconds)
    train_on(given.source, given.people, given.heads, given.out, SETTINGS, MINI, Heads(), clock)


if __name__ == "__main__":
    main()
