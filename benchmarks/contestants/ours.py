"""This repository."""

from __future__ import annotations

import sys
from typing import Callable

import ddtrace
from benchmarks.contestants.contestant import DROP, KEEP, AbsentError
from benchmarks.contestants.datadog import DatadogContestant
from ddtrace import Span
from ddtrace._monkey import ModuleNotFoundException
from ddtrace.propagation.http import HTTPPropagator
from ddtrace.writer import TraceWriter


class DroppingWriter(TraceWriter):
    """Takes traces and forgets them."""

    def write(self, spans: list[Span]) -> None:
        pass

    def flush_queue(self) -> None:
        pass

    def stop(self, timeout_s: float | None = None) -> None:
        pass

    def recreate(self) -> TraceWriter:
        return self


class KeepingWriter(DroppingWriter):
    """Puts finished spans into a list."""

    def __init__(self, spans: list[Span]) -> None:
        self.write = spans.extend


class Ours(DatadogContestant):
    """Nothing but public names."""

    imports = "from ddtrace import tracer"
    tracer = ddtrace.tracer
    propagator = HTTPPropagator

    @classmethod
    def version(cls) -> str:
        # Not installed where it is measured.
        is_compiled = "ddtrace.internal._native" in sys.modules
        return f"{ddtrace.__version__} ({'compiled' if is_compiled else 'nothing compiled'})"

    def start(self, finished: str, agent_url: str) -> None:
        if finished == DROP:
            self.tracer.configure(writer=DroppingWriter())
        elif finished == KEEP:
            self.tracer.configure(writer=KeepingWriter(self.kept))

    def encoder(self, version: str) -> Callable[[], int]:
        traces = self.kept_traces()
        encode = TraceWriter.encode_payload
        return lambda: len(encode(traces, version))

    def integrate(self, library: str) -> None:
        try:
            ddtrace.patch(**{library: True})
        except ModuleNotFoundException:
            raise AbsentError("no integration yet") from None


CONTESTANT = Ours
