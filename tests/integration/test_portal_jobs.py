"""Garments, jobs and looks over HTTP: what is accepted, what is refused, what is done once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from servers.portal import Portal, Seller, photo


def test_a_garment_is_accepted_then_shows_its_preflight(api: Portal, seller: Seller) -> None:
    answer = seller.http.post("/v1/garments", json={"upload_id": api.upload(seller, photo()), "kind": "ghost"})
    assert answer.status_code == 202
    garment = seller.http.get(answer.headers["Location"]).json()
    assert (garment["state"], garment["kind"], garment["preflight"]) == ("queued", "ghost", None)
    ready = seller.http.get(f"/v1/garments/{api.garment(seller).id}").json()
    assert (ready["state"], ready["category"], ready["preflight"]["usable"]) == ("ready", "top", True)
    listed = seller.http.get("/v1/garments", params={"state": "ready"}).json()["data"]
    assert [row["id"] for row in listed] == [ready["id"]]


def test_strokes_of_a_garment_are_kept_as_they_were_drawn(api: Portal, seller: Seller) -> None:
    line = {"points": [[0.31, 0.42], [0.35, 0.6]], "include": True, "width": 0.02}
    body = {"upload_id": api.upload(seller, photo()), "strokes": [line, {"points": [[0.5, 0]], "include": False}]}
    shown = seller.http.get(seller.http.post("/v1/garments", json=body).headers["Location"]).json()
    assert shown["strokes"] == [line, {"points": [[0.5, 0.0]], "include": False, "width": 0.01}]
    assert seller.http.get(f"/v1/garments/{api.garment(seller).id}").json()["strokes"] == []


@pytest.mark.parametrize(
    ("stroke", "pointer"),
    [
        ({"points": [[0.5, 1.5]], "include": True}, "/strokes/0/points/0/1"),
        ({"points": [], "include": True}, "/strokes/0/points"),
        ({"points": [[0.5, 0.5]], "include": True, "width": 0}, "/strokes/0/width"),
        ({"points": [[0.5, 0.5]]}, "/strokes/0/include"),
    ],
)
def test_impossible_strokes_point_to_the_field(api: Portal, seller: Seller, stroke: object, pointer: str) -> None:
    answer = seller.http.post("/v1/garments", json={"upload_id": api.upload(seller, photo()), "strokes": [stroke]})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"#{pointer}"]


def test_a_garment_of_an_upload_whose_bytes_have_not_come_is_a_conflict(seller: Seller) -> None:
    body = {"name": "a.jpg", "size": 10, "content_type": "image/jpeg", "depicts_person": False}
    upload = seller.http.post("/v1/uploads", json=body).json()
    assert seller.http.post("/v1/garments", json={"upload_id": upload["id"]}).status_code == 409


def test_a_garment_asked_for_twice_with_one_key_is_one(api: Portal, seller: Seller) -> None:
    body = {"upload_id": api.upload(seller, photo())}
    ids = {
        seller.http.post("/v1/garments", json=body, headers={"Idempotency-Key": "g-1"}).json()["id"] for _ in range(3)
    }
    assert len(ids) == 1


def test_a_job_is_accepted_with_everything_that_it_was_asked_for(api: Portal, seller: Seller) -> None:
    brief = {
        "looks": 3,
        "casting": ["bente", "kiran"],
        "pose": "standing-relaxed",
        "scene": "street",
        "styling": "navy-denim",
        "channels": ["shopify", "zalando"],
        "seed": 7,
        "framing": "full",
    }
    body = {"garment_id": api.garment(seller).id, "brief": brief, "external_id": "SKU 12", "priority": "catalog"}
    answer = seller.http.post("/v1/jobs", json=body)
    assert answer.status_code == 202
    job = seller.http.get(answer.headers["Location"]).json()
    assert (job["state"], job["preset"], job["priority"], job["external_id"]) == ("queued", "mini", "catalog", "SKU 12")
    assert job["brief"] | brief == job["brief"] | {"casting": ["bente", "kiran"]}
    assert job["brief"]["casting"] == "bente,kiran"
    assert job["counts"] == {"looks": 3, "passed": 0, "rejected": 0, "failed": 0, "cancelled": 0}
    assert [look["number"] for look in job["looks"]] == [0, 1, 2]
    assert [row["id"] for row in seller.http.get("/v1/jobs", params={"external_id": "SKU 12"}).json()["data"]] == [
        job["id"]
    ]
    assert seller.http.get("/v1/jobs", params={"state": "failed"}).json()["data"] == []


@pytest.mark.parametrize(
    ("wrong", "pointer", "known"),
    [
        ({"brief": {"casting": "nobody-of-this-name"}}, "#/brief/casting", "kiran"),
        ({"brief": {"casting": ["kiran", "nobody"]}}, "#/brief/casting/1", "kiran"),
        ({"brief": {"casting": " , "}}, "#/brief/casting", "balanced"),
        ({"brief": {"pose": "handstand"}}, "#/brief/pose", "walking"),
        ({"brief": {"pose": "/etc/passwd.toml"}}, "#/brief/pose", "walking"),
        ({"brief": {"casting": "../casting.toml"}}, "#/brief/casting", "kiran"),
        ({"brief": {"scene": "moon"}}, "#/brief/scene", "street"),
        ({"brief": {"styling": "pyjamas"}}, "#/brief/styling", "navy-denim"),
        ({"brief": {"channels": ["shopify", "myspace"]}}, "#/brief/channels/1", "shopify"),
        ({"preset": "sdxxl"}, "#/preset", "mini"),
        ({"brief": {"looks": 0}}, "#/brief/looks", "1"),
        ({"brief": {"looks": 101}}, "#/brief/looks", "100"),
        ({"brief": {"tone": 11}}, "#/brief/tone", "10"),
        ({"brief": {"age": "12-17"}}, "#/brief/age", "18-29"),
        ({"brief": {"colour": "red"}}, "#/brief/colour", ""),
        ({"garment_id": "gar_" + "0" * 32}, "#/garment_id", ""),
        ({"external_id": "a\nb"}, "#/external_id", "control"),
    ],
)
def test_impossible_jobs_point_to_the_field_and_name_what_is_known(
    api: Portal, seller: Seller, wrong: dict, pointer: str, known: str
) -> None:
    answer = seller.http.post("/v1/jobs", json={"garment_id": api.garment(seller).id, **wrong})
    problem = answer.json()
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert (problem["status"], problem["retryable"], problem["instance"]) == (422, False, "/v1/jobs")
    [fault] = [fault for fault in problem["errors"] if fault["pointer"].startswith(pointer)]
    assert known in fault["detail"]


def test_all_faults_of_a_job_are_told_at_once(api: Portal, seller: Seller) -> None:
    body = {"garment_id": api.garment(seller).id, "brief": {"scene": "moon", "pose": "handstand"}, "preset": "x"}
    faults = seller.http.post("/v1/jobs", json=body).json()["errors"]
    assert {fault["pointer"] for fault in faults} == {"#/brief/scene", "#/brief/pose", "#/preset"}


def test_a_refused_garment_cannot_be_dressed(api: Portal, seller: Seller) -> None:
    garment = api.garment(seller, ready=False)
    [claim] = api.store.garment_leases.claim([garment.id], "prepare-1")
    api.store.garment_leases.refuse(claim, "shoes are not dressed yet", {"usable": False, "problems": []})
    shown = seller.http.get(f"/v1/garments/{garment.id}").json()
    assert (shown["state"], shown["reason"]) == ("refused", "shoes are not dressed yet")
    answer = seller.http.post("/v1/jobs", json={"garment_id": garment.id})
    assert answer.status_code == 422
    assert "shoes" in answer.json()["errors"][0]["detail"]


def test_a_hundred_requests_at_once_with_one_key_are_one_job(api: Portal, seller: Seller) -> None:
    body = {"garment_id": api.garment(seller).id, "brief": {"looks": 2}}
    headers = {"Idempotency-Key": str(uuid4())}
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: seller.http.post("/v1/jobs", json=body, headers=headers), range(100)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert len(seller.http.get("/v1/jobs").json()["data"]) == 1


def test_a_key_used_for_another_request_is_refused(api: Portal, seller: Seller) -> None:
    body = {"garment_id": api.garment(seller).id}
    headers = {"Idempotency-Key": "once"}
    assert seller.http.post("/v1/jobs", json=body, headers=headers).status_code == 202
    answer = seller.http.post("/v1/jobs", json={**body, "brief": {"looks": 1}}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")


def test_the_same_request_in_other_words_is_the_same(api: Portal, seller: Seller) -> None:
    garment = api.garment(seller).id
    one = seller.http.post("/v1/jobs", json={"garment_id": garment}, headers={"Idempotency-Key": "k"})
    other = seller.http.post(
        "/v1/jobs",
        content=f'{{ "brief": {{"looks": 4}},   "garment_id": "{garment}" }}',
        headers={"Idempotency-Key": '"k"', "Content-Type": "application/json"},
    )
    assert one.json()["id"] == other.json()["id"]
    assert other.headers["Idempotency-Replayed"] == "true"


def test_a_refused_request_does_not_use_up_its_key(api: Portal, seller: Seller) -> None:
    headers = {"Idempotency-Key": "again"}
    body = {"garment_id": "gar_" + "0" * 32}
    assert seller.http.post("/v1/jobs", json=body, headers=headers).status_code == 422
    body = {"garment_id": api.garment(seller).id}
    assert seller.http.post("/v1/jobs", json=body, headers=headers).status_code == 202


def test_two_sellers_may_use_the_same_key(api: Portal, seller: Seller, other: Seller) -> None:
    answers = [
        one.http.post("/v1/jobs", json={"garment_id": api.garment(one).id}, headers={"Idempotency-Key": "same"})
        for one in (seller, other)
    ]
    assert len({answer.json()["id"] for answer in answers}) == 2
    assert all("Idempotency-Replayed" not in answer.headers for answer in answers)


def test_a_cancelled_job_ends_and_cancelling_again_changes_nothing(api: Portal, seller: Seller) -> None:
    job = api.job(seller, looks=2)
    first, second = (seller.http.post(f"/v1/jobs/{job.id}:cancel") for _ in range(2))
    assert (first.status_code, first.json()["state"]) == (200, "cancelled")
    assert first.json() == second.json()
    assert [entry.action for entry in api.store.audit.page(seller.id).rows] == ["job.cancel", "job.cancel"]


def test_a_look_that_passed_has_links_to_its_files_and_is_billed(api: Portal, seller: Seller) -> None:
    look = api.render(api.looks(api.job(seller))[0])
    shown = seller.http.get(f"/v1/looks/{look.id}").json()
    assert (shown["state"], shown["persona"], shown["tone"], shown["result"]) == ("passed", "kiran", 7, {"seed": 1})
    assert seller.http.get(shown["files"]["file"]["url"]).content == b"a master"
    usage = seller.http.get("/v1/usage").json()
    assert (usage["looks"], usage["by_preset"]) == (1, [{"preset": "mini", "looks": 1}])
    [line] = seller.http.get("/v1/usage/lines").json()["data"]
    assert (line["look_id"], line["looks"]) == (look.id, 1)


def test_rejected_looks_are_free(api: Portal, seller: Seller) -> None:
    api.render(api.looks(api.job(seller))[0], passed=False)
    assert seller.http.get("/v1/usage").json()["looks"] == 0


def test_usage_counts_from_since_up_to_until(api: Portal, seller: Seller) -> None:
    api.render(api.looks(api.job(seller))[0])
    early = {"since": "2020-01-01T00:00:00Z", "until": "2020-02-01T00:00:00Z"}
    assert seller.http.get("/v1/usage", params=early).json()["looks"] == 0
    assert seller.http.get("/v1/usage", params={"since": "2020-01-01T00:00:00+02:00"}).json()["looks"] == 1
    assert seller.http.get("/v1/usage", params={"since": "2020-01-01"}).status_code == 422


@pytest.mark.parametrize(("verb", "review"), [("approve", "approved"), ("reject", "rejected")])
def test_the_seller_says_what_becomes_of_a_look(api: Portal, seller: Seller, verb: str, review: str) -> None:
    look = api.looks(api.job(seller))[0]
    assert seller.http.post(f"/v1/looks/{look.id}:{verb}").status_code == 409
    api.render(look)
    assert seller.http.post(f"/v1/looks/{look.id}:{verb}").json()["review"] == review
    [entry] = api.store.audit.page(seller.id).rows
    assert (entry.action, entry.subject) == (f"look.{review}", look.id)


def test_a_finished_look_can_be_rendered_again_but_an_open_one_not(api: Portal, seller: Seller) -> None:
    look = api.looks(api.job(seller))[0]
    assert seller.http.post(f"/v1/looks/{look.id}:retry").status_code == 409
    api.render(look, passed=False)
    answer = seller.http.post(f"/v1/looks/{look.id}:retry")
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert answer.headers["Location"] == f"/v1/looks/{look.id}"
