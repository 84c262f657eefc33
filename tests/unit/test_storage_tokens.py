"""Tokens for links that the portal serves; what they have in common with S3's is in tests/contract/test_presign.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from fashion_gen.errors import LinkRefused, SetupError
from fashion_gen.storage import TokenPresigner

KEY = SecretStr("k" * 32)
URL = "https://fashion.example/files/"
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def token_of(url: str) -> str:
    return url.removeprefix(URL)


def test_a_token_allows_what_was_signed_until_it_expires() -> None:
    clock = Clock()
    presigner = TokenPresigner(URL, KEY, now=clock)
    link = presigner.put("a/b.jpg", size=7, content_type="image/jpeg", lifetime=MINUTE)
    assert link.expires == NOON + MINUTE
    token = token_of(link.url)
    clock.now = NOON + timedelta(seconds=59.9)
    assert presigner.redeem(token, "PUT", content_type="image/jpeg", size=7).key == "a/b.jpg"
    clock.now = NOON + MINUTE
    with pytest.raises(LinkRefused, match="ask for a new one"):
        presigner.redeem(token, "PUT", content_type="image/jpeg", size=7)


@pytest.mark.parametrize(
    ("method", "content_type", "size"),
    [
        ("GET", None, None),
        ("POST", "image/jpeg", 7),
        ("PUT", "image/png", 7),
        ("PUT", "image/jpeg", 8),
        ("PUT", None, 7),
    ],
)
def test_another_request_is_refused(method: str, content_type: str | None, size: int | None) -> None:
    presigner = TokenPresigner(URL, KEY)
    token = token_of(presigner.put("a", size=7, content_type="image/jpeg", lifetime=MINUTE).url)
    with pytest.raises(LinkRefused, match="The link is for"):
        presigner.redeem(token, method, content_type=content_type, size=size)


def test_another_key_signs_nothing_for_us() -> None:
    token = token_of(TokenPresigner(URL, SecretStr("x" * 32)).get("a", lifetime=MINUTE).url)
    with pytest.raises(LinkRefused, match="changed after it was signed"):
        TokenPresigner(URL, KEY).redeem(token, "GET")


@settings(deadline=None)  # a loaded machine is no fault
@given(st.text(max_size=80))
def test_no_other_text_is_a_token(text: str) -> None:
    with pytest.raises(LinkRefused):
        TokenPresigner(URL, KEY).redeem(text, "GET")


@settings(deadline=None)  # a loaded machine is no fault
@given(st.integers(min_value=0), st.characters(codec="ascii"))
def test_no_letter_of_a_token_may_change_its_meaning(at: int, letter: str) -> None:
    presigner = TokenPresigner(URL, KEY, now=Clock())
    token = token_of(presigner.get("results/shop-1/look.png", lifetime=MINUTE).url)
    changed = token[: at % len(token)] + letter + token[at % len(token) + 1 :]
    try:
        grant = presigner.redeem(changed, "GET")
    except LinkRefused:
        return
    # Base64 has letters with spare bits, so another text may hold the same bytes; never another grant.
    assert grant == presigner.redeem(token, "GET")


@pytest.mark.parametrize("key", ["", "short", "k" * 31])
def test_keys_that_anybody_could_guess_are_refused(key: str) -> None:
    with pytest.raises(SetupError, match="FASHION_GEN_STORAGE__LINK_KEY"):
        TokenPresigner(URL, SecretStr(key))


def test_the_key_is_not_printed() -> None:
    presigner = TokenPresigner(URL, SecretStr("a key that nobody may print at all"))
    assert "nobody" not in repr(presigner)
