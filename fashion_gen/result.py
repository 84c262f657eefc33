"""What result.json says (DESIGN section 5.2): the contract's keys in its order, then what is told beyond it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from fashion_gen.records import Garment, Look, Persona, Photo

DECIMALS = 4
VERBS = ("garment", "pose", "generate", "compose", "inspect", "label")


def describe_photo(photo: Photo) -> dict[str, Any]:
    """The "photo" object."""
    return {"sha256": photo.sha256, "width": photo.width, "height": photo.height}


def describe_garment(worn: Garment) -> dict[str, Any]:
    """The "garment" object; landmarks are [x, y] in [0, 1] of the photo."""
    points = worn.landmarks
    return {
        "kind": worn.kind.value,
        "category": worn.category.value,
        "segmenter": worn.segmenter,
        "landmarks": {name: [_short(point.x), _short(point.y)] for name, point in points.items()},
        "problems": [asdict(problem) for problem in (*worn.photo.problems, *worn.problems)],
        "kind_confidence": _short(worn.kind_confidence),
        "category_confidence": _short(worn.category_confidence),
        "landmark_confidences": {name: _short(point.confidence) for name, point in points.items()},
    }


def describe(
    look: Look, files: Mapping[str, str], channels: Mapping[str, str], *, garment_seconds: float = 0.0
) -> dict[str, Any]:
    """One entry of "looks". `files` are "file", "garment_mask" and "reference", `channels` maps names to files."""
    spent = {"garment": garment_seconds, **look.seconds}
    return {
        "file": files["file"],
        "persona": describe_persona(look.persona),
        "pose": {
            "name": look.pose.name,
            "keypoints": np.round(look.keypoints, DECIMALS).tolist(),
            "framing": look.pose.framing.value,
        },
        "scene": look.scene,
        "seed": look.seed,
        "preset": look.preset,
        "weights_sha256": look.weights_sha256,
        "garment_box": [int(side) for side in look.garment_box],
        "garment_mask": files["garment_mask"],
        "reference": files["reference"],
        "inspection": rounded({**asdict(look.inspection), "reasons": list(look.inspection.reasons)}),
        "invented": list(look.invented),
        "label": asdict(look.label),
        "seconds": rounded({verb: float(spent.get(verb, 0.0)) for verb in VERBS}),
        "styling": look.styling,
        "notes": list(look.notes),
        "channels": dict(channels),
    }


def describe_persona(persona: Persona) -> dict[str, Any]:
    """The "persona" object; `fashion-gen cast --json` lists the same."""
    return {
        "name": persona.name,
        "tone": persona.tone,
        "size": persona.size.value,
        "age": persona.age.value,
        "presentation": persona.presentation.value,
        "hair": persona.hair,
        "hair_colour": persona.hair_colour,
        "features": list(persona.features),
        "seed": persona.seed,
        "measurements": asdict(persona.measurements),
    }


def rounded(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same with every float cut to `DECIMALS`."""
    return {name: _short(value) if isinstance(value, float) else value for name, value in values.items()}


def _short(value: float) -> float:
    return round(float(value), DECIMALS)
