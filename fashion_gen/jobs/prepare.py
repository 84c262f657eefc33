"""What a prepare worker does: an upload becomes a garment, with everything that is wrong with its photo."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import Any

import numpy as np

from fashion_gen import album, images
from fashion_gen.errors import InputError, UnreadablePhoto
from fashion_gen.garment import refusal
from fashion_gen.jobs import faults, pack
from fashion_gen.jobs.garments import Prepared
from fashion_gen.jobs.leases import Claim
from fashion_gen.jobs.pulse import Heartbeat
from fashion_gen.jobs.store import Store
from fashion_gen.jobs.tables import Garment as GarmentRow
from fashion_gen.jobs.tables import Upload
from fashion_gen.records import Brief, Category, Kind, Photo, Problem, Stroke
from fashion_gen.result import describe_garment
from fashion_gen.storage import Storage, result_key
from fashion_gen.studio import Extract

log = logging.getLogger(__name__)


def prepare(garment_id: str, *, store: Store, storage: Storage, extract: Extract, owner: str) -> None:
    """Prepare one garment, if it is free. Expected errors end in its row; what a repeated message asks for is done already."""
    claims = store.garment_leases.claim([garment_id], owner)
    every_s = store.policy.heartbeat.total_seconds()
    with Heartbeat(store.garment_leases, claims, every_s=every_s):
        for claim in claims:
            try:
                _prepare(claim, store=store, storage=storage, extract=extract)
            except Exception as exc:  # whatever a broken photo makes a library raise ends this attempt, not the worker
                faults.settle(store.garment_leases, claim, exc)
            except BaseException as exc:
                faults.settle(store.garment_leases, claim, exc)
                raise


def open_original(storage: Storage, upload: Upload) -> Photo:
    """The seller's photo.

    Raises:
        StorageUnavailable: it cannot be read now.
        InputError: it is gone, cannot be opened, or is not the file that was uploaded.
    """
    photo = images.open_photo(storage.get(upload.storage_key), name=upload.name)
    if upload.sha256 and photo.sha256 != upload.sha256:
        raise UnreadablePhoto("The stored photo is not the one that was uploaded: upload it again.")
    return photo


def stated(row: GarmentRow) -> Brief:
    """What the seller said of the garment, as a brief for `extract`."""
    return Brief(
        kind=Kind(row.kind_asked) if row.kind_asked else None,
        category=Category(row.category_asked) if row.category_asked else None,
    )


def drawn(row: GarmentRow) -> tuple[Stroke, ...]:
    """The strokes by which the seller mends the cut-out."""
    rows = (row.strokes_asked or {}).get("strokes", [])
    return tuple(Stroke(tuple((x, y) for x, y in one["points"]), one["include"], one["width"]) for one in rows)


def _prepare(claim: Claim, *, store: Store, storage: Storage, extract: Extract) -> None:
    row, upload = store.garment_leases.work(claim)
    photo: Photo | None = None
    try:
        photo = open_original(storage, upload)
        worn = extract(photo, stated(row), strokes=drawn(row))
    except InputError as exc:
        reason = str(exc)
        preflight = _preflight([*(photo.problems if photo else ()), refusal(exc)], usable=False)
        faults.insist(lambda: store.garment_leases.refuse(claim, reason, preflight))
        return
    folder = result_key(claim.seller_id, "garments", claim.id, str(claim.attempt))
    files = {"cutout": f"{folder}/garment.png", "packed": f"{folder}/garment.npz"}
    storage.put(files["cutout"], images.encode(album.cutout(worn), "png"))
    storage.put(files["packed"], pack.pack(worn))
    problems = [*photo.problems, *worn.problems]
    preflight = _preflight(problems, usable=not any(problem.refuse for problem in problems))
    preflight["garment"] = describe_garment(worn)
    preflight["garment"]["area"] = round(float(np.mean(worn.matte > 0.5)), 4)
    found = Prepared(worn.kind, worn.category, preflight, files)
    faults.insist(lambda: store.garment_leases.ready(claim, found))
    log.info("garment ready", extra={"action": "garment_ready", **faults.ids(claim)})


def _preflight(problems: list[Problem], *, usable: bool) -> dict[str, Any]:
    return {"usable": usable, "problems": [asdict(problem) for problem in problems]}
