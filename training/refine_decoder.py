"""Refine the decoder of a finished autoencoder: `python -m training.train_vae --decoder-only --from FOLDER ...`.

Encoder, latents and their scale stay as they are, so that a UNet trained on them needs no other training. The decoder
learns from crops of heads, hands and edges, yet decodes them as it does at use: latents are those of the whole picture, and
its group norms use the whole picture's statistics. A crop's own statistics are so different that they cost half as much
error again.
"""

from __future__ import annotations

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

from training.dataset import Drawn, ShardReader, Store, fill, to_signed
from training.model import Shape
from training.optimise import Clock, Log, Stepper, fast, save
from training.words import tokeniser

LUMA = (0.299, 0.587, 0.114)
WARM_UP_STEPS = 8
COOL_DOWN = 0.5


@dataclass(frozen=True, slots=True)
class Settings:
    """The numbers of two CPU cores."""

    pictures: int = 2  #: decoded whole at each step, for their statistics
    crops: int = 4  #: of each of them
    learned: int = 24  #: pictures that crops are cut from
    side: int = 104  #: of the crops
    margin: int = 8  #: of a crop, not judged: its surroundings are missing
    rate: float = 8e-5
    capacity: int = 400  #: samples in memory
    wait_for: int = 96
    patience: float = 180.0
    held_out: int = 6
    log_every: int = 5
    save_every: float = 240.0  #: seconds


class PictureNorm(nn.GroupNorm):
    """A group norm that measures whole pictures, and then normalises crops of them in the same way.

    The numbers are the whole pictures'; how they would change with the weights in front is taken from the crops: a shift
    shifts both means, a scale scales both. The gradient is then nearly that of decoding whole pictures (cosine 0.97,
    against 0.92 for constants, whose weights chase what the norm takes out again).
    """

    measured: tuple[Tensor, Tensor]  #: mean and variance (pictures, groups) of the last whole pictures
    given: tuple[Tensor, Tensor] | None = None  #: those to use for the same number of crops of each picture

    def forward(self, values: Tensor) -> Tensor:
        pictures = len(values) if self.given is None else len(self.given[0])
        mean, square = (
            power.mean((2, 3)).view(pictures, -1, self.num_groups, values.shape[1] // self.num_groups).mean((1, 3))
            for power in (values, values**2)
        )
        variance = square - mean**2
        if self.given is None:
            self.measured = (mean, variance)
        else:
            growth = (variance + self.eps) / (variance + self.eps).detach()
            mean = mean + (self.given[0] - mean).detach() * growth.sqrt()
            variance = self.given[1] * growth
        scale = self.weight.view(self.num_groups, -1) * torch.rsqrt(variance + self.eps)[:, :, None]
        shift = self.bias.view(self.num_groups, -1) - mean[:, :, None] * scale
        scale, shift = (each.flatten(1).repeat_interleave(len(values) // pictures, 0) for each in (scale, shift))
        return values * scale[:, :, None, None] + shift[:, :, None, None]


def with_picture_norms(decoder: nn.Module) -> nn.Module:
    """Replace every group norm inside `decoder`, the names of the weights staying the same, and return it."""
    for parent in list(decoder.modules()):
        for name, child in list(parent.named_children()):
            if type(child) is nn.GroupNorm:
                norm = PictureNorm(child.num_groups, child.num_channels, child.eps)
                norm.load_state_dict(child.state_dict())
                setattr(parent, name, norm)
    return decoder


def corners(face: Tensor, weight: Tensor, shrink: int, side: int, count: int, rng: torch.Generator) -> Tensor:
    """Return (count, 2) rows and columns, in latents, of crops: every second on the face, others on skin, hair, edges.

    `face` (4,) is in pixels and zero when there is none, `weight` (h, w) says what counts, `side` is in latents.
    """
    height, width = weight.shape
    index = torch.multinomial(weight.flatten().float() ** 1.5, count, generator=rng)
    middle = torch.stack([index // width, index % width], dim=1).float()
    if face[2] > face[0]:
        middle[::2] = torch.stack([face[1] + face[3], face[0] + face[2]]) / (2 * shrink)
    place = middle + (torch.rand((count, 2), generator=rng) - 0.5) * side / 2 - side / 2
    room = torch.tensor([height - side, width - side])
    return place.round().long().clamp(min=torch.zeros(2, dtype=torch.long), max=room)


def luma(pixels: Tensor) -> Tensor:
    """Return the (B, 1, H, W) luma of (B, 3, H, W)."""
    return (pixels * pixels.new_tensor(LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True)


def difference(made: Tensor, truth: Tensor, before: Tensor) -> Tensor:
    """Return how unlike (B, 3, H, W) are: in luma to the truth, in colour to what the decoder made before.

    A colour that the latents lost cannot be learned; asked for, it drags all colours about from step to step. Local
    contrast is asked for besides, since absolute differences alone take a blur for the best guess.
    """
    grey, wanted = luma(made), luma(truth)
    total = (F.avg_pool2d(made - grey, 2) - F.avg_pool2d(before - luma(before), 2)).abs().mean()
    for share in (2.0, 1.0, 0.5):
        total = total + share * (grey - wanted).abs().mean()
        for axis in (-1, -2):
            total = total + share * (grey.diff(dim=axis) - wanted.diff(dim=axis)).abs().mean()
        total = total + 0.5 * share * (_contrast(grey) - _contrast(wanted)).abs().mean()
        grey, wanted = F.avg_pool2d(grey, 2), F.avg_pool2d(wanted, 2)
    return total


def _contrast(grey: Tensor) -> Tensor:
    """Standard deviation in windows of 5 pixels."""
    mean = F.avg_pool2d(grey, 5, stride=2)
    return (F.avg_pool2d(grey**2, 5, stride=2) - mean**2).clamp(min=0).add(1e-4).sqrt()


class Refiner:
    """Everything one refinement holds."""

    def __init__(self, source: Path, out: Path, settings: Settings, device: torch.device, clock: Clock) -> None:
        fast(device)
        self.out, self.settings, self.device, self.clock = out, settings, device, clock
        self.log = Log(out / "decoder.jsonl")
        vae = AutoencoderKL.from_pretrained(source, torch_dtype=torch.float32)
        self.vae = vae.to(device, memory_format=torch.channels_last).eval().requires_grad_(False)
        decoder = with_picture_norms(copy.deepcopy(self.vae.decoder)).train().requires_grad_(True)
        self.norms = [module for module in decoder.modules() if isinstance(module, PictureNorm)]
        self.stepper = Stepper(decoder, rate=settings.rate)
        self.rng = torch.Generator().manual_seed(1)
        self._before: dict[
            int, tuple[Tensor, Tensor]
        ] = {}  #: what the decoder gets for a picture, and what it made of it
        self._checkpoint = out / "decoder.pt"
        if self._checkpoint.exists():
            state = torch.load(self._checkpoint, map_location=device, weights_only=True)
            self.stepper.restore(state["stepper"])
            self.rng.set_state(state["rng"].cpu())
            clock.restore(state["spent"])

    def step(self, store: Store) -> float:
        """Take a step on crops of stored pictures and return its loss."""
        hidden, truth, before = self._crops(store)
        inner = slice(self.settings.margin, -self.settings.margin)
        made = self.stepper.model(hidden)
        loss = difference(*(pixels[..., inner, inner] for pixels in (made, truth, before)))
        self.stepper.step(loss, self._factor())
        self.clock.tick()
        return float(loss.detach())

    def _factor(self) -> float:
        up = min(1.0, (self.stepper.taken + 1) / WARM_UP_STEPS)
        return up * min(1.0, max(0.0, (1 - self.clock.progress) / COOL_DOWN))

    @torch.no_grad()
    def hidden(self, truth: Tensor) -> Tensor:
        """Return what the decoder gets for (B, 3, H, W) pictures: latents behind the frozen 1x1 convolution."""
        latents = self.vae.encode(truth.contiguous(memory_format=torch.channels_last)).latent_dist.mean
        hidden: Tensor = self.vae.post_quant_conv(latents)
        return hidden

    @torch.no_grad()
    def _crops(self, store: Store) -> tuple[Tensor, Tensor, Tensor]:
        """Return crops of latents, of the truth and of the picture before; give the norms the pictures' statistics."""
        settings, count = self.settings, min(self.settings.learned, len(store))
        places = torch.randperm(count, generator=self.rng)[: settings.pictures]
        drawn = _upright(store, places.to(self.device))
        truth = to_signed(drawn.image)
        for index, place in enumerate(places.tolist()):
            if place not in self._before:
                hidden = self.hidden(truth[index : index + 1])
                self._before[place] = (hidden[0], self.vae.decoder(hidden)[0])
        hidden, before = (torch.stack(each) for each in zip(*(self._before[p] for p in places.tolist()), strict=True))
        for norm in self.norms:
            norm.given = None
        self.stepper.model(hidden.contiguous(memory_format=torch.channels_last))
        for norm in self.norms:
            norm.given = norm.measured
        shrink = truth.shape[-1] // hidden.shape[-1]
        side = settings.side // shrink
        cut: tuple[list[Tensor], ...] = ([], [], [])
        for index in range(len(places)):
            corner = corners(
                drawn.face[index].cpu(), drawn.weight[index, 0].cpu(), shrink, side, settings.crops, self.rng
            )
            for row, column in corner.tolist():
                for pieces, whole, k in zip(cut, (hidden, truth, before), (1, shrink, shrink), strict=True):
                    pieces.append(whole[index, :, row * k : (row + side) * k, column * k : (column + side) * k])
        return (
            torch.stack(cut[0]).contiguous(memory_format=torch.channels_last),
            torch.stack(cut[1]),
            torch.stack(cut[2]),
        )

    def save(self) -> None:
        """Write the checkpoint."""
        state = {"stepper": self.stepper.state(), "rng": self.rng.get_state(), "spent": self.clock.state()}
        save(self._checkpoint, state)

    def refined(self) -> AutoencoderKL:
        """Return the autoencoder with the averaged decoder, its weights rounded to the float16 that ships."""
        vae = copy.deepcopy(self.vae)
        vae.decoder.load_state_dict(self.stepper.average.state_dict())
        return vae.half()


class HeldOut:
    """Pictures that were not learned from, and what the decoder made of them before."""

    @torch.no_grad()
    def __init__(self, refiner: Refiner, drawn: Drawn) -> None:
        self._refiner, self.truth, self.face = refiner, to_signed(drawn.image), drawn.face.cpu()
        self._before: Tensor | None = None
        self.hidden = torch.cat([refiner.hidden(piece) for piece in torch.split(self.truth, 1)])

    @torch.no_grad()
    def show(self) -> None:
        """Write the refined autoencoder, a sheet of faces (truth, before, after), and the numbers to the log."""
        if self._before is None:
            self._before = self._decode(copy.deepcopy(self._refiner.vae))
        vae = self._refiner.refined()
        vae.save_pretrained(self._refiner.out / "vae")
        after = self._decode(vae.float())
        boxes = [self._box(i) for i in range(len(self.truth))]
        for name, made in (("before", self._before), ("after", after)):
            heads = [psnr(made[i][box], self.truth[i][box]) for i, box in enumerate(boxes)]
            whole = [psnr(one, truth) for one, truth in zip(made, self.truth, strict=True)]
            self._refiner.log.write(
                action=name, luma_psnr=float(np.mean(whole)), luma_psnr_heads=float(np.mean(heads)),
                step=self._refiner.stepper.taken,
            )  # fmt: skip
        rows = [torch.cat([x[i][box] for i, box in enumerate(boxes)], 2) for x in (self.truth, self._before, after)]
        sheet = ((torch.cat(rows, 1) + 1) * 127.5).round().byte().permute(1, 2, 0).cpu().numpy()
        picture = Image.fromarray(sheet)
        picture.resize((picture.width * 3, picture.height * 3), Image.Resampling.NEAREST).save(
            self._refiner.out / "decoder.png"
        )

    def _decode(self, vae: AutoencoderKL) -> Tensor:
        return torch.cat([vae.decoder(piece) for piece in torch.split(self.hidden, 1)]).clamp(-1, 1)

    def _box(self, index: int, side: int = 80) -> tuple[slice, slice, slice]:
        height, width = self.truth.shape[-2:]
        side = min(side, width, height)
        x0, y0, x1, y1 = self.face[index].tolist()
        top, left = (int(min(max((a + b - side) / 2, 0), n - side)) for a, b, n in ((y0, y1, height), (x0, x1, width)))
        return slice(None), slice(top, top + side), slice(left, left + side)


def psnr(made: Tensor, truth: Tensor) -> float:
    """Return the peak signal-to-noise ratio of the luma of two (3, H, W) in [-1, 1], in dB."""
    grey = torch.einsum("c,chw->hw", made.new_tensor(LUMA), made - truth)
    return float(10 * torch.log10(4 / (grey**2).mean().clamp(min=1e-9)))


def refine(
    data: Path, source: Path, out: Path, settings: Settings, shape: Shape, device: torch.device, clock: Clock
) -> Refiner:
    """Refine the decoder of the autoencoder in `source` until the clock says stop; write it to out/vae."""
    refiner = Refiner(source, out, settings, device, clock)
    reader = ShardReader(data, shape, tokeniser(shape), on_error=refiner.log.bad_shard)
    kept, store = Store(shape, 64, device), Store(shape, settings.capacity, device)
    fill(kept, reader, 1, settings.patience)  # the first shard's first faces are kept out
    faces = torch.nonzero(_upright(kept, torch.arange(len(kept), device=device)).face[:, 2] > 0).flatten()
    held_out = HeldOut(refiner, _upright(kept, faces[: settings.held_out]))
    fill(store, reader, settings.wait_for, settings.patience, at_least=min(16, settings.wait_for))
    reader.close()
    held_out.show()
    saved, losses = time.monotonic(), list[float]()
    while not clock.over:
        losses.append(refiner.step(store))
        if len(losses) == settings.log_every:
            refiner.log.write(step=refiner.stepper.taken, loss=float(np.mean(losses)), done=clock.progress)
            losses.clear()
        if time.monotonic() - saved > settings.save_every:
            refiner.save()
            held_out.show()
            saved = time.monotonic()
    refiner.save()
    held_out.show()
    return refiner


def _upright(store: Store, places: Tensor) -> Drawn:
    """Return the samples at `places` (B,), none of them mirrored."""
    return store.at(places, torch.zeros(len(places), dtype=torch.bool, device=places.device))
