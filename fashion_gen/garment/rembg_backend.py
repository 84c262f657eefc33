"""Neural cut-outs through rembg (MIT), an optional extra: `pip install fashion-gen[rembg]`.

Only allow-listed sessions (`rembg_models.py`), always named; nothing is ever downloaded from here. rembg stretches
each net's answer to the full range, so on an empty photo it still points at something.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import rembg
from PIL import Image
from rembg.sessions import sessions_class

from fashion_gen.errors import BackendUnavailable
from fashion_gen.garment.cutout import cutout_matte, is_cutout
from fashion_gen.garment.rembg_models import MODELS, RembgModel, check_weights
from fashion_gen.garment.segmenter import Segmenter
from fashion_gen.records import Matte, Photo


class Session(Protocol):
    """What we use of a rembg session."""

    def predict(self, img: Image.Image) -> Sequence[Image.Image]: ...


class RembgSegmenter(Segmenter):
    """Any open rembg session as a segmenter."""

    def __init__(self, session: Session, name: str, sha256: str = "") -> None:
        self.session = session
        self.name = name
        self.sha256 = sha256  #: of the weight file, for the record

    def segment(self, photo: Photo) -> Matte:
        """See `Segmenter.segment`. Where a session answers with several masks, the largest is taken."""
        if photo.alpha is not None and is_cutout(photo):
            return cutout_matte(photo.alpha)
        with np.errstate(divide="ignore", invalid="ignore"):  # rembg divides by the range of a constant answer
            answers = [np.asarray(answer) for answer in self.session.predict(Image.fromarray(photo.rgb))]
        mattes = [answer.astype(np.float32) / 255.0 for answer in answers]
        best = max(mattes, key=lambda matte: float(matte.sum()))
        if best.shape != photo.rgb.shape[:2]:
            best = cv2.resize(best, (photo.width, photo.height), interpolation=cv2.INTER_LINEAR)
        return np.asarray(np.clip(best, 0, 1), np.float32)


class _Listed(RembgSegmenter):
    """An allow-listed session whose weights are already in rembg's folder."""

    listed: str

    def __init__(self) -> None:
        model = MODELS[self.listed]
        path = weights_of(model)
        sha256 = check_weights(path, model.md5)
        super().__init__(rembg.new_session(model.name), model.name, sha256)


class U2Net(_Listed):
    listed = "u2net"


class U2NetP(_Listed):
    listed = "u2netp"


class IsNetGeneralUse(_Listed):
    listed = "isnet-general-use"


class BiRefNetGeneral(_Listed):
    listed = "birefnet-general"


class BiRefNetGeneralLite(_Listed):
    listed = "birefnet-general-lite"


class U2NetClothSeg(_Listed):
    """Clothes on people: upper, lower and one-piece; the largest of the three is taken."""

    listed = "u2net_cloth_seg"


def weights_of(model: RembgModel) -> Path:
    """Where rembg keeps the weights of a model on this machine.

    Raises:
        BackendUnavailable: they are not there; the sentence says what to fetch and where to put it.
    """
    session = next(kind for kind in sessions_class if kind.name() == model.name)
    found = session.resolve_existing(f"{model.name}.onnx")
    if found is None:
        raise BackendUnavailable(
            f'The segmenter "{model.name}" has no weights here: fetch {model.url} ({model.megabytes} MB, {model.licence}) '
            f"and save it as {Path(session.model_dir()) / (model.name + '.onnx')}."
        )
    return Path(found)
