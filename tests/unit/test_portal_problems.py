"""Errors as problems: every error of ours has a status, found by its class; pointers; secrets of the portal."""

from __future__ import annotations

import inspect
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.responses import Response

from fashion_gen import errors, secret
from fashion_gen.errors import FashionGenError, GarmentRefused, NotAuthenticated, SetupError
from fashion_gen.portal import problems
from fashion_gen.portal.sessions import COOKIE, Sessions

KEY = SecretStr("k" * 32)
OURS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, FashionGenError)]


@pytest.mark.parametrize("kind", OURS)
def test_every_error_of_ours_has_a_status_and_retryable_ones_never_blame_the_caller(kind: type[Exception]) -> None:
    status = problems.status_of(kind.__new__(kind))
    assert 400 <= status < 600
    if issubclass(kind, errors.InputError):
        assert status < 500
    elif kind.retryable:  # type: ignore[attr-defined]
        assert status == 503


def test_an_error_that_is_not_named_has_the_status_of_its_nearest_ancestor() -> None:
    class Fussy(errors.NotFound):
        pass

    assert problems.status_of(Fussy("job", "x", ())) == 404
    assert problems.status_of(ValueError("a bug")) == 500


def test_codes_are_names_in_snake_case_or_the_errors_own() -> None:
    assert problems.code_of(errors.IdempotencyInFlight("x")) == "idempotency_in_flight"
    assert problems.code_of(GarmentRefused("shoes", "x")) == "shoes"


def test_pointers_escape_what_the_standard_reserves() -> None:
    assert problems.pointer("brief", "channels", 1) == "#/brief/channels/1"
    assert problems.pointer("a/b", "c~d") == "#/a~1b/c~0d"
    assert problems.pointer() == "#"


def test_a_secret_is_made_once_however_many_processes_come_at_once(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    with ThreadPoolExecutor(8) as threads:
        made = {one.get_secret_value() for one in threads.map(lambda _: secret.kept(path), range(32))}
    assert len(made) == 1
    assert len(made.pop()) >= 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_hold_a_secret_names_the_cure(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="FASHION_GEN_PORTAL__SECRET"):
        secret.kept(tmp_path / "absent" / "secret")


def test_keys_for_different_purposes_differ() -> None:
    assert secret.derived(KEY, "links").get_secret_value() != secret.derived(KEY, "sessions").get_secret_value()


def _cookie(sessions: Sessions) -> str:
    response = Response()
    sessions.open(response, "key_1")
    return response.headers["set-cookie"].partition("=")[2].partition(";")[0]


def test_a_session_names_its_key_until_it_ends() -> None:
    sessions = Sessions(KEY, secure=True)
    assert sessions.key_id(_cookie(sessions)) == "key_1"
    other = Sessions(SecretStr("o" * 32), secure=True)
    for forged in (_cookie(other), "", "x.y.z", _cookie(sessions)[:-1]):
        with pytest.raises(NotAuthenticated):
            sessions.key_id(forged)


def test_over_https_the_cookie_travels_by_https_alone() -> None:
    for secure in (True, False):
        response = Response()
        Sessions(KEY, secure=secure).open(response, "key_1")
        assert response.headers["set-cookie"].startswith(f"{COOKIE}=")
        assert ("Secure" in response.headers["set-cookie"]) is secure


def test_a_short_key_signs_nothing() -> None:
    with pytest.raises(SetupError, match="FASHION_GEN_PORTAL__SECRET"):
        Sessions(SecretStr("short"), secure=True)
