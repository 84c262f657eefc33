"""The numbers of the service, handed to the store and the dispatcher."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """How long, how often, how many."""

    lease: timedelta = timedelta(seconds=30)  #: a worker that says nothing for so long is taken for dead
    heartbeat: timedelta = timedelta(seconds=5)  #: also how soon a running look notices that it was cancelled
    max_failures: int = 3  #: counted attempts after which a look or a garment fails
    retry_delay: timedelta = timedelta(seconds=2)  #: before the second attempt; doubles with each one
    longest_retry_delay: timedelta = timedelta(minutes=1)
    #: A message not claimed for so long went down with the broker and is sent again. One that was only slow is harmless.
    redispatch_after: timedelta = timedelta(minutes=2)
    worker_silence: timedelta = timedelta(seconds=20)  #: after which a worker is not counted on
    batches_per_worker: int = 2  #: one at work, one waiting: enough to keep a GPU busy, few enough to stay fair
    batch_size: int = 4  #: looks in one GPU batch at most
    catalog_share: int = 4  #: one batch in so many goes to catalogs while interactive looks wait
    idempotency_ttl: timedelta = timedelta(hours=24)
    idempotency_lock: timedelta = timedelta(minutes=1)  #: longer than any request runs
    copy_lease: timedelta = timedelta(minutes=10)  #: longer than one look takes to a slow bucket of a seller
    longest_copy_delay: timedelta = timedelta(minutes=15)  #: between attempts at a seller's bucket that fails

    def delay(self, attempt: int) -> timedelta:
        """The wait before the next attempt, after `attempt` of them: exponential, with a ceiling."""
        return self._doubled(attempt, self.longest_retry_delay)

    def copy_delay(self, failures: int) -> timedelta:
        """The same for a seller's bucket that has failed so many times in a row."""
        return self._doubled(failures, self.longest_copy_delay)

    def _doubled(self, times: int, longest: timedelta) -> timedelta:
        return min(self.retry_delay * (1 << min(max(times - 1, 0), 16)), longest)
