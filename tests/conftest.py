"""Fixtures that every suite shares."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fashion_gen.storage.s3 import S3Location
from servers import s3
from tests.postgres import CannotStart, running

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of test material beside the checkout; tests that need it skip where it is absent."""
    if not (SHARED / "photos").is_dir():
        pytest.skip(f"test material not found at {SHARED}")
    return SHARED


@pytest.fixture(scope="session")
def packed_body(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packed CC0 body: the one at hand, or packed now from ../shared; skipped where neither is."""
    from training import pack

    if pack.TARGET.exists():
        return pack.TARGET
    if not (pack.SOURCE / "base.obj").exists():
        pytest.skip("needs training/.cache/body.npz or ../shared/body")
    packed = Path(tmp_path_factory.mktemp("body")) / "body.npz"
    pack.pack(pack.SOURCE, packed)
    return packed


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a PostgreSQL server, without a database name; tests that need it skip where none can be started."""
    try:
        with running() as url:
            yield url
    except CannotStart as exc:
        pytest.skip(f"no PostgreSQL here: {exc}")


@pytest.fixture(scope="session")
def swift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Location]:
    """A bucket in OpenStack Swift, in a process of its own."""
    with s3.swift(tmp_path_factory.mktemp("swift")) as location:
        yield location


@pytest.fixture(scope="session")
def ceph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Location]:
    """A bucket in Ceph's gateway, in processes of its own."""
    with s3.radosgw(tmp_path_factory.mktemp("ceph")) as location:
        yield location
