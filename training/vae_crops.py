"""Crops that the autoencoder learns from: people, mannequins, masked garments, and textures that no renderer makes.

At use it encodes the photos of real garments too: prints, letters, loud colours. Colour shifts and drawn textures make
it a codec of pictures, not of our renderer's palette.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from training.dataset import Drawn, to_signed


def crops(drawn: Drawn, side: int, rng: torch.Generator) -> Tensor:
    """Return (B, 3, side, side) in [-1, 1]; every second crop shows a face where there is one."""
    pixels = _pick(drawn, rng)
    count, _, height, width = pixels.shape
    corner = torch.rand((count, 2), generator=rng, device=pixels.device)
    middle = torch.stack([drawn.face[:, 1] + drawn.face[:, 3], drawn.face[:, 0] + drawn.face[:, 2]], dim=1) / 2
    jitter = (corner - 0.5) * side * 0.7
    room = torch.tensor([height - side, width - side], device=pixels.device)
    at_face = (middle + jitter - side / 2).clamp(min=torch.zeros(2, device=pixels.device), max=room.float())
    wanted = (torch.arange(count, device=pixels.device) % 2 == 0) & (drawn.face[:, 2] > drawn.face[:, 0])
    place = torch.where(wanted[:, None], at_face, corner * (room + 0.999)).long()
    rows = place[:, 0, None] + torch.arange(side, device=pixels.device)
    columns = place[:, 1, None] + torch.arange(side, device=pixels.device)
    cut = pixels.permute(0, 2, 3, 1)[
        torch.arange(count, device=pixels.device)[:, None, None], rows[:, :, None], columns[:, None, :]
    ]
    return augmented(cut.permute(0, 3, 1, 2), rng)


def augmented(pixels: Tensor, rng: torch.Generator) -> Tensor:
    """Return `pixels` (B, 3, H, W) in [-1, 1] with other colours in 60 %, a drawn texture in 50 %."""
    count, device = len(pixels), pixels.device

    def chance(share: float) -> Tensor:
        return (torch.rand((count, 1, 1, 1), generator=rng, device=device) < share).float()

    shift = torch.randn((count, 3, 3), generator=rng, device=device) * 0.25
    matrix = torch.eye(3, device=device) + shift - shift.mean(2, keepdim=True)  # grey stays grey
    offset = torch.randn((count, 3, 1, 1), generator=rng, device=device) * 0.2
    gain = torch.exp(torch.randn((count, 1, 1, 1), generator=rng, device=device) * 0.3)
    other = torch.einsum("bij,bjhw->bihw", matrix, pixels) * gain + offset
    mixed = torch.lerp(pixels, other, chance(0.6))
    patch = _rectangles(count, pixels.shape[-2:], rng, device)
    mixed = torch.lerp(mixed, textures(count, pixels.shape[-2:], rng, device), patch * chance(0.5))
    return mixed.clamp(-1, 1)


def textures(count: int, size: tuple[int, int] | torch.Size, rng: torch.Generator, device: torch.device) -> Tensor:
    """Return (B, 3, H, W): stripes, checks, soft noise, and hard blocks the size of letters, in two colours each."""
    height, width = size

    def uniform(*shape: int) -> Tensor:
        return torch.rand(shape, generator=rng, device=device)

    y = torch.arange(height, device=device)[None, :, None].float()
    x = torch.arange(width, device=device)[None, None, :].float()
    period = 3 + 40 * uniform(count, 1, 1) ** 2
    angle = uniform(count, 1, 1) * torch.pi
    along, across = x * angle.cos() + y * angle.sin(), y * angle.cos() - x * angle.sin()
    stripes = torch.sin(2 * torch.pi * along / period)
    checks = stripes * torch.sin(2 * torch.pi * across / period)
    cell = (2, 3, 5)[int(torch.randint(3, (1,), generator=rng, device=device))]
    coarse = torch.randn((count, 1, height // cell + 1, width // cell + 1), generator=rng, device=device)
    blocks = (coarse > 0.4).float().repeat_interleave(cell, 2).repeat_interleave(cell, 3)[:, 0, :height, :width] * 2 - 1
    soft = F.interpolate(coarse, size=(height, width), mode="bicubic", align_corners=False)[:, 0]
    kinds = torch.stack([stripes.sign(), checks.sign(), stripes, blocks, soft], dim=1)
    kind = torch.randint(kinds.shape[1], (count,), generator=rng, device=device)
    pattern = kinds[torch.arange(count, device=device), kind][:, None].clamp(-1, 1)
    one, two = (uniform(count, 3, 1, 1) * 2 - 1 for _ in range(2))
    return one + (two - one) * (pattern + 1) / 2


def _pick(drawn: Drawn, rng: torch.Generator) -> Tensor:
    """Return half people, a quarter mannequins, a quarter garments on the mid-grey of a masked picture."""
    count, device = len(drawn.image), drawn.image.device
    image, canvas = to_signed(drawn.image), to_signed(drawn.canvas)
    masked = image * (drawn.garment > 160)
    dice = torch.rand((count, 1, 1, 1), generator=rng, device=device)
    return torch.where(dice < 0.5, image, torch.where(dice < 0.75, canvas, masked))


def _rectangles(count: int, size: tuple[int, int] | torch.Size, rng: torch.Generator, device: torch.device) -> Tensor:
    """Return (B, 1, H, W), 1 inside a random rectangle."""
    edges = torch.rand((count, 4, 1), generator=rng, device=device)
    inside = []
    for first, second, length in ((0, 1, size[0]), (2, 3, size[1])):
        place = (torch.arange(length, device=device)[None] + 0.5) / length
        low, high = torch.minimum(edges[:, first], edges[:, second]), torch.maximum(edges[:, first], edges[:, second])
        inside.append(((place > low) & (place < high)).float())
    return inside[0][:, None, :, None] * inside[1][:, None, None, :]
