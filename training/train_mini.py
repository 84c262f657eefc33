"""Train UNet, ControlNet and text encoder of `mini` together, on people that are still being rendered.

    python -m training.train_mini --data SHARDS --out RUN --total-seconds 1180 [--this-call-seconds 580] [--start PIPELINE]

Needs RUN/vae of `training.train_vae`. `--start` goes on from the nets of a finished pipeline; with another autoencoder they
only have to learn its latents. Writes RUN/mini.pt (to go on from; `training.export` makes a pipeline of it),
RUN/mini.jsonl (one line every so many steps) and RUN/sheet.jpg (held-out people: canvas, painted, truth).
"""

from __future__ import annotations

import argparse
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from diffusers import AutoencoderKL
from torch import Tensor

from fashion_gen.generate.vocabulary import mini_vocabulary
from training import sheet
from training.dataset import Drawn, Shard, ShardReader, Store, fill, read_shard
from training.diffusion import Objective, drop_words, masked, weights
from training.export import denoiser_of
from training.model import MINI, Denoiser, Shape, build_tokenizer
from training.optimise import (
    WARM_UP_STEPS,
    Clock,
    Compiled,
    Log,
    Stepper,
    WallClock,
    channels_last,
    fast,
    guarded,
    save,
    trapezoid,
)
from training.words import tokeniser


@dataclass(frozen=True, slots=True)
class Settings:
    """One machine's numbers."""

    batch: int
    rate: float
    capacity: int  #: samples on the device, 1.4 MB each
    compile: bool
    bf16: bool
    wait_for: int = 1500  #: samples before the first step
    patience: float = 240.0  #: seconds to wait for them
    log_every: int = 50
    save_every: float = 150.0  #: seconds
    sheet_every: float = 240.0  #: seconds
    held_out: int = 12  #: people on the sheet
    warm_up: int = WARM_UP_STEPS
    seed: int = 0


PRESETS = {
    "h100": Settings(batch=128, rate=6e-4, capacity=28000, compile=True, bf16=True),
    "small-batch": Settings(
        batch=8, rate=4e-4, capacity=4000, compile=False, bf16=False, wait_for=300, patience=900.0, sheet_every=1200.0
    ),
}


class Trainer:
    """Everything one training holds."""

    def __init__(
        self,
        out: Path,
        settings: Settings,
        shape: Shape,
        device: torch.device,
        clock: Clock,
        *,
        start: Denoiser | None = None,
    ) -> None:
        """`start` is a trained denoiser to go on from, unless `out` holds a checkpoint."""
        fast(device)
        self.out, self.settings, self.shape, self.device, self.clock = out, settings, shape, device, clock
        self.log = Log(out / "mini.jsonl")
        self.batch = settings.batch
        self.vae = channels_last(AutoencoderKL.from_pretrained(out / "vae"), device)
        self.vae.eval().requires_grad_(False)
        torch.manual_seed(settings.seed)  # the weights' start
        denoiser = channels_last(start or Denoiser(shape, len(mini_vocabulary())), device)
        self.stepper = Stepper(denoiser, rate=settings.rate)
        self.objective = Objective(device)
        self.rng = torch.Generator(device).manual_seed(settings.seed + 1)
        self._denoise = Compiled(denoiser, on=settings.compile)
        self._encode = Compiled(self._spread, on=settings.compile)
        self.held_out: Shard | None = None
        self._checkpoint = out / "mini.pt"
        if self._checkpoint.exists():
            self._restore()

    def autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.settings.bf16)

    def latents(self, pixels: Tensor) -> Tensor:
        """(B, 3, H, W) in [-1, 1] to the means of their latents, for pictures that are stored."""
        with torch.no_grad(), self.autocast():
            return self._spread(pixels)[0].float()

    def loss(self, drawn: Drawn, objective: Objective) -> Tensor:
        """The loss of a batch, as `diffusion` defines it."""
        cut = masked(drawn, self.shape.shrink, self.rng)
        truth, start = drawn.latents[:, 0].float(), drawn.latents[:, 1].float()
        t = objective.times(len(truth), self.rng)
        noisy, target = objective.noised(truth, start, t, self.rng)
        ids = drop_words(drawn.ids, self.rng)
        canvas = (drawn.canvas.float() / 255).contiguous(memory_format=torch.channels_last)
        with self.autocast():
            with torch.no_grad():
                mean, std = self._encode(cut.picture.contiguous(memory_format=torch.channels_last))
                seen = mean + std * torch.randn(mean.shape, generator=self.rng, device=self.device)
            words = self.stepper.model.text_encoder(ids).last_hidden_state
            made = self._denoise(noisy, t, words, canvas, cut.mask, seen)
        return objective.loss(made, target, t, weights(drawn, cut.kept))

    def step(self, drawn: Drawn, objective: Objective | None = None) -> float | None:
        """Take one step; return the loss, or None when the step was left out."""
        try:
            return guarded(
                lambda: self._step(drawn, objective or self.objective),
                [self._denoise, self._encode],
                self.stepper,
                self.log,
            )
        except torch.OutOfMemoryError:
            self.stepper.forget()
            torch.cuda.empty_cache()
            if self.batch <= 8:
                raise
            self.batch = self.batch * 2 // 3 // 8 * 8
            self.log.write(action="out_of_memory", batch=self.batch)
            return None
        finally:
            self.clock.tick()

    def _step(self, drawn: Drawn, objective: Objective) -> float | None:
        loss = self.loss(drawn, objective)
        norm = self.stepper.step(loss, trapezoid(self.stepper.taken, self.clock.progress, self.settings.warm_up))
        return None if norm is None else float(loss.detach())

    def save(self) -> None:
        """Write the checkpoint."""
        state = {"stepper": self.stepper.state(), "rng": self.rng.get_state(), "spent": self.clock.state()}
        save(self._checkpoint, {**state, "vocabulary": list(mini_vocabulary())})

    def show(self) -> None:
        """Write the sheet of held-out people. A picture that fails is reported, the training goes on."""
        if self.held_out is None:
            return
        began = time.monotonic()
        tokenizer = build_tokenizer(mini_vocabulary(), self.shape.tokens)
        try:
            with torch.no_grad(), self.autocast():
                made = sheet.paint(sheet.pipeline(self.stepper.average, self.vae, tokenizer), self.held_out, batch=12)
            sheet.write(self.out / "sheet.jpg", [self.held_out.canvas, made, self.held_out.image])
        except (RuntimeError, ValueError, OSError) as exc:
            self.log.write(action="sheet_failed", error=str(exc)[:1000])
            return
        self.log.write(action="sheet", step=self.stepper.taken, seconds=time.monotonic() - began)

    def _restore(self) -> None:
        state = torch.load(self._checkpoint, map_location=self.device, weights_only=True)
        self.stepper.restore(state["stepper"])
        self.rng.set_state(state["rng"].cpu())
        self.clock.restore(state["spent"])
        self.log.write(action="resumed", step=self.stepper.taken, done=self.clock.progress)

    def _spread(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        spread = self.vae.encode(pixels.contiguous(memory_format=torch.channels_last)).latent_dist
        return spread.mean, spread.std


def hold_out(data: Path, kept: Path, patience: float) -> Path:
    """Return the first shard, copied to `kept` so that every call holds out the same; nothing of it is trained on.

    Raises:
        TimeoutError: no shard came.
    """
    kept.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + patience
    while not (found := sorted(kept.glob("shard-*.npz"))):
        shards = sorted(data.glob("shard-*.npz"))
        if shards:
            shutil.copy(shards[0], kept / shards[0].name)
        elif time.monotonic() > deadline:
            raise TimeoutError(f"No shard in {data} after {patience:.0f} s; is the renderer running?")
        else:
            time.sleep(0.2)
    return found[0]


def train(
    data: Path,
    out: Path,
    settings: Settings,
    shape: Shape,
    device: torch.device,
    clock: Clock,
    *,
    start: Denoiser | None = None,
) -> Trainer:
    """Train until the clock says stop, from the checkpoint in `out` or from `start` if there is one."""
    trainer = Trainer(out, settings, shape, device, clock, start=start)
    log = trainer.log
    tokenise = tokeniser(shape)
    kept = hold_out(data, out / "held-out", settings.patience)
    trainer.held_out = read_shard(kept, shape, tokenise).first(settings.held_out)
    reader = ShardReader(data, shape, tokenise, skip={kept.name}, on_error=log.bad_shard)
    store = Store(shape, settings.capacity, device, trainer.latents)
    fill(store, reader, settings.wait_for, settings.patience, at_least=min(16, settings.wait_for))
    log.write(action="started", samples=store.added, held_out=trainer.held_out.name, batch=trainer.batch)
    _run(trainer, store, reader)
    reader.close()
    trainer.save()
    trainer.show()
    log.write(action="stopped", step=trainer.stepper.taken, done=clock.progress, left_out=trainer.stepper.bad)
    return trainer


def _run(trainer: Trainer, store: Store, reader: ShardReader) -> None:
    settings, clock = trainer.settings, trainer.clock
    saved = shown = logged = time.monotonic()
    seen = 0
    while not clock.over:
        shard = reader.take()
        if shard is not None:
            store.add(shard)
        loss = trainer.step(store.draw(trainer.batch, trainer.rng))
        seen += trainer.batch
        now = time.monotonic()
        if trainer.stepper.taken % settings.log_every == 1:
            speed = seen / max(now - logged, 1e-6)
            trainer.log.write(
                step=trainer.stepper.taken, loss=loss, speed=speed, samples=store.added, **_state(trainer)
            )
            seen, logged = 0, now
        if now - saved > settings.save_every:
            trainer.save()
            saved = time.monotonic()
        if now - shown > settings.sheet_every:
            trainer.show()
            shown = time.monotonic()


def _state(trainer: Trainer) -> dict[str, float]:
    state = {"done": trainer.clock.progress, "left_out": trainer.stepper.bad}
    if trainer.device.type == "cuda":
        state["gigabytes"] = torch.cuda.max_memory_allocated() / 1e9
    return state


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--preset", choices=sorted(PRESETS), default="h100")
    parser.add_argument("--total-seconds", type=float, default=1180, help="of the whole training, over all calls")
    parser.add_argument("--this-call-seconds", type=float, default=float("inf"))
    parser.add_argument("--start", type=Path, help="folder of a finished pipeline to go on from")
    parser.add_argument("--batch", type=int)
    parser.add_argument("--capacity", type=int)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--wait-for", type=int, help="samples before the first step")
    parser.add_argument("--no-compile", dest="compile", action="store_const", const=False)
    given = parser.parse_args()
    chosen = {name: getattr(given, name) for name in ("batch", "capacity", "rate", "wait_for", "compile")}
    settings = replace(PRESETS[given.preset], **{name: value for name, value in chosen.items() if value is not None})
    clock = WallClock(given.total_seconds, given.this_call_seconds)
    start = denoiser_of(given.start, MINI) if given.start else None
    train(given.data, given.out, settings, MINI, torch.device(given.device), clock, start=start)


if __name__ == "__main__":
    main()
