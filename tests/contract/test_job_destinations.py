"""Sellers' own buckets: what they are owed, and turns to copy it, on both databases."""

from __future__ import annotations

import pytest

from fashion_gen.errors import NotFound
from fashion_gen.jobs import Policy, Store
from fashion_gen.jobs.destinations import Place, Turn
from fashion_gen.jobs.tables import Look
from fashion_gen.jobs.testing import StandingClock
from tests.contract.job_store import add_job, claim_one, looks_of, rendered

PLACE = Place("shop-looks", "https://s3.example.com", prefix="fashion")


def finished(store: Store, seller: str, *, passed: bool = True) -> Look:
    """A look that a worker has made."""
    [look] = looks_of(store, add_job(store, seller))
    store.look_leases.finish(claim_one(store, look), rendered(passed=passed))
    return store.looks.get(seller, look.id)


def give_turn(store: Store) -> Turn:
    [turn] = store.destinations.give_turns()
    assert store.destinations.begin(turn) is not None
    return turn


def copy_one(store: Store, turn: Turn) -> str:
    [owed, *_] = store.destinations.owed(turn, limit=10)
    assert store.destinations.copied(turn, owed)
    return owed.look.id


def test_a_passed_look_is_owed_until_it_is_copied(store: Store, seller: str) -> None:
    store.destinations.set(seller, PLACE, "sealed")
    look = finished(store, seller)
    assert store.destinations.get(seller).waiting == 1

    turn = give_turn(store)
    assert copy_one(store, turn) == look.id
    store.destinations.end(turn)

    standing = store.destinations.get(seller)
    assert (standing.waiting, standing.destination.copied_at) == (0, store.clock())
    assert store.destinations.give_turns() == []
    copy = store.destinations.copy_of(look.id)
    assert copy is not None
    assert copy.copied_at == store.clock()


def test_looks_that_did_not_pass_are_not_owed(store: Store, seller: str) -> None:
    store.destinations.set(seller, PLACE, "sealed")
    look = finished(store, seller, passed=False)
    assert store.destinations.copy_of(look.id) is None
    assert store.destinations.give_turns() == []


def test_looks_of_sellers_without_a_bucket_are_not_owed(store: Store, seller: str, other: str) -> None:
    store.destinations.set(other, PLACE, "sealed")
    look = finished(store, seller)
    assert store.destinations.copy_of(look.id) is None
    assert store.destinations.get(other).waiting == 0


def test_while_a_turn_lasts_no_other_is_given(store: Store, seller: str) -> None:
    store.destinations.set(seller, PLACE, "sealed")
    finished(store, seller)
    give_turn(store)
    assert store.destinations.give_turns() == []


def test_a_lost_message_is_sent_again_and_comes_too_late_itself(
    store: Store, seller: str, clock: StandingClock
) -> None:
    store.destinations.set(seller, PLACE, "sealed")
    finished(store, seller)
    [lost] = store.destinations.give_turns()
    clock.now += Policy().redispatch_after
    [turn] = store.destinations.give_turns()
    assert turn.number == lost.number + 1
    assert store.destinations.begin(lost) is None
    assert store.destinations.begin(turn) is not None


def test_a_turn_whose_worker_died_is_given_again_and_the_dead_one_marks_nothing(
    store: Store, seller: str, clock: StandingClock
) -> None:
    store.destinations.set(seller, PLACE, "sealed")
    look = finished(store, seller)
    dead = give_turn(store)
    [owed] = store.destinations.owed(dead, limit=10)
    clock.now += Policy().copy_lease
    turn = give_turn(store)
    assert not store.destinations.copied(dead, owed)
    store.destinations.fail(dead, "late")
    assert store.destinations.get(seller).destination.reason is None
    assert copy_one(store, turn) == look.id


def test_a_bucket_that_fails_is_asked_ever_more_seldom_and_says_why(
    store: Store, seller: str, clock: StandingClock
) -> None:
    store.destinations.set(seller, PLACE, "sealed")
    finished(store, seller)
    pauses = []
    for failures in range(1, 14):
        store.destinations.fail(give_turn(store), "does not answer")
        row = store.destinations.get(seller).destination
        assert (row.failures, row.reason) == (failures, "does not answer")
        assert store.destinations.give_turns() == []
        pauses.append(row.available_at - clock.now)
        clock.now = row.available_at
    assert pauses == sorted(pauses)
    assert pauses[-1] == Policy().longest_copy_delay
    assert copy_one(store, give_turn(store))
    row = store.destinations.get(seller).destination
    assert (row.failures, row.reason) == (0, None)


def test_one_sellers_dead_bucket_leaves_the_others_their_turns(store: Store, seller: str, other: str) -> None:
    for one in (seller, other):
        store.destinations.set(one, PLACE, "sealed")
        finished(store, one)
    turns = {turn.seller_id: turn for turn in store.destinations.give_turns()}
    store.destinations.begin(turns[seller])
    store.destinations.fail(turns[seller], "gone")
    store.destinations.begin(turns[other])
    copy_one(store, turns[other])
    assert (store.destinations.get(seller).waiting, store.destinations.get(other).waiting) == (1, 0)


def test_a_look_that_is_made_again_is_owed_again(store: Store, seller: str) -> None:
    store.destinations.set(seller, PLACE, "sealed")
    look = finished(store, seller)
    turn = give_turn(store)
    copy_one(store, turn)
    store.destinations.end(turn)

    store.looks.retry(seller, look.id)
    assert store.destinations.give_turns() == []  # it is not there yet
    store.look_leases.finish(claim_one(store, look), rendered())
    turn = give_turn(store)
    [owed] = store.destinations.owed(turn, limit=10)
    assert (owed.look.id, owed.attempt) == (look.id, 2)


def test_a_copy_of_the_old_picture_does_not_pay_for_the_new_one(store: Store, seller: str) -> None:
    store.destinations.set(seller, PLACE, "sealed")
    look = finished(store, seller)
    turn = give_turn(store)
    [old] = store.destinations.owed(turn, limit=10)
    store.looks.retry(seller, look.id)
    store.look_leases.finish(claim_one(store, look), rendered())
    assert store.destinations.copied(turn, old)
    assert [owed.attempt for owed in store.destinations.owed(turn, limit=10)] == [2]


def test_another_bucket_gets_what_the_first_one_did_not_take_at_once(store: Store, seller: str) -> None:
    store.destinations.set(seller, PLACE, "sealed")
    look = finished(store, seller)
    old = give_turn(store)
    store.destinations.fail(old, "gone")
    standing = store.destinations.set(seller, Place("another"), "sealed anew")
    assert (standing.waiting, standing.destination.failures, standing.destination.reason) == (1, 0, None)
    turn = give_turn(store)
    assert store.destinations.begin(old) is None
    assert copy_one(store, turn) == look.id


def test_a_bucket_that_is_removed_is_owed_nothing(store: Store, seller: str) -> None:
    store.destinations.set(seller, PLACE, "sealed")
    look = finished(store, seller)
    turn = give_turn(store)
    [owed] = store.destinations.owed(turn, limit=10)
    store.destinations.remove(seller)
    assert not store.destinations.copied(turn, owed)
    assert store.destinations.copy_of(look.id) is None
    with pytest.raises(NotFound):
        store.destinations.get(seller)


def test_an_unknown_seller_has_no_bucket(store: Store) -> None:
    with pytest.raises(NotFound, match="seller"):
        store.destinations.set("sel_nobody", PLACE, "sealed")
