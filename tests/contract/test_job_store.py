"""The store as a seller sees it: submitted once, strictly apart, cancelled at any moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from fashion_gen.errors import (
    Conflict,
    IdempotencyInFlight,
    IdempotencyMismatch,
    InputError,
    InvalidBrief,
    InvalidMove,
    NotAuthenticated,
    NotFound,
)
from fashion_gen.jobs import IdempotencyKey, NewGarment, NewJob, NewUpload, Store, fingerprint
from fashion_gen.jobs.states import GarmentState, JobState, LookState, Review, Topic, UploadState
from fashion_gen.jobs.testing import StandingClock
from fashion_gen.records import Brief, Category, Kind
from tests.contract.job_store import (
    SHA,
    add_garment,
    add_job,
    claim_one,
    looks_of,
    prepared,
    rendered,
)

KEY = IdempotencyKey("order-1", "POST /v1/jobs", fingerprint(b"{}"))


# Jobs


def test_a_job_comes_with_its_looks_and_its_message(store: Store, seller: str) -> None:
    job = add_job(store, seller, looks=3, external_id="SKU-1")
    assert [look.number for look in looks_of(store, job)] == [0, 1, 2]
    assert {look.state for look in looks_of(store, job)} == {LookState.QUEUED}
    events = store.outbox.pending([Topic.EVENT])
    assert ("job.queued", [job.id]) in [(event.name, event.ids) for event in events]
    assert store.jobs.get(seller, job.id).brief["looks"] == 3


def test_the_same_key_at_once_a_hundred_times_is_one_job(store: Store, seller: str) -> None:
    garment = add_garment(store, seller)
    new = NewJob(garment.id, Brief(looks=2), "mini")
    with ThreadPoolExecutor(20) as pool:
        added = list(pool.map(lambda _: store.jobs.add(seller, new, once=KEY), range(100)))
    assert len({one.job.id for one in added}) == 1
    assert sum(not one.replayed for one in added) == 1
    assert len(store.jobs.page(seller).rows) == 1


def test_the_same_key_with_another_body_is_refused(store: Store, seller: str) -> None:
    garment = add_garment(store, seller)
    store.jobs.add(seller, NewJob(garment.id, Brief(looks=2), "mini"), once=KEY)
    other = IdempotencyKey(KEY.key, KEY.route, fingerprint(b"{1}"))
    with pytest.raises(IdempotencyMismatch):
        store.jobs.add(seller, NewJob(garment.id, Brief(looks=3), "mini"), once=other)


def test_keys_of_two_sellers_are_strangers(store: Store, seller: str, other: str) -> None:
    jobs = [
        store.jobs.add(who, NewJob(add_garment(store, who).id, Brief(looks=1), "mini"), once=KEY).job
        for who in (seller, other)
    ]
    assert jobs[0].id != jobs[1].id


def test_a_key_that_failed_may_be_used_again(store: Store, seller: str) -> None:
    with pytest.raises(NotFound):
        store.jobs.add(seller, NewJob("gar_unknown", Brief(looks=1), "mini"), once=KEY)
    garment = add_garment(store, seller)
    assert not store.jobs.add(seller, NewJob(garment.id, Brief(looks=1), "mini"), once=KEY).replayed


def test_a_key_expires(store: Store, seller: str, clock: StandingClock) -> None:
    garment = add_garment(store, seller)
    new = NewJob(garment.id, Brief(looks=1), "mini")
    store.jobs.add(seller, new, once=KEY)
    clock.advance(hours=25)
    assert not store.jobs.add(seller, new, once=KEY).replayed


@pytest.mark.parametrize("looks", [0, 101])
def test_a_job_of_no_or_too_many_looks_is_refused(store: Store, seller: str, looks: int) -> None:
    with pytest.raises(InvalidBrief, match="looks"):
        add_job(store, seller, looks=looks)


def test_requests_of_several_steps_replay_their_reply(store: Store, seller: str, clock: StandingClock) -> None:
    assert store.idempotency.begin(seller, KEY) is None
    with pytest.raises(IdempotencyInFlight):
        store.idempotency.begin(seller, KEY)
    store.idempotency.finish(seller, KEY, {"status": 201})
    assert store.idempotency.begin(seller, KEY) == {"status": 201}
    clock.advance(hours=25)
    assert store.idempotency.prune() == 1


def test_a_request_whose_process_died_is_taken_over(store: Store, seller: str, clock: StandingClock) -> None:
    store.idempotency.begin(seller, KEY)
    clock.advance(minutes=2)
    assert store.idempotency.begin(seller, KEY) is None
    store.idempotency.abandon(seller, KEY)
    assert store.idempotency.begin(seller, KEY) is None


# Cancelling, reviewing, another picture


def test_cancelling_a_job_stops_what_waits_at_once_and_what_runs_soon(store: Store, seller: str) -> None:
    job = add_job(store, seller, looks=3)
    first, second, third = looks_of(store, job)
    done, running = claim_one(store, first), claim_one(store, second)
    store.look_leases.finish(done, rendered())
    assert store.jobs.cancel(seller, job.id).state is JobState.RUNNING
    assert store.looks.get(seller, third.id).state is LookState.CANCELLED
    assert store.looks.cancelled(second.id)
    assert store.look_leases.heartbeat([running]).cancelled == {second.id}
    store.look_leases.cancelled(running)
    ended = store.jobs.get(seller, job.id)
    assert (ended.state, ended.passed, ended.cancelled) == (JobState.CANCELLED, 1, 2)


def test_a_look_that_finishes_after_it_was_cancelled_is_not_billed(store: Store, seller: str) -> None:
    job = add_job(store, seller)
    claim = claim_one(store, looks_of(store, job)[0])
    store.jobs.cancel(seller, job.id)
    assert store.look_leases.finish(claim, rendered()) is LookState.CANCELLED
    assert store.ledger.page(seller).rows == []


def test_cancelling_a_finished_job_changes_nothing(store: Store, seller: str) -> None:
    job = add_job(store, seller)
    store.look_leases.finish(claim_one(store, looks_of(store, job)[0]), rendered())
    assert store.jobs.cancel(seller, job.id).state is JobState.SUCCEEDED


def test_a_cancelled_look_whose_worker_dies_is_not_started_again(
    store: Store, seller: str, clock: StandingClock
) -> None:
    job = add_job(store, seller)
    claim_one(store, looks_of(store, job)[0])
    store.jobs.cancel(seller, job.id)
    clock.advance(minutes=1)
    store.look_leases.sweep()
    assert store.jobs.get(seller, job.id).state is JobState.CANCELLED


def test_one_cancelled_look_leaves_the_others(store: Store, seller: str) -> None:
    job = add_job(store, seller, looks=2)
    keep, drop = looks_of(store, job)
    store.looks.cancel(seller, drop.id)
    store.look_leases.finish(claim_one(store, keep), rendered())
    assert store.jobs.get(seller, job.id).state is JobState.SUCCEEDED


def test_only_a_passed_look_is_reviewed(store: Store, seller: str) -> None:
    [look] = looks_of(store, add_job(store, seller))
    with pytest.raises(Conflict):
        store.looks.approve(seller, look.id)
    store.look_leases.finish(claim_one(store, look), rendered())
    assert store.looks.approve(seller, look.id).review is Review.APPROVED
    assert store.looks.reject(seller, look.id).review is Review.REJECTED


def test_another_picture_of_a_look_has_other_seeds_and_costs_nothing(
    store: Store, seller: str, clock: StandingClock
) -> None:
    job = add_job(store, seller)
    [look] = looks_of(store, job)
    store.look_leases.finish(claim_one(store, look), rendered())
    assert store.looks.retry(seller, look.id).seeds_spent == 3
    assert store.jobs.get(seller, job.id).state is not JobState.SUCCEEDED
    store.look_leases.finish(claim_one(store, look), rendered())
    assert len(store.ledger.page(seller).rows) == 1
    assert store.jobs.get(seller, job.id).state is JobState.SUCCEEDED


def test_a_look_at_work_is_not_retried(store: Store, seller: str) -> None:
    [look] = looks_of(store, add_job(store, seller))
    claim_one(store, look)
    with pytest.raises(Conflict):
        store.looks.retry(seller, look.id)


# Garments and uploads


def test_looks_wait_for_their_garment(store: Store, seller: str) -> None:
    garment = add_garment(store, seller, ready=False)
    job = add_job(store, seller, looks=2, garment=garment)
    assert {look.state for look in looks_of(store, job)} == {LookState.WAITING}
    [claim] = store.garment_leases.claim([garment.id], "p1")
    store.garment_leases.ready(claim, prepared())
    assert {look.state for look in looks_of(store, job)} == {LookState.QUEUED}
    assert store.garments.get(seller, garment.id).category == Category.TOP


def test_looks_of_a_refused_garment_fail_with_its_reason(store: Store, seller: str) -> None:
    garment = add_garment(store, seller, ready=False, kind=Kind.FLAT)
    job = add_job(store, seller, garment=garment)
    [claim] = store.garment_leases.claim([garment.id], "p1")
    store.garment_leases.refuse(claim, "The photo seems to show shoes.", {"usable": False})
    assert store.jobs.get(seller, job.id).state is JobState.FAILED
    assert looks_of(store, job)[0].reason == "The photo seems to show shoes."
    with pytest.raises(InvalidBrief, match="shoes"):
        add_job(store, seller, garment=garment)
    with pytest.raises(Conflict):
        store.looks.retry(seller, looks_of(store, job)[0].id)


def test_a_poison_photo_fails_after_three_prepare_workers(store: Store, seller: str, clock: StandingClock) -> None:
    garment = add_garment(store, seller, ready=False)
    job = add_job(store, seller, garment=garment)
    for _ in range(3):
        clock.advance(minutes=2)
        store.garment_leases.claim([garment.id], "p1")
        clock.advance(minutes=2)
        store.garment_leases.sweep()
    assert store.garments.get(seller, garment.id).state is GarmentState.FAILED
    assert store.jobs.get(seller, job.id).state is JobState.FAILED


def test_a_garment_is_asked_for_once(store: Store, seller: str) -> None:
    upload = store.uploads.add(seller, NewUpload("a.jpg", 10, "image/jpeg", depicts_person=True))
    with pytest.raises(Conflict, match="awaiting"):
        store.garments.add(seller, NewGarment(upload.id))
    store.uploads.received(seller, upload.id, sha256=SHA, size=10, storage_key="originals/x")
    store.uploads.received(seller, upload.id, sha256=SHA, size=10, storage_key="originals/x")
    once = IdempotencyKey("g", "POST /v1/garments", SHA)
    assert (
        store.garments.add(seller, NewGarment(upload.id), once=once).id
        == store.garments.add(seller, NewGarment(upload.id), once=once).id
    )


def test_uploads_expire(store: Store, seller: str, clock: StandingClock) -> None:
    upload = store.uploads.add(seller, NewUpload("a.jpg", 10, "image/jpeg", depicts_person=False))
    assert store.uploads.expire() == []
    clock.advance(days=31)
    assert [row.id for row in store.uploads.expire()] == [upload.id]
    assert store.uploads.get(seller, upload.id).state is UploadState.EXPIRED
    with pytest.raises(InvalidMove):
        store.uploads.received(seller, upload.id, sha256=SHA, size=10, storage_key="x")


# Tenants


def test_a_seller_sees_nothing_of_anothers(store: Store, seller: str, other: str) -> None:
    job = add_job(store, seller)
    [look] = looks_of(store, job)
    store.look_leases.finish(claim_one(store, look), rendered())
    key = store.keys.issue(seller, "shop", scopes=["jobs"]).key
    store.audit.note(seller, key.id, "job.add", job.id)
    upload_id = store.garments.get(seller, job.garment_id).upload_id
    refused = (
        lambda: store.jobs.get(other, job.id),
        lambda: store.jobs.cancel(other, job.id),
        lambda: store.jobs.add(other, NewJob(job.garment_id, Brief(looks=1), "mini")),
        lambda: store.looks.of_job(other, job.id),
        lambda: store.looks.get(other, look.id),
        lambda: store.looks.attempts(other, look.id),
        lambda: store.looks.approve(other, look.id),
        lambda: store.looks.reject(other, look.id),
        lambda: store.looks.retry(other, look.id),
        lambda: store.looks.cancel(other, look.id),
        lambda: store.garments.get(other, job.garment_id),
        lambda: store.garments.add(other, NewGarment(upload_id)),
        lambda: store.uploads.get(other, upload_id),
        lambda: store.uploads.received(other, upload_id, sha256=SHA, size=1, storage_key="x"),
        lambda: store.uploads.refuse(other, upload_id, "x"),
        lambda: store.keys.revoke(other, key.id),
    )
    for call in refused:
        with pytest.raises(NotFound):
            call()
    pages = (store.jobs, store.garments, store.uploads, store.ledger, store.audit)
    assert [list(noun.page(other).rows) for noun in pages] == [[]] * 5
    assert [len(noun.page(seller).rows) for noun in pages] == [1] * 5
    assert store.keys.list(other) == []


# Paging


def test_pages_are_stable_while_jobs_are_added(store: Store, seller: str, clock: StandingClock) -> None:
    garment = add_garment(store, seller)
    old = []
    for n in range(7):
        clock.advance(seconds=n % 2)  # some share a moment
        old.append(add_job(store, seller, garment=garment).id)
    seen, cursor = [], None
    while True:
        page = store.jobs.page(seller, cursor=cursor, limit=3)
        seen += [job.id for job in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
        clock.advance(seconds=1)
        add_job(store, seller, garment=garment)
    assert sorted(seen) == sorted(old)
    assert len(seen) == 7


@pytest.mark.parametrize("cursor", ["x", "é", "AAAA", "MjAyNi0xMS0yNlQxMjowMDowMCBqb2JfMQ"])
def test_a_cursor_that_is_not_ours_is_refused(store: Store, seller: str, cursor: str) -> None:
    with pytest.raises(InputError, match="cursor"):
        store.jobs.page(seller, cursor=cursor)


def test_jobs_are_found_by_state_and_external_id(store: Store, seller: str) -> None:
    job = add_job(store, seller, external_id="SKU-7")
    add_job(store, seller)
    assert [row.id for row in store.jobs.page(seller, external_id="SKU-7").rows] == [job.id]
    assert len(store.jobs.page(seller, state=JobState.QUEUED).rows) == 2
    assert store.jobs.page(seller, state=JobState.FAILED).rows == []


# Keys


def test_a_key_opens_its_sellers_door(store: Store, seller: str) -> None:
    issued = store.keys.issue(seller, "shop", scopes=["jobs"])
    found = store.keys.authenticate(issued.token)
    assert (found.seller_id, found.scopes) == (seller, ["jobs"])
    assert store.keys.list(seller)[0].last_used_at is not None
    assert issued.token.rpartition("_")[2] not in repr(issued)
    assert issued.token.split("_", 3)[3] not in found.secret_sha256


def test_a_wrong_key_opens_nothing(store: Store, seller: str, clock: StandingClock) -> None:
    good = store.keys.issue(seller, "shop", scopes=["jobs"], expires_at=clock() + timedelta(days=1)).token
    for bad in ("", "fg_live_", "fg_live_x_y", good[:-1], good + "x", good.replace("fg_live_", ""), "é" * 40):
        with pytest.raises(NotAuthenticated):
            store.keys.authenticate(bad)
    clock.advance(days=2)
    with pytest.raises(NotAuthenticated):
        store.keys.authenticate(good)


def test_keys_are_rotated_as_a_pair(store: Store, seller: str) -> None:
    old = store.keys.issue(seller, "old", scopes=[])
    new = store.keys.issue(seller, "new", scopes=[])
    with pytest.raises(Conflict, match="revoke"):
        store.keys.issue(seller, "third", scopes=[])
    store.keys.revoke(seller, old.key.id)
    with pytest.raises(NotAuthenticated):
        store.keys.authenticate(old.token)
    assert store.keys.authenticate(new.token).id == new.key.id
    store.keys.issue(seller, "third", scopes=[])


def test_a_closed_account_has_no_door(store: Store, seller: str) -> None:
    token = store.keys.issue(seller, "shop", scopes=[]).token
    store.sellers.activate(seller, active=False)
    with pytest.raises(NotAuthenticated):
        store.keys.authenticate(token)
