"""Forks and the interpreter's exit, in real processes and with a real agent."""

import json

import pytest

from tests.programs import run_program, spans_by_name

FORK = """
import os, sys, threading
from ddtrace import tracer

def end_of(pid):
    assert os.waitpid(pid, 0)[1] == 0
"""


@pytest.fixture
def run(agent, tmp_path):
    """Runs a program whose tracer sends to the agent, and returns what it printed."""

    def run(source):
        return run_program(tmp_path, source, agent.url).printed

    return run


def test_exit_sends_what_is_buffered(agent, run):
    """Traces that finished just before the interpreter's end arrive."""
    run("from ddtrace import tracer\nfor name in 'abc': tracer.trace(name).finish()")

    assert set(spans_by_name(agent)) == {"a", "b", "c"}


def test_exit_by_an_exception_sends_too(agent, run):
    """A program that fails is the one whose traces are wanted."""
    run("import sys\nfrom ddtrace import tracer\nwith tracer.trace('a'): sys.exit(0)")

    assert spans_by_name(agent)["a"]["meta"]["error.type"] == "builtins.SystemExit"


def test_open_span_is_not_sent_at_exit(agent, run):
    """What never finished has no duration to report."""
    run("from ddtrace import tracer\ntracer.trace('open')\ntracer.start_span('done').finish()")

    assert set(spans_by_name(agent)) == {"done"}


def test_shutdown_ends_the_thread(run):
    """After ``shutdown`` the process has the threads that it had before."""
    source = """
import threading
from ddtrace import tracer
assert threading.active_count() == 1
tracer.trace("a").finish()
assert threading.active_count() == 2
tracer.shutdown()
assert threading.active_count() == 1
"""
    run(source)


@pytest.mark.parametrize("end", ["os._exit(0)", "sys.exit(0)"], ids=["abrupt", "normal"])
def test_child_starts_with_an_empty_buffer(agent, run, end):
    """What the parent had buffered is sent once, by the parent, however the child ends."""
    run(f"""{FORK}
tracer.trace("before").finish()
pid = os.fork()
if not pid:
    tracer.trace("child").finish()
    tracer.flush()
    {end}
end_of(pid)
tracer.trace("after").finish()
""")

    assert set(spans_by_name(agent)) == {"before", "child", "after"}


def test_child_that_traces_nothing_sends_nothing(agent, run):
    """A child without traces of its own exits without a request."""
    run(f"{FORK}\ntracer.trace('before').finish()\npid = os.fork()\nif not pid: sys.exit(0)\nend_of(pid)")

    assert len(agent.requests) == 1
    assert set(spans_by_name(agent)) == {"before"}


def test_normal_exit_of_a_child_sends_its_traces(agent, run):
    """A forked child has an exit of its own, which waits for its own traces."""
    run(f"""{FORK}
tracer.trace("before").finish()
pid = os.fork()
if not pid:
    tracer.trace("child").finish()
    sys.exit(0)
end_of(pid)
""")

    assert set(spans_by_name(agent)) == {"before", "child"}


def test_child_is_another_process_to_the_agent(agent, run):
    """Runtime id, process id and all span ids differ between a parent and its children."""
    printed = run(f"""{FORK}
tracer.trace("parent").finish()
pids = []
for number in range(2):
    pid = os.fork()
    if not pid:
        tracer.trace(f"child {{number}}").finish()
        sys.exit(0)
    end_of(pid)
    pids.append(pid)
tracer.trace("parent again").finish()
import json
print(json.dumps([os.getpid(), *pids]))
""")

    spans = spans_by_name(agent)
    processes = [spans["parent"], spans["child 0"], spans["child 1"]]
    assert [span["metrics"]["process_id"] for span in processes] == json.loads(printed)
    assert len({span["meta"]["runtime-id"] for span in processes}) == 3
    assert spans["parent again"]["meta"]["runtime-id"] == spans["parent"]["meta"]["runtime-id"]
    assert len({span[key] for span in spans.values() for key in ("span_id", "trace_id")}) == 8


def test_ids_differ_where_parent_and_child_draw_next(run):
    """The random state is not inherited, whether or not the parent had drawn before."""
    for draw_before in ("", "tracer.start_span('before')"):
        printed = run(f"""{FORK}
{draw_before}
reader, writer = os.pipe()
pid = os.fork()
ids = [tracer.start_span("a").span_id for _ in range(3)]
if not pid:
    os.write(writer, repr(ids).encode())
    os._exit(0)
end_of(pid)
theirs = eval(os.read(reader, 1000))
print(len({{*ids, *theirs}}))
""")
        assert printed.strip() == "6"


def test_span_open_across_a_fork_is_reported_once(agent, run):
    """Both processes finish the span; the trace is its parent process's to report."""
    run(f"""{FORK}
with tracer.trace("open"):
    pid = os.fork()
if not pid:
    tracer.flush()
    sys.exit(0)
end_of(pid)
""")

    assert set(spans_by_name(agent)) == {"open"}


def test_child_goes_on_with_the_parent_s_trace(agent, run):
    """What starts in the child is below the span that was current at the fork, as a local root with the decision."""
    run(f"""{FORK}
with tracer.trace("open") as span:
    span.context.sampling_priority = 2
    pid = os.fork()
    if not pid:
        with tracer.trace("child"), tracer.trace("grandchild"):
            pass
        sys.exit(0)
    end_of(pid)
""")

    spans = spans_by_name(agent)
    child, grandchild = spans["child"], spans["grandchild"]
    assert (child["trace_id"], child["parent_id"]) == (spans["open"]["trace_id"], spans["open"]["span_id"])
    assert grandchild["parent_id"] == child["span_id"]
    assert child["metrics"]["_sampling_priority_v1"] == 2
    assert "runtime-id" in child["meta"] and child["meta"]["runtime-id"] != spans["open"]["meta"]["runtime-id"]


def test_finished_part_of_an_open_trace_is_not_the_child_s(agent, run):
    """Spans that had finished below an open one are sent by the parent only."""
    run(f"""{FORK}
with tracer.trace("open"):
    tracer.trace("done").finish()
    pid = os.fork()
if not pid:
    sys.exit(0)
end_of(pid)
""")

    assert set(spans_by_name(agent)) == {"open", "done"}


def test_grandchild_reports_its_own(agent, run):
    """A fork of a fork is a process like any other."""
    run(f"""{FORK}
tracer.trace("parent").finish()
pid = os.fork()
if not pid:
    tracer.trace("child").finish()
    pid = os.fork()
    if not pid:
        tracer.trace("grandchild").finish()
        sys.exit(0)
    end_of(pid)
    sys.exit(0)
end_of(pid)
""")

    spans = spans_by_name(agent)
    assert set(spans) == {"parent", "child", "grandchild"}
    assert len({span["meta"]["runtime-id"] for span in spans.values()}) == 3


def test_fork_before_the_first_trace(agent, run):
    """Where nothing was traced yet, nothing is inherited: both processes begin anew."""
    run(f"""{FORK}
pid = os.fork()
tracer.trace("child" if not pid else "parent").finish()
if pid:
    end_of(pid)
""")

    spans = spans_by_name(agent)
    assert set(spans) == {"parent", "child"}
    assert spans["parent"]["meta"]["runtime-id"] != spans["child"]["meta"]["runtime-id"]


def test_import_installs_no_fork_hook(run):
    """The operating system's hooks come with the first trace, not with the import."""
    source = """
import os, atexit
installed = []
def register_at_fork(**hooks):
    installed.extend(hook for hook in hooks.values() if str(getattr(hook, "__module__", "")).startswith("ddtrace"))
os.register_at_fork = register_at_fork
from ddtrace import tracer
print(len(installed), end=" ")
tracer.trace("a").finish()
print(len(installed))
"""
    assert run(source).split() == ["0", "1"]
