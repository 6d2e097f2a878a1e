"""OpenTelemetry's SDK, with its exporter over HTTP and its instrumentations."""

from __future__ import annotations

import importlib
from contextlib import AbstractContextManager
from typing import Any, Callable

from opentelemetry import trace
from opentelemetry.context import attach
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from benchmarks.contestants.contestant import DISABLED, DROP, KEEP, SEND, AbsentError, Contestant
from benchmarks.contestants.workload import (
    CHILDREN,
    GRANDCHILDREN,
    NAME,
    RESOURCE,
    SERVICE,
    SPAN_TYPE,
    TAG_ITEMS,
)

ROOT_TAGS = {"resource.name": RESOURCE, "span.type": SPAN_TYPE}
"""What the others have fields for is an attribute here, given with the others when the span begins."""

INSTRUMENTORS = {
    "redis": "RedisInstrumentor",
    "flask": "FlaskInstrumentor",
    "django": "DjangoInstrumentor",
    "sqlite3": "SQLite3Instrumentor",
    "psycopg": "PsycopgInstrumentor",
    "requests": "RequestsInstrumentor",
}


class DroppingProcessor(SpanProcessor):
    """Forgets finished spans."""


class KeepingProcessor(SpanProcessor):
    """Puts finished spans into a list."""

    def __init__(self, spans: list[ReadableSpan]) -> None:
        self.spans = spans

    def on_end(self, span: ReadableSpan) -> None:
        self.spans.append(span)


class OpenTelemetry(Contestant):
    """Disabled by OTEL_SDK_DISABLED."""

    distribution = "opentelemetry-sdk"
    imports = "from opentelemetry.sdk.trace import TracerProvider"

    def start(self, finished: str, agent_url: str) -> None:
        self.provider = TracerProvider(resource=Resource.create({"service.name": SERVICE}))
        if finished == SEND:
            exporter = OTLPSpanExporter(endpoint=f"{agent_url}/v1/traces")
            # As large as needed to drop nothing, as the other contestants' buffers are.
            self.provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=1 << 20))
        elif finished in (DROP, DISABLED):
            self.provider.add_span_processor(DroppingProcessor())
        elif finished == KEEP:
            self.provider.add_span_processor(KeepingProcessor(self.kept))
        trace.set_tracer_provider(self.provider)
        self.tracer = trace.get_tracer("benchmark")

    def root(self) -> AbstractContextManager[Any]:
        return self.tracer.start_as_current_span(NAME)

    def one_span(self) -> None:
        with self.tracer.start_as_current_span(NAME, attributes=ROOT_TAGS):
            pass

    def ten_spans(self) -> None:
        start = self.tracer.start_as_current_span
        with start(NAME, attributes=ROOT_TAGS) as span:
            for key, value in TAG_ITEMS:
                span.set_attribute(key, value)
            for _ in CHILDREN:
                with start(NAME, attributes=ROOT_TAGS) as span:
                    for key, value in TAG_ITEMS:
                        span.set_attribute(key, value)
                    for _ in GRANDCHILDREN:
                        with start(NAME, attributes=ROOT_TAGS) as span:
                            for key, value in TAG_ITEMS:
                                span.set_attribute(key, value)

    def flush(self) -> None:
        if not self.provider.force_flush():
            raise RuntimeError("the exporter did not send all spans")

    def encoder(self, version: str) -> Callable[[], int]:
        if version != "v0.4":
            raise AbsentError("none")
        return lambda: len(encode_spans(self.kept).SerializeToString())

    def injector(self, style: str) -> Callable[[dict[str, str]], None]:
        if style != "w3c":
            raise AbsentError("none")
        # Left open, and not as a block, which would end when nobody holds it any more.
        attach(trace.set_span_in_context(self.tracer.start_span(NAME)))
        return TraceContextTextMapPropagator().inject

    def extractor(self, style: str) -> Callable[[dict[str, str]], Any]:
        if style != "w3c":
            raise AbsentError("none")
        return TraceContextTextMapPropagator().extract

    def trace_id_of(self, extracted: Any) -> int:
        return trace.get_current_span(extracted).get_span_context().trace_id

    def integrate(self, library: str) -> None:
        # Django's looks into the project's settings at once.
        if library != "django":
            self._instrument(library)

    def integrate_project(self, settings: Any) -> Any:
        self._instrument("django")
        return settings

    def _instrument(self, library: str) -> None:
        module = importlib.import_module(f"opentelemetry.instrumentation.{library}")
        getattr(module, INSTRUMENTORS[library])().instrument()


CONTESTANT = OpenTelemetry
