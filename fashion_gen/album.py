"""Looks to files: masters, mattes, references, channel files, the contact sheet and result.json (DESIGN section 5.2).

Everything goes through a `Storage`; result.json is written last, so a folder that has one is whole.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np

from fashion_gen import channels, contact_sheet, images, label, library
from fashion_gen.records import Brief, Garment, Look, Photo
from fashion_gen.storage import Storage

DECIMALS = 4


def write(
    storage: Storage,
    worn: Garment,
    looks: Sequence[Look],
    brief: Brief,
    *,
    seconds: Mapping[str, float],
    folder: str | None = None,
    version: str = "",
) -> dict[str, Any]:
    """Write everything of one photo under `folder` (its name by default) and return what result.json says.

    Raises:
        StorageUnavailable: the storage is full or read-only; nothing half-written stays.
        InvalidBrief: a channel's byte limit cannot be met.
    """
    place = folder or worn.photo.name
    # Looked up before the first write: a misspelt channel must not leave half a result.
    wanted = [library.lookup("channel", name, library.channels()) for name in brief.channels]
    storage.delete(f"{place}/result.json")
    storage.put(f"{place}/garment.png", images.encode(cutout(worn), "png"))
    entries = []
    for number, look in enumerate(looks, start=1):
        stem = f"look-{number:02d}"
        storage.put(f"{place}/{stem}.png", look.master)
        storage.put(f"{place}/{stem}.mask.png", images.encode(look.garment_mask, "png"))
        storage.put(f"{place}/{stem}.garment.png", images.encode(look.reference, "png"))
        files = {
            channel.name: _write_channel(storage, f"{place}/{channel.name}/{stem}", look, channel, version)
            for channel in wanted
        }
        entries.append({**describe(look), **_files(stem), "channels": files})
    storage.put(f"{place}/contact-sheet.jpg", contact_sheet.draw(worn, looks))
    result = {
        "photo": describe_photo(worn.photo),
        "garment": describe_garment(worn),
        "looks": entries,
        "seconds": _rounded(dict(seconds)),
    }
    storage.put(f"{place}/result.json", json.dumps(result, indent=1, ensure_ascii=False).encode())
    return result


def cutout(worn: Garment) -> images.Picture:
    """The garment as (H, W, 4) RGBA at source resolution."""
    return np.dstack([worn.colour, np.rint(worn.matte * 255).astype(np.uint8)])


def describe_photo(photo: Photo) -> dict[str, Any]:
    return {"sha256": photo.sha256, "width": photo.width, "height": photo.height}


def describe_garment(worn: Garment) -> dict[str, Any]:
    """The "garment" object of result.json."""
    return {
        "kind": worn.kind.value,
        "kind_confidence": round(worn.kind_confidence, DECIMALS),
        "category": worn.category.value,
        "category_confidence": round(worn.category_confidence, DECIMALS),
        "segmenter": worn.segmenter,
        "landmarks": {name: [round(p.x, DECIMALS), round(p.y, DECIMALS)] for name, p in worn.landmarks.items()},
        "landmark_confidences": {name: round(p.confidence, DECIMALS) for name, p in worn.landmarks.items()},
        "problems": [asdict(problem) for problem in (*worn.photo.problems, *worn.problems)],
    }


def describe(look: Look) -> dict[str, Any]:
    """One entry of "looks" in result.json, without its file names."""
    persona = look.persona
    return {
        "persona": {
            "name": persona.name,
            "tone": persona.tone,
            "size": persona.size.value,
            "age": persona.age.value,
            "presentation": persona.presentation.value,
            "hair": persona.hair,
            "hair_colour": persona.hair_colour,
            "features": list(persona.features),
            "measurements": asdict(persona.measurements),
        },
        "pose": {
            "name": look.pose.name,
            "keypoints": np.round(look.keypoints, DECIMALS).tolist(),
            "framing": look.pose.framing.value,
        },
        "scene": look.scene,
        "styling": look.styling,
        "seed": look.seed,
        "preset": look.preset,
        "weights_sha256": look.weights_sha256,
        "garment_box": list(look.garment_box),
        "inspection": _rounded({**asdict(look.inspection), "reasons": list(look.inspection.reasons)}),
        "invented": list(look.invented),
        "notes": list(look.notes),
        "label": asdict(look.label),
        "seconds": _rounded(dict(look.seconds)),
    }


def _files(stem: str) -> dict[str, str]:
    return {"file": f"{stem}.png", "garment_mask": f"{stem}.mask.png", "reference": f"{stem}.garment.png"}


def _write_channel(storage: Storage, stem: str, look: Look, channel: library.Channel, version: str) -> str:
    mark = label.Mark(f"{look.seed:08x}-{channel.name}", version=version)
    data, suffix = channels.adapt(
        np.asarray(look.image), channel, look.garment_box, encode=partial(label.encode, mark=mark)
    )
    storage.put(stem + suffix, data)
    return (stem + suffix).split("/", 1)[1]


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {k: round(v, DECIMALS) if isinstance(v, float) else v for k, v in values.items()}
