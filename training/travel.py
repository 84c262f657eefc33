"""Weights in half their bytes, for the way to a machine that takes 64 MiB.

    python -m training.travel pack fashion_gen/generate/mini .carry/mini
    python -m training.travel unpack .carry/mini /tmp/start [--sums fashion_gen/generate/mini/SHA256SUMS]

A training that goes on from a finished pipeline does not mind eight bits a weight, each row of a matrix with its own scale. The
autoencoder, whose latents must stay the same, and all vectors travel as they are. A pack knows which weights it was made
of: `unpack` refuses one that was packed from others than `--sums` names.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

NETS = ("unet", "controlnet")
WEIGHTS = "diffusion_pytorch_model.safetensors"
PACKED = ".int8.safetensors"
SUMS = "SHA256SUMS"

Array = NDArray[np.generic]


def pack(pipeline: Path, target: Path) -> int:
    """Write `pipeline` to `target`, which is emptied first, and return the bytes of it."""
    shutil.rmtree(target, ignore_errors=True)
    heavy = {pipeline / net / WEIGHTS: target / f"{net}{PACKED}" for net in NETS}
    shutil.copytree(pipeline, target, ignore=lambda folder, names: [n for n in names if Path(folder, n) in heavy])
    for source, packed in heavy.items():
        arrays: dict[str, Array] = {}
        for name, weight in load_file(source).items():
            if weight.ndim < 2:
                arrays[name] = weight
            else:
                arrays[f"{name}/rows"], arrays[f"{name}/scale"] = rounded(weight)
        save_file(arrays, packed)
    return sum(path.stat().st_size for path in target.rglob("*") if path.is_file())


def unpack(packed: Path, target: Path, sums: Path | None = None) -> None:
    """Make a pipeline of fp16 safetensors of a pack again.

    Raises:
        ValueError: the pack was not made of the weights that `sums` names.
    """
    if sums is not None and (packed / SUMS).read_text() != sums.read_text():
        raise ValueError(f"{packed} was packed from other weights than those of {sums}: pack them again.")
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(packed, target, ignore=shutil.ignore_patterns(f"*{PACKED}", SUMS))
    for net in NETS:
        arrays = load_file(packed / f"{net}{PACKED}")
        weights: dict[str, Array] = {name: array for name, array in arrays.items() if "/" not in name}
        for name in {name.partition("/")[0] for name in arrays} - weights.keys():
            weights[name] = (arrays[f"{name}/rows"] * arrays[f"{name}/scale"]).astype(np.float16)
        save_file(weights, target / net / WEIGHTS, metadata={"format": "pt"})


def rounded(weight: Array) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """(n, ...) weights as (n, ...) numbers of -127 to 127 and the (n, 1, ...) steps between them."""
    wide = weight.astype(np.float32)
    most = np.abs(wide).max(axis=tuple(range(1, wide.ndim)), keepdims=True)
    scale = np.maximum(most / 127, np.finfo(np.float32).tiny).astype(np.float32)
    return np.rint(wide / scale).astype(np.int8), scale


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb in ("pack", "unpack"):
        command = verbs.add_parser(verb)
        command.add_argument("source", type=Path)
        command.add_argument("target", type=Path)
    command.add_argument("--sums", type=Path, help="SHA256SUMS of the weights that the pack should be of")
    given = parser.parse_args()
    if given.verb == "pack":
        print(f"{pack(given.source, given.target) / 1e6:.1f} MB in {given.target}")
    else:
        unpack(given.source, given.target, given.sums)
        print(f"{given.target} holds the pipeline again")


if __name__ == "__main__":
    main()
