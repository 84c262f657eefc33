"""Starting a Celery worker: one parent that talks to the broker, one child that works."""

from __future__ import annotations

import os
import socket
import threading
import warnings
from collections.abc import Sequence
from typing import Any

from celery import signals
from celery.exceptions import CPendingDeprecationWarning

from fashion_gen import tracing
from fashion_gen.jobs.states import Topic
from fashion_gen.settings import Settings
from workers import app
from workers.process import Presence, stay_present

#: What the dispatcher counts on; io work is not dispatched from the database.
TOPICS = {"prepare": Topic.PREPARE, "render": Topic.RENDER}


LAST_WORDS_S = 15.0  #: what a worker has to say farewell to the broker, its batch being finished or put back


def run(chosen: Settings, roles: Sequence[str], *, name: str | None = None) -> int:
    """Take work of these roles until told to stop; return the exit code."""
    worker_id = name or f"{'-'.join(roles)}-{os.getpid()}@{socket.gethostname()}"
    presence: list[Presence] = []

    def arrive(**_: Any) -> None:
        tracing.start(chosen.observe, process="+".join(roles))
        # In the child: a connection to the database must not be carried over a fork, and a dead child shall fall silent.
        presence.extend(stay_present(TOPICS[role], f"{role}:{worker_id}") for role in roles if role in TOPICS)

    def leave(**_: Any) -> None:
        for one in presence:
            one.leave()

    signals.worker_process_init.connect(arrive, weak=False)
    signals.worker_process_shutdown.connect(leave, weak=False)
    signals.setup_logging.connect(_keep_ours, weak=False)
    signals.worker_shutting_down.connect(_end_for_sure, weak=False)
    signals.worker_ready.connect(_spare_us_warnings, weak=False)
    celery = app.build(chosen)
    # Gossip and mingle make workers greet each other at every start, for features that are not used here.
    arguments = ["worker", "--without-gossip", "--without-mingle", "--hostname", worker_id]
    queues = ",".join(queue for role in roles for queue in app.QUEUES[role])
    try:
        celery.worker_main([*arguments, "--queues", queues, "--loglevel", chosen.observe.log_level])
    except SystemExit as exc:
        # A soft stop that was asked for is a success, whatever Celery calls it.
        return 0 if exc.code in (None, 0, 1) else int(exc.code)
    return 0


def _keep_ours(**_: Any) -> None:
    """Celery sets up logging only where nobody says that it is done."""


def _spare_us_warnings(**_: Any) -> None:
    """At each lost connection Celery would warn that a default may change in Celery 6; it sets its own filter at start."""
    warnings.simplefilter("ignore", CPendingDeprecationWarning)


def _end_for_sure(**_: Any) -> None:
    """Celery 5.7 waits for ever to send its last heartbeat to a broker that is gone; the child ends with this process."""
    timer = threading.Timer(LAST_WORDS_S, os._exit, (1,))
    timer.daemon = True
    timer.start()
