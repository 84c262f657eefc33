"""Which SAM 2 weights may be used, under which licence, and where they lie. Data only; neither torch nor transformers is imported.

Ravi et al., "SAM 2: Segment Anything in Images and Videos", 2024; its weights are Apache-2.0. The hub's files change with
their makers, so each is pinned by the SHA-256 of its first use, as rembg's are (`rembg_models.check_weights`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fashion_gen.errors import BackendUnavailable

TENSORS = "model.safetensors"
FILES = ("config.json", TENSORS)  #: the hub's other files are for other programs


@dataclass(frozen=True, slots=True)
class Sam2Weights:
    """One size of SAM 2.1."""

    name: str  #: the segmenter's
    repo: str  #: on the Hugging Face hub
    megabytes: int
    licence: str = "Apache-2.0"

    @property
    def source(self) -> str:
        return f"https://huggingface.co/{self.repo}"

    @property
    def folder(self) -> str:
        """What its folder is called, within that of all weights."""
        return self.repo.rpartition("/")[2]


MODELS = {
    model.name: model
    for model in (
        Sam2Weights("sam2-base-plus", "facebook/sam2.1-hiera-base-plus", 323),
        Sam2Weights("sam2-small", "facebook/sam2.1-hiera-small", 184),
    )
}


def locate(model: Sam2Weights, weights: Path) -> Path:
    """The folder of a model within that of all weights.

    Raises:
        BackendUnavailable: a file is missing; the sentence says what to fetch and where to put it.
    """
    folder = weights / model.folder
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise BackendUnavailable(
            f'The segmenter "{model.name}" has no {" and no ".join(missing)} here: run fashion-gen models pull {model.name}, '
            f"or fetch {' and '.join(FILES)} from {model.source} ({model.megabytes} MB, {model.licence}) into {folder}."
        )
    return folder
