"""Logs: the same facts for people and for machines."""

from __future__ import annotations

import json
import logging

from fashion_gen import logs
from fashion_gen.settings import ObserveSettings


def record(**extra: object) -> logging.LogRecord:
    made = logging.makeLogRecord(
        {"name": "fashion_gen.jobs.run", "levelname": "INFO", "msg": "look %s", "args": ("passed",)}
    )
    vars(made).update(extra)
    return made


def test_json_line_carries_the_ids_and_the_role():
    formatter = logs.formatter(ObserveSettings(log_format="json"), process="render")
    line = json.loads(formatter.format(record(action="look_passed", work_id="look_1", attempt=2)))

    assert line["message"] == "look passed"
    assert (line["role"], line["level"], line["logger"]) == ("render", "INFO", "fashion_gen.jobs.run")
    assert (line["action"], line["work_id"], line["attempt"]) == ("look_passed", "look_1", 2)
    assert line["time"]


def test_text_line_carries_the_ids():
    formatter = logs.formatter(ObserveSettings(), process="render")

    assert formatter.format(record(action="look_passed", work_id="look_1")).endswith(
        "INFO render: look passed work_id=look_1"
    )


def test_error_keeps_its_trace():
    try:
        raise ValueError("boom")
    except ValueError as exc:
        broken = record(exc_info=(type(exc), exc, exc.__traceback__))

    assert "ValueError: boom" in logs.formatter(ObserveSettings(), process="render").format(broken)
    assert (
        "ValueError: boom"
        in json.loads(logs.formatter(ObserveSettings(log_format="json"), process="render").format(broken))["exc_info"]
    )
