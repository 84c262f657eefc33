"""Fit the second of the two small views behind `fashion_gen/garment/category.py`; writes `category_seams.json`.

    python -m training.category_fit ../shared/photos/labelled --cache /tmp/category --people /tmp/people

Material: alexeygrigorev/clothing-dataset (CC0), 1,488 pictures with one of 16 class labels, and WORN crops of rendered
people (`figure_people.py`), at a lower weight. Each picture is cut out by the classical segmenter (the mattes are kept in
the cache folder, about 1 s each) and turned into the numbers of `garment/features.py`; softmax networks with one hidden
layer are fitted to them with scikit-learn (`pip install scikit-learn`, needed here only). The label "Hoodie" holds pullovers
and jackets: those that open all the way down (`open_hoodies.txt`, sorted by eye) count as outerwear.

What is printed first is five-fold cross-validation on the labelled pictures: of a network that reads the outline only, of
the four that read everything, and of the average of both views, which is what ships. The numbers that ship are then fitted
to all pictures; theirs were drawn from other crops of the same people than a fresh run draws, so digits will differ.
`category_outline.json` is older and not written here: 1,203 of the pictures, every hoodie a top, and mattes from an earlier
state of the segmenter.

The photos d01 to d30 are in no folder that is fitted to, but they were looked at between tries. With a single network of 16
units instead of four of 8, 18 or 16 of their 26 garments were told, by the draw of the crops alone; hence the four.
Single ones of the four gave 18 to 20 with the outline's, all four give 19.
"""

from __future__ import annotations

import argparse
import csv
import json
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from fashion_gen.garment.category import SEAMS_MODEL
from fashion_gen.garment.classical import ClassicalSegmenter
from fashion_gen.garment.features import features
from fashion_gen.garment.outline import outline_of
from fashion_gen.records import Photo
from training.figure_crops import Crop, crops

CLASS_OF = {
    "T-Shirt": "top", "Longsleeve": "top", "Polo": "top", "Shirt": "top", "Blouse": "top", "Top": "top",
    "Undershirt": "top", "Hoodie": "top", "Blazer": "outerwear", "Outwear": "outerwear", "Dress": "dress",
    "Pants": "trousers", "Shorts": "shorts", "Skirt": "skirt", "Shoes": "shoes", "Hat": "hat",
}  # fmt: skip

OPEN_HOODIES = Path(__file__).with_name("open_hoodies.txt")
FOLDS = 5
WORN, WORN_COUNTS = 2400, 0.1  #: crops of rendered people, and the weight of each beside a labelled picture

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class View:
    """Networks whose answers are averaged: how many of the leading numbers they read, their size, penalty and patience."""

    name: str
    reads: int | None
    networks: int
    hidden: int
    penalty: float
    iterations: int
    worn: bool


OUTLINE = View("outline", 234, networks=1, hidden=24, penalty=20.0, iterations=600, worn=False)
SEAMS = View("seams", None, networks=4, hidden=8, penalty=60.0, iterations=120, worn=True)


def main() -> None:
    """Cross-validate, then fit to everything and write."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--cache", type=Path, required=True)
    arguments.add_argument("--people", type=Path, required=True)
    arguments.add_argument("--out", type=Path, default=SEAMS_MODEL)
    asked = arguments.parse_args()
    asked.cache.mkdir(parents=True, exist_ok=True)
    labels, vectors = (np.array(part) for part in zip(*load(asked.folder, asked.cache), strict=True))
    worn = tuple(np.array(part) for part in zip(*load_worn(asked.people), strict=True))
    report(vectors, labels, worn)
    write(fit(SEAMS, vectors, labels, worn), asked.out)


def load(folder: Path, cache: Path) -> Iterator[tuple[str, Array]]:
    """Class and feature vector of every labelled picture in which something was found."""
    segmenter = ClassicalSegmenter()
    with (folder / "labels.csv").open() as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["file"])
    opening = set(OPEN_HOODIES.read_text().split())
    for row in rows:
        rgb = np.asarray(ImageOps.exif_transpose(Image.open(folder / row["file"])).convert("RGB"))
        stored = cache / f"{Path(row['file']).stem}.png"
        if not stored.exists():
            found = segmenter.segment(Photo(stored.stem, rgb, None, ""))
            Image.fromarray(np.rint(found * 255).astype(np.uint8)).save(stored)
        matte = (np.asarray(Image.open(stored)) / 255).astype(np.float32)
        if (matte > 0.5).sum() > 50:
            name = "outerwear" if row["file"] in opening else CLASS_OF[row["label"]]
            yield name, features(outline_of(matte), rgb, matte)


def load_worn(people: Path) -> Iterator[tuple[str, Array]]:
    """Class and feature vector of crops of rendered people, drawn by the number of the person."""
    rng = np.random.default_rng(0)
    found = [(name, crop) for path in sorted(people.glob("*.npz")) for crop in crops(path) if (name := shown(crop))]
    for i in rng.permutation(len(found))[:WORN]:
        name, crop = found[i]
        yield name, features(outline_of(crop.matte), crop.rgb, crop.matte)


def shown(crop: Crop) -> str:
    """What a shop would sell with this crop; nothing where it would not show it so."""
    lower = crop.category in ("trousers", "shorts", "skirt")
    if crop.category == "jumpsuit" or (crop.legs_only and not lower):
        return ""
    return "top" if lower and not crop.legs_only else crop.category


def ranges(x: Array) -> Array:
    """(2, n) the least and the greatest value that each input is let through with."""
    return np.asarray(np.percentile(x, (0.2, 99.8), axis=0))


@dataclass(frozen=True, eq=False)
class Fitted:
    """The networks of a view, the scaling of what they read and its range (2, n)."""

    view: View
    limits: Array
    scaler: Any
    networks: tuple[Any, ...]

    def read(self, x: Array) -> Array:
        """(m, n) feature vectors as the networks want them."""
        return np.asarray(self.scaler.transform(np.clip(x, *self.limits)[:, : self.view.reads]))

    def odds(self, x: Array) -> Array:
        """(m, classes) probabilities."""
        return np.asarray(np.mean([network.predict_proba(self.read(x)) for network in self.networks], axis=0))


def fit(view: View, x: Array, y: Array, worn: tuple[Array, ...]) -> Fitted:
    """Standardised softmax networks with one hidden layer each.

    L-BFGS on purpose: the stochastic solvers of scikit-learn divide the penalty by the size of each mini-batch, so a small
    last batch wipes the weights out and the outcome hangs on the number of pictures.
    """
    from sklearn.neural_network import MLPClassifier  # type: ignore[import-untyped]
    from sklearn.preprocessing import StandardScaler  # type: ignore[import-untyped]

    limits = ranges(x)
    scaler = StandardScaler().fit(np.clip(x, *limits)[:, : view.reads])
    weight = np.ones(len(y))
    if view.worn:
        names, vectors = worn
        x, y, weight = np.vstack([x, vectors]), np.r_[y, names], np.r_[weight, np.full(len(names), WORN_COUNTS)]
    settings = {"solver": "lbfgs", "alpha": view.penalty, "max_iter": view.iterations}
    networks = tuple(MLPClassifier((view.hidden,), random_state=i, **settings) for i in range(view.networks))
    fitted = Fitted(view, limits, scaler, networks)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # stopping early is one more brake on over-fitting
        for network in networks:
            network.fit(fitted.read(x), y, sample_weight=weight)
    return fitted


def write(fitted: Fitted, path: Path) -> None:
    """Store the fitted numbers to three digits, with the scaling folded into the first layers and the range of each input."""
    networks, scaler = fitted.networks, fitted.scaler
    first = np.stack([network.coefs_[0] / scaler.scale_[:, None] for network in networks])
    bias = np.stack([network.intercepts_[0] for network in networks]) - np.einsum("n,knh->kh", scaler.mean_, first)
    low, high = fitted.limits
    second = {
        "w2": np.stack([network.coefs_[1] for network in networks]),
        "b2": np.stack([network.intercepts_[1] for network in networks]),
    }
    layers = {"low": low, "high": high, "w1": first, "b1": bias, **second}
    numbers = {name: np.vectorize(lambda v: float(f"{v:.3g}"))(array).tolist() for name, array in layers.items()}
    classes = networks[0].classes_.tolist()
    path.write_text(json.dumps({"classes": classes, **numbers}, separators=(",", ":")) + "\n")


def report(x: Array, y: Array, worn: tuple[Array, ...]) -> None:
    """Print the accuracy of five-fold cross-validation of both views and of their average; of this, that of each class."""
    from sklearn.model_selection import StratifiedKFold

    classes = np.unique(y)
    told = {view.name: np.zeros((len(y), len(classes))) for view in (OUTLINE, SEAMS)}
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(x, y):
        for view in (OUTLINE, SEAMS):
            told[view.name][test] = fit(view, x[train], y[train], worn).odds(x[test])
    told["average"] = (told["outline"] + told["seams"]) / 2
    for name, odds in told.items():
        print(f"{name}: of {len(y)} pictures right: {(classes[odds.argmax(axis=1)] == y).mean():.3f}")
    guess = classes[told["average"].argmax(axis=1)]
    for name in classes:
        missed = Counter(guess[(y == name) & (guess != name)].tolist())
        print(f"  {name:10s} {(guess[y == name] == name).mean():.2f}  taken for: {dict(missed)}")


if __name__ == "__main__":
    main()
