"""Traces: nothing unless asked for; spans of tasks and requests when asked."""

from __future__ import annotations

import subprocess
import sys

from fashion_gen import tracing
from fashion_gen.settings import ObserveSettings

# Instrumenting changes the process for good, so each is tried in one of its own.
TRACED = """
from fastapi import FastAPI
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from fashion_gen import settings, tracing
from workers import app

spans, web = InMemorySpanExporter(), FastAPI()

@web.get("/thing/{name}")
def thing(name: str) -> str:
    return name

chosen = settings.ObserveSettings(traces="http://127.0.0.1:9/v1/traces")
provider = tracing.start(chosen, process="test", web=web, exporter=spans)
celery = app.build(settings.load({}))
celery.conf.update(task_always_eager=True, include=[])

@celery.task(name="traced")
def traced():
    pass

traced.apply()
TestClient(web).get("/thing/dress")
provider.force_flush()
found = spans.get_finished_spans()
names = {span.name for span in found}
assert "run/traced" in names, names
assert "GET /thing/{name}" in names, names
assert {span.resource.attributes["service.name"] for span in found} == {"fashion-gen-test"}
"""
UNTRACED = """
import sys
from fashion_gen import settings, tracing
assert tracing.start(settings.ObserveSettings(), process="test") is None
assert not any(name.startswith("opentelemetry") for name in sys.modules)
"""


def test_nothing_is_traced_by_default():
    assert tracing.start(ObserveSettings(), process="test") is None


def test_opentelemetry_is_not_imported_by_default():
    _in_a_process_of_its_own(UNTRACED)


def test_tasks_and_requests_become_spans():
    _in_a_process_of_its_own(TRACED)


def _in_a_process_of_its_own(script: str) -> None:
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
