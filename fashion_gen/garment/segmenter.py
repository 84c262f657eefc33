"""The one verb of every cut-out back-end, and the list of those we know."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from fashion_gen.errors import BackendUnavailable, SetupError
from fashion_gen.records import Matte, Photo
from fashion_gen.registry import resolve

SEGMENTERS: Mapping[str, str] = {
    "classical": "fashion_gen.garment.classical:ClassicalSegmenter",
    "birefnet-general": "fashion_gen.garment.rembg_backend:BiRefNetGeneral",
    "birefnet-general-lite": "fashion_gen.garment.rembg_backend:BiRefNetGeneralLite",
    "isnet-general-use": "fashion_gen.garment.rembg_backend:IsNetGeneralUse",
    "u2net": "fashion_gen.garment.rembg_backend:U2Net",
    "u2netp": "fashion_gen.garment.rembg_backend:U2NetP",
    "u2net_cloth_seg": "fashion_gen.garment.rembg_backend:U2NetClothSeg",
}

#: Best first. `u2net_cloth_seg` is left out: it sees clothes on people only and has to be asked for by name.
PREFERENCE = ("birefnet-general", "birefnet-general-lite", "isnet-general-use", "u2net", "u2netp", "classical")


class Segmenter(ABC):
    """Tells the garment (or the person who wears it) from the background. An instance that exists is ready."""

    name: str

    @abstractmethod
    def segment(self, photo: Photo) -> Matte:
        """Return an (H, W) float32 matte in [0, 1] at the photo's own size, 1 on the garment, all 0 when there is none.

        Edges may be a few pixels off: `matting.refine` settles them.
        """


def open_segmenter(name: str = "auto") -> Segmenter:
    """Open a back-end by name; "auto" takes the best that is installed, and its `.name` says which.

    Raises:
        NotFound: no such name.
        LicenceRefused: a known rembg session that we do not use, with the reason.
        BackendUnavailable: its library or its weight file is not installed.
        WeightsUntrusted: its weight file is not the one that was pinned.
    """
    if name == "auto":
        return best_installed()
    from fashion_gen.garment.rembg_models import check_allowed

    check_allowed(name)
    opened: Segmenter = resolve("segmenter", name, SEGMENTERS)()
    return opened


def best_installed() -> Segmenter:
    """Open the best back-end whose library and weights are here; the classical one always is.

    A weight file that is not the pinned one is not passed over in silence: `WeightsUntrusted` is raised.
    """
    for name in PREFERENCE[:-1]:
        try:
            return open_segmenter(name)
        except BackendUnavailable:
            continue  # not installed: the next best
    return open_segmenter(PREFERENCE[-1])


def installed() -> dict[str, str | None]:
    """Map each known name to None when it can be opened, or to the sentence that says why not."""
    found: dict[str, str | None] = {}
    for name in SEGMENTERS:
        try:
            open_segmenter(name)
        except SetupError as exc:
            found[name] = str(exc)
        else:
            found[name] = None
    return found
