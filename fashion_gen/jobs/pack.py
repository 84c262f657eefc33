"""A garment as bytes, exact: what the prepare step has seen need not be seen again at every look.

A zip of arrays (numpy's .npz): the matte as float32, the colour as its difference to the photo, which is zero nearly everywhere,
the inside as bits, and the rest as JSON.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from fashion_gen.errors import UnreadablePhoto
from fashion_gen.records import Category, Garment, Kind, Landmark, Photo, Problem

VERSION = 1
_FACTS = TypeAdapter(dict[str, Any])
_LANDMARKS = TypeAdapter(dict[str, Landmark])
_PROBLEMS = TypeAdapter(tuple[Problem, ...])


def pack(worn: Garment) -> bytes:
    """Return the garment without its photo, which is stored anyway."""
    facts = {
        "version": VERSION,
        "sha256": worn.photo.sha256,
        "kind": worn.kind.value,
        "category": worn.category.value,
        "segmenter": worn.segmenter,
        "kind_confidence": worn.kind_confidence,
        "category_confidence": worn.category_confidence,
        "landmarks": _LANDMARKS.dump_python(dict(worn.landmarks)),
        "problems": _PROBLEMS.dump_python(worn.problems),
    }
    file = io.BytesIO()
    np.savez_compressed(
        file,
        facts=np.frombuffer(_FACTS.dump_json(facts), np.uint8),
        matte=worn.matte,
        colour=worn.colour - worn.photo.rgb,  # uint8 wraps around, there and back
        inside=np.packbits(worn.inside),
    )
    return file.getvalue()


def unpack(data: bytes, photo: Photo) -> Garment:
    """Return the garment that `pack` was given, on the photo that it came from.

    Raises:
        UnreadablePhoto: these are not the bytes of a garment of this photo, or of an older version.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            facts = _FACTS.validate_json(arrays["facts"].tobytes())
            if facts["version"] != VERSION or facts["sha256"] != photo.sha256:
                raise ValueError("another version or photo")
            shape = photo.rgb.shape[:2]
            return Garment(
                photo=photo,
                matte=arrays["matte"].reshape(shape),
                colour=arrays["colour"] + photo.rgb,
                inside=np.unpackbits(arrays["inside"], count=shape[0] * shape[1]).astype(bool).reshape(shape),
                kind=Kind(facts["kind"]),
                category=Category(facts["category"]),
                landmarks=_LANDMARKS.validate_python(facts["landmarks"]),
                segmenter=facts["segmenter"],
                kind_confidence=facts["kind_confidence"],
                category_confidence=facts["category_confidence"],
                problems=_PROBLEMS.validate_python(facts["problems"]),
            )
    except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile, ValidationError) as exc:
        raise UnreadablePhoto("The stored garment is of another photo or version: prepare the upload again.") from exc
