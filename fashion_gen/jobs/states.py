"""Which states there are and which moves between them. The database is moved by compare-and-set along this table only."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from fashion_gen.errors import InvalidMove


class Priority(StrEnum):
    """Who waits for it."""

    INTERACTIVE = "interactive"  # a person at the portal
    CATALOG = "catalog"  # a file of many rows


class UploadState(StrEnum):
    AWAITING = "awaiting"  # a target was handed out, the bytes have not come
    RECEIVED = "received"  # size, type and hash were checked
    REFUSED = "refused"  # not what was announced, or not a picture
    EXPIRED = "expired"  # the time to live is over and the bytes are deleted


class GarmentState(StrEnum):
    QUEUED = "queued"
    DISPATCHED = "dispatched"  # a message is on its way to a prepare worker
    RUNNING = "running"
    READY = "ready"  # cut out and understood
    REFUSED = "refused"  # the photo is at fault
    FAILED = "failed"  # we are at fault, three times


class JobState(StrEnum):
    """Derived from the looks, never set by hand."""

    QUEUED = "queued"  # no look has started
    RUNNING = "running"
    SUCCEEDED = "succeeded"  # every look that was not cancelled passed
    PARTIAL = "partial"  # some passed, some did not
    FAILED = "failed"  # none passed
    CANCELLED = "cancelled"  # stopped before every look was done; what had passed stays


class LookState(StrEnum):
    WAITING = "waiting"  # for its garment
    QUEUED = "queued"
    DISPATCHED = "dispatched"  # a message is on its way to a render worker
    RUNNING = "running"  # claimed; has an owner and a lease
    PASSED = "passed"  # billed, once
    REJECTED = "rejected"  # by the inspection; free
    FAILED = "failed"  # with a reason; free
    CANCELLED = "cancelled"


class Review(StrEnum):
    """What the seller says to a look that passed."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class AttemptOutcome(StrEnum):
    """How one claim ended."""

    PASSED = "passed"
    REJECTED = "rejected"
    READY = "ready"
    REFUSED = "refused"
    FAILED = "failed"  # counts towards the limit
    RETURNED = "returned"  # the infrastructure's fault, or a graceful stop: does not count
    ABANDONED = "abandoned"  # the owner died: counts, since the work itself may have killed it
    CANCELLED = "cancelled"


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"  # every retry was refused


class CatalogState(StrEnum):
    READING = "reading"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class RowState(StrEnum):
    PENDING = "pending"
    SUBMITTED = "submitted"  # has a job
    REFUSED = "refused"  # the row is at fault
    FINISHED = "finished"


class Topic(StrEnum):
    """Where an outbox message goes."""

    PREPARE = "prepare"  # ids of garments
    RENDER = "render"  # ids of the looks of one batch
    EVENT = "event"  # something a seller may subscribe to


State = TypeVar("State", UploadState, GarmentState, LookState, DeliveryState, CatalogState, RowState)

_MOVES: dict[StrEnum, frozenset[StrEnum]] = {
    UploadState.AWAITING: frozenset({UploadState.RECEIVED, UploadState.REFUSED, UploadState.EXPIRED}),
    UploadState.RECEIVED: frozenset({UploadState.EXPIRED}),
    UploadState.REFUSED: frozenset({UploadState.EXPIRED}),
    UploadState.EXPIRED: frozenset(),
    GarmentState.QUEUED: frozenset({GarmentState.DISPATCHED, GarmentState.RUNNING}),
    GarmentState.DISPATCHED: frozenset({GarmentState.QUEUED, GarmentState.RUNNING}),
    GarmentState.RUNNING: frozenset(
        {GarmentState.QUEUED, GarmentState.READY, GarmentState.REFUSED, GarmentState.FAILED}
    ),
    GarmentState.READY: frozenset(),
    GarmentState.REFUSED: frozenset(),
    GarmentState.FAILED: frozenset(),
    LookState.WAITING: frozenset({LookState.QUEUED, LookState.FAILED, LookState.CANCELLED}),
    LookState.QUEUED: frozenset({LookState.DISPATCHED, LookState.RUNNING, LookState.CANCELLED}),
    # Back to queued when the message was lost with the broker.
    LookState.DISPATCHED: frozenset({LookState.QUEUED, LookState.RUNNING, LookState.CANCELLED}),
    LookState.RUNNING: frozenset(
        {LookState.QUEUED, LookState.PASSED, LookState.REJECTED, LookState.FAILED, LookState.CANCELLED}
    ),
    # The seller may ask for another picture of a finished look.
    LookState.PASSED: frozenset({LookState.QUEUED}),
    LookState.REJECTED: frozenset({LookState.QUEUED}),
    LookState.FAILED: frozenset({LookState.QUEUED}),
    LookState.CANCELLED: frozenset(),
    DeliveryState.PENDING: frozenset({DeliveryState.DELIVERED, DeliveryState.FAILED}),
    DeliveryState.DELIVERED: frozenset({DeliveryState.PENDING}),  # redelivery by hand
    DeliveryState.FAILED: frozenset({DeliveryState.PENDING}),
    CatalogState.READING: frozenset({CatalogState.RUNNING, CatalogState.CANCELLED}),
    CatalogState.RUNNING: frozenset({CatalogState.FINISHED, CatalogState.CANCELLED}),
    CatalogState.FINISHED: frozenset(),
    CatalogState.CANCELLED: frozenset(),
    RowState.PENDING: frozenset({RowState.SUBMITTED, RowState.REFUSED}),
    RowState.SUBMITTED: frozenset({RowState.FINISHED}),
    RowState.REFUSED: frozenset(),
    RowState.FINISHED: frozenset(),
}

#: Looks that will still change by themselves.
OPEN_LOOKS = (LookState.WAITING, LookState.QUEUED, LookState.DISPATCHED, LookState.RUNNING)
FINISHED_JOBS = (JobState.SUCCEEDED, JobState.PARTIAL, JobState.FAILED, JobState.CANCELLED)


def move(current: State, to: State) -> State:
    """Return `to`. Raises InvalidMove where the table has no such move."""
    if to not in _MOVES[current]:
        raise InvalidMove(_noun(current), current.value, to.value)
    return to


def sources(to: State) -> tuple[State, ...]:
    """The states that may become `to`: what a compare-and-set puts into its WHERE."""
    return tuple(state for state in type(to) if to in _MOVES[state])


def derive(counts: Mapping[LookState, int], *, cancel_requested: bool) -> JobState:
    """The state of a job whose looks are in these states, `counts[state]` of each.

    `cancel_requested`: the seller cancelled the whole job, not just one of its looks.
    """
    total = sum(counts.values())
    waiting = sum(counts.get(state, 0) for state in OPEN_LOOKS)
    untouched = waiting - counts.get(LookState.RUNNING, 0)
    passed, cancelled = counts.get(LookState.PASSED, 0), counts.get(LookState.CANCELLED, 0)
    if waiting:
        return JobState.QUEUED if untouched == total else JobState.RUNNING
    if cancelled == total or (cancel_requested and cancelled):
        return JobState.CANCELLED
    if passed == total - cancelled:
        return JobState.SUCCEEDED
    return JobState.PARTIAL if passed else JobState.FAILED


def _noun(state: StrEnum) -> str:
    return type(state).__name__.removesuffix("State").lower()
