"""Logs as JSON, one object a line, on standard error: time, level, logger, message, and the ids that `extra` gave."""

from __future__ import annotations

import logging

from pythonjsonlogger.json import JsonFormatter


def configure(level: str) -> None:
    """Send what fashion_gen logs to standard error. Once for each process."""
    logger = logging.getLogger("fashion_gen")
    logger.setLevel(level)
    logger.propagate = False
    handler = logging.StreamHandler()
    handler.setFormatter(
        JsonFormatter(
            "{asctime}{levelname}{name}{message}",
            style="{",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
        )
    )
    logger.handlers[:] = [handler]
