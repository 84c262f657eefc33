"""The garments that looks are judged on: real photos, and synthetic ones that no training has seen."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from fashion_gen.body import default_view
from fashion_gen.records import Category, Framing, Kind
from training import pack
from training.conditions import Fitter
from training.people.kit import prepare
from training.people.render import body as rest_body
from training.people.render import posed_body, render
from training.people.spec import sample_spec

#: The words of the manifest's garment types, the first that fits counts; a type without any is no garment that we take.
CATEGORIES = {
    "pencil skirt": Category.SKIRT,
    "skirt": Category.SKIRT,
    "jeans": Category.TROUSERS,
    "trousers": Category.TROUSERS,
    "dress": Category.DRESS,
    "jacket": Category.OUTERWEAR,
    "hoodie": Category.OUTERWEAR,
    "shirt": Category.TOP,
    "blouse": Category.TOP,
    "top": Category.TOP,
    "tee": Category.TOP,
}
KINDS = {
    "flat": Kind.FLAT,
    "hanger": Kind.HANGER,
    "ghost": Kind.GHOST,
    "person": Kind.PERSON,
    "mannequin": Kind.MANNEQUIN,
}
#: Training draws its seeds from 0 to some hundred million (`render_shards`); these lie beyond.
HELD_OUT = 9_000_000_000
_PER_CATEGORY = 2
_SIZE = (960, 1440)
_ARMS = {"left_arm": {"raise": 26.0, "elbow": 8.0}, "right_arm": {"raise": 26.0, "elbow": 8.0}}


@dataclass(frozen=True)
class Source:
    """A garment's picture, and what its seller says of it: the table judges looks, not the guess of category and kind."""

    path: Path
    category: Category
    kind: Kind
    synthetic: bool

    @property
    def name(self) -> str:
        return self.path.stem


def sources(photos: Path, cache: Path) -> list[Source]:
    """The real photos of `photos` and the synthetic ones, which are rendered into `cache` when missing."""
    made = [Source(path, Category(path.stem.split("-")[1]), Kind.GHOST, True) for path in _rendered(cache)]
    return [*_photographed(photos), *made]


def _photographed(photos: Path) -> Iterator[Source]:
    with (photos / "MANIFEST.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            category = next((c for word, c in CATEGORIES.items() if word in row["garment_type"]), None)
            kind = next((k for word, k in KINDS.items() if word in row["kind"]), None)
            if category is not None and kind is not None:
                yield Source(photos / row["file"], category, kind, False)


def _rendered(cache: Path) -> Iterator[Path]:
    """Two garments of every category, worn and cut out on white, as shops show them."""
    wanted = [cache / f"synthetic-{category}-{k}.png" for category in Category for k in range(_PER_CATEGORY)]
    if not all(path.exists() for path in wanted):
        cache.mkdir(parents=True, exist_ok=True)
        kit = prepare(pack.load())
        fitter = Fitter(kit.data)
    for number, path in enumerate(wanted):
        if not path.exists():
            category = Category(path.stem.split("-")[1])
            rng = np.random.default_rng(HELD_OUT + number)
            spec = sample_spec(rng)
            while spec.garment.category != category:
                spec = sample_spec(rng)
            # Hair must not fall over what is to be cut out.
            spec = replace(spec, hair="buzz", features=())
            posed = posed_body(kit, rest_body(kit, spec), _ARMS)
            view = default_view(fitter.fit(posed, masculine=spec.presentation), Framing.FULL, *_SIZE)
            drawn = render(kit, posed, spec, view)
            share = drawn.garment[..., None] / 255.0
            Image.fromarray(np.rint(drawn.image * share + 255 * (1 - share)).astype(np.uint8)).save(path)
        yield path
