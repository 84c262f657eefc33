"""Which rembg sessions may be used, under which licence, and which are refused and why. Data only; rembg is not imported.

The SHA-256 of these files is not published by their makers, and rembg checks an MD5. So each file is checked against
rembg's MD5, and its SHA-256 is written beside it on first use and compared ever after (trust on first use). Whoever has
a SHA-256 from a source of their own writes `<file>.sha256` beside the file before that.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from fashion_gen.errors import LicenceRefused, WeightsUntrusted

RELEASES = "https://github.com/danielgatis/rembg/releases/download/v0.0.0/"


@dataclass(frozen=True, slots=True)
class RembgModel:
    """One allow-listed session."""

    name: str  #: rembg's session name; its weights lie as `<name>.onnx` in rembg's folder
    file: str  #: the file's name in rembg's release
    md5: str  #: as rembg 2.0.86 checks it
    licence: str
    source: str
    megabytes: int

    @property
    def url(self) -> str:
        return RELEASES + self.file


MODELS = {
    model.name: model
    for model in (
        RembgModel(
            "u2net", "u2net.onnx", "60024c5c889badc19c04ad937298a77b", "Apache-2.0", "github.com/xuebinqin/U-2-Net", 176
        ),
        RembgModel(
            "u2netp", "u2netp.onnx", "8e83ca70e441ab06c318d82300c84806", "Apache-2.0", "github.com/xuebinqin/U-2-Net", 5
        ),
        RembgModel(
            "isnet-general-use",
            "isnet-general-use.onnx",
            "fc16ebd8b0c10d971d3513d564d01e29",
            "Apache-2.0",
            "github.com/xuebinqin/DIS",
            179,
        ),
        RembgModel(
            "birefnet-general",
            "BiRefNet-general-epoch_244.onnx",
            "7a35a0141cbbc80de11d9c9a28f52697",
            "MIT",
            "github.com/ZhengPeng7/BiRefNet",
            973,
        ),
        RembgModel(
            "birefnet-general-lite",
            "BiRefNet-general-bb_swin_v1_tiny-epoch_232.onnx",
            "4fab47adc4ff364be1713e97b7e66334",
            "MIT",
            "github.com/ZhengPeng7/BiRefNet",
            224,
        ),
        RembgModel(
            "u2net_cloth_seg",
            "u2net_cloth_seg.onnx",
            "2434d1f3cb744e0e49386c906e5a08bb",
            "MIT",
            "github.com/levindabhi/cloth-segmentation",
            176,
        ),
    )
}

REFUSED = {
    "bria-rmbg": "its weights (RMBG-2.0) are CC BY-NC 4.0, not for commercial use",
    "atlascloud": "it uploads the photo to a third party",
    "withoutbg": "it uploads the photo to a third party",
}


def check_allowed(name: str) -> None:
    """Refuse a rembg session that we know and do not use.

    Raises:
        LicenceRefused: with the reason, and what to take instead.
    """
    if name in REFUSED:
        raise LicenceRefused(f'The segmenter "{name}" is refused: {REFUSED[name]}. Take one of: {", ".join(MODELS)}.')


def check_weights(path: Path, md5: str | None) -> str:
    """Return the SHA-256 of a weight file after checking it; on first use its SHA-256 is recorded in `<path>.sha256`.

    Raises:
        WeightsUntrusted: the file differs from the recorded SHA-256 or from rembg's MD5, or nothing can be recorded.
    """
    sha256, seen_md5 = _digests(path)
    pin = path.with_name(path.name + ".sha256")
    if pin.exists():
        pinned = pin.read_text().split()[0].lower() if pin.read_text().strip() else ""
        if pinned != sha256:
            raise WeightsUntrusted(
                f"{path} has SHA-256 {sha256} but {pin.name} says {pinned or 'nothing'}: "
                f"fetch the file again, or correct {pin.name}."
            )
        return sha256
    if md5 is not None and seen_md5 != md5:
        raise WeightsUntrusted(
            f"{path} is not the file that rembg publishes (MD5 {seen_md5}, not {md5}): fetch it again."
        )
    try:
        pin.write_text(f"{sha256}  {path.name}\n")
    except OSError as exc:
        raise WeightsUntrusted(f"{pin} cannot be written: write the SHA-256 of {path.name} there yourself.") from exc
    return sha256


def _digests(path: Path) -> tuple[str, str]:
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            sha256.update(block)
            md5.update(block)
    return sha256.hexdigest(), md5.hexdigest()
