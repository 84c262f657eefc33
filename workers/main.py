"""One process of the service, by its role."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Sequence

from fashion_gen import logs, settings, tracing, wiring
from fashion_gen.errors import FashionGenError
from fashion_gen.poke import Poke, redis_url
from fashion_gen.settings import Settings
from fashion_gen.stopping import on_signals
from workers import app
from workers.dispatcher import Dispatcher
from workers.queue import CeleryQueue

DISPATCHER = "dispatcher"


def main(argv: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or Ctrl-C; return the exit code: 0, or 3 where the set-up is at fault."""
    given = _arguments(argv)
    try:
        chosen = settings.load()
        logs.start(chosen.observe, process="+".join(given.roles))
        if given.roles == [DISPATCHER]:
            tracing.start(chosen.observe, process=DISPATCHER)
            dispatch(chosen, stopping=on_signals())
            return 0
        from workers import worker  # brings the studio along, which a dispatcher does not need

        return worker.run(chosen, given.roles, name=given.name)
    except FashionGenError as exc:
        sys.stderr.write(f"Error: {exc}\n")
        return exc.exit_code


def dispatch(chosen: Settings, *, stopping: threading.Event) -> None:
    """Run the dispatcher until `stopping` is set."""
    celery = app.build(chosen)
    with wiring.open_store(chosen) as store, Poke(redis_url(chosen.queue)) as poke, celery:
        loop = Dispatcher(
            store, CeleryQueue(celery), poke, poll_s=chosen.queue.poll_seconds, sweep_s=chosen.queue.sweep_seconds
        )
        loop.run(stopping)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workers", description="One process of the fashion-gen service.")
    parser.add_argument("roles", nargs="+", choices=(DISPATCHER, *app.QUEUES), help="a worker may have several")
    parser.add_argument("--name", help="a worker's name, unique among all machines; role, process and host by default")
    given = parser.parse_args(argv)
    if DISPATCHER in given.roles and len(given.roles) > 1:
        parser.error("the dispatcher is a process of its own")
    return given
