"""Fit the small network behind `fashion_gen/garment/figure.py` and write its numbers to `figure_model.json`.

    python -m training.figure_fit --people /tmp/people --mattes /tmp/category

`--people` holds what `figure_people.py` rendered (CC0 bodies), each person cropped in six ways (`figure_crops.py`).
`--mattes` is the cache of `category_fit.py`: outlines of 1,488 CC0 pictures of garments (alexeygrigorev/clothing-dataset),
which count as nobody. A fifth of both is kept out and printed: how many of either are taken for people, and how far the
joints are off. The photos d01 to d30 are in neither folder.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from fashion_gen.garment.figure import JOINTS, MODEL, SURE, silhouette
from fashion_gen.records import Matte, Points
from training.figure_crops import crops

HIDDEN = 40
STEPS, BATCH = 4000, 256
ALONE_COUNTS = 3.0  #: a garment taken for a person costs that much more than a person who is missed

Example = tuple[NDArray[np.float64], NDArray[np.float64]]  #: what is read; 1 + 36 + 18 numbers that are to be told


def main() -> None:
    """Fit to four fifths of both kinds, print the rest, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=Path, required=True)
    parser.add_argument("--mattes", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=MODEL)
    asked = parser.parse_args()
    sets: tuple[list[Example], list[Example]] = ([], [])
    for i, path in enumerate(sorted(asked.people.glob("*.npz"))):
        sets[i % 5 == 0].extend(people(path))
    for i, path in enumerate(sorted(asked.mattes.glob("*.png"))):
        sets[i % 5 == 0].extend(garments(path))
    net = fit(sets[0])
    report(net, sets[1])
    write(net, asked.out)


def people(path: Path) -> Iterator[Example]:
    """One rendered person in six framings."""
    for crop in crops(path):
        yield from both_ways(crop.matte, crop.joints)


def garments(path: Path) -> Iterator[Example]:
    """The outline of a labelled picture in which nobody is."""
    matte = np.asarray(Image.open(path), np.float32) / 255
    if (matte > 0.5).sum() > 50:
        for seen in (matte, matte[:, ::-1]):
            yield silhouette(seen), np.zeros(1 + 3 * JOINTS)


def both_ways(matte: Matte, joints: Points) -> Iterator[Example]:
    """A person and the mirror image, in which left and right joints change names."""
    swap = [0, 1, 5, 6, 7, 2, 3, 4, 11, 12, 13, 8, 9, 10, 15, 14, 17, 16]
    mirrored = joints[swap] * (-1, 1, 1) + (matte.shape[1] - 1, 0, 0)
    for seen, where in ((matte, joints), (matte[:, ::-1], mirrored)):
        solid = seen > 0.5
        xs, ys = np.flatnonzero(solid.any(axis=0)), np.flatnonzero(solid.any(axis=1))
        places = (where[:, :2] - (xs[0], ys[0])) / (xs[-1] - xs[0] + 1, ys[-1] - ys[0] + 1)
        inside = ((places >= -0.02) & (places <= 1.02)).all(axis=1) & (where[:, 2] > 0)
        yield silhouette(seen), np.concatenate([[1.0], places.ravel(), inside])


def fit(examples: list[Example]) -> nn.Sequential:
    """Adam on three losses at once: person or not, places of the joints that are inside, and which are."""
    torch.manual_seed(0)
    x, y = (torch.tensor(np.array(part), dtype=torch.float32) for part in zip(*examples, strict=True))
    net = nn.Sequential(
        nn.Linear(x.shape[1], HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, y.shape[1])
    )
    optimiser = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=STEPS)
    # As many garments as people in every batch, however many there are of each.
    alone, worn = torch.nonzero(y[:, 0] == 0)[:, 0], torch.nonzero(y[:, 0] == 1)[:, 0]
    for _ in range(STEPS):
        rows = torch.cat([part[torch.randint(len(part), (BATCH // 2,))] for part in (alone, worn)])
        noisy = x[rows] + 0.05 * torch.randn(len(rows), x.shape[1])
        loss = loss_of(net(noisy), y[rows])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    return net


def loss_of(told: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """The sum of the three losses of a batch."""
    person, inside = truth[:, :1], truth[:, 1 + 2 * JOINTS :]
    weight = torch.where(person > 0, 1.0, ALONE_COUNTS)
    entropy = nn.functional.binary_cross_entropy_with_logits
    off = (told[:, 1 : 1 + 2 * JOINTS] - truth[:, 1 : 1 + 2 * JOINTS]).reshape(-1, JOINTS, 2).abs().sum(dim=2)
    places = (off * inside).sum() / inside.sum().clamp(min=1)
    seen = (entropy(told[:, 1 + 2 * JOINTS :], inside, reduction="none") * person).sum() / person.sum() / JOINTS
    return entropy(told[:, :1], person, weight=weight) + 4.0 * places + seen


def report(net: nn.Sequential, examples: list[Example]) -> None:
    """Print how the fifth that was kept out is judged."""
    x, y = (torch.tensor(np.array(part), dtype=torch.float32) for part in zip(*examples, strict=True))
    with torch.no_grad():
        told = net(x)
    person, sure = y[:, 0] > 0, torch.sigmoid(told[:, 0]) >= SURE
    inside = y[person][:, 1 + 2 * JOINTS :]
    off = (told - y)[person][:, 1 : 1 + 2 * JOINTS].reshape(-1, JOINTS, 2).norm(dim=2)
    print(
        f"people found {sure[person].float().mean():.3f}, garments taken for people {sure[~person].float().mean():.3f}"
    )
    print(f"joints off by {(off * inside).sum() / inside.sum():.3f} of the box")


def write(net: nn.Sequential, path: Path) -> None:
    """Store the numbers to three digits."""
    numbers = {}
    for i, layer in enumerate((net[0], net[2], net[4]), 1):
        for name, tensor in (("w", layer.weight.T), ("b", layer.bias)):
            numbers[f"{name}{i}"] = np.vectorize(lambda v: float(f"{v:.3g}"))(tensor.detach().numpy()).tolist()
    path.write_text(json.dumps(numbers, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
