"""Chaos: looks are asked for over HTTP while every process of the service is killed at random, and then the books are checked.

Also `python -m tests.servers.chaos --looks 200 --seed 7` (`make chaos`). The seed decides who is killed when; what the
processes are doing at that moment, it cannot decide, so a failure may need several runs to come again.
"""

from __future__ import annotations

import argparse
import itertools
import logging
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import httpx

from fashion_gen import images
from fashion_gen.cli.operate import open_account
from fashion_gen.errors import DatabaseUnavailable
from fashion_gen.jobs.states import LookState
from fashion_gen.jobs.tables import Garment, Look
from fashion_gen.testing import QuickStudio
from tests.postgres import killable
from tests.servers.backstage import Backstage, running

LOOKS_PER_JOB = 4
LONGEST_PAUSE_S = 1.0  #: between a look that was finished and the blow: the next batch is on its way then
PATIENCE_S = 900.0  # a stuck service, not a slow machine, runs into this
SETTINGS = {
    "studio": "tests.servers.chaos:UnhurriedStudio",
    "jobs__batch_size": 2,
    "jobs__lease_seconds": 5,
    "jobs__redispatch_seconds": 5,
    # Killed once a second, a look may well meet its worker's end more than three times: that is our doing, not its own.
    "jobs__max_failures": 1000,
    "queue__sweep_seconds": 0.5,
}


class UnhurriedStudio(QuickStudio):
    """Takes long enough for a look to be killed in the middle of."""

    def __init__(self, preset: str = "mini") -> None:
        super().__init__(preset, step_s=0.1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found when the dust had settled."""

    asked: int
    passed: int
    billed: Counter[str]  #: lines of the ledger by look
    finished: Counter[str]  #: attempts that ended as passed, by look
    broken: tuple[str, ...]  #: files that are missing or no picture
    kills: Counter[str]  #: by process
    seconds: float

    @property
    def lost(self) -> int:
        return self.asked - self.passed

    @property
    def twice(self) -> tuple[str, ...]:
        """Looks that were finished or billed more than once."""
        return tuple(look for counts in (self.billed, self.finished) for look, n in counts.items() if n != 1)


def run(folder: Path, *, looks: int, kills: int, seed: int, postgres: bool = False) -> Outcome:
    """Ask for looks, kill at random moments while they are being made, and count.

    Between two blows at least one more look is finished: a slow machine would else do nothing but start. `kills`: how many
    blows at most; now and then one hits two processes at once. `postgres`: on a PostgreSQL, which is killed too.
    """
    with (
        killable() if postgres else nullcontext() as database,
        running(folder, portal=True, database=database, **SETTINGS) as stage,
    ):
        seller_id, token = open_account(stage.store, "Ada's shirts")
        garment = stage.garment(seller_id)
        started = time.monotonic()
        asked = _Asking(stage, garment, token, jobs=looks // LOOKS_PER_JOB)
        asked.start()
        killed = _kill_until_done(stage, asked, random.Random(seed), kills)
        asked.join()
        return _count(stage, seller_id, looks, killed, time.monotonic() - started)


class _Asking(threading.Thread):
    """A client that repeats each request, with its Idempotency-Key, until it is answered."""

    def __init__(self, stage: Backstage, garment: Garment, token: str, *, jobs: int) -> None:
        super().__init__(name="client", daemon=True)
        self._garment, self._jobs = garment, jobs
        self.seller_id = garment.seller_id
        self._url = f"{stage.url}/v1/jobs"
        self._headers = {"Authorization": f"Bearer {token}"}
        self.looks = jobs * LOOKS_PER_JOB
        self.accepted: list[str] = []
        self.refused: list[str] = []

    def run(self) -> None:
        for number in range(self._jobs):
            self._insist(number)
            time.sleep(0.05)

    @property
    def done(self) -> bool:
        return len(self.accepted) + len(self.refused) == self._jobs

    def _insist(self, number: int) -> None:
        body = {"garment_id": self._garment.id, "brief": {"looks": LOOKS_PER_JOB, "seed": number}}
        headers = {**self._headers, "Idempotency-Key": f'"job-{number}"'}
        while True:
            try:
                reply = httpx.post(self._url, json=body, headers=headers, timeout=20, trust_env=False)
            except httpx.HTTPError:  # it was killed: nobody knows whether it took the job, so the same again
                time.sleep(0.1)
                continue
            if reply.status_code == 202:
                self.accepted.append(reply.json()["id"])
                return
            if reply.status_code < 500 and reply.status_code not in (409, 429):
                self.refused.append(f"{reply.status_code} {reply.text}")
                return
            time.sleep(0.1)


def _kill_until_done(stage: Backstage, asked: _Asking, chance: random.Random, most: int) -> Counter[str]:
    kills: Counter[str] = Counter()
    victims = _victims(sorted(stage.children), chance)
    deadline, blows, seen, next_blow = time.monotonic() + PATIENCE_S, 0, 0, 0.0
    while not asked.done or seen < asked.looks:
        assert time.monotonic() < deadline, f"the looks do not end\n{stage.last_words()}"
        stage.supervisor.tend()
        made = _finished_looks(stage, asked.seller_id)
        if made > seen:
            seen, next_blow = made, time.monotonic() + chance.uniform(0, LONGEST_PAUSE_S)
        elif next_blow and time.monotonic() >= next_blow and blows < most:
            for name in itertools.islice(victims, chance.choice((1, 1, 1, 2))):
                kills[name] += stage.kill_if_running(name, signal.SIGKILL)
            blows, next_blow = blows + 1, 0.0
        time.sleep(0.02)
    assert not asked.refused, asked.refused
    return kills


def _victims(names: list[str], chance: random.Random) -> Iterator[str]:
    """In every round each has its turn."""
    while True:
        yield from chance.sample(names, len(names))


def _finished_looks(stage: Backstage, seller_id: str) -> int:
    """How many looks are finished; 0 while the database is down."""
    try:
        return sum(job.passed + job.rejected + job.failed + job.cancelled for job in stage.jobs_of(seller_id))
    except DatabaseUnavailable:
        return 0


def _answers(stage: Backstage, seller_id: str) -> bool:
    try:
        return stage.store.sellers.get(seller_id) is not None
    except DatabaseUnavailable:
        return False


def _count(stage: Backstage, seller_id: str, asked: int, kills: Counter[str], seconds: float) -> Outcome:
    stage.until(lambda: _answers(stage, seller_id), "the database answers")
    looks = [look for job in stage.jobs_of(seller_id) for look in stage.store.looks.of_job(seller_id, job.id)]
    billed = Counter(line.look_id for line in stage.ledger_of(seller_id))
    finished = Counter(
        look.id
        for look in looks
        for attempt in stage.store.looks.attempts(seller_id, look.id)
        if attempt.outcome == "passed"
    )
    broken = tuple(key for look in looks for key in look.files.values() if not _whole(stage, key))
    broken += tuple(look.id for look in looks if not look.files or not _own_folder(look))
    passed = sum(look.state is LookState.PASSED for look in looks)
    assert len(looks) == asked, f"{len(looks)} looks for {asked} that were asked for"
    return Outcome(asked, passed, billed, finished, broken, kills, seconds)


def _whole(stage: Backstage, key: str) -> bool:
    """Whether a file is there and every pixel of it can be read."""
    return stage.storage.exists(key) and images.decode(stage.storage.get(key)).size > 0


def _own_folder(look: Look) -> bool:
    """A result may only point to files of the attempt that finished it."""
    return all(f"/{look.id}/{look.attempt}/" in key for key in look.files.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--looks", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--kills", type=int, default=50, help="blows at most")
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL that is killed too")
    given = parser.parse_args()
    sys.stdout.write(f"seed {given.seed}\n")
    logging.getLogger("fashion_gen.embedded").setLevel(logging.CRITICAL)  # that children die is no news here
    with tempfile.TemporaryDirectory(prefix="fg-chaos-") as folder:
        data = Path(folder) / "data"
        found = run(data, looks=given.looks, kills=given.kills, seed=given.seed, postgres=given.postgres)
    sys.stdout.write(
        f"{found.asked} looks in {found.seconds:.0f} s, {sum(found.kills.values())} kills {dict(found.kills)}:"
        f" {found.lost} lost, {len(found.twice)} twice, {len(found.broken)} files broken\n"
    )
    return int(bool(found.lost or found.twice or found.broken))


if __name__ == "__main__":
    sys.exit(main())
