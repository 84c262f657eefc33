"""`python -m workers.alive`: whether a worker of this machine was heard of lately; for health checks of containers."""

from __future__ import annotations

import socket
import sys

from fashion_gen import settings
from fashion_gen.errors import FashionGenError
from fashion_gen.jobs import Database, Store
from fashion_gen.jobs.states import Topic


def main() -> int:
    """Return 0 where one is alive, else 1."""
    try:
        with Store(Database(settings.load().jobs.database.get_secret_value())) as store:
            alive = [row.id for topic in (Topic.PREPARE, Topic.RENDER) for row in store.workers.alive(topic)]
    except FashionGenError as exc:
        sys.stderr.write(f"Error: {exc}\n")
        return 1
    return 0 if any(name.endswith(f"@{socket.gethostname()}") for name in alive) else 1


if __name__ == "__main__":
    sys.exit(main())
