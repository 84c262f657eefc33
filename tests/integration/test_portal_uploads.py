"""Uploads over HTTP: announce, send, complete; and the signed links of local storage."""

from __future__ import annotations

import hashlib

import httpx
import pytest

from servers.portal import Portal, Seller, photo

DATA = photo()
ANNOUNCED = {"name": "shirt.jpg", "size": len(DATA), "content_type": "image/jpeg", "depicts_person": False}


def announce(seller: Seller, **more: object) -> dict[str, object]:
    answer = seller.http.post("/v1/uploads", json={**ANNOUNCED, **more})
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"/v1/uploads/{answer.json()['id']}"
    return answer.json()


def send(upload: dict, data: bytes = DATA, **headers: str) -> httpx.Response:
    target = upload["target"]
    return httpx.request(target["method"], target["url"], content=data, headers={**target["headers"], **headers})


def test_a_photo_goes_in_and_lies_under_its_digest(api: Portal, seller: Seller) -> None:
    upload = announce(seller)
    assert upload["state"] == "awaiting"
    assert send(upload).status_code == 204
    done = seller.http.post(f"/v1/uploads/{upload['id']}:complete").json()
    sha256 = hashlib.sha256(DATA).hexdigest()
    assert (done["state"], done["sha256"], done["target"]) == ("received", sha256, None)
    assert api.parts.storage.get(f"originals/{seller.id}/{sha256}") == DATA
    assert not api.parts.storage.exists(f"quarantine/{seller.id}/{upload['id']}")


def test_completing_twice_changes_nothing(seller: Seller) -> None:
    upload = announce(seller)
    send(upload)
    first, second = (seller.http.post(f"/v1/uploads/{upload['id']}:complete") for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()


def test_completing_before_the_bytes_came_is_a_conflict(seller: Seller) -> None:
    answer = seller.http.post(f"/v1/uploads/{announce(seller)['id']}:complete")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_an_upload_that_is_awaited_shows_a_fresh_target(seller: Seller) -> None:
    upload = announce(seller)
    shown = seller.http.get(f"/v1/uploads/{upload['id']}").json()
    assert send(shown).status_code == 204


def test_what_is_no_picture_is_refused_for_good(seller: Seller) -> None:
    lies = b"not a picture" * 100
    upload = announce(seller, size=len(lies))
    assert send(upload, lies).status_code == 204
    answer = seller.http.post(f"/v1/uploads/{upload['id']}:complete")
    assert (answer.status_code, answer.json()["code"]) == (422, "unreadable_photo")
    assert seller.http.get(f"/v1/uploads/{upload['id']}").json()["state"] == "refused"
    assert seller.http.post(f"/v1/uploads/{upload['id']}:complete").status_code == 409


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"size": 0}, "#/size"),
        ({"size": 26 * 1024 * 1024}, "#/size"),
        ({"content_type": "image/svg+xml"}, "#/content_type"),
        ({"depicts_person": None}, "#/depicts_person"),
        ({"depicts_person": True}, "#/consent"),
        ({"sha256": "ABC"}, "#/sha256"),
        ({"name": "a\u0000b"}, "#/name"),
        ({"nmae": "misspelt"}, "#/nmae"),
        ({"consent": {"reference": "R1", "given_at": "2026-01-01T00:00:00"}}, "#/consent/given_at"),
        ({"consent": {"reference": "R1", "given_at": "9999-12-31T23:59:59-12:00"}}, "#/consent/given_at"),
    ],
)
def test_impossible_announcements_point_to_the_field(seller: Seller, wrong: dict, pointer: str) -> None:
    answer = seller.http.post("/v1/uploads", json={**ANNOUNCED, **wrong})
    assert answer.status_code == 422
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]


def test_consent_is_kept_with_the_upload(seller: Seller) -> None:
    consent = {"reference": "release 7", "given_at": "2026-01-01T12:00:00Z"}
    upload = announce(seller, depicts_person=True, consent=consent)
    assert seller.http.get(f"/v1/uploads/{upload['id']}").json()["consent"] == consent


@pytest.mark.parametrize("data", [DATA[:-1], DATA + b"x"])
def test_the_target_takes_exactly_the_announced_size(seller: Seller, data: bytes) -> None:
    answer = send(announce(seller), data, **{"Content-Length": str(len(data))})
    assert (answer.status_code, answer.json()["code"]) == (403, "link_refused")


def test_the_target_takes_exactly_the_announced_type(seller: Seller) -> None:
    assert send(announce(seller), **{"Content-Type": "image/png"}).status_code == 403


def test_the_target_wants_the_length_beforehand(seller: Seller) -> None:
    target = announce(seller)["target"]
    answer = httpx.put(target["url"], content=iter([DATA]), headers={"Content-Type": "image/jpeg"})
    assert (answer.status_code, answer.json()["code"]) == (411, "length_required")


def test_a_link_for_sending_fetches_nothing_and_a_changed_one_is_refused(seller: Seller) -> None:
    upload = announce(seller)
    url = upload["target"]["url"]
    assert httpx.get(url).status_code == 403
    assert httpx.put(url[:-2] + "xx", content=DATA, headers=upload["target"]["headers"]).status_code == 403
    assert httpx.get(url.rpartition("/")[0] + "/no-token").status_code == 404


def test_a_sender_that_hangs_up_leaves_nothing_behind(api: Portal, seller: Seller) -> None:
    import socket
    from urllib.parse import urlsplit

    upload = announce(seller)
    parts = urlsplit(upload["target"]["url"])
    head = f"PUT {parts.path} HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\nContent-Length: {len(DATA)}\r\n\r\n"
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(head.encode() + DATA[:100])
    assert seller.http.post(f"/v1/uploads/{upload['id']}:complete").status_code == 409
    assert send(upload).status_code == 204  # the link still works


def test_links_to_files_work_without_a_key_and_save_under_a_name(api: Portal, seller: Seller) -> None:
    garment = api.garment(seller)
    link = seller.http.get(f"/v1/garments/{garment.id}").json()["files"]["cutout"]
    answer = httpx.get(link["url"])
    assert (answer.status_code, answer.content) == (200, b"a cut-out")
    assert f"{garment.id}-cutout.png" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    api.parts.storage.delete(garment.files["cutout"])
    assert httpx.get(link["url"]).status_code == 403


def test_uploads_are_listed_newest_first_page_by_page(seller: Seller) -> None:
    ids = [announce(seller)["id"] for _ in range(5)]
    seen: list[str] = []
    cursor = None
    while True:
        page = seller.http.get("/v1/uploads", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [row["id"] for row in page["data"]]
        cursor = page["next_cursor"]
        assert page["has_more"] is (cursor is not None)
        if cursor is None:
            break
    assert sorted(seen) == sorted(ids)
    assert len(seen) == 5
