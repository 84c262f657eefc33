"""What is learned: the masks that the pipeline makes, the noise it really starts from, and the loss."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from training.dataset import Drawn, to_signed
from training.model import END, PAD, START, TRAIN_STEPS, noise_table

MAX_EROSION = 7
GARMENT_WEIGHT = 0.15  #: inside the kept garment, where the composite puts the true pixels anyway
CLIP_SNR = 5.0


@dataclass(frozen=True, eq=False)
class Masked:
    """What the pipeline makes of a picture and a mask."""

    mask: Tensor  #: (B, 1, h, w), 1 where the picture is to be painted
    picture: Tensor  #: (B, 3, H, W) in [-1, 1], 0 (mid-grey) where it is to be painted
    kept: Tensor  #: (B, 1, h, w) in [0, 1], share of kept pixels


def masked(drawn: Drawn, shrink: int, rng: torch.Generator) -> Masked:
    """Mask everything but an eroded garment, exactly as diffusers' inpainting pipelines do.

    They multiply the picture in [-1, 1] by (mask < 0.5) and take the mask to the latents' size by nearest neighbour.
    """
    core = random_core(drawn.garment, rng).float()
    return Masked(
        mask=1 - core[:, :, ::shrink, ::shrink],
        picture=to_signed(drawn.image) * core,
        kept=F.avg_pool2d(core, shrink),
    )


def random_core(garment: Tensor, rng: torch.Generator) -> Tensor:
    """Return (B, 1, H, W) bool: `garment` (B, 1, H, W) uint8 eroded by 1.5 to 6.5 pixels, differently everywhere.

    `compose.paint_mask` erodes by a disc of 4 pixels. Mattes differ, through segmenter and resampling, and the edge that
    the net is shown must not tell it exactly how much of the garment is hidden.
    """
    count, device = len(garment), garment.device
    level = _uniform((count, 1, 1, 1), 0.4, 0.98, rng, device)
    inside = (garment.float() / 255 > level).float()
    depth = inside.clone()
    for ring in range(MAX_EROSION - 1):
        inside = _eroded(inside, square=ring % 2 == 0)  # squares and crosses in turn make an octagon, nearly a disc
        depth += inside
    swing = _uniform((count, 1, 1, 1), 0, 0.8, rng, device)
    wobble = swing * torch.randn((count, 1, 16, 11), generator=rng, device=device)
    wobble = F.interpolate(wobble, size=garment.shape[-2:], mode="bilinear")
    radius = _uniform((count, 1, 1, 1), 1.5, MAX_EROSION - 0.5, rng, device)
    return (depth > 0) & (depth + wobble > radius)


def _eroded(inside: Tensor, *, square: bool) -> Tensor:
    if square:
        return -F.max_pool2d(-inside, 3, stride=1, padding=1)
    across = F.max_pool2d(-inside, (1, 3), stride=1, padding=(0, 1))
    return -torch.maximum(across, F.max_pool2d(-inside, (3, 1), stride=1, padding=(1, 0)))


def drop_words(ids: Tensor, rng: torch.Generator, *, word: float = 0.05, prompt: float = 0.05) -> Tensor:
    """Return (B, tokens) ids without some words, and some prompts without any, closed up as a tokenizer would."""
    chance = torch.rand(ids.shape, generator=rng, device=ids.device)
    gone = (torch.rand((len(ids), 1), generator=rng, device=ids.device) < prompt) | (chance < word)
    gone &= ~torch.isin(ids, torch.tensor([PAD, START, END], device=ids.device))
    left = ids.masked_fill(gone, PAD)
    return left.gather(1, gone.to(torch.uint8).argsort(dim=1, stable=True))


class Objective:
    """v-prediction against noise as the sampler meets it.

    At use sampling starts from the noised canvas z_c, not from the noised truth z: x_s = a_s z_c + b_s eps, at the start
    time s of the recipe's strength. That is the truth under the noise eps' = eps + (a_s / b_s) (z_c - z); and since a step
    of DDIM or DPM-Solver keeps eps' while it corrects z, the same eps' is what is left at every later time. So, for a
    share of the batch, training adds r (z_c - z) to the noise, r being the signal-to-noise ratio of a random start time;
    the target is the usual v of that noise. The net learns to leave the mannequin, at every step.
    """

    def __init__(
        self, device: torch.device, *, canvas_share: float = 0.7, starts: tuple[float, float] = (0.72, 0.98)
    ) -> None:
        self.signal, self.noise = noise_table(device)
        self._share, self._starts = canvas_share, starts

    def times(self, count: int, rng: torch.Generator) -> Tensor:
        """Return (B,) times, spread evenly over [0, 1000) so that batches resemble each other."""
        place = torch.arange(count, device=rng.device) + torch.rand(count, generator=rng, device=rng.device)
        return (place * (TRAIN_STEPS / count)).long().clamp(max=TRAIN_STEPS - 1)

    def noised(self, truth: Tensor, canvas: Tensor, t: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return the noisy latents and the target v, both like `truth` (B, 4, h, w); `t` (B,) int64."""
        count, device = len(truth), truth.device
        ratio = self.signal / self.noise
        start = _uniform((count,), self._starts[0] * TRAIN_STEPS, self._starts[1] * TRAIN_STEPS, rng, device).long()
        # More canvas than the noised canvas itself has, at times before the start, never happens.
        pull = torch.minimum(ratio[start], ratio[t])
        pull = pull * (torch.rand(count, generator=rng, device=device) < self._share)
        noise = torch.randn(truth.shape, generator=rng, device=device) + pull[:, None, None, None] * (canvas - truth)
        a, b = self.signal[t][:, None, None, None], self.noise[t][:, None, None, None]
        return a * truth + b * noise, a * noise - b * truth

    def loss(self, predicted: Tensor, target: Tensor, t: Tensor, weight: Tensor) -> Tensor:
        """Return the weighted mean square error of v; `weight` (B, 1, h, w).

        In units of x_0, plain v counts 1 + SNR; clipping that at 5 (min-SNR, arXiv 2303.09556) keeps the nearly clean
        times, where there is little left to decide, from drowning the rest.
        """
        snr = (self.signal[t] / self.noise[t]) ** 2
        by_time = (snr + 1).clamp(max=CLIP_SNR) / (snr + 1)
        error = (predicted.float() - target) ** 2
        total: Tensor = (error * weight * by_time[:, None, None, None]).mean() / weight.mean()
        return total


def weights(drawn: Drawn, kept: Tensor) -> Tensor:
    """Return (B, 1, h, w): the sample's weights, small where the garment is kept."""
    return drawn.weight.float() * (1 - (1 - GARMENT_WEIGHT) * kept)


def _uniform(
    size: tuple[int, ...], low: float, high: float, rng: torch.Generator, device: torch.device | str
) -> Tensor:
    return low + (high - low) * torch.rand(size, generator=rng, device=device)
