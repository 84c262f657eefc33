"""The one verb of every cut-out back-end, and the list of those we know."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Self

from platformdirs import user_data_path

from fashion_gen.errors import BackendUnavailable, SetupError
from fashion_gen.records import Matte, Photo
from fashion_gen.registry import resolve

if TYPE_CHECKING:
    from fashion_gen.garment.perception import Seen

_LOG = logging.getLogger(__name__)

SEGMENTERS: Mapping[str, str] = {
    "perception": "fashion_gen.garment.perceptive:PerceptiveSegmenter",
    "classical": "fashion_gen.garment.classical:ClassicalSegmenter",
    "birefnet-general": "fashion_gen.garment.rembg_backend:BiRefNetGeneral",
    "birefnet-general-lite": "fashion_gen.garment.rembg_backend:BiRefNetGeneralLite",
    "sam2-base-plus": "fashion_gen.garment.sam2_backend:Sam2BasePlus",
    "sam2-small": "fashion_gen.garment.sam2_backend:Sam2Small",
    "isnet-general-use": "fashion_gen.garment.rembg_backend:IsNetGeneralUse",
    "u2net": "fashion_gen.garment.rembg_backend:U2Net",
    "u2netp": "fashion_gen.garment.rembg_backend:U2NetP",
    "u2net_cloth_seg": "fashion_gen.garment.rembg_backend:U2NetClothSeg",
}

#: Best first. SAM 2 comes after BiRefNet, whose edges are finer (SAM 2 answers at 256 pixels, BiRefNet at 1024), and before
#: nets that take whatever stands out. `u2net_cloth_seg` is left out: it sees clothes on people only, ask for it by name.
PREFERENCE = (
    "birefnet-general",
    "birefnet-general-lite",
    "sam2-base-plus",
    "sam2-small",
    "isnet-general-use",
    "u2net",
    "u2netp",
    "perception",
    "classical",
)

_COMPLETE = ("perception", "classical", "sam2-base-plus", "sam2-small")  # they look by themselves, or are not to look


class Segmenter(ABC):
    """Tells the garment (or the person who wears it) from the background. An instance that exists is ready."""

    name: str

    @classmethod
    def open(cls, weights: Path) -> Self:
        """Make one ready. `weights` is the folder in which we keep weights; those who keep none there leave it aside."""
        return cls()

    @abstractmethod
    def segment(self, photo: Photo) -> Matte:
        """Return an (H, W) float32 matte in [0, 1] at the photo's own size, 1 on the garment, all 0 when there is none.

        Edges may be a few pixels off: `matting.refine` settles them.
        """

    def see(self, photo: Photo) -> Seen | None:
        """What else is known about the photo: parts, kind, category, landmarks. None from back-ends that only cut out."""
        return None

    def sharpen(self, photo: Photo, coarse: Matte) -> Matte:
        """A coarse (H, W) matte of one garment on somebody, better where this back-end can take a hint, else as it is."""
        return coarse


def open_segmenter(name: str = "auto", weights: Path | None = None) -> Segmenter:
    """Open a back-end by name; "auto" takes the best that is installed, and its `.name` says which.

    `weights` is the folder in which we keep weights, by default one of the user's data. Back-ends that only cut out are
    joined by the perception net, which tells everything else; but "classical" uses no net.

    Raises:
        NotFound: no such name.
        LicenceRefused: a known rembg session that we do not use, with the reason.
        BackendUnavailable: its library or its weight file is not installed.
        WeightsUntrusted: its weight file is not the one that was pinned.
    """
    if name == "auto":
        return best_installed(weights)
    from fashion_gen.garment.rembg_models import check_allowed

    check_allowed(name)
    kind: type[Segmenter] = resolve("segmenter", name, SEGMENTERS)
    opened = kind.open(weights or user_data_path("fashion-gen") / "weights")
    return opened if name in _COMPLETE else _sighted(opened)


def best_installed(weights: Path | None = None) -> Segmenter:
    """Open the best back-end whose library and weights are here; the classical one always is.

    A weight file that is not the pinned one is not passed over in silence: `WeightsUntrusted` is raised.
    """
    for name in PREFERENCE[:-1]:
        try:
            return open_segmenter(name, weights)
        except BackendUnavailable as exc:
            if name == "perception":  # it comes with the package, so this is news; the others are not installed
                _LOG.warning("Garments are told from their outlines alone. %s", exc)
    return open_segmenter(PREFERENCE[-1])


def _sighted(cutter: Segmenter) -> Segmenter:
    from fashion_gen.garment.perceptive import Sighted

    try:
        return Sighted(cutter)
    except BackendUnavailable as exc:
        _LOG.warning("Garments are told from their outlines alone. %s", exc)
        return cutter


def installed(weights: Path | None = None) -> dict[str, str | None]:
    """Map each known name to None when it can be opened, or to the sentence that says why not."""
    found: dict[str, str | None] = {}
    for name in SEGMENTERS:
        try:
            open_segmenter(name, weights)
        except SetupError as exc:
            found[name] = str(exc)
        else:
            found[name] = None
    return found
