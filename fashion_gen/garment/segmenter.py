"""The one verb of every cut-out back-end, and the list of those we know."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING

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
    "isnet-general-use": "fashion_gen.garment.rembg_backend:IsNetGeneralUse",
    "u2net": "fashion_gen.garment.rembg_backend:U2Net",
    "u2netp": "fashion_gen.garment.rembg_backend:U2NetP",
    "u2net_cloth_seg": "fashion_gen.garment.rembg_backend:U2NetClothSeg",
}

#: Best first. `u2net_cloth_seg` is left out: it sees clothes on people only and has to be asked for by name.
PREFERENCE = (
    "birefnet-general",
    "birefnet-general-lite",
    "isnet-general-use",
    "u2net",
    "u2netp",
    "perception",
    "classical",
)


class Segmenter(ABC):
    """Tells the garment (or the person who wears it) from the background. An instance that exists is ready."""

    name: str

    @abstractmethod
    def segment(self, photo: Photo) -> Matte:
        """Return an (H, W) float32 matte in [0, 1] at the photo's own size, 1 on the garment, all 0 when there is none.

        Edges may be a few pixels off: `matting.refine` settles them.
        """

    def see(self, photo: Photo) -> Seen | None:
        """What else is known about the photo: parts, kind, category, landmarks. None from back-ends that only cut out."""
        return None


def open_segmenter(name: str = "auto") -> Segmenter:
    """Open a back-end by name; "auto" takes the best that is installed, and its `.name` says which.

    Back-ends that only cut out are joined by the perception net, which tells everything else; but "classical" uses no net.

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
    return opened if name in ("perception", "classical") else _sighted(opened)


def best_installed() -> Segmenter:
    """Open the best back-end whose library and weights are here; the classical one always is.

    A weight file that is not the pinned one is not passed over in silence: `WeightsUntrusted` is raised.
    """
    for name in PREFERENCE[:-1]:
        try:
            return open_segmenter(name)
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
