"""Processes of multiprocessing, which end in ways of their own: their traces arrive, once."""

import pytest

from tests.programs import spans_by_name

PROGRAM = """
import concurrent.futures, multiprocessing, os, signal, sys, threading
from ddtrace import tracer

def work(name):
    with tracer.trace(name):
        pass
    return os.getpid()

def work_and_end(name, end):
    work(name)
    end()

def work_in_threads(name, count):
    # Not closed by anybody: the process waits for its threads on its way out.
    pool = concurrent.futures.ThreadPoolExecutor(count)
    is_ending = threading.Event()
    # Called when the process begins to wait for its threads: after its finalizers, and from Python 3.13 on before them.
    threading._register_atexit(is_ending.set)
    def late(number):
        is_ending.wait()
        work(f"{name} {number}")
    for number in range(count):
        pool.submit(late, number)
    work(name)

def run_in(method, target, *args):
    process = multiprocessing.get_context(method).Process(target=target, args=args)
    process.start()
    process.join()
    return process.exitcode
"""

METHODS = ["fork", "spawn", "forkserver"]


@pytest.mark.parametrize("method", METHODS)
def test_process_sends_its_traces_at_its_end(agent, run, method):
    """A process that just returns from its work has an exit of its own."""
    run(f"""{PROGRAM}
if __name__ == "__main__":
    work("parent")
    assert run_in({method!r}, work, "child") == 0
""")

    spans = spans_by_name(agent)
    assert set(spans) == {"parent", "child"}
    assert spans["parent"]["meta"]["runtime-id"] != spans["child"]["meta"]["runtime-id"]


@pytest.mark.parametrize("end, status", [("sys.exit", 0), ("int", 0)])
def test_process_that_ends_early(agent, run, end, status):
    """``sys.exit`` in a process ends it like a return."""
    run(f"""{PROGRAM}
if __name__ == "__main__":
    assert run_in("fork", work_and_end, "child", {end}) == {status}
""")

    assert set(spans_by_name(agent)) == {"child"}


@pytest.mark.parametrize("method", METHODS)
def test_threads_that_outlive_the_work_of_a_process(agent, run, method):
    """A thread pool finishes spans while the process waits for it on its way out: they arrive, too."""
    run(f"""{PROGRAM}
if __name__ == "__main__":
    assert run_in({method!r}, work_in_threads, "child", 3) == 0
""")

    assert set(spans_by_name(agent)) == {"child", "child 0", "child 1", "child 2"}


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_pool_of_processes(agent, run, method):
    """Every piece of work that a pool did is there, in the trace of its process."""
    run(f"""{PROGRAM}
if __name__ == "__main__":
    with multiprocessing.get_context({method!r}).Pool(2) as pool:
        pool.map(work, [f"work {{number}}" for number in range(10)], chunksize=1)
        pool.close()
        pool.join()
""")

    assert set(spans_by_name(agent)) == {f"work {number}" for number in range(10)}


def test_pool_that_is_terminated(agent, run):
    """Leaving a pool's block ends its processes by SIGTERM, at once; what they sent before arrived."""
    run(f"""{PROGRAM}
def work_and_send(name):
    work(name)
    tracer.flush()

if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.map(work_and_send, [f"work {{number}}" for number in range(10)], chunksize=1)
""")

    assert set(spans_by_name(agent)) == {f"work {number}" for number in range(10)}


@pytest.mark.parametrize("is_parent_traced", [False, True], ids=["untraced parent", "traced parent"])
def test_terminated_process_keeps_the_default_action(run, is_parent_traced):
    """No handler that Python may call too late stands between ``terminate`` and a process that is waited for."""
    run(f"""{PROGRAM}
def work_until_terminated(name, is_done):
    work(name)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    is_done.set()
    while True: signal.pause()

if __name__ == "__main__":
    if {is_parent_traced}:
        work("parent")
        assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    context = multiprocessing.get_context("fork")
    is_done = context.Event()
    process = context.Process(target=work_until_terminated, args=("child", is_done))
    process.start()
    is_done.wait(30)
    process.terminate()
    process.join()
    assert process.exitcode == -signal.SIGTERM, process.exitcode
""")


def test_executor_of_processes(agent, run):
    """``ProcessPoolExecutor`` is built on the same processes."""
    run(f"""{PROGRAM}
if __name__ == "__main__":
    with concurrent.futures.ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as pool:
        list(pool.map(work, [f"work {{number}}" for number in range(10)]))
""")

    assert set(spans_by_name(agent)) == {f"work {number}" for number in range(10)}


def test_child_goes_on_with_its_parent_s_trace(agent, run):
    """A forked process is below the span that was current; a spawned one knows nothing of it."""
    run(f"""{PROGRAM}
if __name__ == "__main__":
    with tracer.trace("parent"):
        run_in("fork", work, "forked")
        run_in("spawn", work, "spawned")
""")

    spans = spans_by_name(agent)
    assert set(spans) == {"parent", "forked", "spawned"}
    assert spans["forked"]["parent_id"] == spans["parent"]["span_id"]
    assert spans["spawned"]["trace_id"] != spans["parent"]["trace_id"]


def test_tracing_does_not_load_multiprocessing(run):
    """A program that has no use for it goes without."""
    run("""
import sys
from ddtrace import tracer
tracer.trace("a").finish()
tracer.flush()
assert not [name for name in sys.modules if name.startswith("multiprocessing")]
""")
