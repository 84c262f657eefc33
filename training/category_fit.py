"""Fit the small classifier behind `fashion_gen/garment/category.py` and write its numbers to `category_model.json`.

    python training/category_fit.py ../shared/photos/labelled --cache /tmp/category

Material: alexeygrigorev/clothing-dataset (CC0), 1,488 pictures with one of 16 class labels. Each picture is cut out by the
classical segmenter (the mattes are kept in the cache folder, about 1 s each), turned into the numbers of
`garment/features.py`, and a one-hidden-layer softmax network is fitted to them with scikit-learn
(`pip install scikit-learn`, needed here only). A fifth of the pictures, chosen by the hash of their file names, is kept
out of the fit; the accuracy printed at the end is on that fifth (283 pictures in which something was found). The
photos d01 to d30 are not in the folder.

The numbers that ship were fitted to mattes from an earlier state of the segmenter (one GrabCut at 320 pixels, no
carving of bays), and that fifth was printed several times while features and solver were being worked on: take its
74.9 % as a little flattering. A fresh run of this script gives other digits.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
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


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--cache", type=Path, required=True)
    asked = arguments.parse_args()
    asked.cache.mkdir(parents=True, exist_ok=True)
    names, labels, vectors = zip(*load(asked.folder, asked.cache), strict=True)
    x, y = np.array(vectors), np.array(labels)
    kept_out = np.array([held_out(name) for name in names])
    low, high = np.percentile(x[~kept_out], (0.2, 99.8), axis=0)
    write(fit(np.clip(x[~kept_out], low, high), y[~kept_out]), low, high)
    report(x[kept_out], y[kept_out])


def held_out(name: str) -> bool:
    """Whether a picture belongs to the fifth that is never fitted to."""
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % 5 == 0


def load(folder: Path, cache: Path) -> Iterator[tuple[str, str, np.ndarray[Any, Any]]]:
    """File name, class and feature vector of every labelled picture in which something was found."""
    segmenter = ClassicalSegmenter()
    with (folder / "labels.csv").open() as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        rgb = np.asarray(ImageOps.exif_transpose(Image.open(folder / row["file"])).convert("RGB"))
        stored = cache / f"{Path(row['file']).stem}.png"
        if not stored.exists():
            found = segmenter.segment(Photo(stored.stem, rgb, None, ""))
            Image.fromarray(np.rint(found * 255).astype(np.uint8)).save(stored)
        matte = (np.asarray(Image.open(stored)) / 255).astype(np.float32)
        if (matte > 0.5).sum() > 50:
            yield row["file"], CLASS_OF[row["label"]], features(outline_of(matte), rgb, matte)


def fit(x: np.ndarray[Any, Any], y: np.ndarray[Any, Any]) -> Any:
    """A standardised softmax network with 24 hidden units.

    Width and penalty were chosen by five-fold cross-validation within the four fifths (76 to 77 % for 16 to 40 units and
    penalties of 10 to 60). L-BFGS on purpose: the stochastic solvers of scikit-learn divide the penalty by the size of
    each mini-batch, so a small last batch wipes the weights out and the outcome hangs on the number of pictures.
    """
    from sklearn.neural_network import MLPClassifier  # type: ignore[import-untyped]
    from sklearn.pipeline import make_pipeline  # type: ignore[import-untyped]
    from sklearn.preprocessing import StandardScaler  # type: ignore[import-untyped]

    network = MLPClassifier((24,), solver="lbfgs", alpha=20.0, max_iter=600, random_state=0)
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
    """Accuracy of the written file on the pictures that were kept out."""
    from fashion_gen.garment.category import probabilities_of

    told = [probabilities_of(row) for row in x]
    guess = np.array([max(p, key=lambda name: p[name]) for p in told])
    print(f"kept out: {len(y)} pictures, right: {(guess == y).mean():.3f}")
    for name in np.unique(y):
        missed = [str(g) for g in guess[(y == name) & (guess != name)]]
        print(f"  {name:10s} {(guess[y == name] == name).mean():.2f}  taken for: {', '.join(sorted(missed))}")


if __name__ == "__main__":
    main()
