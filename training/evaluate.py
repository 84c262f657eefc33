"""Judge a preset on people and garments that the training never saw, through the real studio.

    python -m training.evaluate --looks 200 --out DIR [--shared ../shared] [--preset mini|canvas]

Every look leaves a JPEG and a line of DIR/looks.jsonl; a second call goes on where the first one stopped. The table is
printed and written to DIR/table.md. `canvas` paints nothing: the dressed mannequin with the garment on it, which shows what the
geometry alone gives.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

import numpy as np
from PIL import Image

from fashion_gen import library
from fashion_gen.records import Brief
from training.evaluation.garments import HELD_OUT, sources
from training.evaluation.looks import SIDE, Bench, Row, reduced
from training.evaluation.plan import plan
from training.evaluation.space import distance, kid
from training.evaluation.table import table

_RENDERS = 100  #: held-out renders that KID compares with
_PAIRS = 4  #: personas whose two seeds are compared


def rows_of(file: Path) -> list[Row]:
    """The rows that earlier calls left; a line cut short by a killed call is dropped."""
    found = []
    for line in file.read_text().splitlines() if file.exists() else ():
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            print("dropped an unfinished line")
    return found


def run(bench: Bench, looks: int, out: Path) -> list[Row]:
    """All rows, the missing ones made now."""
    file = out / "looks.jsonl"
    rows = {row["index"]: row for row in rows_of(file)}
    file.write_text("".join(json.dumps(row) + "\n" for row in rows.values()))
    for asked in plan(looks, len(bench.sources)):
        if asked.index not in rows:
            row = bench.take(asked, out / f"look-{asked.index:03d}.jpg")
            rows[asked.index] = json.loads(json.dumps(row))
            with file.open("a") as written:
                written.write(json.dumps(row) + "\n")
            print(f"{asked.index:3d} {row['garment'][:28]:28} pck {row['verdict']['pck']}", flush=True)
    return [rows[i] for i in sorted(rows) if i < looks]


def seeds_apart(bench: Bench) -> str:
    """Two seeds of one brief and two personas of one brief, as distances in the feature space."""
    garment = bench.garment(0)
    names = sorted(library.personas())[: 7 * _PAIRS : 7]
    features, posed = {}, {}
    for name in names:
        for seed in (1, 2):
            brief = Brief(looks=1, casting=name, seed=seed, styling="black-slim", max_attempts=1)
            (look,) = bench.studio.dress(garment, brief)
            features[name, seed], posed[name, seed] = bench.space.of(reduced(look)[0]), look.keypoints
    stays = all(np.array_equal(posed[name, 1], posed[name, 2]) for name in names)
    own = np.mean([distance(features[name, 1], features[name, 2]) for name in names])
    others = np.mean([distance(features[a, 1], features[b, 1]) for a, b in combinations(names, 2)])
    return f"{own:.4f} between seeds, {others:.4f} between personas; pose and persona {'stay' if stays else 'change'}"


def against_renders(bench: Bench, rows: list[Row], cache: Path) -> str:
    """KID of the looks against held-out renders, and of one half of these against the other."""
    file = cache / f"renders-{_RENDERS}.npy"
    if not file.exists():
        from training.render_shards import Camera

        camera = Camera()
        taken = [camera.take(HELD_OUT + 1_000 + i).image for i in range(_RENDERS)]
        Image.fromarray(np.concatenate(taken[:8], axis=1)).save(cache / "renders.jpg")
        np.save(file, np.stack([bench.space.of(picture) for picture in taken]))
    renders = np.load(file)
    ours = np.stack([np.asarray(row["features"]) for row in rows])
    floor = kid(renders[::2], renders[1::2])
    return f"{kid(ours, renders):.4f} (renders among themselves {floor:.4f})"


def four_at_once(bench: Bench) -> str:
    """Seconds a look of one brief with four looks, all in but loading; the second of two runs counts."""
    spent = 0.0
    for seed in (1, 2):
        start = time.perf_counter()
        photo = bench.sources[0].path
        bench.studio.render(photo, Brief(looks=4, seed=seed, max_attempts=1))
        spent = time.perf_counter() - start
    return f"{spent / 4:.1f} on {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def extras(bench: Bench, rows: list[Row], out: Path) -> Mapping[str, str]:
    """What belongs to no single look."""
    pairs = [distance(np.asarray(a["features"]), np.asarray(b["features"])) for a, b in combinations(rows[:60], 2)]
    return {
        f"feature distance between looks ({SIDE} px)": f"{np.mean(pairs):.4f}",
        "feature distance": seeds_apart(bench),
        "KID against held-out renders": against_renders(bench, rows, out.parent),
        "seconds a look, n = 4": four_at_once(bench),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--looks", type=int, default=200)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--preset", default="mini", help='a preset, or "canvas", which paints nothing')
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    bench = Bench(args.preset, args.shared, sources(args.shared / "photos", args.out.parent / "held-out"))
    rows = run(bench, args.looks, args.out)
    made = table(rows, extras(bench, rows, args.out))
    (args.out / "table.md").write_text(made)
    print(made)


if __name__ == "__main__":
    main()
