"""What an io worker does when a seller's bucket has its turn: copy the looks that it is owed, one after the other."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from fashion_gen.errors import InputError, NotFound, SetupError, StorageUnavailable
from fashion_gen.jobs.destinations import Turn
from fashion_gen.jobs.store import Store
from fashion_gen.jobs.tables import Destination, Look
from fashion_gen.storage import Storage, results_scope

log = logging.getLogger(__name__)

#: Opens a seller's bucket.
OpenBucket = Callable[[Destination], Storage]

LOOKS = 50  #: in one turn at most
TURN_S = 20.0  #: after which a slow bucket gives way to the next seller's
OUR_PAUSE = timedelta(seconds=10)  #: before another try where our own storage did not answer


class _BucketRefuses(Exception):
    """The seller's bucket is at fault; its cause says how."""


def copy(
    turn: Turn,
    *,
    store: Store,
    storage: Storage,
    open_bucket: OpenBucket,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Copy looks until none is owed or the turn is over; return how many arrived.

    What the seller's bucket does wrong ends in its row (`Destination.reason`) and is tried again later.

    Raises:
        DatabaseUnavailable: the message may come again; nothing is copied twice that was remembered.
    """
    row = store.destinations.begin(turn)
    if row is None:  # a message that came late, or twice
        return 0
    arrived, until = 0, clock() + TURN_S
    try:
        with _theirs():
            bucket = open_bucket(row)
        for owed in store.destinations.owed(turn, limit=LOOKS):
            _copy_look(owed.look, storage, bucket)
            if not store.destinations.copied(turn, owed):
                return arrived
            arrived += 1
            if clock() > until:
                break
    except _BucketRefuses as exc:
        cause = exc.__cause__
        log.warning("%s", cause, extra={"action": "copy_refused", "seller_id": turn.seller_id})
        store.destinations.fail(turn, str(cause))
        return arrived
    except StorageUnavailable as exc:
        log.warning("%s", exc, extra={"action": "copy_postponed", "seller_id": turn.seller_id})
        store.destinations.end(turn, pause=OUR_PAUSE)
        return arrived
    store.destinations.end(turn)
    log.info("looks copied", extra={"action": "looks_copied", "seller_id": turn.seller_id, "looks": arrived})
    return arrived


def _copy_look(look: Look, storage: Storage, bucket: Storage) -> None:
    """Write a look's files under the keys that they have here, less the seller's own; `look.json` comes last.

    Whoever finds that one finds all of them.
    """
    ours = f"{results_scope(look.seller_id)}/"
    for key in look.files.values():
        try:
            data = storage.get(key)
        except NotFound:  # deleted since: there is nothing left to copy
            log.warning("file is gone", extra={"action": "copy_missing", "work_id": look.id, "key": key})
            continue
        with _theirs():
            bucket.put(key.removeprefix(ours), data)
    folder = look.files["file"].removeprefix(ours).rpartition("/")[0]
    with _theirs():
        bucket.put(f"{folder}/look.json", _certificate(look))


def _certificate(look: Look) -> bytes:
    told: dict[str, Any] = {"id": look.id, "job_id": look.job_id, "number": look.number, **(look.result or {})}
    return json.dumps(told, indent=1).encode()


@contextmanager
def _theirs() -> Iterator[None]:
    """A seller's bucket is at work, whose errors shall not be taken for those of our own storage."""
    try:
        yield
    except (SetupError, InputError) as exc:
        raise _BucketRefuses from exc
