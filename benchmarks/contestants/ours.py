"""This repository."""

from __future__ import annotations

from typing import Any, Callable

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
        return ddtrace.__version__

    def start(self, finished: str, agent_url: str) -> None:
        if finished == DROP:
            self.tracer.configure(writer=DroppingWriter())
        elif finished == KEEP:
            self.tracer.configure(writer=KeepingWriter(self.kept))

    def encoder(self, version: str) -> Callable[[], int]:
        encode = {"v0.4": TraceWriter.encode, "v0.5": getattr(TraceWriter, "encode_v05", None)}[version]
        if encode is None:
            raise AbsentError("none")
        traces = in_tens(self.kept)
        return lambda: sum(len(encode(spans)) for spans in traces)

    def integrate(self, library: str) -> None:
        try:
            ddtrace.patch(**{library: True})
        except ModuleNotFoundException:
            raise AbsentError("no integration yet") from None


def in_tens(spans: list[Any]) -> list[list[Any]]:
    """Kept spans as the traces they came in."""
    return [spans[start : start + 10] for start in range(0, len(spans), 10)]


CONTESTANT = Ours
