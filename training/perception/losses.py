"""What the net is blamed for, question by question; what is not known about a sample is not asked."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from fashion_gen.garment.perception import PARTS
from training.perception.net import Answers
from training.perception.sample import IGNORED, UNKNOWN

WEIGHTS = {"matte": 3.0, "parts": 1.2, "landmarks": 0.35, "present": 0.5, "kind": 0.35, "category": 0.6, "several": 0.3}
#: Small parts count more, or they would never be learnt.
PART_WEIGHTS = dict.fromkeys(PARTS, 1.0) | {"background": 0.6, "face": 2.0, "hands": 3.0, "skin": 1.5, "hair": 1.5}
SPREAD = 1.2  #: deviation of a landmark's target, in cells of a quarter of the picture's size


class Batch(NamedTuple):
    """Samples of S x S pixels as tensors."""

    pictures: Tensor  #: (N, 3, S, S) bytes
    matte: Tensor  #: (N, S, S) bytes
    parts: Tensor  #: (N, S, S) bytes
    landmarks: Tensor  #: (N, points, 3) x, y in pixels and what is known
    kind: Tensor  #: (N,)
    category: Tensor  #: (N,)
    several: Tensor  #: (N,)
    trust: Tensor  #: (N,)
    index: Tensor  #: (N,) number of the labelled picture, -1 elsewhere


def read(pictures: Tensor) -> Tensor:
    """Bytes to [-1, 1], as the backbone was trained."""
    return (pictures.float() - 127.0) / 128.0


def losses(told: Answers, batch: Batch) -> dict[str, Tensor]:
    """Each question's loss, unweighted."""
    out = _matte(told.matte[:, 0], batch)
    out["parts"] = _parts(told.parts, batch)
    out |= _landmarks(told, batch)
    out["kind"] = _choice(told.kind, batch.kind)
    out["category"] = _choice(told.category, batch.category)
    asked = batch.several != UNKNOWN
    out["several"] = F.binary_cross_entropy_with_logits(told.several[asked, 0], batch.several[asked].float())
    return out


def total(parts: dict[str, Tensor]) -> Tensor:
    return torch.stack([WEIGHTS[name] * value for name, value in parts.items()]).sum()


def overlap(told: Answers, batch: Batch) -> Tensor:
    """(N,) intersection over union of the matte that is told and the one that is taught."""
    with torch.no_grad():
        truth = F.avg_pool2d(batch.matte[:, None].float() / 255, 2)[:, 0] > 0.5
        said = told.matte[:, 0] > 0
        both, either = (truth & said).sum((1, 2)), (truth | said).sum((1, 2))
        return both / either.clamp(min=1)


def _matte(logits: Tensor, batch: Batch) -> dict[str, Tensor]:
    """Cross-entropy by pixel, heavier near the edge, and soft overlap by picture."""
    truth = F.avg_pool2d(batch.matte[:, None].float() / 255, 2)[:, 0]
    blurred = F.avg_pool2d(truth[:, None], 9, 1, 4)[:, 0]
    weight = 1 + 3 * (4 * blurred * (1 - blurred))
    pixel = (F.binary_cross_entropy_with_logits(logits, truth, reduction="none") * weight).mean((1, 2))
    said = logits.sigmoid()
    dice = 1 - (2 * (said * truth).sum((1, 2)) + 20) / ((said + truth).sum((1, 2)) + 20)
    return {"matte": ((pixel + 0.5 * dice) * batch.trust).mean()}


def _parts(logits: Tensor, batch: Batch) -> Tensor:
    truth = batch.parts[:, ::4, ::4].long()
    weight = torch.tensor([PART_WEIGHTS[name] for name in PARTS])
    pixel = F.cross_entropy(logits, truth, weight, ignore_index=IGNORED, reduction="none").mean((1, 2))
    return (pixel * batch.trust).mean()


def _landmarks(told: Answers, batch: Batch) -> dict[str, Tensor]:
    """Cross-entropy between the softmax over all places and a small bell around the true one."""
    h, w = told.landmarks.shape[2:]
    known, there = batch.landmarks[..., 2] != UNKNOWN, batch.landmarks[..., 2] == 1
    present = F.binary_cross_entropy_with_logits(told.present[known], there[known].float())
    at = batch.landmarks[..., :2] / 4 - 0.375  # the middle of a cell of 4 x 4 pixels
    rows = torch.exp(-((torch.arange(h) - at[..., 1:]) ** 2) / (2 * SPREAD**2))
    columns = torch.exp(-((torch.arange(w) - at[..., :1]) ** 2) / (2 * SPREAD**2))
    bell = (rows[..., :, None] * columns[..., None, :]).flatten(2)
    bell = bell / bell.sum(-1, keepdim=True).clamp(min=1e-6)
    log = F.log_softmax(told.landmarks.flatten(2), -1)
    surprise = -(bell * log).sum(-1)
    return {"landmarks": (surprise * there).sum() / there.sum().clamp(min=1), "present": present}


def _choice(logits: Tensor, truth: Tensor) -> Tensor:
    if (truth != UNKNOWN).sum() == 0:
        return logits.sum() * 0.0
    return F.cross_entropy(logits, truth, ignore_index=UNKNOWN, label_smoothing=0.05)
