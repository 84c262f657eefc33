"""Forty looks to look at: ten tones by four sizes, through the real studio.

python -m training.contact_forty --out training/contact-forty.jpg [--shared ../shared] [--preset mini|canvas]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from fashion_gen import images
from fashion_gen.monk import TONES
from fashion_gen.records import AgeBand, Brief, Category, Framing, Kind, SizeType
from training.evaluation.looks import studio

SIZES = (SizeType.PETITE, SizeType.REGULAR, SizeType.PLUS, SizeType.BIG)
#: Photos that show one whole garment, so that the sheet shows people and not faults of photos.
GARMENTS = (
    ("d15_raglan-t-shirt_poly.jpg", Category.TOP, Kind.GHOST),
    ("d06_dress_cc0.jpg", Category.DRESS, Kind.FLAT),
    ("d27_cargo-trousers_mag.jpg", Category.TROUSERS, Kind.PERSON),
    ("d16_zip-jacket_poly.jpg", Category.OUTERWEAR, Kind.GHOST),
    ("d18_t-shirt_sal.png", Category.TOP, Kind.GHOST),
    ("d08_pencil-skirt_cc0.jpg", Category.SKIRT, Kind.FLAT),
    ("d17_long-sleeve-top_poly.jpg", Category.TOP, Kind.GHOST),
)
SCENES = ("studio-grey", "studio-white", "wall-sage", "wall-blush")
TILE = (240, 360)


def sheet(shared: Path, preset: str) -> Image.Image:
    """Tones from left to right, sizes from top to bottom; garments, ages and scenes in turn."""
    made = Image.new("RGB", (TILE[0] * len(TONES), TILE[1] * len(SIZES)))
    with studio(preset, shared / "weights") as room:
        worn = [
            room.extract(images.open_photo(shared / "photos" / name), Brief(category=category, kind=kind))
            for name, category, kind in GARMENTS
        ]
        for row, size in enumerate(SIZES):
            for column, tone in enumerate(TONES):
                number = row * len(TONES) + column
                garment = worn[number % len(worn)]
                brief = Brief(
                    looks=1,
                    tone=tone,
                    size=size,
                    age=list(AgeBand)[(number + row) % 4],
                    framing=Framing.FULL if garment.category.covers_legs else None,
                    scene=SCENES[(column + row) % len(SCENES)],
                    seed=number,
                    max_attempts=1,
                )
                (look,) = room.dress(garment, brief)
                tile = Image.fromarray(np.asarray(look.image)).resize(TILE, Image.Resampling.LANCZOS)
                made.paste(tile, (column * TILE[0], row * TILE[1]))
                print(f"tone {tone}, {size}: {look.persona.name} in {GARMENTS[number % len(worn)][0]}", flush=True)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--preset", default="mini", help='a preset, or "canvas", which paints nothing')
    args = parser.parse_args()
    sheet(args.shared, args.preset).save(args.out, quality=90)


if __name__ == "__main__":
    main()
