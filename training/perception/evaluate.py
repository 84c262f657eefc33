"""Measure how well garments are seen, through `fashion_gen.garment.extract` as users run it, and print one table.

    python -m training.perception.evaluate --shared ../shared --segmenter perception --out run/perception.md

Photos: `../shared/photos` (d01 to d30, never learnt from), the fifth of the labelled pictures that is kept out, and garments
drawn with seeds that no training draws. Truths noted by eye stand in `tests/*.csv`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from fashion_gen.errors import BackendUnavailable, GarmentRefused
from fashion_gen.garment import Segmenter, extract, open_segmenter
from fashion_gen.garment.landmarks import NAMES
from fashion_gen.images import open_photo
from fashion_gen.pose import open_estimator
from fashion_gen.pose.estimator import PoseEstimator
from fashion_gen.records import Category, Garment, Mask, Photo
from training.category_fit import CLASS_OF, OPEN_HOODIES
from training.perception import flat, odd
from training.perception.mixture import SIZE
from training.perception.photos import Labelled, Pictures, kept_out, rows

TESTS = Path(__file__).parents[2] / "tests"
SHOES = ("d12", "d13", "d20", "d30")
DRAWN, ODD = 60, 20  #: garments drawn, and things to refuse of each sort
HELD_OUT_SEED = 900_000


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    measure: str
    value: str


@dataclass(frozen=True, eq=False)
class Answer:
    photo: Photo
    garment: Garment | None
    refusal: str
    seconds: float


@dataclass(frozen=True, eq=False)
class Bench:
    """The back-ends that are measured."""

    segmenter: Segmenter
    people: PoseEstimator | None

    def look(self, photo: Photo, category: Category | None = None) -> Answer:
        start = time.perf_counter()
        found = None if self.people is None else [one.keypoints for one in self.people.estimate(photo.rgb)]
        try:
            garment, refusal = extract(photo, self.segmenter, people=found, category=category), ""
        except GarmentRefused as refused:
            garment, refusal = None, refused.code
        return Answer(photo, garment, refusal, time.perf_counter() - start)


def main() -> None:
    """Print the table, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--segmenter", default="auto")
    parser.add_argument("--joints", action="store_true", help="let MoveNet look for people, as a full install does")
    parser.add_argument("--labelled", type=int, default=0, help="at most so many of the pictures kept out; 0 all")
    parser.add_argument("--only", nargs="*", default=[], choices=["photos", "labelled", "drawn", "odd", "speed"])
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    bench = Bench(open_segmenter(asked.segmenter), _movenet(asked.shared) if asked.joints else None)
    parts = {
        "photos": lambda: photos(bench, asked.shared / "photos"),
        "labelled": lambda: labelled(bench, asked.shared / "photos" / "labelled", asked.labelled),
        "drawn": lambda: drawn(bench),
        "odd": lambda: refusals(bench),
        "speed": lambda: speed(bench, asked.shared / "photos"),
    }
    lines = [
        f"segmenter {bench.segmenter.name}{', joints by MoveNet' if bench.people else ''}",
        "",
        "| measure | value |",
        "|---|---|",
    ]
    print("\n".join(lines), flush=True)
    for name, part in parts.items():
        if not asked.only or name in asked.only:
            for row in part():
                lines.append(f"| {row.measure} | {row.value} |")
                print(lines[-1], flush=True)
    if asked.out:
        asked.out.write_text("\n".join(lines) + "\n")


def _movenet(shared: Path) -> PoseEstimator:
    try:
        return open_estimator("movenet", shared / "weights")
    except BackendUnavailable as exc:
        raise SystemExit(str(exc)) from exc


def photos(bench: Bench, folder: Path) -> Iterator[Row]:
    """The thirty photos: cut-outs, kind, category, landmarks, refusals."""
    answers = {path.stem[:3]: bench.look(open_photo(path)) for path in sorted(folder.glob("d[0-9][0-9]_*"))}
    yield from _cut_outs(bench, answers, folder / "masks")
    yield from _worn(answers)
    kinds = {row["photo"]: row["kind"] for row in noted("kinds.csv")}
    told = {name: a.garment.kind.value for name, a in answers.items() if a.garment}
    wrong = [f"{name} {told[name]} for {kinds[name]}" for name in told if told[name] != kinds[name]]
    yield Row("kind right", f"{len(told) - len(wrong)} of {len(told)} not refused ({'; '.join(wrong)})")
    expected = categories()
    right = [n for n, c in expected.items() if (g := answers[n].garment) and g.category.value == c]
    misses = [
        f"{n} {g.category.value if (g := answers[n].garment) else answers[n].refusal}"
        for n in expected
        if n not in right
    ]
    yield Row("category right, photos", f"{len(right)} of {len(expected)} ({', '.join(misses)})")
    refused = {name: a.refusal for name, a in answers.items() if a.refusal}
    yield Row("refused photos", ", ".join(f"{name} {why}" for name, why in refused.items()))
    yield from _points(answers)


def categories() -> dict[str, str]:
    """What the garments of the thirty photos are."""
    return {row["photo"]: row["category"] for row in noted("categories.csv")}


def noted(name: str) -> list[dict[str, str]]:
    """The rows of a file of truths beside the tests."""
    return rows(TESTS / name)


def _cut_outs(bench: Bench, answers: dict[str, Answer], masks: Path) -> Iterator[Row]:
    overlaps, edges = {}, {}
    for path in sorted(masks.glob("*.png")):
        name = path.stem[:3]
        truth = np.asarray(Image.open(path).convert("L")) > 127
        answer = answers[name]
        garment = answer.garment or bench.look(answer.photo, Category.TOP).garment  # shoes are refused, yet cut out
        matte = garment.matte > 0.5 if garment else np.zeros_like(truth)
        overlaps[name], edges[name] = overlap(matte, truth), boundary_f(matte, truth)
    values, sharp = np.array(list(overlaps.values())), np.array(list(edges.values()))
    weak = ", ".join(f"{name} {value:.2f}" for name, value in overlaps.items() if value < 0.95)
    yield Row(
        "matte IoU, median / worst tenth",
        f"{np.median(values):.3f} / {np.percentile(values, 10):.3f} of {len(values)} (under 0.95: {weak})",
    )
    yield Row(
        "boundary F at 3 px of 400, median / mean / worst",
        f"{np.median(sharp):.2f} / {sharp.mean():.2f} / {sharp.min():.2f}",
    )


def _worn(answers: dict[str, Answer]) -> Iterator[Row]:
    outlines: dict[str, dict[int, list[tuple[float, float]]]] = {}
    for row in noted("worn_outlines.csv"):
        outlines.setdefault(row["photo"], {}).setdefault(int(row["ring"]), []).append(
            (float(row["x"]), float(row["y"]))
        )
    found = {}
    for name, rings in outlines.items():
        garment = answers[name].garment
        if garment is None:
            found[name] = 0.0
            continue
        shape = garment.matte.shape
        truth = np.zeros(shape, np.uint8)
        for ring in sorted(rings):
            corners = np.rint(np.array(rings[ring]) * (shape[1], shape[0])).astype(np.int32)
            cv2.fillPoly(truth, [corners], 1 if ring == 0 else 0)
        found[name] = overlap(garment.matte > 0.5, truth > 0)
    yield Row(
        "matte IoU on people",
        f"median {np.median(list(found.values())):.2f}: " + ", ".join(f"{n} {v:.2f}" for n, v in found.items()),
    )


def _points(answers: dict[str, Answer]) -> Iterator[Row]:
    errors: dict[str, list[float]] = {}
    worst: list[tuple[float, str]] = []
    for row in noted("landmarks.csv"):
        garment = answers[row["photo"]].garment
        if garment is None or row["landmark"] not in garment.landmarks:
            continue
        photo, mark = garment.photo, garment.landmarks[row["landmark"]]
        x0, _, x1, _ = garment.box
        away = np.hypot((mark.x - float(row["x"])) * photo.width, (mark.y - float(row["y"])) * photo.height) / (x1 - x0)
        errors.setdefault(row["photo"], []).append(float(away))
        worst.append((float(away), f"{row['photo']} {row['landmark']}"))
    every = [e for photo in errors.values() for e in photo]
    by = ", ".join(f"{name} {100 * np.mean(values):.1f}" for name, values in errors.items())
    yield Row(
        "landmarks, ten photos: mean / median error",
        f"{100 * np.mean(every):.1f} % / {100 * np.median(every):.1f} % of {len(every)} points ({by})",
    )
    yield Row("furthest", ", ".join(f"{name} {100 * e:.0f} %" for e, name in sorted(worst, reverse=True)[:8]))


def labelled(bench: Bench, folder: Path, most: int) -> Iterator[Row]:
    """Category on the pictures that no training saw."""
    kept = sorted((row for row in rows(folder / "labels.csv") if kept_out(row["file"])), key=lambda row: row["file"])
    kept = kept[:most] if most else kept
    opening = set(OPEN_HOODIES.read_text().split())
    right, confused, refused = 0, dict[str, int](), 0
    for row in kept:
        rgb = np.asarray(ImageOps.exif_transpose(Image.open(folder / row["file"])).convert("RGB"))
        answer = bench.look(Photo(row["file"], rgb, None, ""))
        truth = "outerwear" if row["file"] in opening else CLASS_OF[row["label"]]
        said = answer.garment.category.value if answer.garment else answer.refusal
        right += said == truth
        refused += truth not in ("shoes", "hat") and answer.garment is None
        if said != truth:
            confused[f"{truth} as {said}"] = confused.get(f"{truth} as {said}", 0) + 1
    most_often = ", ".join(f"{what} {n}" for what, n in sorted(confused.items(), key=lambda item: -item[1])[:8])
    yield Row("category, labelled pictures kept out", f"{100 * right / len(kept):.1f} % of {len(kept)} ({most_often})")
    yield Row("garments refused there", f"{refused}")


def drawn(bench: Bench) -> Iterator[Row]:
    """Landmarks and cut-outs of drawn garments, larger than the net sees them."""
    errors, overlaps, kinds = [], [], []
    for number in range(DRAWN):
        rng = np.random.default_rng(HELD_OUT_SEED + number)
        sample = flat.draw(rng, 2 * SIZE, None, None)
        category = Category(flat.CATEGORIES[sample.category])
        answer = bench.look(Photo("drawn", sample.picture, None, ""), category)
        if answer.garment is None:
            overlaps.append(0.0)
            continue
        overlaps.append(overlap(answer.garment.matte > 0.5, sample.matte > 127))
        kinds.append(flat.KINDS[sample.kind] == answer.garment.kind.value)
        columns = np.flatnonzero((sample.matte > 127).any(0))
        for i, name in enumerate(NAMES):
            if sample.landmarks[i, 2] == 1 and name in answer.garment.landmarks:
                mark = answer.garment.landmarks[name]
                away = np.array([mark.x, mark.y]) * 2 * SIZE - sample.landmarks[i, :2]
                errors.append(float(np.hypot(*away)) / (columns[-1] - columns[0] + 1))
    yield Row(
        "landmarks, drawn garments: mean / median error",
        f"{100 * np.mean(errors):.1f} % / {100 * np.median(errors):.1f} % of {len(errors)} points",
    )
    yield Row(
        "matte IoU, drawn garments, median / worst tenth",
        f"{np.median(overlaps):.3f} / {np.percentile(overlaps, 10):.3f}",
    )
    yield Row("kind right, drawn garments", f"{100 * np.mean(kinds):.0f} %")


def refusals(bench: Bench) -> Iterator[Row]:
    """Drawn bags, empty grounds, and two or three garments cut from drawn pictures."""
    pictures = Pictures([_drawn_garment(number) for number in range(30)])
    for name, draw in (("bags", odd.bag), ("empty", odd.empty), ("several", odd.several)):
        codes: dict[str, int] = {}
        for number in range(ODD):
            sample = draw(np.random.default_rng(HELD_OUT_SEED + number), 2 * SIZE, pictures)
            answer = bench.look(Photo(name, sample.picture, None, ""))
            code = answer.refusal or "not refused"
            codes[code] = codes.get(code, 0) + 1
        yield Row(f"refused, {name}", ", ".join(f"{code} {n}" for code, n in codes.items()))


def _drawn_garment(number: int) -> Labelled:
    sample = flat.draw(np.random.default_rng(HELD_OUT_SEED - 1 - number), SIZE, None, None)
    category = flat.CATEGORIES[sample.category]
    # The name decides whether a picture is kept out; these are all to be drawn from.
    name = next(f"{number}-{i}" for i in range(100) if not kept_out(f"{number}-{i}"))
    return Labelled(name, sample.picture, sample.matte, sample.landmarks, sample.kind, category, False, True)


def speed(bench: Bench, folder: Path) -> Iterator[Row]:
    """Seconds of one photo of 2,160 pixels on a table, all in, and of the net alone."""
    photo = open_photo(next(folder.glob("d19_*")))
    if photo.alpha is None:
        raise SystemExit("d19 should be a cut-out.")
    alpha = (photo.alpha * (photo.alpha > 0.5))[..., None]
    rgb = np.rint(photo.rgb * alpha + np.array([205, 200, 190]) * (1 - alpha)).astype(np.uint8)
    bench.look(Photo("first", rgb, None, ""))  # the first one loads the libraries
    spent = []
    for _ in range(3):
        spent.append(bench.look(Photo("again", rgb.copy(), None, "")).seconds)
    yield Row("seconds a photo of 2,160 px, all in, median of 3", f"{np.median(spent):.2f}")
    start = time.perf_counter()
    for _ in range(5):
        bench.segmenter.see(Photo("net", rgb.copy(), None, ""))
    yield Row("milliseconds of the net", f"{(time.perf_counter() - start) * 200:.0f}")


def overlap(said: Mask, truth: Mask) -> float:
    """Intersection over union."""
    return float((said & truth).sum() / max(1, (said | truth).sum()))


def boundary_f(said: Mask, truth: Mask, reach: int = 3) -> float:
    """F1 of the outlines' pixels that lie within `reach` pixels of the other outline, at a long side of 400 (Csurka 2013)."""
    scale = 400 / max(truth.shape)
    a, b = (
        cv2.resize(m.astype(np.float32), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) > 0.5
        for m in (said, truth)
    )
    cross = np.ones((3, 3), np.uint8)
    rims = [m & (cv2.erode(m.astype(np.uint8), cross) == 0) for m in (a, b)]
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    near = [cv2.dilate(rim.astype(np.uint8), disc) > 0 for rim in rims]
    precision = (rims[0] & near[1]).sum() / max(1, rims[0].sum())
    recall = (rims[1] & near[0]).sum() / max(1, rims[1].sum())
    return float(2 * precision * recall / max(1e-9, precision + recall))


if __name__ == "__main__":
    main()
