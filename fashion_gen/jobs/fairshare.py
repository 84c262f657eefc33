"""Whose looks go next: pure planning, no database.

Deficit round robin (Shreedhar and Varghese, SIGCOMM 1995) between sellers: each in turn may send as many looks as its weight.
Interactive work goes before catalogs, of which one batch in `catalog_share` is nevertheless taken, so that they never starve.
A batch holds looks of one preset, of several sellers where they ask for the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from fashion_gen.jobs.states import Priority


@dataclass(frozen=True, slots=True)
class Waiting:
    """One look, or garment, that could be sent."""

    id: str
    preset: str
    alone: bool = False  #: failed before: a poison look must not take others with it


@dataclass(frozen=True, slots=True)
class Share:
    """A seller with waiting work: the heads of its two queues, as many as could go at once."""

    seller_id: str
    weight: int
    room: int  #: how many more may be in flight
    queues: Mapping[Priority, Sequence[Waiting]]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one worker gets in one message."""

    ids: tuple[str, ...]
    preset: str
    priority: Priority


@dataclass(frozen=True, slots=True)
class Turn:
    """What is remembered from one plan to the next: whose turn it is. Forgetting it costs a little fairness, nothing else."""

    rings: Mapping[Priority, tuple[str, ...]] = field(default_factory=dict)
    deficits: Mapping[Priority, Mapping[str, int]] = field(default_factory=dict)
    batches: int = 0  #: since the last one that was the catalogs' own


def plan(
    shares: Sequence[Share], turn: Turn, *, slots: int, batch_size: int, catalog_share: int
) -> tuple[list[Batch], Turn]:
    """Return at most `slots` batches of at most `batch_size`, and the turn to plan the next ones with."""
    room = {share.seller_id: share.room for share in shares}
    lanes = {priority: _Lane(priority, shares, turn, room) for priority in Priority}
    batches: list[Batch] = []
    since = turn.batches
    while len(batches) < slots:
        catalogs_turn = since + 1 >= catalog_share
        order = (Priority.CATALOG, Priority.INTERACTIVE) if catalogs_turn else (Priority.INTERACTIVE, Priority.CATALOG)
        batch = _batch([lanes[priority] for priority in order], batch_size)
        if batch is None:
            break
        batches.append(batch)
        since = 0 if batch.priority is Priority.CATALOG else min(since + 1, catalog_share)
    rings = {priority: tuple(lane.ring) for priority, lane in lanes.items()}
    return batches, Turn(rings, {priority: lane.deficits for priority, lane in lanes.items()}, since)


def _batch(lanes: Sequence[_Lane], size: int) -> Batch | None:
    """One batch from the first lane that has work, filled up from the others."""
    for lane in lanes:
        first = lane.take(lane.fitting(None))
        if first is None:
            continue
        ids = [first.id]
        if not first.alone:
            for source in (lane, *(other for other in lanes if other is not lane)):
                while len(ids) < size and (more := source.take(source.fitting(first.preset))):
                    ids.append(more.id)
        return Batch(tuple(ids), first.preset, lane.priority)
    return None


class _Lane:
    """The sellers of one priority in their ring. Those who are passed over, for another preset, keep their place."""

    def __init__(self, priority: Priority, shares: Iterable[Share], turn: Turn, room: dict[str, int]) -> None:
        self.priority = priority
        self._queues = {share.seller_id: list(share.queues.get(priority, ())) for share in shares}
        self._queues = {seller: queue for seller, queue in self._queues.items() if queue}
        self._weights = {share.seller_id: share.weight for share in shares}
        self._room = room  # shared by the lanes
        known = [seller for seller in turn.rings.get(priority, ()) if seller in self._queues]
        # Who comes anew joins at the end, with nothing saved up: idleness earns no credit.
        self.ring = known + [seller for seller in self._queues if seller not in set(known)]
        old = turn.deficits.get(priority, {})
        self.deficits = {seller: old.get(seller, 0) for seller in known}

    def fitting(self, preset: str | None) -> tuple[str, int] | None:
        """The first seller in the ring with a look of this preset (None: of any), and the place of that look in its queue."""
        for seller in self.ring:
            if self._room[seller] <= 0:
                continue
            for place, waiting in enumerate(self._queues[seller]):
                if preset is None or (waiting.preset == preset and not waiting.alone):
                    return seller, place
        return None

    def take(self, found: tuple[str, int] | None) -> Waiting | None:
        """Take what `fitting` found and charge its seller."""
        if found is None:
            return None
        seller, place = found
        left = self.deficits.get(seller, 0)
        left = (left if left >= 1 else left + self._weights[seller]) - 1
        self.deficits[seller] = left
        self._room[seller] -= 1
        waiting = self._queues[seller].pop(place)
        if left < 1 or not self._queues[seller]:
            self.ring.remove(seller)
            self.ring.append(seller)
        return waiting
