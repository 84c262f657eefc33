"""Looks to files: masters, mattes, references, channel files, the contact sheet and result.json (DESIGN section 5.2).

Everything goes through a `Storage`. result.json is deleted first and written last, so a folder that has one is whole;
what a run that failed had written is taken back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fashion_gen import channels, images, label, library
from fashion_gen.errors import StorageUnavailable
from fashion_gen.records import Brief, Garment, Look
from fashion_gen.result import describe, describe_garment, describe_photo, rounded
from fashion_gen.sheets import contact_sheet
from fashion_gen.storage import Storage

RESULT, SHEET, CUTOUT = "result.json", "contact-sheet.jpg", "garment.png"
SHEET_QUALITY = 90

# Only files that a render writes are ever deleted: look-01.png, look-01.mask.png, shopify/look-01.jpg
_OURS = re.compile(r"([^/]+/)?look-\d{2,}(\.mask|\.garment)?\.(png|jpg|jpeg|webp)")


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
    """Write everything of one photo under `folder` (the photo's name by default); return what result.json says.

    What an earlier render left there is replaced. `seconds` of the whole: "load", "garment" and "total".

    Raises:
        StorageUnavailable: the storage is full or read-only; nothing of this run stays.
        NotFound: there is no such channel.
        InvalidBrief: a channel's byte limit cannot be met.
    """
    place = folder or worn.photo.name
    # Looked up before the first write: a misspelt channel must not leave half a result.
    wanted = [library.lookup("channel", name, library.channels()) for name in brief.channels]
    with _all_or_nothing(storage, place) as put:
        storage.delete(f"{place}/{RESULT}")
        put(CUTOUT, images.encode(cutout(worn), "png"))
        entries = []
        for number, look in enumerate(looks, start=1):
            share = seconds.get("garment", 0.0) / len(looks)
            entries.append(
                write_look(put, worn, look, wanted, stem=f"look-{number:02d}", garment_seconds=share, version=version)
            )
        put(SHEET, _sheet(worn, looks, version))
        result = {
            "photo": describe_photo(worn.photo),
            "garment": describe_garment(worn),
            "looks": entries,
            "seconds": rounded({verb: float(seconds.get(verb, 0.0)) for verb in ("load", "total")}),
        }
        _delete_stale(storage, place, put.keys)
        put(RESULT, (json.dumps(result, indent=1, ensure_ascii=False) + "\n").encode())
    return result


def write_look(
    put: Callable[[str, bytes], None],
    worn: Garment,
    look: Look,
    wanted: Sequence[library.Channel],
    *,
    stem: str,
    garment_seconds: float = 0.0,
    version: str = "",
) -> dict[str, Any]:
    """Write the files of one look by `put(name, data)`; return its entry of result.json, which says their names.

    Raises:
        StorageUnavailable: from `put`.
        InvalidBrief: a channel's byte limit cannot be met.
    """
    files = _look_files(put, look, stem)
    sent = {channel.name: _channel_file(put, worn, look, channel, stem, version) for channel in wanted}
    return describe(look, files, sent, garment_seconds=garment_seconds)


def place_for(storage: Storage, name: str, sha256: str, taken: Collection[str]) -> str:
    """The folder for a photo: its name, or its name with a number where another photo already has that.

    `taken` holds the folders of this run. A folder that an earlier run wrote for the same photo (same SHA-256) is used again.
    """
    used = {folder.casefold() for folder in taken}  # "Shirt" and "shirt" are one folder on some systems
    number = 1
    while True:
        place = name if number == 1 else f"{name}-{number}"
        if place.casefold() not in used and _owner(storage, place) in (None, sha256):
            return place
        number += 1


def cutout(worn: Garment) -> NDArray[np.uint8]:
    """The garment as (H, W, 4) RGBA at source resolution."""
    return np.dstack([worn.colour, np.rint(worn.matte * 255).astype(np.uint8)])


def _owner(storage: Storage, place: str) -> str | None:
    """SHA-256 of the photo whose result lies there, None where there is none."""
    key = f"{place}/{RESULT}"
    if not storage.exists(key):
        return None
    try:
        return str(json.loads(storage.get(key))["photo"]["sha256"])
    except (ValueError, KeyError, TypeError):
        return "a file of somebody else's"


class _Put:
    """Writes under a folder and remembers what."""

    def __init__(self, storage: Storage, place: str) -> None:
        self._storage = storage
        self._place = place
        self.keys: list[str] = []

    def __call__(self, name: str, data: bytes) -> None:
        key = f"{self._place}/{name}"
        self._storage.put(key, data)
        self.keys.append(key)


@contextmanager
def _all_or_nothing(storage: Storage, place: str) -> Iterator[_Put]:
    put = _Put(storage, place)
    try:
        yield put
    except BaseException:  # also Ctrl-C
        for key in put.keys:
            with suppress(StorageUnavailable):  # what cannot be taken back must not hide why
                storage.delete(key)
        raise


def _delete_stale(storage: Storage, place: str, written: Sequence[str]) -> None:
    """Forget the looks of an earlier render that this one has not replaced; files of others stay."""
    for key in storage.keys(f"{place}/"):
        if key not in written and _OURS.fullmatch(key.removeprefix(f"{place}/")):
            storage.delete(key)


def _look_files(put: Callable[[str, bytes], None], look: Look, stem: str) -> dict[str, str]:
    """Write master, matte and reference; return their names as result.json calls them."""
    files = {"file": f"{stem}.png", "garment_mask": f"{stem}.mask.png", "reference": f"{stem}.garment.png"}
    put(files["file"], look.master)
    put(files["garment_mask"], images.encode(look.garment_mask, "png"))
    put(files["reference"], images.encode(look.reference, "png"))
    return files


def _channel_file(
    put: Callable[[str, bytes], None], worn: Garment, look: Look, channel: library.Channel, stem: str, version: str
) -> str:
    mark = label.Mark(f"{worn.photo.sha256[:16]}-{look.seed:08x}-{channel.name}", version=version)
    data, suffix = channels.adapt(
        np.asarray(look.image), channel, look.garment_box, encode=partial(label.encode, mark=mark)
    )
    name = f"{channel.name}/{stem}{suffix}"
    put(name, data)
    return name


def _sheet(worn: Garment, looks: Sequence[Look], version: str) -> bytes:
    mark = label.Mark(f"{worn.photo.sha256[:16]}-sheet", version=version)
    return label.encode(contact_sheet.draw(worn, looks), "jpeg", mark=mark, quality=SHEET_QUALITY)
