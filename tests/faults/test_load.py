"""A great many spans, threads and processes: memory is bounded, nothing hangs, and every trace is accounted for."""

import json

import pytest

from tests.faults.agents import FAULTY, NEVER_ANSWERING

LARGEST_GROWTH_KB = 32 << 10


@pytest.mark.parametrize("name", ["refusing", *NEVER_ANSWERING])
def test_million_spans_into_a_dead_agent(run, name):
    """The process grows by 32 MB at most, what does not fit is dropped, and the counts say so to the last trace."""
    with FAULTY[name]() as url:
        ended = run(
            """
import json, os, re
from ddtrace import tracer
tracer.SHUTDOWN_TIMEOUT = 0.5
tracer.configure(hostname="127.0.0.1")

def memory_kb(key):
    with open("/proc/self/status") as status:
        return int(re.search(key + r":\\s+(\\d+)", status.read())[1])

def work():
    with tracer.trace("root", service="web", resource="GET /colours"):
        for number in range(9):
            with tracer.trace("child") as span:
                span.set_tag("number", number)

work()
before_kb = memory_kb("VmRSS")
for _ in range(99_999):
    work()
counts = tracer._writer.counts._asdict()
print(json.dumps({"growth_kb": memory_kb("VmHWM") - before_kb, **counts}))
""",
            url,
            DD_TRACE_WRITER_INTERVAL_SECONDS="1",
        )

    found = json.loads(ended.printed)
    assert found["growth_kb"] <= LARGEST_GROWTH_KB
    assert found["taken"] == 100_000
    assert found["taken"] == found["sent"] + found["dropped"] + found["buffered"]
    assert found["sent"] == 0 < found["dropped"]
    assert len(ended.complained.splitlines()) <= 2, ended.complained


def test_many_threads(agent, run):
    """32 threads finish 10,000 spans each, in traces of ten: each arrives, once."""
    ended = run(
        """
import json, threading
from ddtrace import tracer
def work(number):
    start.wait()
    for _ in range(1_000):
        with tracer.trace(f"thread {number}"):
            for _ in range(9):
                tracer.trace("child").finish()
start = threading.Barrier(32)
threads = [threading.Thread(target=work, args=(number,)) for number in range(32)]
for thread in threads: thread.start()
for thread in threads: thread.join()
tracer.SHUTDOWN_TIMEOUT = 60
tracer.flush()
print(json.dumps(tracer._writer.counts))
""",
        agent.url,
        timeout_s=120,
        DD_TRACE_WRITER_INTERVAL_SECONDS="0.1",
        DD_TRACE_WRITER_BUFFER_SIZE_BYTES=str(1 << 30),
        DD_TRACE_AGENT_TIMEOUT_SECONDS="60",
    )

    assert json.loads(ended.printed) == [32_000, 32_000, 0, 0]
    traces = agent.traces
    assert {len(trace) for trace in traces} == {10}
    assert len({span["span_id"] for trace in traces for span in trace}) == 320_000
    roots = [trace[0]["name"] for trace in traces]
    assert all(roots.count(f"thread {number}") == 1_000 for number in range(32))


def test_many_forks(agent, run):
    """200 forks with a span open and other threads at work: each child ends, and no span arrives twice."""
    ended = run(
        """
import os, sys, threading
from ddtrace import tracer

is_over = threading.Event()
finished = []
def work(number):
    # Of use between two forks, and not so busy that the forks get no turn.
    while not is_over.wait(0.0001):
        with tracer.trace("background"):
            tracer.trace("background child").finish()
        finished.append(None)
threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
for thread in threads: thread.start()

with tracer.trace("parent"):
    for number in range(200):
        with tracer.trace(f"open {number}"):
            pid = os.fork()
            if not pid:
                with tracer.trace(f"child {number}"):
                    tracer.trace(f"grandchild {number}").finish()
                if number % 2:
                    tracer.flush()
                    os._exit(0)
                sys.exit(0)
            assert os.waitpid(pid, 0)[1] == 0, number
is_over.set()
for thread in threads: thread.join()
tracer.SHUTDOWN_TIMEOUT = 60
tracer.flush()
counts = tracer._writer.counts
assert counts.taken == counts.sent == len(finished) + 1, (counts, len(finished))
print(len(finished))
""",
        agent.url,
        timeout_s=120,
        DD_TRACE_WRITER_INTERVAL_SECONDS="0.01",
        DD_TRACE_WRITER_BUFFER_SIZE_BYTES=str(1 << 30),
        DD_TRACE_AGENT_TIMEOUT_SECONDS="60",
    )

    spans = agent.spans
    assert len({span["span_id"] for span in spans}) == len(spans)
    names = [span["name"] for span in spans if not span["name"].startswith("background")]
    expected = {"parent", *(f"{name} {n}" for n in range(200) for name in ("open", "child", "grandchild"))}
    assert set(names) == expected
    assert len(names) == len(expected)
    assert len(spans) - len(names) == 2 * int(ended.printed)
