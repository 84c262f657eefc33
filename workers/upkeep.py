"""Forgetting in time: photos of sellers, sent messages, silent workers, spent idempotency keys."""

from __future__ import annotations

import logging
from datetime import timedelta

from fashion_gen import storage
from fashion_gen.jobs import Store
from fashion_gen.settings import StorageSettings
from fashion_gen.storage import Storage

log = logging.getLogger(__name__)


def forget_expired(store: Store, files: Storage, chosen: StorageSettings) -> None:
    """Mark uploads whose time is over and delete photos that are older than they may be.

    The files go by their own age, not by the upload's: two uploads of one photo share it, and the younger one keeps it.

    Raises:
        StorageUnavailable, DatabaseUnavailable: the rest is left for the next time.
    """
    while expired := store.uploads.expire():
        log.info("uploads expired", extra={"action": "uploads_expired", "number": len(expired)})
    swept = storage.sweep(
        files,
        now=store.clock(),
        originals=timedelta(days=chosen.originals_days),
        quarantine=timedelta(hours=chosen.quarantine_hours),
    )
    log.info(
        "files forgotten",
        extra={
            "action": "files_forgotten",
            "originals": swept.originals,
            "quarantined": swept.quarantined,
            "partial": swept.partial,
        },
    )


def prune(store: Store) -> None:
    """Delete rows that say nothing any more. Raises DatabaseUnavailable."""
    store.outbox.prune()
    store.workers.prune()
    store.idempotency.prune()
