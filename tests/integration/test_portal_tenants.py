"""Who may do what: keys, scopes, sessions; and that sellers are strictly apart over every route that there is."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from servers.portal import Portal, Seller, photo

CSRF = {"X-Requested-With": "fashion-gen"}
COOKIE = "fashion_gen_session"

#: Routes for which no key is asked, and why that is right.
OPEN = {
    ("post", "/v1/session"),  # where a key is exchanged for a session
    ("delete", "/v1/session"),  # removes the asker's own cookie
    ("put", "/v1/files/{token}"),  # the signed token is the right
    ("get", "/v1/files/{token}"),
    ("get", "/livez"),
    ("get", "/readyz"),
    ("get", "/metrics"),
}


def operations(api: Portal) -> list[tuple[str, str, dict[str, Any]]]:
    """Every operation that the app has."""
    return [
        (method, path, operation)
        for path, item in api.app.openapi()["paths"].items()
        for method, operation in item.items()
    ]


def belongings(api: Portal, seller: Seller) -> dict[str, str]:
    """One id of each kind of thing that a seller has."""
    job = api.job(seller, looks=2)
    look, _ = api.looks(job)
    api.render(look)
    return {
        "upload_id": api.upload(seller, photo()),
        "garment_id": job.garment_id,
        "job_id": job.id,
        "look_id": look.id,
        "key_id": api.store.keys.list(seller.id)[0].id,
    }


def test_the_document_names_every_route_of_the_app(api: Portal) -> None:
    described = {path for _, path, _ in operations(api)}
    assert {"/v1/jobs/{job_id}:cancel", "/v1/looks/{look_id}:retry", "/v1/keys/{key_id}"} <= described
    served = {context.path for context in _contexts(api.app.router.routes)}
    assert served - {"/v1/openapi.json"} == described


def _contexts(routes: Any) -> Any:
    """Routes as they are served: FastAPI keeps included routers as nodes of their own."""
    for route in routes:
        yield from route.effective_route_contexts() if hasattr(route, "effective_route_contexts") else [route]


def test_no_route_answers_without_a_key_but_those_that_are_meant_to(api: Portal) -> None:
    nobody = api.client()
    refused = set()
    for method, path, _ in operations(api):
        url = path.format(**{name: f"{name[:3]}_{'0' * 32}" for name in _parameters(path)})
        url = url.replace("loo_", "look_")
        answer = nobody.request(method, url, json=_example(path))
        if answer.status_code == 401:
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            refused.add((method, path))
    assert {(method, path) for method, path, _ in operations(api)} - refused == OPEN


def _parameters(path: str) -> list[str]:
    return [part.partition("}")[0] for part in path.split("{")[1:]]


def _example(path: str) -> dict[str, Any]:
    return {
        "/v1/uploads": {"name": "a.jpg", "size": 1, "content_type": "image/jpeg", "depicts_person": False},
        "/v1/garments": {"upload_id": "x"},
        "/v1/jobs": {"garment_id": "x"},
        "/v1/keys": {"name": "x", "scopes": ["read"]},
        "/v1/destination": {"bucket": "looks", "access_key": "x", "secret_key": "x"},
    }.get(path, {})


def test_another_sellers_ids_do_not_exist_on_any_route(api: Portal, seller: Seller, other: Seller) -> None:
    theirs = belongings(api, other)
    before = _everything(api, other)
    tried = 0
    for (method, path, _), thing in itertools.product(operations(api), theirs.values()):
        names = _parameters(path)
        if not names or names == ["token"]:
            continue
        answer = seller.http.request(method, path.format(**dict.fromkeys(names, thing)))
        assert answer.status_code == 404, (method, path, thing, answer.text)
        assert other.id not in answer.text
        tried += 1
    assert tried == 11 * len(theirs)
    assert _everything(api, other) == before


def test_another_sellers_ids_do_not_exist_in_bodies(api: Portal, seller: Seller, other: Seller) -> None:
    theirs = belongings(api, other)
    for path, field in (("/v1/garments", "upload_id"), ("/v1/jobs", "garment_id")):
        answers = [
            seller.http.post(path, json={field: thing}) for thing in (theirs[field], theirs[field][:-4] + "beef")
        ]
        assert [answer.status_code for answer in answers] == [422, 422]
        codes = [answer.json()["errors"][0] for answer in answers]
        assert codes[0]["code"] == codes[1]["code"] == "not_found"  # there is no telling them apart


def test_lists_usage_and_sessions_show_only_ones_own(api: Portal, seller: Seller, other: Seller) -> None:
    mine, theirs = belongings(api, seller), belongings(api, other)
    for path in ("uploads", "garments", "jobs", "keys", "usage/lines"):
        text = seller.http.get(f"/v1/{path}", params={"limit": 200} if path != "keys" else {}).text
        assert not [thing for thing in theirs.values() if thing in text], path
        assert [thing for thing in mine.values() if thing in text], path
    assert seller.http.get("/v1/usage").json()["looks"] == 1
    assert seller.http.get("/v1/session").json()["seller_id"] == seller.id


def test_another_sellers_cursor_shows_only_ones_own(api: Portal, seller: Seller, other: Seller) -> None:
    jobs = [api.job(one).id for one in (seller, other, seller, other, seller)]
    cursor = other.http.get("/v1/jobs", params={"limit": 1}).json()["next_cursor"]
    page = seller.http.get("/v1/jobs", params={"cursor": cursor}).json()
    assert {row["id"] for row in page["data"]} <= {jobs[0], jobs[2], jobs[4]}


def test_another_sellers_idempotency_key_replays_nothing(api: Portal, seller: Seller, other: Seller) -> None:
    headers = {"Idempotency-Key": "shared"}
    body = {"garment_id": api.garment(other).id}
    assert other.http.post("/v1/jobs", json=body, headers=headers).status_code == 202
    answer = seller.http.post("/v1/jobs", json=body, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "not_found")


def test_another_sellers_event_id_shows_nothing(api: Portal, seller: Seller, other: Seller) -> None:
    job = api.job(other)
    api.store.jobs.cancel(other.id, job.id)
    answer = seller.http.get(f"/v1/jobs/{job.id}/events", headers={"Last-Event-ID": "5.70"})
    assert answer.status_code == 404


def _everything(api: Portal, seller: Seller) -> list[str]:
    paths = ("uploads", "garments", "jobs", "keys", "usage/lines")
    return [
        seller.http.get(f"/v1/{path}").text.partition('"last_used_at"')[0].partition('"files"')[0] for path in paths
    ]


@pytest.mark.parametrize("token", ["x", "nonsense", "fg_live_x_y", "fg_live_" + "0" * 32 + "_secret"])
def test_a_key_that_is_none_is_refused(api: Portal, token: str) -> None:
    answer = api.client(token).get("/v1/jobs")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_revoked_and_expired_keys_are_refused_at_once(api: Portal, seller: Seller) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    made = seller.http.post("/v1/keys", json={"name": "second", "scopes": ["read"], "expires_at": soon}).json()
    client = api.client(made["token"])
    assert client.get("/v1/jobs").status_code == 200
    assert seller.http.delete(f"/v1/keys/{made['id']}").json()["revoked_at"] is not None
    assert client.get("/v1/jobs").status_code == 401


def test_two_keys_are_enough_for_rotation_and_three_are_too_many(api: Portal, seller: Seller) -> None:
    body = {"name": "next", "scopes": ["read", "read", "write"]}
    first = seller.http.post("/v1/keys", json=body)
    assert (first.status_code, first.json()["scopes"]) == (201, ["read", "write"])
    assert seller.http.post("/v1/keys", json=body).status_code == 409
    listed = seller.http.get("/v1/keys").json()["data"]
    assert len(listed) == 2
    assert "token" not in listed[0]
    assert first.json()["token"] not in seller.http.get("/v1/keys").text


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "x", "scopes": []}, "#/scopes"),
        ({"name": "x", "scopes": ["everything"]}, "#/scopes/0"),
        ({"name": "x", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"}, "#/expires_at"),
    ],
)
def test_impossible_keys_point_to_the_field(seller: Seller, body: dict, pointer: str) -> None:
    assert seller.http.post("/v1/keys", json=body).json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    ("scope", "allowed"), [("read", {"get"}), ("write", {"post"}), ("admin", {"keys"})], ids=lambda value: str(value)
)
def test_a_key_does_what_its_scopes_say_and_no_more(api: Portal, seller: Seller, scope: str, allowed: set[str]) -> None:
    client = api.client(seller.http.post("/v1/keys", json={"name": "one", "scopes": [scope]}).json()["token"])
    garment = api.garment(seller).id
    answers = {
        "get": client.get("/v1/jobs"),
        "post": client.post("/v1/jobs", json={"garment_id": garment}),
        "keys": client.get("/v1/keys"),
    }
    assert {name for name, answer in answers.items() if answer.status_code < 300} == allowed
    refused = [answer for answer in answers.values() if answer.status_code >= 300]
    assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(403, "forbidden")}


def test_a_session_is_opened_with_a_key_and_ends_with_it(api: Portal, seller: Seller) -> None:
    page = api.client()
    answer = page.post("/v1/session", json={"key": seller.token})
    cookie = answer.headers["Set-Cookie"].lower()
    assert answer.status_code == 201
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert seller.token not in answer.headers["Set-Cookie"]
    assert page.get("/v1/jobs").status_code == 200
    api.store.keys.revoke(seller.id, answer.json()["key_id"])
    assert page.get("/v1/jobs").status_code == 401


def test_a_session_changes_things_only_with_the_header_that_forms_cannot_send(api: Portal, seller: Seller) -> None:
    page = api.client()
    page.post("/v1/session", json={"key": seller.token})
    body = {"garment_id": api.garment(seller).id}
    assert page.post("/v1/jobs", json=body).json()["code"] == "forbidden"
    assert page.post("/v1/jobs", json=body, headers=CSRF).status_code == 202
    form = page.post("/v1/jobs", data=body, headers={"Content-Type": "text/plain"})
    assert form.status_code == 403


def test_signing_out_removes_the_cookie(api: Portal, seller: Seller) -> None:
    page = api.client()
    page.post("/v1/session", json={"key": seller.token})
    assert page.delete("/v1/session").status_code == 204
    assert page.get("/v1/jobs").status_code == 401


def test_a_forged_session_is_refused(api: Portal, seller: Seller) -> None:
    page = api.client()
    page.post("/v1/session", json={"key": seller.token})
    forged = page.cookies[COOKIE]
    page.cookies.set(COOKIE, forged[:-3] + "xxx")
    assert api.client().get("/v1/jobs", headers={"Cookie": f"{COOKIE}={forged[:-3]}xxx"}).status_code == 401


def test_a_wrong_key_opens_no_session(api: Portal) -> None:
    answer = api.client().post("/v1/session", json={"key": "fg_live_wrong"})
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert "fg_live_wrong" not in answer.text
