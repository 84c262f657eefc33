"""The dispatcher's loop and the Celery app, without a broker."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from fashion_gen import settings
from fashion_gen.errors import QueueUnavailable, SetupError
from fashion_gen.jobs import Database, Store, migrate
from fashion_gen.jobs.states import Priority
from fashion_gen.jobs.tables import OutboxMessage
from fashion_gen.poke import Poke
from workers import app
from workers.dispatcher import Dispatcher
from workers.queue import CeleryQueue


class Broker(CeleryQueue):
    """A broker that can be away; remembers how often it was asked to tidy."""

    def __init__(self) -> None:
        super().__init__(app.build(settings.load({})))
        self.away = False
        self.tidied = 0

    def send(self, message: OutboxMessage) -> None:
        raise AssertionError("nothing is to be sent in these tests")

    def tidy(self) -> None:
        if self.away:
            raise QueueUnavailable("The broker does not answer: it is tried again.")
        self.tidied += 1


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Any:
    url = f"sqlite:///{tmp_path}/jobs.db"
    migrate(url)
    with Store(Database(url)) as opened:
        yield opened


def loop(store: Store, broker: Broker, clock: Clock | None = None) -> Dispatcher:
    return Dispatcher(store, broker, Poke(None), poll_s=0.01, sweep_s=5, clock=clock or Clock())


def test_chores_are_done_when_due_and_not_before(store: Store):
    broker, clock = Broker(), Clock()
    dispatcher = loop(store, broker, clock)
    for now in (0, 1, 3599, 3600, 3601, 7200):
        clock.now = now
        dispatcher.once()

    assert broker.tidied == 3


def test_broker_that_is_away_is_said_once_and_the_rest_goes_on(store: Store, caplog: pytest.LogCaptureFixture):
    caplog.set_level("INFO", logger="workers.dispatcher")
    broker = Broker()
    broker.away = True
    dispatcher = loop(store, broker)
    for _ in range(3):
        assert dispatcher.once()  # dispatching itself went well
    broker.away = False
    dispatcher.once()

    told = [record.getMessage() for record in caplog.records if "tidy" in record.getMessage()]
    assert told == ["tidy waits: The broker does not answer: it is tried again.", "tidy goes on"]
    assert broker.tidied == 1


def test_database_without_tables_stops_it_with_the_cure(tmp_path: Path):
    with (
        Store(Database(f"sqlite:///{tmp_path}/empty.db")) as store,
        pytest.raises(SetupError, match="fashion-gen migrate"),
    ):
        loop(store, Broker()).once()


def test_it_stops_when_told_to(store: Store):
    stopping = threading.Event()
    thread = threading.Thread(target=loop(store, Broker()).run, args=(stopping,))
    thread.start()
    stopping.set()
    thread.join(60)

    assert not thread.is_alive()


def test_broker_that_does_not_answer_is_retryable(tmp_path: Path):
    queue = settings.QueueSettings(broker=SecretStr(f"redis+socket://{tmp_path}/none.sock"))
    chosen = settings.load({}).model_copy(update={"queue": queue})
    with app.build(chosen) as celery, pytest.raises(QueueUnavailable):
        CeleryQueue(celery).tidy()


@pytest.mark.parametrize("broker", ["redis://127.0.0.1/0", "amqp://guest@127.0.0.1//"])
def test_message_is_lost_by_no_setting(broker: str):
    chosen = settings.load({}).model_copy(update={"queue": settings.QueueSettings(broker=SecretStr(broker))})
    conf = app.build(chosen).conf

    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1
    assert conf.worker_pool == "prefork"
    assert conf.accept_content == ["json"]


def test_each_priority_has_a_queue_of_its_own_interactive_first():
    assert app.QUEUES["render"] == ("render.interactive", "render.bulk")
    assert app.RENDER[Priority.INTERACTIVE] == "render.interactive"


def test_parent_of_a_worker_never_imports_torch():
    script = "import sys, workers.worker, workers.tasks; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)


def test_dispatcher_needs_no_studio():
    script = "import sys, workers.main; assert 'workers.tasks' not in sys.modules and 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)


def test_unknown_role_is_refused_with_the_known_ones():
    done = subprocess.run([sys.executable, "-m", "workers", "paint"], capture_output=True, text=True, timeout=120)

    assert done.returncode == 2
    assert "render" in done.stderr
