"""Every process of the service is killed while looks are asked for: nothing is lost, nothing is done or billed twice.

`make chaos` runs it longer.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.postgres import CannotStart
from tests.servers import chaos

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("database", "looks", "kills"), [("sqlite", 60, 6), ("postgresql", 28, 6)])
def test_no_look_is_lost_made_twice_or_billed_twice_whatever_is_killed(
    database: str, looks: int, kills: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    seed = random.SystemRandom().randrange(10**6)
    with capsys.disabled():
        print(f"\nchaos on {database}: seed {seed}")  # noqa: T201  (the one thing that a failure needs)
    try:
        found = chaos.run(tmp_path / "data", looks=looks, kills=kills, seed=seed, postgres=database == "postgresql")
    except CannotStart as exc:
        pytest.skip(f"no PostgreSQL here: {exc}")

    assert found.lost == 0
    assert found.twice == ()
    assert found.broken == ()
    assert sum(found.kills.values()) >= 2  # looks were made under fire, not in peace
