"""Fetching SAM 2, which cuts garments out, from the Hugging Face hub."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fashion_gen.errors import BackendUnavailable
from fashion_gen.garment.sam2_models import FILES, Sam2Weights
from fashion_gen.generate.weights import download_errors

Fetch = Callable[[Sam2Weights, Path], object]


def from_hub(model: Sam2Weights, folder: Path) -> object:
    """Download the files of a model into a folder of its own."""
    try:
        from huggingface_hub import snapshot_download
    except ModuleNotFoundError as exc:
        raise BackendUnavailable("Weights of the model hub need huggingface_hub: pip install huggingface_hub.") from exc
    return snapshot_download(model.repo, local_dir=folder, allow_patterns=list(FILES))


def fetch_segmenter(model: Sam2Weights, weights: Path, fetch: Fetch = from_hub) -> Path:
    """Download what is not in the folder of all weights yet; return the model's own folder in it.

    The weights are pinned by their SHA-256 when they are first used.

    Raises:
        BackendUnavailable: no connection, or the hub client is not installed.
    """
    folder = weights / model.folder
    try:
        fetch(model, folder)
    except download_errors() as exc:
        raise BackendUnavailable(
            f"Could not download {model.repo} from the model hub ({type(exc).__name__}): check the connection and "
            f"HF_HUB_OFFLINE, or fetch {' and '.join(FILES)} from {model.source} into {folder}."
        ) from exc
    return folder
