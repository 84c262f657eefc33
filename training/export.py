"""Make the diffusers folder that ships: fp16 safetensors of the averaged weights. And take its nets out again.

python -m training.export --run RUN --to fashion_gen/generate/mini
python -m training.export --run RUN --to RUN/mini --parts $OUT      # in tar pieces, to carry home
cat mini.tar.* | tar x -C fashion_gen/generate                      # and how to join them
"""

from __future__ import annotations

import argparse
import json
import shutil
import tarfile
from hashlib import sha256
from pathlib import Path

import torch
from diffusers import AutoencoderKL, StableDiffusionControlNetInpaintPipeline
from safetensors.torch import load_file, save_file

from fashion_gen.generate.vocabulary import mini_vocabulary
from training.model import MINI, Denoiser, Shape, build_tokenizer, count
from training.sheet import pipeline

PART = 15 * 2**20
# transformers 5 saves a name that transformers 4 does not know; both load this one.
TOKENIZER = "PreTrainedTokenizerFast"


def export(run: Path, target: Path, shape: Shape) -> int:
    """Write the pipeline of `run`'s checkpoint to `target`, and return the bytes of its weights."""
    state = torch.load(run / "mini.pt", map_location="cpu", weights_only=True)
    denoiser = Denoiser(shape, len(state["vocabulary"]))
    denoiser.load_state_dict(state["stepper"]["average"])
    vae = AutoencoderKL.from_pretrained(run / "vae")
    made = pipeline(denoiser, vae, build_tokenizer(state["vocabulary"], shape.tokens))
    made.to(dtype=torch.float16)
    shutil.rmtree(target, ignore_errors=True)
    made.save_pretrained(target, safe_serialization=True)
    _name_tokenizer(target)
    _name_text_weights(target)
    _sum(target)
    print(f"{count(denoiser, vae) / 1e6:.2f} M parameters after {state['stepper']['taken']} steps")
    return sum(path.stat().st_size for path in target.rglob("*.safetensors"))


def denoiser_of(folder: Path, shape: Shape) -> Denoiser:
    """Return UNet, ControlNet and text encoder of a finished pipeline, as float32 and ready to learn."""
    pipe = StableDiffusionControlNetInpaintPipeline.from_pretrained(
        folder, dtype=torch.float32, safety_checker=None, requires_safety_checker=False
    )
    denoiser = Denoiser(shape, len(mini_vocabulary()))
    for name in ("unet", "controlnet", "text_encoder"):
        getattr(denoiser, name).load_state_dict(getattr(pipe, name).state_dict())
    return denoiser


def split(folder: Path, target: Path, size: int = PART) -> list[Path]:
    """Pack `folder` into target/<name>.tar.00, .01, ... of at most `size` bytes, and return them."""
    whole = folder.parent / f"{folder.name}.tar"
    with tarfile.open(whole, "w") as tar:
        tar.add(folder, arcname=folder.name)
    parts: list[Path] = []
    with whole.open("rb") as file:
        while piece := file.read(size):
            parts.append(target / f"{whole.name}.{len(parts):02d}")
            parts[-1].write_bytes(piece)
    whole.unlink()
    return parts


def _name_tokenizer(folder: Path) -> None:
    index = folder / "model_index.json"
    names = json.loads(index.read_text())
    names["tokenizer"] = ["transformers", TOKENIZER]
    index.write_text(json.dumps(names, indent=2) + "\n")
    config = folder / "tokenizer" / "tokenizer_config.json"
    values = json.loads(config.read_text())
    values["tokenizer_class"] = TOKENIZER
    config.write_text(json.dumps(values, indent=2) + "\n")


def _name_text_weights(folder: Path) -> None:
    """Give the text encoder's weights the names of the published models: every version of transformers knows those."""
    path = folder / "text_encoder" / "model.safetensors"
    weights = load_file(path)
    named = {f"text_model.{name.removeprefix('text_model.')}": weight for name, weight in weights.items()}
    save_file(named, path, metadata={"format": "pt"})


def _sum(folder: Path) -> None:
    """Write SHA256SUMS, as sha256sum would: the package checks its weights against it."""
    weights = sorted(folder.rglob("*.safetensors"))
    lines = (f"{sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n" for path in weights)
    (folder / "SHA256SUMS").write_text("".join(lines))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--parts", type=Path, help="also write tar pieces of at most 15 MiB here")
    given = parser.parse_args()
    size = export(given.run, given.to, MINI)
    print(f"{size / 1e6:.1f} MB of weights in {given.to}")
    if given.parts:
        print(*split(given.to, given.parts), sep="\n")


if __name__ == "__main__":
    main()
