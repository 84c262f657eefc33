"""The garment room: a photo comes in, a cut-out with kind, category and landmarks goes out.

`extract` is the verb; `open_segmenter` picks the cut-out back-end; `preflight` says what is wrong with a photo.
"""

from fashion_gen.garment.extract import extract, preflight
from fashion_gen.garment.preflight import refusal
from fashion_gen.garment.segmenter import SEGMENTERS, Segmenter, best_installed, installed, open_segmenter

__all__ = [
    "SEGMENTERS",
    "Segmenter",
    "best_installed",
    "extract",
    "installed",
    "open_segmenter",
    "preflight",
    "refusal",
]
