"""Fetching the detectors that inspect looks, from their public homes, pinned by SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from fashion_gen.errors import BackendUnavailable, WeightsUntrusted
from fashion_gen.pose.weights import YUNET_DYNAMIC, Weight
from fashion_gen.storage import LocalStorage

_YUNET_COMMIT = "0047ac24afb1a50a0c6105001c89d1b5b805dbf1"
#: The ONNX files of MoveNet and BlazePose were converted by hand and have no public home.
URLS: Mapping[Weight, str] = {
    YUNET_DYNAMIC: "https://raw.githubusercontent.com/ShiqiYu/libfacedetection.train/"
    f"{_YUNET_COMMIT}/onnx/yunet_n_dynamic.onnx",
}
LARGEST = 200_000_000
TIMEOUT = 60


def fetch_judges(folder: Path, urls: Mapping[Weight, str] = URLS) -> list[Path]:
    """Download what is not in `folder` yet; return the path of every detector.

    Raises:
        BackendUnavailable: no connection.
        WeightsUntrusted: what came is not the pinned file; nothing is kept.
        StorageUnavailable: the folder cannot be written.
    """
    storage = LocalStorage(folder)
    for weight, url in urls.items():
        if not storage.exists(weight.file) or not _pinned(storage.get(weight.file), weight):
            storage.put(weight.file, _download(weight, url))
    return [folder / weight.file for weight in urls]


def _download(weight: Weight, url: str) -> bytes:
    try:
        with urlopen(url, timeout=TIMEOUT) as answer:
            data: bytes = answer.read(LARGEST)
    except (URLError, OSError) as exc:
        raise BackendUnavailable(
            f"Could not download {weight.file} from {url} ({exc}): check the connection, or put the file into the folder."
        ) from exc
    if not _pinned(data, weight):
        raise WeightsUntrusted(
            f"What {url} sent is not the pinned {weight.file} (SHA-256 {weight.sha256}): get it by hand."
        )
    return data


def _pinned(data: bytes, weight: Weight) -> bool:
    return hashlib.sha256(data).hexdigest() == weight.sha256
