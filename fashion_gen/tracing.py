"""OpenTelemetry traces, for those who ask for them: off by default, and then nothing of OpenTelemetry is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fashion_gen.errors import BackendUnavailable
from fashion_gen.settings import ObserveSettings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter


def start(
    chosen: ObserveSettings, *, process: str, web: Any | None = None, exporter: SpanExporter | None = None
) -> Any | None:
    """Trace this process: its Celery tasks and messages, and the requests of `web`, a FastAPI app. Return the provider, or None.

    A worker calls it in its child: the thread that sends spans does not survive a fork. `exporter` replaces OTLP in tests.

    Raises:
        BackendUnavailable: traces are asked for and the extra is not installed.
    """
    if chosen.traces is None:
        return None
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.instrumentation.celery import CeleryInstrumentor
        from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError as exc:
        raise BackendUnavailable(f"{exc.name} is missing: pip install 'fashion-gen[traces]'.") from exc

    provider = TracerProvider(resource=Resource.create({"service.name": f"fashion-gen-{process}"}))
    provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter(endpoint=chosen.traces)))
    trace.set_tracer_provider(provider)
    CeleryInstrumentor().instrument(tracer_provider=provider)
    if web is not None:
        FastAPIInstrumentor.instrument_app(web, tracer_provider=provider)
    return provider
