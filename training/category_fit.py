"""Fit the small classifier behind `fashion_gen/garment/category.py` and write its numbers to `category_model.json`.

    python -m training.category_fit ../shared/photos/labelled --cache /tmp/category

Material: alexeygrigorev/clothing-dataset (CC0), 1,488 pictures with one of 16 class labels. Each picture is cut out by the
classical segmenter (the mattes are kept in the cache folder, about 1 s each), turned into the numbers of
`garment/features.py`, and a one-hidden-layer softmax network is fitted to them with scikit-learn
(`pip install scikit-learn`, needed here only). The label "Hoodie" holds pullovers and jackets: those that open all the way
down (`open_hoodies.txt`, sorted by eye) count as outerwear. The accuracy printed first is that of five-fold
cross-validation; the numbers that ship are then fitted to all pictures. The photos d01 to d30 are not in the folder.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from fashion_gen.garment.category import MODEL
from fashion_gen.garment.classical import ClassicalSegmenter
from fashion_gen.garment.features import features
from fashion_gen.garment.outline import outline_of
from fashion_gen.records import Photo

CLASS_OF = {
    "T-Shirt": "top", "Longsleeve": "top", "Polo": "top", "Shirt": "top", "Blouse": "top", "Top": "top",
    "Undershirt": "top", "Hoodie": "top", "Blazer": "outerwear", "Outwear": "outerwear", "Dress": "dress",
    "Pants": "trousers", "Shorts": "shorts", "Skirt": "skirt", "Shoes": "shoes", "Hat": "hat",
}  # fmt: skip


OPEN_HOODIES = Path(__file__).with_name("open_hoodies.txt")
FOLDS = 5
HIDDEN, PENALTY = 16, 60.0


def main() -> None:
    """Cross-validate, then fit to everything and write."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--cache", type=Path, required=True)
    asked = arguments.parse_args()
    asked.cache.mkdir(parents=True, exist_ok=True)
    labels, vectors = zip(*load(asked.folder, asked.cache), strict=True)
    x, y = np.array(vectors), np.array(labels)
    report(x, y)
    low, high = ranges(x)
    write(fit(np.clip(x, low, high), y), low, high)


def ranges(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """(2, n) the least and the greatest value that each input is let through with."""
    return np.asarray(np.percentile(x, (0.2, 99.8), axis=0))


def load(folder: Path, cache: Path) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
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


def fit(x: np.ndarray[Any, Any], y: np.ndarray[Any, Any]) -> Any:
    """A standardised softmax network with one hidden layer.

    L-BFGS on purpose: the stochastic solvers of scikit-learn divide the penalty by the size of each mini-batch, so a small
    last batch wipes the weights out and the outcome hangs on the number of pictures.
    """
    from sklearn.neural_network import MLPClassifier  # type: ignore[import-untyped]
    from sklearn.pipeline import make_pipeline  # type: ignore[import-untyped]
    from sklearn.preprocessing import StandardScaler  # type: ignore[import-untyped]

    network = MLPClassifier((HIDDEN,), solver="lbfgs", alpha=PENALTY, max_iter=150, random_state=0)
    return make_pipeline(StandardScaler(), network).fit(x, y)


def write(model: Any, low: np.ndarray[Any, Any], high: np.ndarray[Any, Any]) -> None:
    """Store the fitted numbers to four digits, with the scaling folded into the first layer and the range of each input."""
    scale, network = model[0], model[1]
    first = network.coefs_[0] / scale.scale_[:, None]
    bias = network.intercepts_[0] - scale.mean_ @ first
    layers = {"low": low, "high": high, "w1": first, "b1": bias, "w2": network.coefs_[1], "b2": network.intercepts_[1]}
    numbers = {name: np.vectorize(lambda v: float(f"{v:.4g}"))(array).tolist() for name, array in layers.items()}
    MODEL.write_text(json.dumps({"classes": network.classes_.tolist(), **numbers}, separators=(",", ":")) + "\n")


def report(x: np.ndarray[Any, Any], y: np.ndarray[Any, Any]) -> None:
    """Print the accuracy of five-fold cross-validation, of all and of each class."""
    from sklearn.model_selection import StratifiedKFold

    guess = np.empty_like(y)
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(x, y):
        low, high = ranges(x[train])
        guess[test] = fit(np.clip(x[train], low, high), y[train]).predict(np.clip(x[test], low, high))
    print(f"{len(y)} pictures, right: {(guess == y).mean():.3f}")
    for name in np.unique(y):
        missed = Counter(guess[(y == name) & (guess != name)].tolist())
        print(f"  {name:10s} {(guess[y == name] == name).mean():.2f}  taken for: {dict(missed)}")


if __name__ == "__main__":
    main()
