"""Where weight files lie on disk, whether they are the pinned ones, and how they get there. No torch.

Files of the hub live in its usual cache, shared with other programs, or under `models_dir`. Nothing is downloaded
unless `pull` is called. Digests that we do not know in advance are kept at the first download and hold from then on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from fashion_gen.errors import BackendUnavailable, WeightsUntrusted
from fashion_gen.generate.recipe import HERE, Recipe, Weights

SUMS = "SHA256SUMS"  #: beside weights that we ship: lines "digest  path", as sha256sum writes them
_CHUNK = 1 << 22


def locate(weights: Weights, preset: str, models_dir: Path | None = None) -> Path:
    """Return the folder of weights that are on this machine. Raises BackendUnavailable with the cure."""
    if weights.folder:
        folder = HERE / weights.folder  # an absolute folder replaces HERE
        if not _tensors(folder, weights):
            raise BackendUnavailable(
                f'The weights of the preset "{preset}" are not at {folder}: reinstall fashion-gen.'
            )
        return folder
    try:
        folder = snapshot(weights, models_dir, offline=True)
    except FileNotFoundError as exc:  # LocalEntryNotFoundError and IncompleteSnapshotError of the hub client
        raise _absent(weights, preset) from exc
    if not _tensors(folder, weights):
        raise _absent(weights, preset)
    return folder


def snapshot(weights: Weights, models_dir: Path | None, *, offline: bool) -> Path:
    """Return the folder of a repository of the hub, downloading what is not here yet unless `offline`."""
    try:
        from huggingface_hub import snapshot_download
    except ModuleNotFoundError as exc:
        raise BackendUnavailable("Weights of the model hub need huggingface_hub: pip install huggingface_hub.") from exc
    return Path(
        snapshot_download(
            weights.repo,
            revision=weights.revision,
            cache_dir=models_dir,
            allow_patterns=list(weights.files) or None,
            local_files_only=offline,
        )
    )


def download(
    weights: Weights, preset: str, models_dir: Path | None = None, *, fetch: Callable[..., Path] = snapshot
) -> Path:
    """Fetch weights from the hub and keep their digests. Raises BackendUnavailable, WeightsUntrusted."""
    if weights.folder:
        return locate(weights, preset, models_dir)
    try:
        folder = fetch(weights, models_dir, offline=False)
    except download_errors() as exc:
        raise BackendUnavailable(
            f"Could not download {weights.repo} from the model hub ({_first_line(exc)}): check the connection and "
            f"HF_HUB_OFFLINE, then run fashion-gen models pull {preset} again."
        ) from exc
    _keep_pins(weights, verify(weights, folder, models_dir), models_dir)
    return folder


def verify(weights: Weights, folder: Path, models_dir: Path | None = None) -> dict[str, str]:
    """Return file -> SHA-256 of the weight files; raise WeightsUntrusted where one differs from its pin."""
    digests = {path.relative_to(folder).as_posix(): file_sha256(path) for path in _tensors(folder, weights)}
    for name, pin in _pins(weights, folder, models_dir).items():
        if name in digests and digests[name] != pin:
            raise WeightsUntrusted(
                f"{folder / name} has SHA-256 {digests[name][:12]}... but {pin[:12]}... is pinned: "
                f"delete it and fetch {weights.title} again, or remove the pin if you changed the weights yourself."
            )
    return digests


def combined_sha256(digests: Mapping[str, Mapping[str, str]]) -> str:
    """Return one digest over {weights key: {file: digest}}, whatever the order."""
    text = json.dumps(digests, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def size_on_disk(recipe: Recipe, models_dir: Path | None = None) -> int | None:
    """Return the bytes of all weight files of a preset, or None where some are missing."""
    try:
        folders = [(weights, locate(weights, recipe.preset, models_dir)) for weights in recipe.weights]
    except BackendUnavailable:
        return None
    return sum(path.stat().st_size for weights, folder in folders for path in _tensors(folder, weights))


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, remembered as long as its size and time of change stay."""
    stat = path.stat()
    return _sha256(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=256)
def _sha256(path: Path, size: int, changed: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def download_errors() -> tuple[type[Exception], ...]:
    """OSError, and the base error of the hub client's HTTP library, which is another one in each of its versions."""
    if find_spec("huggingface_hub") is None:
        return (OSError,)
    from huggingface_hub.errors import HfHubHTTPError

    return (OSError, *(base for base in HfHubHTTPError.__bases__ if issubclass(base, Exception)))


def _tensors(folder: Path, weights: Weights) -> list[Path]:
    """Return the weight files of `weights`, sorted; other programs' files in the same cache are left out."""
    found = sorted(folder.rglob("*.safetensors"))
    if not weights.files:
        return found
    wanted = {path for pattern in weights.files for path in folder.glob(pattern)}
    return [path for path in found if path in wanted]


def _absent(weights: Weights, preset: str) -> BackendUnavailable:
    return BackendUnavailable(
        f"{weights.repo} is not on this machine: run fashion-gen models pull {preset} where there is a network."
    )


def _pins(weights: Weights, folder: Path, models_dir: Path | None) -> dict[str, str]:
    """Return file -> pinned digest: from first download, then the preset, then a list beside the weights."""
    return {**_kept(models_dir).get(weights.key, {}), **dict(_listed(folder)), **weights.sha256}


def _listed(folder: Path) -> Iterator[tuple[str, str]]:
    sums = folder / SUMS
    if sums.is_file():
        for line in sums.read_text(encoding="utf-8").splitlines():
            digest, _, name = line.partition("  ")
            yield name, digest


def _keep_pins(weights: Weights, digests: Mapping[str, str], models_dir: Path | None) -> None:
    kept = _kept(models_dir)
    kept[weights.key] = dict(digests)
    file = _pin_file(models_dir)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(json.dumps(kept, indent=1, sort_keys=True), encoding="utf-8")
    part.replace(file)


def _kept(models_dir: Path | None) -> dict[str, dict[str, str]]:
    file = _pin_file(models_dir)
    if not file.is_file():
        return {}
    try:
        kept: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))
    except json.JSONDecodeError as exc:
        raise WeightsUntrusted(f"{file} is damaged: restore it, or delete it to pin the weights anew.") from exc
    return kept


def _pin_file(models_dir: Path | None) -> Path:
    from platformdirs import user_data_path

    return (models_dir or user_data_path("fashion-gen")) / "weight-pins.json"


def _first_line(exc: Exception) -> str:
    return (str(exc).strip().splitlines() or [type(exc).__name__])[0]
