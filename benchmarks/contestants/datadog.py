"""The calls that all tracers with this public API have in common, ours among them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Callable

from benchmarks.contestants.contestant import Contestant
from benchmarks.contestants.workload import (
    CHILDREN,
    GRANDCHILDREN,
    NAME,
    RESOURCE,
    SERVICE,
    SPAN_TYPE,
    SPANS_IN_TREE,
    TAG_ITEMS,
)


class DatadogContestant(Contestant):
    """``tracer`` and ``propagator`` come from the adapter."""

    distribution = "ddtrace"
    tracer: Any
    propagator: Any

    def root(self) -> AbstractContextManager[Any]:
        return self.tracer.trace(NAME, service=SERVICE)

    def one_span(self) -> None:
        with self.tracer.trace(NAME, service=SERVICE, resource=RESOURCE, span_type=SPAN_TYPE):
            pass

    def ten_spans(self) -> None:
        trace = self.tracer.trace
        with trace(NAME, service=SERVICE, resource=RESOURCE, span_type=SPAN_TYPE) as span:
            for key, value in TAG_ITEMS:
                span.set_tag(key, value)
            for _ in CHILDREN:
                with trace(NAME, service=SERVICE, resource=RESOURCE, span_type=SPAN_TYPE) as span:
                    for key, value in TAG_ITEMS:
                        span.set_tag(key, value)
                    for _ in GRANDCHILDREN:
                        with trace(NAME, service=SERVICE, resource=RESOURCE, span_type=SPAN_TYPE) as span:
                            for key, value in TAG_ITEMS:
                                span.set_tag(key, value)

    def spans_in_one_trace(self, count: int) -> None:
        trace = self.tracer.trace
        with trace(NAME, service=SERVICE, resource=RESOURCE, span_type=SPAN_TYPE):
            for _ in range(count - 1):
                with trace(NAME, service=SERVICE, resource=RESOURCE, span_type=SPAN_TYPE):
                    pass

    def kept_traces(self) -> list[list[Any]]:
        """Kept spans in the traces of ten that they came in."""
        return [self.kept[start : start + SPANS_IN_TREE] for start in range(0, len(self.kept), SPANS_IN_TREE)]

    def flush(self) -> None:
        self.tracer.flush()

    # The styles are in DD_TRACE_PROPAGATION_STYLE.

    def injector(self, style: str) -> Callable[[dict[str, str]], None]:
        # Left open: a context is that of the span in which a request goes out.
        context = self.tracer.trace(NAME, service=SERVICE).context
        inject = self.propagator.inject
        return lambda headers: inject(context, headers)

    def extractor(self, style: str) -> Callable[[dict[str, str]], Any]:
        return self.propagator.extract
