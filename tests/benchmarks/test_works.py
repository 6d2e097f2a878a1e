"""A work refuses a contestant that does less than the others."""

import contextlib

import pytest

from benchmarks.contestants.contestant import Contestant
from benchmarks.contestants.workload import BOTH_HEADERS, TRACE_ID
from benchmarks.contestants.works import Surroundings, encode, extract, inject, library

AROUND = Surroundings("http://127.0.0.1:9", {}, repeat_ms=0.01, traces=1, memory_traces=1)


class Idle(Contestant):
    """Makes nine spans for ten, writes no header, reads none, and traces no library."""

    spans_of_tree = 9
    written = {}
    read = 0

    def start(self, finished, agent_url):
        pass

    def root(self):
        return contextlib.nullcontext()

    def one_span(self):
        pass

    def ten_spans(self):
        self.kept += [None] * self.spans_of_tree

    def encoder(self, version):
        return lambda: 100 * len(self.kept)

    def injector(self, style):
        return lambda headers: headers.update(self.written)

    def extractor(self, style):
        return lambda headers: self.read

    def trace_id_of(self, extracted):
        return extracted

    def integrate(self, library):
        pass


class Diligent(Idle):
    """Does what is asked for."""

    spans_of_tree = 10
    written = BOTH_HEADERS
    read = TRACE_ID % 2**64


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (lambda make: encode(make, AROUND, "v0.4"), "10 spans were made; Idle kept 9"),
        (lambda make: inject(make, AROUND, "w3c"), r"expected the headers \['traceparent'\], got {}"),
        (lambda make: inject(make, AROUND, "both"), r"expected the headers \['traceparent', 'x-datadog-trace-id'\]"),
        (lambda make: extract(make, AROUND, "w3c"), f"expected a context of the trace {TRACE_ID:x}, got 0"),
        (lambda make: library(make, AROUND, "sqlite3"), "20 calls of sqlite3 made 0 spans"),
    ],
)
def test_less_work_is_an_error(work, message):
    """Spans that are not made, headers that are not written or read, and calls that nothing traces are no figures."""
    with pytest.raises(RuntimeError, match=message):
        work(Idle)


@pytest.mark.parametrize("work", [inject, extract])
@pytest.mark.parametrize("style", ["both", "w3c"])
def test_headers_that_are_right_are_measured(work, style):
    """What was written or read as expected has a cost; 64 bits of the trace's id are enough."""
    assert work(Diligent, AROUND, style)()["ns"] > 0


def test_bytes_are_those_of_one_span():
    """The size of all that was encoded is shared out to its spans."""
    assert encode(Diligent, AROUND, "v0.4")()["bytes"] == 100


def test_an_untraced_call_needs_no_contestant():
    """The process to compare with never sets a tracer up."""

    def refuse():
        raise AssertionError("a contestant was made")

    assert library(refuse, AROUND._replace(is_traced=False), "sqlite3")()["ns"] > 0
