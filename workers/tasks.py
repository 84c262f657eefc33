"""The tasks: shells around `fashion_gen.jobs`. A message that comes twice finds nothing left to claim."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from celery import shared_task
from celery.exceptions import Reject

from fashion_gen import wiring
from fashion_gen.errors import FashionGenError
from fashion_gen.jobs import copying, run
from fashion_gen.jobs.destinations import Turn
from fashion_gen.jobs.prepare import prepare as prepare_garment
from workers import gpu, upkeep
from workers.app import TASKS
from workers.process import here

PAUSE_S = 1.0


@shared_task(name=TASKS["prepare"])
def prepare(garment_ids: list[str]) -> None:
    """Cut garments out of their photos."""
    process = here()
    with _put_back_when_down():
        for garment_id in garment_ids:
            prepare_garment(
                garment_id, store=process.store, storage=process.storage, extract=process.extract, owner=process.owner
            )
    process.poke.send()  # looks may have waited for it


@shared_task(name=TASKS["render"])
def render(look_ids: list[str]) -> None:
    """Render a batch of looks."""
    process = here()
    with _put_back_when_down():
        ran = run.render(
            look_ids,
            store=process.store,
            storage=process.storage,
            studios=process.studios,
            owner=process.owner,
            version=wiring.version(),
        )
    process.poke.send()  # there is a free slot now
    if gpu.ran_out_of_memory(ran.errors):
        process.studios.keep_only_latest()
    if gpu.device_broken(ran.errors):
        raise SystemExit(1)  # the pool starts a new child, with a CUDA context that works


@shared_task(name=TASKS["tidy"])
def tidy() -> None:
    """Delete photos whose time is over, and what broken-off writes left behind."""
    process = here()
    with _put_back_when_down():
        upkeep.forget_expired(process.store, process.storage, process.settings.storage)


@shared_task(name=TASKS["copy"])
def copy(seller_id: str, number: int) -> None:
    """Copy looks to a seller's own bucket."""
    process = here()
    with _put_back_when_down():
        copying.copy(
            Turn(seller_id, number), store=process.store, storage=process.storage, open_bucket=process.buckets.open
        )
    process.poke.send()  # there may be more for it, or for others


@contextmanager
def _put_back_when_down() -> Iterator[None]:
    """Return the message when the database or the storage does not answer: it will soon."""
    try:
        yield
    except FashionGenError as exc:
        if not exc.retryable:
            raise
        time.sleep(PAUSE_S)  # or it would come back at once, for as long as the trouble lasts
        raise Reject(str(exc), requeue=True) from exc
