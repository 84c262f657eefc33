"""SAM 2 through transformers, the one cut-out that is told what is meant: the perception net asks, SAM 2 draws the edge.

`pip install fashion-gen[generate]` brings torch and transformers, which are imported only once the weights are found.
The picture is prepared here, as `Sam2Processor` does it: that class needs torchvision, whose wheels do not run beside
the CPU build of torch.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_gen.errors import BackendUnavailable
from fashion_gen.garment import sam2_models
from fashion_gen.garment.cutout import cutout_matte, is_cutout
from fashion_gen.garment.perception import PerceptionNet, Seen, open_net
from fashion_gen.garment.perceptive import LEAST, PerceptiveSegmenter
from fashion_gen.garment.rembg_models import check_weights
from fashion_gen.garment.sam2_prompts import Prompt, prompt_of
from fashion_gen.garment.scale import at_most
from fashion_gen.garment.segmenter import Segmenter
from fashion_gen.records import Matte, Photo, Picture

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  #: of ImageNet's pixels (sam2/utils/transforms.py)
AGREEMENT = 0.6  #: least soft IoU of an answer with what was asked for
MAP_SIZE = 256  #: long side of the maps that prompts are taken from

_LOG = logging.getLogger(__name__)

Logits = NDArray[np.float32]


class Sam2(Segmenter):
    """An open SAM 2 with the perception net that asks it.

    Raises:
        BackendUnavailable: the perception net cannot be loaded.
    """

    def __init__(
        self,
        model: Any,
        name: str,
        sha256: str = "",
        *,
        net: PerceptionNet | None = None,
        agreement: float = AGREEMENT,
    ) -> None:
        self.model = model  #: transformers.Sam2Model
        self.name = name
        self.sha256 = sha256  #: of the weight file, for the record
        self.net = net or open_net()
        self.agreement = agreement

    def see(self, photo: Photo) -> Seen:
        return self.net.see(photo.rgb)

    def segment(self, photo: Photo) -> Matte:
        """See `Segmenter.segment`. Where SAM 2 finds another thing than the net sees, the net's own cut is returned."""
        if photo.alpha is not None and is_cutout(photo):
            return cutout_matte(photo.alpha)
        seen = self.see(photo)
        if float((seen.matte > 0.5).mean()) < LEAST:
            return np.zeros(photo.rgb.shape[:2], np.float32)
        found = self._ask(photo, prompt_of(seen.matte, seen))
        return PerceptiveSegmenter(self.net).segment(photo) if found is None else found

    def sharpen(self, photo: Photo, coarse: Matte) -> Matte:
        """See `Segmenter.sharpen`. `coarse` comes back where SAM 2 finds another thing."""
        likely = at_most(coarse, MAP_SIZE)
        if float((likely > 0.5).mean()) < LEAST:
            return coarse
        found = self._ask(photo, prompt_of(likely, self.see(photo)))
        return coarse if found is None else found

    def _ask(self, photo: Photo, prompt: Prompt) -> Matte | None:
        """(H, W) matte of the answer that agrees best with the prompt's map; None when none agrees enough."""
        answers = self.answers(photo.rgb, prompt)
        best, agreement = best_of(answers, prompt.likely)
        if agreement < self.agreement:
            _LOG.info(
                "SAM 2 found another thing than was asked for (agreement %.2f): its answer is not taken.", agreement
            )
            return None
        return _probability(cv2.resize(answers[best], photo.rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR))

    def answers(self, rgb: Picture, prompt: Prompt) -> Logits:
        """(3, h, w) logits of SAM 2's three answers about an (H, W, 3) picture, stretched to its square."""
        import torch

        size, device = int(self.model.config.prompt_encoder_config.image_size), self.model.device
        points = np.concatenate([prompt.inside, prompt.outside]) * size
        labels = [1] * len(prompt.inside) + [0] * len(prompt.outside)
        rough = prompt.odds(self.model.prompt_encoder.mask_input_size)
        with torch.inference_mode():
            answer = self.model(
                pixel_values=torch.from_numpy(prepared(rgb, size)).to(device),
                input_points=torch.tensor(points[None, None], dtype=torch.float32, device=device),
                input_labels=torch.tensor([[labels]], dtype=torch.int64, device=device),
                input_boxes=torch.tensor([[prompt.box]], dtype=torch.float32, device=device) * size,
                input_masks=torch.from_numpy(rough[None, None]).to(device),
                multimask_output=True,
            )
        return np.asarray(answer.pred_masks[0, 0].float().cpu().numpy())


class _Listed(Sam2):
    """SAM 2 with the weights of one of `sam2_models.MODELS`."""

    listed: str

    @classmethod
    def open(cls, weights: Path) -> Self:
        """Open it from its folder in `weights`, on a GPU where torch sees one.

        Raises:
            BackendUnavailable: a file is missing or damaged, or torch or transformers are not installed.
            WeightsUntrusted: the weights are not those of the first use.
        """
        model = sam2_models.MODELS[cls.listed]
        folder = sam2_models.locate(model, weights)
        loaded = load(folder, model.name)
        return cls(loaded, model.name, check_weights(folder / sam2_models.TENSORS, None))


class Sam2Small(_Listed):
    listed = "sam2-small"


class Sam2BasePlus(_Listed):
    listed = "sam2-base-plus"


def load(folder: Path, name: str) -> Any:
    """The transformers.Sam2Model of a folder, ready for answers; nothing is downloaded.

    The hub's files hold the video model, of which the image model is a part; the rest is left out.

    Raises:
        BackendUnavailable: the files are damaged or of another model, or a library is missing.
    """
    try:
        import torch
        from transformers import Sam2Model
    except ImportError as exc:  # also an older transformers, which has no such class
        raise BackendUnavailable(
            f'The segmenter "{name}" needs torch and transformers: pip install "fashion-gen[generate]".'
        ) from exc
    cure = f"delete {folder} and run fashion-gen models pull {name} again"
    try:
        with _quiet():
            model, told = Sam2Model.from_pretrained(
                folder, local_files_only=True, use_safetensors=True, dtype=torch.float32, output_loading_info=True
            )
    except Exception as exc:  # transformers and safetensors have an error of their own for each way to be damaged
        raise BackendUnavailable(f"The weights in {folder} are damaged: {cure}.") from exc
    if told["missing_keys"]:
        raise BackendUnavailable(f"The weights in {folder} are not those of SAM 2 or not all of them: {cure}.")
    return model.eval().to("cuda" if torch.cuda.is_available() else "cpu")


def prepared(rgb: Picture, size: int) -> NDArray[np.float32]:
    """(1, 3, size, size) an (H, W, 3) picture stretched to SAM 2's square and scaled to ImageNet's mean and deviation."""
    square = Image.fromarray(rgb).resize((size, size), Image.Resampling.BILINEAR)
    values = (np.asarray(square) / 255.0 - MEAN) / DEVIATION
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None], np.float32)


def best_of(answers: Logits, likely: Matte) -> tuple[int, float]:
    """Which of (n, h, w) logits agrees best with a map of any size, and its soft IoU with it in [0, 1]."""
    asked = cv2.resize(likely, answers.shape[:0:-1], interpolation=cv2.INTER_LINEAR)
    found = [_probability(answer) for answer in answers]
    overlaps = [float(np.minimum(one, asked).sum() / max(float(np.maximum(one, asked).sum()), 1e-9)) for one in found]
    best = int(np.argmax(overlaps))
    return best, overlaps[best]


def _probability(logits: Logits) -> Matte:
    """The logistic function, written so that nothing overflows."""
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * logits), np.float32)


@contextmanager
def _quiet() -> Iterator[None]:
    """Hush transformers while the block runs: it warns that the file holds the video model, which is as it should be."""
    from transformers.utils import logging as library

    level, bar = library.get_verbosity(), library.is_progress_bar_enabled()
    library.set_verbosity_error()
    library.disable_progress_bar()
    try:
        yield
    finally:
        library.set_verbosity(level)
        if bar:
            library.enable_progress_bar()
