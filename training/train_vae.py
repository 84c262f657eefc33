"""Train the autoencoder of `mini`.

    python -m training.train_vae --data SHARDS --out RUN [--device cuda] [--total-seconds 280]

Writes RUN/vae (diffusers, with latents of mean 0 and deviation 1), RUN/vae.pt (to go on from), RUN/vae.jsonl, RUN/vae.png.
No network judges the pictures and none fights it: at a quarter of the size, absolute differences over a pyramid suffice
for sharp edges, and nothing can run away.
"""

from __future__ import annotations

import argparse
import copy
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
from training.optimise import Clock, Compiled, Log, Stepper, WallClock, fast, save, trapezoid
from training.vae_crops import crops
from training.words import tokeniser

KL = 1e-6


@dataclass(frozen=True, slots=True)
class Settings:
    """One machine's numbers."""

    batch: int
    side: int  #: of the crops
    rate: float
    capacity: int  #: samples on the device
    compile: bool
    wait_for: int = 256  #: samples before the first step
    patience: float = 180.0  #: seconds to wait for them
    save_every: float = 60.0


PRESETS = {
    "h100": Settings(batch=96, side=192, rate=1e-3, capacity=12000, compile=True),
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
    """Return the mean absolute difference of two (B, 3, H, W), of their slopes, and of both at smaller sizes."""
    made, truth = made.float(), truth.float()
    total = torch.zeros((), device=made.device)
    for _ in range(levels):
        total = total + (made - truth).abs().mean()
        for axis in (-1, -2):
            total = total + (made.diff(dim=axis) - truth.diff(dim=axis)).abs().mean()
        made, truth = F.avg_pool2d(made, 2), F.avg_pool2d(truth, 2)
    return total


def train(data: Path, out: Path, settings: Settings, shape: Shape, device: torch.device, clock: Clock) -> None:
    """Train until the clock says stop, from the checkpoint in `out` if there is one."""
    fast(device)
    log = Log(out / "vae.jsonl")
    reader = ShardReader(data, shape, tokeniser(shape), on_error=log.bad_shard)
    store = Store(shape, settings.capacity, device)
    torch.manual_seed(0)  # the weights' start
    model = Autoencoding(build_vae(shape)).to(device, memory_format=torch.channels_last)
    stepper = Stepper(model, rate=settings.rate)
    rng = torch.Generator(device).manual_seed(1)
    if (out / "vae.pt").exists():
        state = torch.load(out / "vae.pt", map_location=device, weights_only=True)
        stepper.restore(state["stepper"])
        clock.restore(state["spent"])
    fill(store, reader, settings.wait_for, settings.patience, at_least=min(16, settings.wait_for))
    run = Compiled(model, log, on=settings.compile)
    bf16 = torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")
    while not clock.over:
        shard = reader.take()
        if shard is not None:
            store.add(shard)
        factor = trapezoid(stepper.taken, clock.progress)
        pixels = crops(store.draw(settings.batch, rng), settings.side, rng)
        pixels = pixels.contiguous(memory_format=torch.channels_last)
        latent = settings.side // shape.shrink
        noise = torch.randn((len(pixels), shape.latent_channels, latent, latent), generator=rng, device=device)
        with bf16:
            made, small, divergence = run(pixels, noise)
        picture = difference(made, pixels)
        half = difference(small, F.avg_pool2d(pixels[: len(small)], 2), levels=3)
        loss = picture + 0.25 * half + KL * divergence.mean() / (3 * settings.side**2)
        stepper.step(loss, factor)
        clock.tick()
        if stepper.taken % 100 == 1:
            log.write(
                step=stepper.taken, loss=float(picture), half=float(half), samples=store.added, done=clock.progress
            )
    reader.close()
    save(out / "vae.pt", {"stepper": stepper.state(), "spent": clock.state()})
    finish(stepper.average.vae, store, out, log)


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
    shown = torch.cat([pixels[:6], textures_like(pixels[:2], rng)])
    made = vae.decode(vae.encode(shown).latent_dist.mean).sample.clamp(-1, 1)
    error = float(((made - shown)[:6] ** 2).mean())
    log.write(action="vae_written", psnr=10 * float(np.log10(4 / error)), flatness=_roughness(latents))
    rows = [torch.cat(list(row), dim=2) for row in (shown, made)]
    sheet = ((torch.cat(rows, dim=1) + 1) * 127.5).round().byte().permute(1, 2, 0).cpu().numpy()
    Image.fromarray(sheet).save(out / "vae.png")


def textures_like(pixels: Tensor, rng: torch.Generator) -> Tensor:
    """Return textures the size of `pixels`."""
    from training.vae_crops import textures

    return textures(len(pixels), pixels.shape[-2:], rng, pixels.device)


def _roughness(latents: Tensor) -> float:
    """Mean absolute slope of the latents over their mean absolute value: smaller is easier to learn."""
    return float(latents.diff(dim=-1).abs().mean() / latents.abs().mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--preset", choices=sorted(PRESETS), default="h100")
    parser.add_argument("--total-seconds", type=float, default=280)
    parser.add_argument("--this-call-seconds", type=float, default=float("inf"))
    given = parser.parse_args()
    clock = WallClock(given.total_seconds, given.this_call_seconds)
    train(given.data, given.out, PRESETS[given.preset], MINI, torch.device(given.device), clock)


if __name__ == "__main__":
    main()
