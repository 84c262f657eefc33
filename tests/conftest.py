"""Fixtures that every suite shares."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of test material beside the checkout; tests that need it skip where it is absent."""
    if not (SHARED / "photos").is_dir():
        pytest.skip(f"test material not found at {SHARED}")
    return SHARED
