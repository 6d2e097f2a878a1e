"""The rows of the table: what is measured, in which unit, and what is to be reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from benchmarks.targets import Ahead, AtMost, Flat, Target

STYLES = {"both": "datadog,tracecontext", "w3c": "tracecontext"}
"""Values of DD_TRACE_PROPAGATION_STYLE."""

DISABLED = {"DD_TRACE_ENABLED": "false", "OTEL_SDK_DISABLED": "true"}


@dataclass(frozen=True)
class Work:
    """A function of ``contestants/works.py`` with its arguments, and variables for the processes that run it."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    is_added: bool = False
    """Whether the same work without a tracer is subtracted."""
    is_timed: bool = True
    """What is no time, a slow processor does not spoil; a process does such a work once."""
    is_ours_alone: bool = False
    service: str | None = None
    """What it talks to, besides the agent."""

    @property
    def key(self) -> str:
        """Tells works apart."""
        return " ".join([self.name, *map(str, self.arguments.values())])


@dataclass(frozen=True)
class Row:
    """One line: ``group`` is what ``--rows`` takes, ``figure`` a name in what a repeat returns."""

    group: str
    title: str
    work: Work
    unit: str = "ns"
    figure: str = "ns"
    targets: tuple[Target, ...] = (Ahead(),)


def _encode(version: str) -> Work:
    return Work("encode", {"version": version})


def _propagate(name: str, style: str) -> Work:
    return Work(name, {"style": style}, {"DD_TRACE_PROPAGATION_STYLE": STYLES[style]})


def _library(name: str, service: str | None = None) -> Work:
    return Work("library", {"name": name}, is_added=True, service=service)


def _in_one_trace(count: int) -> Work:
    return Work("spans_in_one_trace", {"count": count}, is_ours_alone=True)


def _threads(count: int) -> Work:
    return Work("threads", {"count": count}, is_ours_alone=True)


MEMORY = Work("memory", is_timed=False)

FLAT_FROM = "flat: a span of 10 in one trace"
THREADS_FROM = "threads: a span, 1 thread"

ROWS = (
    Row("a", "a. import", Work("import_it"), "ms"),
    Row("b", "b. trace of 1 span", Work("one_span"), "us"),
    Row("c", "c. trace of 10 spans with tags, a span", Work("ten_spans"), "us", targets=(Ahead(4),)),
    Row("p", "p. the same, sent to the agent, a span", Work("pipeline"), "us", targets=(Ahead(4),)),
    Row("d", "d. encode v0.4 (OTLP, JSON), a span", _encode("v0.4"), targets=(Ahead(), Ahead(2.5, "dd1"))),
    Row("d", "d. bytes of it", _encode("v0.4"), "B", "bytes", (Ahead(1, "dd1"),)),
    Row("d5", "d'. encode v0.5, a span", _encode("v0.5")),
    Row("d5", "d'. bytes of it", _encode("v0.5"), "B", "bytes", ()),
    Row("e", "e. memory of a finished span", MEMORY, "B", "bytes", (Ahead(), AtMost(750))),
    Row("e", "e. objects that gc tracks, a span", MEMORY, "", "objects", ()),
    Row("f", "f. inject Datadog and W3C", _propagate("inject", "both"), "us", targets=(Ahead(2.5, "dd1"),)),
    Row("f", "f. extract Datadog and W3C", _propagate("extract", "both"), "us", targets=(Ahead(2.5, "dd1"),)),
    Row("f", "f. inject W3C only", _propagate("inject", "w3c"), "us", targets=(Ahead(1, "otel"),)),
    Row("f", "f. extract W3C only", _propagate("extract", "w3c"), "us", targets=(Ahead(1, "otel"),)),
    Row("g-redis", "g. Redis GET, added", _library("redis", "redis"), "us", targets=(Ahead(3),)),
    Row("g-flask", "g. Flask request, added", _library("flask"), "us"),
    Row("g-django", "g. Django request, added", _library("django"), "us"),
    Row("g-sqlite3", "g. sqlite3 execute, added", _library("sqlite3"), "us", targets=(Ahead(3),)),
    Row("g-psycopg", "g. psycopg execute, added", _library("psycopg", "postgres"), "us"),
    Row("g-requests", "g. requests get, added", _library("requests"), "us", targets=(Ahead(3),)),
    Row("h", "h. disabled tracer, 1 span", Work("disabled", variables=DISABLED), "us"),
    Row("flat", FLAT_FROM, _in_one_trace(10), "us", targets=()),
    *(
        Row("flat", f"flat: of {count:,}", _in_one_trace(count), "us", targets=(Flat(FLAT_FROM),))
        for count in (100, 1_000, 10_000, 100_000)
    ),
    Row("threads", THREADS_FROM, _threads(1), "us", targets=()),
    Row("threads", "threads: a span, 32 threads", _threads(32), "us", targets=(Flat(THREADS_FROM),)),
)

GROUPS = tuple(dict.fromkeys(row.group for row in ROWS))
