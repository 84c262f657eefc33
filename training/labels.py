"""What the pixels of a training picture show, and how much an error there counts."""

from __future__ import annotations

from enum import IntEnum

import torch
from torch import Tensor


class Label(IntEnum):
    """What a pixel of `labels` shows."""

    BACKGROUND = 0
    SKIN = 1
    HAIR = 2
    FACE = 3
    GARMENT = 4
    COMPANION = 5
    SHOES = 6
    PROP = 7


#: How much an error counts by what is there, and in the face box. The eye looks at faces, hands and hair.
WEIGHTS = {
    Label.BACKGROUND: 0.6,
    Label.SKIN: 1.5,
    Label.HAIR: 1.5,
    Label.FACE: 3.5,
    Label.GARMENT: 1.0,
    Label.COMPANION: 1.0,
    Label.SHOES: 1.2,
    Label.PROP: 1.0,
}
FACE_BOX = 3.5


def weight_map(labels: Tensor, face: Tensor, shrink: int) -> Tensor:
    """Return (N, 1, H/shrink, W/shrink): how much an error there counts; `labels` (N, H, W), `face` (N, 4) pixels."""
    table = torch.tensor([WEIGHTS[label] for label in Label], device=labels.device)
    weight = table[labels.clamp(max=len(Label) - 1).long()]
    height, width = labels.shape[1:]
    x = torch.arange(width, device=labels.device)[None, None, :] + 0.5
    y = torch.arange(height, device=labels.device)[None, :, None] + 0.5
    x0, y0, x1, y1 = (face[:, i, None, None] for i in range(4))
    boxed = (x > x0) & (x < x1) & (y > y0) & (y < y1)
    # The garment may cover a part of the box, and the box always covers some backdrop: only the head counts.
    head = boxed & (labels != Label.BACKGROUND) & (labels != Label.GARMENT)
    weight = torch.where(head, weight.clamp(min=FACE_BOX), weight)
    return torch.nn.functional.avg_pool2d(weight[:, None], shrink)
