"""States: which moves there are, and what a job's looks make of it."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest

from fashion_gen.errors import InvalidMove
from fashion_gen.jobs.states import (
    FINISHED_JOBS,
    OPEN_LOOKS,
    CatalogState,
    DeliveryState,
    GarmentState,
    JobState,
    LookState,
    RowState,
    UploadState,
    derive,
    move,
    sources,
)

KINDS = (UploadState, GarmentState, LookState, DeliveryState, CatalogState, RowState)


@pytest.mark.parametrize("kind", KINDS)
def test_every_move_is_either_allowed_or_refused_by_name(kind: type) -> None:
    allowed = 0
    for current, to in product(kind, kind):
        if current in sources(to):
            assert move(current, to) is to
            allowed += 1
        else:
            with pytest.raises(InvalidMove, match=f"{current.value} cannot become {to.value}"):
                move(current, to)
    assert allowed


def test_finished_looks_are_left_only_by_asking_for_another_picture() -> None:
    for state in set(LookState) - set(OPEN_LOOKS):
        assert [to for to in LookState if state in sources(to)] in ([], [LookState.QUEUED])


def test_a_cancelled_look_stays_cancelled() -> None:
    assert not any(LookState.CANCELLED in sources(to) for to in LookState)


@pytest.mark.parametrize(
    ("looks", "cancelled", "state"),
    [
        ("queued queued", False, JobState.QUEUED),
        ("waiting dispatched", False, JobState.QUEUED),
        ("running queued", False, JobState.RUNNING),
        ("passed queued", False, JobState.RUNNING),
        ("passed passed", False, JobState.SUCCEEDED),
        ("passed cancelled", False, JobState.SUCCEEDED),
        ("passed rejected", False, JobState.PARTIAL),
        ("rejected failed", False, JobState.FAILED),
        ("failed cancelled", False, JobState.FAILED),
        ("cancelled cancelled", False, JobState.CANCELLED),
        ("passed cancelled", True, JobState.CANCELLED),
        ("running cancelled", True, JobState.RUNNING),
        ("passed passed", True, JobState.SUCCEEDED),  # it was done before anybody stopped
    ],
)
def test_a_job_is_what_its_looks_are(looks: str, cancelled: bool, state: JobState) -> None:
    counts = Counter(LookState(name) for name in looks.split())
    assert derive(counts, cancel_requested=cancelled) is state
    assert (state in FINISHED_JOBS) == (not any(look in OPEN_LOOKS for look in counts))
