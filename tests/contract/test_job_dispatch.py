"""Dispatch from a real database: what goes, what waits, and how little is read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from fashion_gen.errors import QueueUnavailable
from fashion_gen.jobs import Policy, Store
from fashion_gen.jobs.dispatch import Dispatcher, Held
from fashion_gen.jobs.states import GarmentState, LookState, Priority, Topic
from fashion_gen.jobs.tables import Job, Look
from fashion_gen.jobs.testing import ListQueue, StandingClock
from tests.contract.job_store import add_garment, add_job, claim_one, looks_of, rendered


def many_looks(store: Store, job: Job, number: int) -> None:
    """Give a job more looks than any brief may ask for, as a catalog's hundred thousand rows would."""
    now = store.clock()
    row: dict[str, Any] = {"created_at": now, "available_at": now, "seller_id": job.seller_id, "job_id": job.id}
    row |= {"state": LookState.QUEUED, "priority": job.priority, "preset": job.preset, "files": {}}
    rows = [{**row, "id": f"look_x{n:06d}", "number": 1000 + n} for n in range(number)]
    with store.database.writing() as session:
        session.execute(insert(Look), rows)


def test_queued_looks_go_out_as_one_message_of_ids(store: Store, seller: str) -> None:
    job = add_job(store, seller, looks=3)
    store.workers.beat("w1", Topic.RENDER)
    [batch] = store.dispatcher.render().batches
    assert list(batch.ids) == [look.id for look in looks_of(store, job)]
    queue = ListQueue()
    assert store.outbox.relay(queue) == 1
    assert queue.messages[0].ids == list(batch.ids)
    assert store.outbox.relay(queue) == 0
    assert {look.state for look in looks_of(store, job)} == {LookState.DISPATCHED}


def test_what_a_broken_queue_did_not_take_is_sent_later(store: Store, seller: str) -> None:
    add_job(store, seller)
    store.workers.beat("w1", Topic.RENDER)
    store.dispatcher.render()
    queue = ListQueue()
    queue.broken = True
    with pytest.raises(QueueUnavailable):
        store.outbox.relay(queue)
    queue.broken = False
    assert store.outbox.relay(queue) == 1


def test_sent_messages_are_forgotten_some_day(store: Store, seller: str, clock: StandingClock) -> None:
    add_job(store, seller)
    store.outbox.sent([message.id for message in store.outbox.pending()])
    clock.advance(days=8)
    assert store.outbox.prune() >= 1
    assert store.outbox.pending() == []


def test_nothing_is_sent_while_no_worker_is_alive(store: Store, seller: str, clock: StandingClock) -> None:
    add_job(store, seller)
    assert store.dispatcher.render().held is Held.NO_WORKER
    store.workers.beat("w1", Topic.RENDER)
    clock.advance(seconds=30)
    assert store.dispatcher.render().held is Held.NO_WORKER
    store.workers.beat("w1", Topic.RENDER)
    assert len(store.dispatcher.render().batches) == 1


def test_no_more_is_sent_than_workers_can_soon_take(store: Store, seller: str) -> None:
    job = add_job(store, seller, looks=20)
    store.workers.beat("w1", Topic.RENDER)
    assert [len(batch.ids) for batch in store.dispatcher.render().batches] == [4, 4]
    assert store.dispatcher.render().held is Held.BUSY
    for look in looks_of(store, job)[:4]:
        store.look_leases.finish(claim_one(store, look), rendered())
    assert len(store.dispatcher.render().batches) == 1


def test_a_seller_has_no_more_in_flight_than_it_may(store: Store, seller: str) -> None:
    store.sellers.limit(seller, weight=1, max_in_flight=3, requests_per_minute=10)
    add_job(store, seller, looks=10)
    store.workers.beat("w1", Topic.RENDER)
    tick = store.dispatcher.render()
    assert sum(len(batch.ids) for batch in tick.batches) == 3
    assert store.dispatcher.render().held is Held.IDLE


def test_a_lost_message_is_sent_again(store: Store, seller: str, clock: StandingClock) -> None:
    [look] = looks_of(store, add_job(store, seller))
    store.workers.beat("w1", Topic.RENDER)
    store.dispatcher.render()
    clock.advance(minutes=3)
    assert store.look_leases.sweep().resent == (look.id,)
    store.workers.beat("w1", Topic.RENDER)
    assert store.dispatcher.render().batches[0].ids == (look.id,)
    assert store.looks.get(seller, look.id).failures == 0


def test_garments_are_dispatched_to_prepare_workers(store: Store, seller: str) -> None:
    garment = add_garment(store, seller, ready=False)
    store.workers.beat("w1", Topic.RENDER)
    assert store.dispatcher.prepare().held is Held.NO_WORKER
    store.workers.beat("p1", Topic.PREPARE, slots=2)
    [batch] = store.dispatcher.prepare().batches
    assert batch.ids == (garment.id,)
    assert store.garments.get(seller, garment.id).state is GarmentState.DISPATCHED


def test_a_closed_account_gets_nothing(store: Store, seller: str) -> None:
    add_job(store, seller)
    store.workers.beat("w1", Topic.RENDER)
    store.sellers.activate(seller, active=False)
    assert store.dispatcher.render().held is Held.IDLE


def test_a_cancelled_look_is_not_sent(store: Store, seller: str) -> None:
    job = add_job(store, seller)
    store.workers.beat("w1", Topic.RENDER)
    store.jobs.cancel(seller, job.id)
    assert store.dispatcher.render().held is Held.IDLE


def test_two_dispatchers_at_once_send_nothing_twice(store: Store, seller: str) -> None:
    add_job(store, seller, looks=40)
    for worker in range(5):
        store.workers.beat(f"w{worker}", Topic.RENDER)
    with ThreadPoolExecutor(4) as pool:
        ticks = list(pool.map(lambda _: Dispatcher(store.database, clock=store.clock).render(), range(4)))
    sent = [id_ for tick in ticks for batch in tick.batches for id_ in batch.ids]
    assert len(sent) == len(set(sent)) == 40


def test_one_upload_beside_many_rows_goes_out_in_the_next_batch(store: Store, seller: str, other: str) -> None:
    many_looks(store, add_job(store, seller, priority=Priority.CATALOG), 5000)
    store.workers.beat("w1", Topic.RENDER)
    store.dispatcher.render()
    single = looks_of(store, add_job(store, other, looks=4))
    store.workers.beat("w2", Topic.RENDER)
    first = store.dispatcher.render().batches[0]
    assert set(first.ids) == {look.id for look in single}


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_tick_reads_no_more_rows_than_it_could_send(store: Store, seller: str) -> None:
    many_looks(store, add_job(store, seller, priority=Priority.CATALOG), 5000)
    store.workers.beat("w1", Topic.RENDER)
    asked: list[tuple[str, Any]] = []

    def remember(_c: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        asked.append((statement, parameters))

    event.listen(store.database.engine, "before_cursor_execute", remember)
    store.dispatcher.render()
    event.remove(store.database.engine, "before_cursor_execute", remember)
    queries = [(sql, values) for sql, values in asked if sql.lstrip().startswith(("SELECT", "WITH")) and "looks" in sql]
    assert len(queries) >= 4
    with store.database.engine.connect() as connection:
        for sql, values in queries:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
            assert not any("SCAN looks" in str(step) for step in plan), (sql, plan)
            if "LIMIT" in sql:
                assert len(connection.exec_driver_sql(sql, values).all()) <= 8
        assert connection.execute(text("SELECT count(*) FROM looks")).scalar() == 5001


def test_a_batch_holds_looks_of_several_sellers(store: Store, seller: str, other: str) -> None:
    add_job(store, seller, looks=2)
    add_job(store, other, looks=2)
    store.workers.beat("w1", Topic.RENDER)
    [batch] = store.dispatcher.render().batches
    assert len(batch.ids) == 4


def test_the_batch_size_is_the_policys(store: Store, seller: str) -> None:
    add_job(store, seller, looks=2)
    store.workers.beat("w1", Topic.RENDER)
    dispatcher = Dispatcher(store.database, policy=Policy(batch_size=1), clock=store.clock)
    assert [len(batch.ids) for batch in dispatcher.render().batches] == [1, 1]
