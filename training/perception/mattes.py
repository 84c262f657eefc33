"""Cut the labelled pictures out with the classical back-end: the mattes that the perception net is first taught.

    python -m training.perception.mattes --labelled ../shared/photos/labelled --out run/mattes

About a second each; may be stopped and called again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from fashion_gen.garment.classical import ClassicalSegmenter
from fashion_gen.records import Photo
from training.perception.photos import rows


def main() -> None:
    """Write one greyscale PNG a picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labelled", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    segmenter = ClassicalSegmenter()
    for row in rows(asked.labelled / "labels.csv"):
        path = asked.out / f"{Path(row['file']).stem}.png"
        if path.exists():
            continue
        rgb = np.asarray(ImageOps.exif_transpose(Image.open(asked.labelled / row["file"])).convert("RGB"))
        matte = segmenter.segment(Photo(path.stem, rgb, None, ""))
        draft = path.with_suffix(".part")
        Image.fromarray(np.rint(matte * 255).astype(np.uint8)).save(draft, "png")
        draft.replace(path)


if __name__ == "__main__":
    main()
