"""Fit the second of the two small networks behind `fashion_gen/garment/category.py`; writes `category_seams.json`.

    python -m training.category_fit ../shared/photos/labelled --cache /tmp/category --people /tmp/people

Material: alexeygrigorev/clothing-dataset (CC0), 1,488 pictures with one of 16 class labels, and as many crops of rendered
people (`figure_people.py`) as WORN says, at a lower weight. Each picture is cut out by the classical segmenter (the mattes
are kept in the cache folder, about 1 s each) and turned into the numbers of `garment/features.py`; a softmax network with
one hidden layer is fitted to them with scikit-learn. The label "Hoodie" holds pullovers and jackets: those that open all
the way down (`open_hoodies.txt`, sorted by eye) count as outerwear. The photos d01 to d30 are not in the folder.

What is printed first is five-fold cross-validation on the labelled pictures: of a network that reads the outline only, of
this one, and of the average of both, which is what ships. The numbers that ship are then fitted to all pictures. Those of
`category_outline.json` are older: fitted to 1,203 of the pictures, with every hoodie a top, and mattes from an earlier
state of the segmenter. A fresh fit of that network told as much in cross-validation, so it was left alone.
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
WORN, WORN_COUNTS = 800, 0.3  #: crops of rendered people, and the weight of each beside a labelled picture

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class View:
    """Settings of one network: how many of the leading numbers it reads, its hidden units, its penalty, its patience."""

    name: str
    reads: int | None
    hidden: int
    penalty: float
    iterations: int
    worn: bool


OUTLINE = View("outline", 234, hidden=24, penalty=20.0, iterations=600, worn=False)
SEAMS = View("seams", None, hidden=16, penalty=60.0, iterations=150, worn=True)


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
    write(fit(SEAMS, vectors, labels, worn), ranges(vectors), asked.out)


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


def fit(view: View, x: Array, y: Array, worn: tuple[Array, ...]) -> Any:
    """A standardised softmax network with one hidden layer.

    L-BFGS on purpose: the stochastic solvers of scikit-learn divide the penalty by the size of each mini-batch, so a small
    last batch wipes the weights out and the outcome hangs on the number of pictures.
    """
    from sklearn.neural_network import MLPClassifier  # type: ignore[import-untyped]
    from sklearn.pipeline import make_pipeline  # type: ignore[import-untyped]
    from sklearn.preprocessing import StandardScaler  # type: ignore[import-untyped]

    low, high = ranges(x)
    scaler = StandardScaler().fit(np.clip(x, low, high)[:, : view.reads])
    weight = np.ones(len(y))
    if view.worn:
        names, vectors = worn
        x, y, weight = np.vstack([x, vectors]), np.r_[y, names], np.r_[weight, np.full(len(names), WORN_COUNTS)]
    network = MLPClassifier(
        (view.hidden,), solver="lbfgs", alpha=view.penalty, max_iter=view.iterations, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # stopping early is one more brake on over-fitting
        network.fit(scaler.transform(np.clip(x, low, high)[:, : view.reads]), y, sample_weight=weight)
    return make_pipeline(scaler, network)


def write(model: Any, limits: Array, path: Path) -> None:
    """Store the fitted numbers to four digits, with the scaling folded into the first layer and the range of each input."""
    scale, network = model[0], model[1]
    first = network.coefs_[0] / scale.scale_[:, None]
    bias = network.intercepts_[0] - scale.mean_ @ first
    low, high = limits
    layers = {"low": low, "high": high, "w1": first, "b1": bias, "w2": network.coefs_[1], "b2": network.intercepts_[1]}
    numbers = {name: np.vectorize(lambda v: float(f"{v:.4g}"))(array).tolist() for name, array in layers.items()}
    path.write_text(json.dumps({"classes": network.classes_.tolist(), **numbers}, separators=(",", ":")) + "\n")


def report(x: Array, y: Array, worn: tuple[Array, ...]) -> None:
    """Print the accuracy of five-fold cross-validation of both views and of their average; of this, that of each class."""
    from sklearn.model_selection import StratifiedKFold

    classes = np.unique(y)
    told = {view.name: np.zeros((len(y), len(classes))) for view in (OUTLINE, SEAMS)}
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(x, y):
        low, high = ranges(x[train])
        for view in (OUTLINE, SEAMS):
            model = fit(view, x[train], y[train], worn)
            told[view.name][test] = model.predict_proba(np.clip(x[test], low, high)[:, : view.reads])
    told["average"] = (told["outline"] + told["seams"]) / 2
    for name, odds in told.items():
        print(f"{name}: of {len(y)} pictures right: {(classes[odds.argmax(axis=1)] == y).mean():.3f}")
    guess = classes[told["average"].argmax(axis=1)]
    for name in classes:
        missed = Counter(guess[(y == name) & (guess != name)].tolist())
        print(f"  {name:10s} {(guess[y == name] == name).mean():.2f}  taken for: {dict(missed)}")


if __name__ == "__main__":
    main()
