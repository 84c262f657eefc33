"""Fair shares, simulated: no clock, no database, no chance."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from fashion_gen.jobs.fairshare import Batch, Share, Turn, Waiting, plan
from fashion_gen.jobs.states import Priority

BATCH = 4
INTERACTIVE, CATALOG = Priority.INTERACTIVE, Priority.CATALOG


@dataclass
class Simulation:
    """Sellers with queues, and workers that each finish one batch per round."""

    workers: int = 1
    cap: int = 1000
    weights: dict[str, int] = field(default_factory=dict)
    queues: dict[tuple[str, Priority], list[Waiting]] = field(default_factory=dict)
    turn: Turn = field(default_factory=Turn)
    sent: list[Batch] = field(default_factory=list)
    sellers: dict[str, str] = field(default_factory=dict)

    def submit(
        self, seller: str, looks: int, priority: Priority = INTERACTIVE, preset: str = "mini", *, alone: bool = False
    ) -> list[str]:
        queue = self.queues.setdefault((seller, priority), [])
        start = len(self.sellers)
        new = [Waiting(f"{seller}-{start + n}", preset, alone) for n in range(looks)]
        self.sellers.update({waiting.id: seller for waiting in new})
        queue.extend(new)
        return [waiting.id for waiting in new]

    def round(self) -> list[Batch]:
        names = dict.fromkeys(seller for seller, _ in self.queues)
        shares = [
            Share(
                seller,
                self.weights.get(seller, 1),
                self.cap,
                {priority: self.queues.get((seller, priority), [])[: self.workers * BATCH] for priority in Priority},
            )
            for seller in names
        ]
        batches, self.turn = plan(shares, self.turn, slots=self.workers, batch_size=BATCH, catalog_share=4)
        gone = {id_ for batch in batches for id_ in batch.ids}
        for queue in self.queues.values():
            # Only the head was shown to the planner, so only it can have gone.
            queue[: self.workers * BATCH] = [w for w in queue[: self.workers * BATCH] if w.id not in gone]
        self.sent.extend(batches)
        return batches

    def rounds_until(self, ids: list[str]) -> int:
        left, rounds = set(ids), 0
        while left:
            rounds += 1
            for batch in self.round():
                left -= set(batch.ids)
            assert rounds < 100_000, "never sent"
        return rounds

    def served(self) -> Counter[str]:
        return Counter(self.sellers[id_] for batch in self.sent for id_ in batch.ids)


def test_a_hundred_thousand_rows_delay_a_single_upload_by_less_than_two_batches() -> None:
    for priority in (CATALOG, INTERACTIVE):  # also where the big seller calls its catalog interactive
        world = Simulation()
        world.submit("big", 100_000, priority)
        for _ in range(5):
            world.round()
        alone = 1  # four looks fill one batch of an idle system
        assert world.rounds_until(world.submit("small", 4)) - alone < 2


def test_catalogs_never_starve() -> None:
    world = Simulation()
    world.submit("portal", 4000)
    world.submit("catalog", 4000, CATALOG)
    for _ in range(400):
        world.round()
    assert world.served()["catalog"] == 400  # one batch in four


def test_catalogs_get_everything_that_nobody_else_wants() -> None:
    world = Simulation()
    rows = world.submit("catalog", 400, CATALOG)
    assert world.rounds_until(rows) == 100


def test_weights_are_shares() -> None:
    world = Simulation(weights={"gold": 3, "plain": 1})
    for seller in ("gold", "plain"):
        world.submit(seller, 3000)
    for _ in range(500):
        world.round()
    assert world.served() == {"gold": 1500, "plain": 500}


def test_looks_of_one_preset_share_a_batch() -> None:
    world = Simulation()
    for seller in ("a", "b", "c", "d"):
        world.submit(seller, 1, preset="sdxl")
    [batch] = world.round()
    assert len(batch.ids) == 4


def test_presets_are_never_mixed_and_nobody_is_passed_over_for_ever() -> None:
    world = Simulation()
    for seller in ("a", "b", "c"):
        world.submit(seller, 200, preset="mini")
    odd = world.submit("odd", 20, preset="sdxl")
    # Its looks are of another preset, so each batch of theirs is its own: one of every few.
    assert world.rounds_until(odd) <= 20
    kinds = {id_: waiting for waiting, id_ in ((batch.preset, id_) for batch in world.sent for id_ in batch.ids)}
    assert all({kinds[id_] for id_ in batch.ids} == {batch.preset} for batch in world.sent)
    assert all((batch.preset == "sdxl") == (world.sellers[batch.ids[0]] == "odd") for batch in world.sent)


def test_a_look_that_failed_before_goes_alone() -> None:
    world = Simulation()
    [poison] = world.submit("a", 1, alone=True)
    world.submit("a", 7)
    world.rounds_until([poison])
    [batch] = [batch for batch in world.sent if poison in batch.ids]
    assert batch.ids == (poison,)


def test_a_seller_at_its_cap_gets_nothing() -> None:
    world = Simulation(cap=0)
    world.submit("a", 4)
    assert world.round() == []


def test_idleness_earns_no_credit() -> None:
    world = Simulation()
    world.submit("busy", 4000)
    for _ in range(100):
        world.round()
    world.submit("late", 400)
    before = world.served()["busy"]
    for _ in range(100):
        world.round()
    assert world.served()["busy"] - before == world.served()["late"] == 200


@given(
    queues=st.dictionaries(
        st.tuples(st.sampled_from("abcde"), st.sampled_from(Priority)),
        st.lists(st.tuples(st.sampled_from(["mini", "sdxl"]), st.booleans()), max_size=12),
        max_size=10,
    ),
    workers=st.integers(1, 5),
)
def test_everything_is_sent_once(queues: dict[tuple[str, Priority], list[tuple[str, bool]]], workers: int) -> None:
    world = Simulation(workers=workers)
    ids = [
        id_
        for (seller, priority), looks in queues.items()
        for preset, alone in looks
        for id_ in world.submit(seller, 1, priority, preset, alone=alone)
    ]
    world.rounds_until(ids)
    sent = [id_ for batch in world.sent for id_ in batch.ids]
    assert sorted(sent) == sorted(ids)
    assert all(1 <= len(batch.ids) <= BATCH for batch in world.sent)
