"""What is sealed can be read by whoever has the secret, and by nobody else."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from fashion_gen.errors import SetupError
from fashion_gen.seal import Seal

WORDS = SecretStr("a key to a bucket")
SECRET = SecretStr("s" * 32)


def test_what_is_sealed_opens_again_in_another_process_with_the_same_secret() -> None:
    assert Seal(SECRET, "buckets").open(Seal(SECRET, "buckets").close(WORDS)) == WORDS


def test_the_words_are_not_in_what_is_sealed_and_it_differs_each_time() -> None:
    seal = Seal(SECRET, "buckets")
    once, again = seal.close(WORDS), seal.close(WORDS)
    assert once != again
    assert WORDS.get_secret_value() not in once


@pytest.mark.parametrize("other", [Seal(SecretStr("t" * 32), "buckets"), Seal(SECRET, "cookies")])
def test_another_secret_or_purpose_does_not_open_it(other: Seal) -> None:
    sealed = Seal(SECRET, "buckets").close(WORDS)
    with pytest.raises(SetupError, match="FASHION_GEN_PORTAL__SECRET"):
        other.open(sealed)


def test_what_was_changed_does_not_open() -> None:
    seal = Seal(SECRET, "buckets")
    sealed = seal.close(WORDS)
    middle = len(sealed) // 2
    changed = sealed[:middle] + ("A" if sealed[middle] != "A" else "B") + sealed[middle + 1 :]
    with pytest.raises(SetupError):
        seal.open(changed)
