"""One function a work: it sets everything up and returns what measures one repeat of it."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.contestants.contestant import DISABLED, DROP, KEEP, SEND, AbsentError, Contestant
from benchmarks.contestants.libraries import CALLS
from benchmarks.contestants.workload import BOTH_HEADERS, SPANS_IN_TREE, TRACE_ID, W3C_HEADERS

CALLS_IN_TRACE = 20
"""Calls of a library in one trace: the cost of its root is shared by them."""

OF_SERVERS = ("flask", "django")
"""Libraries whose spans are roots themselves."""

BATCHES_OF_THREADS = 8
"""Threads make so many times as many traces as other repeats: starting 32 of them costs milliseconds."""

Repeat = Callable[[], dict[str, float]]
"""Does the work once and says what it cost, by the names of the figures."""


class Surroundings(NamedTuple):
    """What the drive has started, and how much to do."""

    agent_url: str
    service_urls: dict[str, str | None]
    repeat_ms: float
    traces: int
    memory_traces: int
    is_traced: bool = True


def import_it(make: Callable[[], Contestant], around: Surroundings) -> Repeat:
    """A fresh process imports the tracer."""
    code = f"import time; began = time.perf_counter_ns(); {make.imports}; print(time.perf_counter_ns() - began)"

    def repeat() -> dict[str, float]:
        return {"ns": float(subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True).stdout)}

    repeat()  # compiles
    return repeat


def one_span(make: Callable[[], Contestant], around: Surroundings) -> Repeat:
    contestant = make()
    contestant.start(DROP, around.agent_url)
    return cost_of(contestant.one_span, around.repeat_ms)


def ten_spans(make: Callable[[], Contestant], around: Surroundings) -> Repeat:
    contestant = make()
    contestant.start(DROP, around.agent_url)
    return cost_of(contestant.ten_spans, around.repeat_ms, spans=SPANS_IN_TREE)


def disabled(make: Callable[[], Contestant], around: Surroundings) -> Repeat:
    contestant = make()
    contestant.start(DISABLED, around.agent_url)
    return cost_of(contestant.one_span, around.repeat_ms)


def spans_in_one_trace(make: Callable[[], Contestant], around: Surroundings, count: int) -> Repeat:
    contestant = make()
    contestant.start(DROP, around.agent_url)
    return cost_of(lambda: contestant.spans_in_one_trace(count), around.repeat_ms, spans=count)


def threads(make: Callable[[], Contestant], around: Surroundings, count: int) -> Repeat:
    """The same traces, shared out to threads."""
    contestant = make()
    contestant.start(DROP, around.agent_url)
    traces_each = max(1, around.traces * BATCHES_OF_THREADS // count)

    def make_traces() -> None:
        for _ in range(traces_each):
            contestant.ten_spans()

    def repeat() -> dict[str, float]:
        workers = [threading.Thread(target=make_traces) for _ in range(count)]
        began_ns = time.perf_counter_ns()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return {"ns": (time.perf_counter_ns() - began_ns) / (count * traces_each * SPANS_IN_TREE)}

    repeat()
    return repeat


def pipeline(make: Callable[[], Contestant], around: Surroundings) -> Repeat:
    """From the first span to the agent's last answer."""
    contestant = make()
    contestant.start(SEND, around.agent_url)

    def repeat() -> dict[str, float]:
        received(around.agent_url)
        began_ns = time.perf_counter_ns()
        for _ in range(around.traces):
            contestant.ten_spans()
        contestant.flush()
        elapsed_ns = time.perf_counter_ns() - began_ns
        arrived = received(around.agent_url)
        spans = around.traces * SPANS_IN_TREE
        if around.traces != arrived["traces"] and spans != arrived["names"]:
            raise RuntimeError(f"{around.traces} traces ({spans} spans) were sent; the agent saw {arrived}")
        return {"ns": elapsed_ns / spans}

    repeat()
    return repeat


def received(agent_url: str) -> dict[str, int]:
    """What the agent got since it was last asked."""
    with urllib.request.urlopen(f"{agent_url}/received") as answer:
        return json.load(answer)


def encode(make: Callable[[], Contestant], around: Surroundings, version: str) -> Repeat:
    contestant = make()
    contestant.start(KEEP, around.agent_url)
    for _ in range(around.traces):
        contestant.ten_spans()
    spans = around.traces * SPANS_IN_TREE
    check_kept(contestant, spans)
    encode_all = contestant.encoder(version)
    bytes_per_span = encode_all() / spans
    measured = cost_of(encode_all, around.repeat_ms, spans=spans)
    return lambda: {**measured(), "bytes": bytes_per_span}


def memory(make: Callable[[], Contestant], around: Surroundings) -> Repeat:
    """Memory of the process for finished spans that somebody still holds."""
    resident_bytes()  # says whether it can be told here
    contestant = make()
    contestant.start(KEEP, around.agent_url)
    for _ in range(max(1, around.memory_traces // 10)):
        contestant.ten_spans()
    spans = around.memory_traces * SPANS_IN_TREE

    def repeat() -> dict[str, float]:
        contestant.kept.clear()
        gc.collect()
        bytes_before, objects_before = resident_bytes(), len(gc.get_objects())
        for _ in range(around.memory_traces):
            contestant.ten_spans()
        gc.collect()
        bytes_now, objects_now = resident_bytes(), len(gc.get_objects())
        check_kept(contestant, spans)
        return {"bytes": (bytes_now - bytes_before) / spans, "objects": (objects_now - objects_before) / spans}

    return repeat


def resident_bytes() -> int:
    statm = Path("/proc/self/statm")
    if not statm.exists():
        raise AbsentError("not on this system")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def check_kept(contestant: Contestant, spans: int) -> None:
    """Raise RuntimeError where a contestant was given less to do than the others."""
    kept = contestant.spans_kept()
    if kept != spans:
        raise RuntimeError(f"{spans} spans were made; {type(contestant).__name__} kept {kept}")


def inject(make: Callable[[], Contestant], around: Surroundings, style: str) -> Repeat:
    contestant = make()
    contestant.start(DROP, around.agent_url)
    write = contestant.injector(style)
    headers: dict[str, str] = {}
    write(headers)
    expected = {contestant.header, "x-datadog-trace-id"} if style == "both" else {contestant.header}
    if not expected <= set(headers):
        raise RuntimeError(f"expected the headers {sorted(expected)}, got {headers}")
    return cost_of(lambda: write({}), around.repeat_ms)


def extract(make: Callable[[], Contestant], around: Surroundings, style: str) -> Repeat:
    contestant = make()
    contestant.start(DROP, around.agent_url)
    read = contestant.extractor(style)
    headers = {"both": BOTH_HEADERS, "w3c": W3C_HEADERS}[style]
    trace_id = contestant.trace_id_of(read(headers))
    # Some hold 64 bits of it, and the others in a tag.
    if trace_id % 2**64 != TRACE_ID % 2**64:
        raise RuntimeError(f"expected a context of the trace {TRACE_ID:x}, got {trace_id:x}")
    return cost_of(lambda: read(headers), around.repeat_ms)


def library(make: Callable[[], Contestant], around: Surroundings, name: str) -> Repeat:
    """One call of a library, traced or not; what tracing adds is the difference of two processes."""
    contestant = None
    if around.is_traced:
        contestant = make()
        contestant.start(KEEP, around.agent_url)
        contestant.integrate(name)
    call = CALLS[name](around, contestant)

    def calls() -> None:
        for _ in range(CALLS_IN_TRACE):
            call()

    if contestant is None:
        return cost_of(calls, around.repeat_ms, spans=CALLS_IN_TRACE)

    def traced_calls() -> None:
        with contestant.root():
            calls()

    operation = calls if name in OF_SERVERS else traced_calls
    operation()
    spans = contestant.spans_kept()
    if spans < CALLS_IN_TRACE:
        raise RuntimeError(f"{CALLS_IN_TRACE} calls of {name} made {spans} spans")

    measured = cost_of(operation, around.repeat_ms, spans=CALLS_IN_TRACE)

    def repeat() -> dict[str, float]:
        contestant.kept.clear()
        return measured()

    return repeat


def cost_of(operation: Callable[[], Any], repeat_ms: float, spans: int = 1) -> Repeat:
    """Repeats of about this length; the cost is that of one span, where an operation makes several."""

    def elapsed_ns(times: int) -> int:
        began_ns = time.perf_counter_ns()
        for _ in range(times):
            operation()
        return time.perf_counter_ns() - began_ns

    operation()
    times = 1
    while (needed_ns := elapsed_ns(times)) < repeat_ms * 1e6 / 2:
        times *= 2
    times = max(1, round(times * repeat_ms * 1e6 / needed_ns))
    return lambda: {"ns": elapsed_ns(times) / (times * spans)}


WORKS: dict[str, Callable[..., Repeat]] = {
    work.__name__: work
    for work in (
        import_it,
        one_span,
        ten_spans,
        disabled,
        spans_in_one_trace,
        threads,
        pipeline,
        encode,
        memory,
        inject,
        extract,
        library,
    )
}
