"""Train the autoencoder of `mini`.

    python -m training.train_vae --data SHARDS --out RUN [--start VAE] [--device cuda] [--total-seconds 300]

Writes RUN/vae (diffusers, latents of mean 0 and deviation 1), RUN/vae.pt (to go on from), RUN/vae.jsonl, RUN/vae.jpg.
`--start` goes on from a finished autoencoder, whose latents then keep their meaning for a denoiser that goes on as well.
No network judges the pictures and none fights it: at a quarter of the size, absolute differences over a pyramid suffice
for sharp edges, and nothing can run away.
"""

from __future__ import annotations

import argparse
import copy
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from PIL import Image
from torch import Tensor, nn

from training.dataset import ShardReader, Store, fill, to_signed
from training.model import MINI, Shape, build_vae, standardise
from training.optimise import Clock, Compiled, Log, Stepper, WallClock, channels_last, fast, guarded, save, trapezoid
from training.vae_crops import crops, textures
from training.words import tokeniser

KL = 1e-6
COLOUR = 3.0  #: weight of the differences that are not those of brightness


@dataclass(frozen=True, slots=True)
class Settings:
    """One machine's numbers."""

    batch: int
    side: int  #: of the crops
    rate: float
    capacity: int  #: samples on the device
    compile: bool
    wait_for: int = 96  #: samples before the first step
    patience: float = 180.0  #: seconds to wait for them
    save_every: float = 60.0  #: seconds
    log_every: int = 100


PRESETS = {
    # Small crops, not compiled: the first step comes at once, and many small steps teach more than few large ones.
    "h100": Settings(batch=64, side=128, rate=1e-3, capacity=12000, compile=False, wait_for=24),
    "small-batch": Settings(batch=8, side=128, rate=6e-4, capacity=1500, compile=False),
}


class Autoencoding(nn.Module):
    """Encode and decode, and once more at half the latents' size."""

    def __init__(self, vae: AutoencoderKL) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, pixels: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the pictures again, a quarter of the batch at half size, and the KL divergence (B,).

        Latents that still decode when they are shrunk are smooth in space, and smooth latents are learned faster by a
        diffusion model (EQ-VAE, arXiv 2502.09509).
        """
        spread = self.vae.encode(pixels).latent_dist
        latents = spread.mean + spread.std * noise
        quarter = len(pixels) // 4
        small = self.vae.decode(F.avg_pool2d(latents[:quarter], 2)).sample
        divergence = 0.5 * (spread.mean.float() ** 2 + spread.var.float() - 1 - spread.logvar.float()).sum((1, 2, 3))
        return self.vae.decode(latents).sample, small, divergence


def difference(made: Tensor, truth: Tensor, levels: int = 4) -> Tensor:
    """Return the mean absolute difference of two (B, 3, H, W), of their colours and slopes, and of all at smaller sizes.

    Brightness and slopes alone let a net forget one axis of colour: people are brown and blue, and hardly ever green.
    """
    made, truth = made.float(), truth.float()
    total = torch.zeros((), device=made.device)
    for _ in range(levels):
        off = made - truth
        total = total + off.abs().mean() + COLOUR * (off - off.mean(1, keepdim=True)).abs().mean()
        for axis in (-1, -2):
            total = total + (made.diff(dim=axis) - truth.diff(dim=axis)).abs().mean()
        made, truth = F.avg_pool2d(made, 2), F.avg_pool2d(truth, 2)
    return total


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
        start: AutoencoderKL | None = None,
    ) -> None:
        """`start` is a trained autoencoder to go on from, unless `out` holds a checkpoint."""
        fast(device)
        self.out, self.settings, self.shape, self.device, self.clock = out, settings, shape, device, clock
        self.log = Log(out / "vae.jsonl")
        torch.manual_seed(0)  # the weights' start
        model = channels_last(Autoencoding(start or build_vae(shape)), device)
        self.stepper = Stepper(model, rate=settings.rate)
        self.rng = torch.Generator(device).manual_seed(1)
        self._run = Compiled(model, on=settings.compile)
        self._checkpoint = out / "vae.pt"
        if self._checkpoint.exists():
            state = torch.load(self._checkpoint, map_location=device, weights_only=True)
            self.stepper.restore(state["stepper"])
            self.rng.set_state(state["rng"].cpu())
            clock.restore(state["spent"])

    def step(self, store: Store) -> dict[str, Tensor]:
        """Take one step on crops of stored samples and return the parts of the loss, none when it was left out."""
        taken = guarded(lambda: self._step(store), [self._run], self.stepper, self.log)
        self.clock.tick()
        return taken or {}

    def _step(self, store: Store) -> dict[str, Tensor]:
        side, rng = self.settings.side, self.rng
        pixels = crops(store.draw(self.settings.batch, rng), side, rng).contiguous(memory_format=torch.channels_last)
        small_side = side // self.shape.shrink
        noise = torch.randn(
            (len(pixels), self.shape.latent_channels, small_side, small_side), generator=rng, device=self.device
        )
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            made, small, divergence = self._run(pixels, noise)
        picture = difference(made, pixels)
        half = difference(small, F.avg_pool2d(pixels[: len(small)], 2), levels=3)
        loss = picture + 0.25 * half + KL * divergence.mean() / (3 * side**2)
        self.stepper.step(loss, trapezoid(self.stepper.taken, self.clock.progress))
        return {"loss": picture.detach(), "half": half.detach(), "divergence": divergence.mean().detach()}

    def save(self) -> None:
        """Write the checkpoint."""
        state = {"stepper": self.stepper.state(), "rng": self.rng.get_state(), "spent": self.clock.state()}
        save(self._checkpoint, state)


def train(
    data: Path,
    out: Path,
    settings: Settings,
    shape: Shape,
    device: torch.device,
    clock: Clock,
    *,
    start: AutoencoderKL | None = None,
) -> None:
    """Train until the clock says stop, from the checkpoint in `out` or from `start` if there is one."""
    trainer = Trainer(out, settings, shape, device, clock, start=start)
    log = trainer.log
    reader = ShardReader(data, shape, tokeniser(shape), on_error=log.bad_shard)
    store = Store(shape, settings.capacity, device)
    fill(store, reader, settings.wait_for, settings.patience, at_least=min(16, settings.wait_for))
    log.write(action="started", samples=store.added)
    saved = time.monotonic()
    while not clock.over:
        shard = reader.take()
        if shard is not None:
            store.add(shard)
        parts = trainer.step(store)
        taken = trainer.stepper.taken
        if taken % settings.log_every == 1:
            numbers = {name: float(value) for name, value in parts.items()}
            log.write(step=taken, **numbers, samples=store.added, done=clock.progress, left_out=trainer.stepper.bad)
        if time.monotonic() - saved > settings.save_every:
            trainer.save()
            finish(trainer.stepper.average.vae, store, out, log)
            saved = time.monotonic()
    reader.close()
    trainer.save()
    finish(trainer.stepper.average.vae, store, out, log)


@torch.no_grad()
def finish(vae: AutoencoderKL, store: Store, out: Path, log: Log) -> None:
    """Standardise a copy of `vae` on stored pictures, write it, and show what it does to them."""
    vae = copy.deepcopy(vae).float()
    rng = torch.Generator(next(vae.parameters()).device).manual_seed(2)
    pixels = torch.cat(
        [to_signed(getattr(drawn, kind)) for kind in ("image", "canvas") for drawn in [store.draw(64, rng)]]
    )
    latents = torch.cat([vae.encode(piece).latent_dist.mean for piece in pixels.split(8)])
    standardise(vae, latents.mean((0, 2, 3)), latents.std((0, 2, 3)))
    vae.save_pretrained(out / "vae")
    shown = torch.cat([pixels[:6], textures(2, pixels.shape[-2:], rng, pixels.device)])
    made = vae.decode(vae.encode(shown).latent_dist.mean).sample.clamp(-1, 1)
    error = float(((made - shown)[:6] ** 2).mean())
    psnr = 10 * float(np.log10(4 / error))
    log.write(action="vae_written", psnr=psnr, swatches=swatch_error(vae), flatness=_roughness(latents))
    rows = [torch.cat(list(row), dim=2) for row in (shown, made)]
    sheet = ((torch.cat(rows, dim=1) + 1) * 127.5).round().byte().permute(1, 2, 0).cpu().numpy()
    Image.fromarray(sheet).save(out / "vae.jpg", quality=95)


#: Saturated colours that no person wears all over; an autoencoder that lost an axis of colour is far off for half of them.
SWATCHES = ((200, 30, 30), (30, 160, 60), (40, 70, 200), (220, 190, 30), (200, 40, 160), (30, 170, 170))


@torch.no_grad()
def swatch_error(vae: AutoencoderKL, side: int = 64) -> float:
    """Return by how much of 255 the mean colour of the worst of `SWATCHES` is off after it went through `vae`."""
    device = next(vae.parameters()).device
    flat = torch.tensor(SWATCHES, device=device).float()[:, :, None, None] / 127.5 - 1
    made = vae.decode(vae.encode(flat.expand(-1, -1, side, side)).latent_dist.mean).sample.clamp(-1, 1)
    return float((made.mean((2, 3)) - flat[:, :, 0, 0]).abs().max() * 127.5)


def _roughness(latents: Tensor) -> float:
    """Mean absolute slope of the latents over their mean absolute value: smaller is easier to learn."""
    return float(latents.diff(dim=-1).abs().mean() / latents.abs().mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="folder of a finished autoencoder to go on from")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--preset", choices=sorted(PRESETS), default="h100")
    parser.add_argument("--total-seconds", type=float, default=300)
    parser.add_argument("--this-call-seconds", type=float, default=float("inf"))
    given = parser.parse_args()
    clock = WallClock(given.total_seconds, given.this_call_seconds)
    start = AutoencoderKL.from_pretrained(given.start, torch_dtype=torch.float32) if given.start else None
    train(given.data, given.out, PRESETS[given.preset], MINI, torch.device(given.device), clock, start=start)


if __name__ == "__main__":
    main()
