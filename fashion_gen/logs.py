"""One way of logging for every process: text for people, one JSON object a line for machines.

Whoever logs names the act and the ids: `log.info("look ready", extra={"action": "look_ready", "look_id": ...})`. Both formats
show them. Never log bytes, prompts of people, or secrets.
"""

from __future__ import annotations

import logging
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from fashion_gen.settings import ObserveSettings

#: What every record has by itself; everything else came in by `extra`.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
#: Libraries whose every step is of no interest.
_CHATTY = ("celery", "kombu", "amqp", "botocore", "urllib3", "PIL", "numba", "alembic")


class TextFormatter(logging.Formatter):
    """`12:00:01 INFO look passed look_id=look_01 attempt=1`."""

    def format(self, record: logging.LogRecord) -> str:
        head, newline, trace = super().format(record).partition("\n")
        extra = " ".join(f"{name}={value}" for name, value in told(record).items() if name != "action")
        return f"{head} {extra}".rstrip() + newline + trace


def told(record: logging.LogRecord) -> dict[str, Any]:
    """What the caller said beside the message."""
    return {name: value for name, value in vars(record).items() if name not in _OWN}


def formatter(chosen: ObserveSettings, *, process: str) -> logging.Formatter:
    """The formatter of the settings. `process` names the role: portal, dispatcher, render, ..."""
    if chosen.log_format == "text":
        return TextFormatter(f"%(asctime)s %(levelname)s {process}: %(message)s", "%H:%M:%S")
    return JsonFormatter(
        "%(asctime)s %(levelname)s %(name)s %(process)d %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S%z",
        rename_fields={"asctime": "time", "levelname": "level", "name": "logger", "process": "pid"},
        static_fields={"role": process},
    )


def start(chosen: ObserveSettings, *, process: str) -> None:
    """Log to standard error from now on, in place of whatever was set up before."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(chosen, process=process))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(chosen.log_level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
