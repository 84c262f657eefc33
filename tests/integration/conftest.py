"""Fixtures of the integration tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from servers.portal import Portal, Seller, Valkey, portal, valkey


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal without Redis; tests of a file share it and make sellers of their own."""
    with portal(tmp_path_factory.mktemp("portal")) as running:
        yield running


@pytest.fixture
def seller(api: Portal) -> Seller:
    return api.seller()


@pytest.fixture
def other(api: Portal) -> Seller:
    return api.seller("Bo's coats")


@pytest.fixture(scope="module")
def redis_server() -> Iterator[Valkey]:
    """A Valkey of a test file's own."""
    with valkey() as server:
        yield server
