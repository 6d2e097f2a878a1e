"""ddtrace 4."""

from __future__ import annotations

from typing import Any, Callable

import ddtrace
from benchmarks.contestants.contestant import DROP, KEEP
from benchmarks.contestants.datadog import DatadogContestant
from ddtrace.internal.encoding import MSGPACK_ENCODERS
from ddtrace.propagation.http import HTTPPropagator
from ddtrace.trace import TraceFilter, tracer

BUFFER_BYTES = 64 << 20


class DroppingFilter(TraceFilter):
    """Takes finished traces before the writer does, and keeps their spans if it has somewhere to."""

    def __init__(self, spans: list[Any] | None = None) -> None:
        self.spans = spans

    def process_trace(self, trace: list[Any]) -> None:
        if self.spans is not None:
            self.spans.extend(trace)


class Dd4(DatadogContestant):
    """The agent's address is in DD_TRACE_AGENT_URL."""

    imports = "from ddtrace.trace import tracer"
    tracer = tracer
    propagator = HTTPPropagator

    def start(self, finished: str, agent_url: str) -> None:
        if finished in (DROP, KEEP):
            spans = self.kept if finished == KEEP else None
            self.tracer.configure(trace_processors=[DroppingFilter(spans)])

    def encoder(self, version: str) -> Callable[[], int]:
        traces = self.kept_traces()
        encoder = MSGPACK_ENCODERS[version](BUFFER_BYTES, BUFFER_BYTES)

        def encode() -> int:
            for spans in traces:
                encoder.put(spans)
            return sum(len(payload) for payload, _ in encoder.encode())

        return encode

    def integrate(self, library: str) -> None:
        ddtrace.patch(**{library: True})


CONTESTANT = Dd4
