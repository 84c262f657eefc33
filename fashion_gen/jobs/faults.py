"""What an error means for the work it struck: whose fault it is, and what the seller is told."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum, auto
from typing import Any, TypeVar

from fashion_gen.errors import DatabaseUnavailable, FashionGenError, InputError, LeaseLost, SetupError
from fashion_gen.jobs.leases import Claim, Leases

log = logging.getLogger(__name__)
T = TypeVar("T")

#: Waits of a worker whose finished work meets a database that does not answer; together as long as a restart takes.
PATIENCE_S = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)


class Fault(Enum):
    """Whose fault an error is."""

    OURS_FOR_NOW = auto()  # storage or database unavailable: put back, not counted
    INPUT = auto()  # trying again will not help
    ATTEMPT = auto()  # counted; another attempt may succeed


def fault_of(error: BaseException) -> Fault:
    """Judge an error. Signals to stop (SystemExit, KeyboardInterrupt) are nobody's fault."""
    if isinstance(error, InputError) and not error.retryable:
        return Fault.INPUT
    if (isinstance(error, SetupError) and error.retryable) or not isinstance(error, Exception):
        return Fault.OURS_FOR_NOW
    return Fault.ATTEMPT


def reason_of(error: BaseException) -> str:
    """A sentence for the seller. Only our own errors speak for themselves: others may quote paths, hosts or secrets."""
    if isinstance(error, FashionGenError):
        return str(error)
    return f"An unexpected {type(error).__name__} stopped this attempt; the operator's log has the details."


def settle(leases: Leases[Any], claim: Claim, error: BaseException) -> Fault:
    """End a claim as its error deserves. Never raises: what cannot be written down is left to the sweeper."""
    fault, reason = fault_of(error), reason_of(error)
    if fault is Fault.ATTEMPT and not isinstance(error, FashionGenError):
        log.error("attempt broke", exc_info=error, extra={"action": "attempt_broke", **ids(claim)})
    with left_to_the_sweeper(claim):
        if fault is Fault.OURS_FOR_NOW:
            insist(lambda: leases.give_back(claim, reason))
        else:
            insist(lambda: leases.fail(claim, reason, final=fault is Fault.INPUT))
    return fault


def insist(call: Callable[[], T], *, sleep: Callable[[float], None] = time.sleep) -> T:
    """Call until the database answers, for as long as `PATIENCE_S`. Raises DatabaseUnavailable after that."""
    for pause in PATIENCE_S:
        try:
            return call()
        except DatabaseUnavailable:
            sleep(pause)
    return call()


@contextmanager
def left_to_the_sweeper(claim: Claim) -> Iterator[None]:
    """Let a claim go whose end cannot be written: its lease runs out, or somebody else has it already."""
    try:
        yield
    except (LeaseLost, DatabaseUnavailable) as exc:
        log.warning("%s", exc, extra={"action": "claim_let_go", **ids(claim)})


def ids(claim: Claim) -> dict[str, Any]:
    """What every log line about a claim carries."""
    return {"work_id": claim.id, "seller_id": claim.seller_id, "attempt": claim.attempt}
