"""An io worker copies looks to sellers' buckets: what arrives, and what happens when one of the two storages fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fashion_gen.errors import SetupError, StorageUnavailable
from fashion_gen.jobs import Store
from fashion_gen.jobs.copying import LOOKS, TURN_S, copy
from fashion_gen.jobs.destinations import Place, Turn
from fashion_gen.jobs.looks import Rendered
from fashion_gen.jobs.tables import Destination, Look
from fashion_gen.jobs.testing import StandingClock
from fashion_gen.storage import Storage, result_key
from fashion_gen.testing import MemoryStorage
from tests.contract.job_store import add_job, claim_one, looks_of, open_store

ANSWERS_NOT = StorageUnavailable("s3://theirs does not answer: check that the server runs.")


class Faulty(MemoryStorage):
    """Raises what it is told to, from a number of writes or reads on."""

    def __init__(self) -> None:
        super().__init__()
        self.error: Exception | None = None
        self.good = 0  #: calls before the error

    def put(self, key: str, data: bytes) -> None:
        self._call()
        super().put(key, data)

    def get(self, key: str) -> bytes:
        self._call()
        return super().get(key)

    def _call(self) -> None:
        if self.error is not None:
            self.good -= 1
            if self.good < 0:
                raise self.error


class House:
    """A seller with a bucket, and looks that are owed to it."""

    def __init__(self, folder: Path) -> None:
        self.clock = StandingClock()
        self.store: Store = open_store(folder, self.clock)
        self.seller = self.store.sellers.add("Ada").id
        self.ours, self.theirs = Faulty(), Faulty()
        self.store.destinations.set(self.seller, Place("theirs"), "sealed")

    def look(self) -> Look:
        """One that passed, with two files."""
        [look] = looks_of(self.store, add_job(self.store, self.seller))
        claim = claim_one(self.store, look)
        keys = {
            role: result_key(self.seller, look.job_id, look.id, str(claim.attempt), name)
            for role, name in (("file", "look.png"), ("channel:shopify", "shopify/look.jpg"))
        }
        for role, key in keys.items():
            self.ours.files[key] = role.encode()
        self.store.look_leases.finish(claim, Rendered(True, None, {"seed": 7}, keys, "kiran", 7, seed=7))
        return self.store.looks.get(self.seller, look.id)

    def copy(self, *, clock: Callable[[], float] = lambda: 0.0) -> int:
        [turn] = self.store.destinations.give_turns()
        return self.run(turn, clock=clock)

    def run(self, turn: Turn, **more: Callable[[], float]) -> int:
        return copy(turn, store=self.store, storage=self.ours, open_bucket=self.open, **more)

    def open(self, row: Destination) -> Storage:
        assert row.sealed_keys == "sealed"
        return self.theirs

    def row(self) -> Destination:
        return self.store.destinations.get(self.seller).destination

    def waiting(self) -> int:
        return self.store.destinations.get(self.seller).waiting


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_every_file_of_a_look_arrives_and_its_certificate_comes_last(house: House) -> None:
    look = house.look()
    assert house.copy() == 1
    folder = f"{look.job_id}/{look.id}/1"
    assert list(house.theirs.files) == [f"{folder}/look.png", f"{folder}/shopify/look.jpg", f"{folder}/look.json"]
    assert house.theirs.get(f"{folder}/shopify/look.jpg") == b"channel:shopify"
    told = json.loads(house.theirs.get(f"{folder}/look.json"))
    assert (told["id"], told["job_id"], told["seed"]) == (look.id, look.job_id, 7)
    assert house.seller not in "".join(house.theirs.files)
    assert house.waiting() == 0


def test_our_own_files_stay(house: House) -> None:
    house.look()
    before = dict(house.ours.files)
    house.copy()
    assert house.ours.files == before


@pytest.mark.parametrize(
    "error", [ANSWERS_NOT, SetupError("s3://theirs refuses (InvalidAccessKeyId): check the access key.")]
)
@pytest.mark.parametrize("good", [0, 1, 2])
def test_a_bucket_that_fails_anywhere_gets_the_look_when_it_works_again(
    house: House, error: Exception, good: int
) -> None:
    look = house.look()
    house.theirs.error, house.theirs.good = error, good
    assert house.copy() == 0
    assert (house.row().failures, house.row().reason) == (1, str(error))
    assert house.store.looks.get(house.seller, look.id).state == "passed"  # finished and billed it is
    assert len(house.store.ledger.page(house.seller).rows) == 1

    house.theirs.error = None
    house.clock.now = house.row().available_at
    assert house.copy() == 1
    assert len(house.theirs.files) == 3
    assert len(house.store.ledger.page(house.seller).rows) == 1
    assert (house.row().failures, house.row().reason, house.waiting()) == (0, None, 0)


def test_after_the_first_refusal_a_bucket_is_left_alone(house: House) -> None:
    for _ in range(3):
        house.look()
    house.theirs.error = ANSWERS_NOT
    assert house.copy() == 0
    assert house.theirs.good == -1  # it was asked once, not for each look
    assert house.waiting() == 3


def test_our_own_storage_failing_is_not_blamed_on_the_seller(house: House) -> None:
    house.look()
    house.ours.error = StorageUnavailable("The disk is away.")
    assert house.copy() == 0
    assert (house.row().failures, house.row().reason) == (0, None)
    house.ours.error = None
    house.clock.now = house.row().available_at
    assert house.copy() == 1


def test_a_file_that_we_have_not_any_more_holds_up_nothing(house: House) -> None:
    look = house.look()
    house.ours.delete(look.files["channel:shopify"])
    assert house.copy() == 1
    assert house.waiting() == 0


def test_a_message_that_comes_twice_copies_once(house: House) -> None:
    house.look()
    [turn] = house.store.destinations.give_turns()
    assert house.run(turn) == 1
    house.theirs.files.clear()
    assert house.run(turn) == 0
    assert house.theirs.files == {}


def test_a_bucket_that_was_removed_gets_nothing(house: House) -> None:
    house.look()
    [turn] = house.store.destinations.give_turns()
    house.store.destinations.remove(house.seller)
    assert house.run(turn) == 0
    assert house.theirs.files == {}


def test_a_slow_bucket_gives_way_after_its_time_and_goes_on_at_its_next_turn(house: House) -> None:
    for _ in range(3):
        house.look()
    times = iter([0.0, TURN_S + 1])
    assert house.copy(clock=lambda: next(times)) == 1
    assert house.waiting() == 2
    assert house.copy() == 2


def test_a_turn_has_an_end_however_much_is_owed(house: House) -> None:
    for _ in range(LOOKS + 1):
        house.look()
    assert house.copy() == LOOKS
    assert house.copy() == 1


def test_a_bucket_that_cannot_be_opened_says_why(house: House) -> None:
    house.look()
    [turn] = house.store.destinations.give_turns()

    def refuse(_: Destination) -> Storage:
        raise SetupError("The keys were sealed by another secret: set them anew.")

    assert copy(turn, store=house.store, storage=house.ours, open_bucket=refuse) == 0
    assert house.row().reason == "The keys were sealed by another secret: set them anew."
