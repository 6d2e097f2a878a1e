"""Threads: each has its own current span, and what they finish last arrives before the process ends."""

import threading

from tests.programs import spans_by_name


def test_new_thread_has_no_current_span(tracer):
    """A thread begins with nothing, and its spans are traces of their own."""
    seen = []

    def work():
        seen.append(tracer.current_span())
        tracer.trace("thread").finish()

    with tracer.trace("main") as main:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert tracer.current_span() is main

    assert seen == [None]
    assert len(tracer.recorded.traces) == 2


def test_thread_goes_on_with_a_span_it_is_given(tracer):
    """A span that is activated in a thread is the parent there, and only there."""

    def work(span):
        tracer.context_provider.activate(span)
        tracer.trace("thread").finish()

    with tracer.trace("main") as main:
        thread = threading.Thread(target=work, args=(main,))
        thread.start()
        thread.join()

    assert tracer.spans.find("thread").parent_id == main.span_id
    assert len(tracer.recorded.traces) == 1


def test_trace_is_sent_with_its_last_span_whichever_thread_finishes_it(tracer):
    """A root that ends first waits for the span that another thread has open."""
    with tracer.trace("main") as main:
        child = tracer.start_span("child", child_of=main)
    assert tracer.recorded.traces == []

    thread = threading.Thread(target=child.finish)
    thread.start()
    thread.join()

    assert [[span.name for span in trace] for trace in tracer.recorded.traces] == [["main", "child"]]


PROGRAM = """
import sys, threading
from concurrent.futures import ThreadPoolExecutor
from ddtrace import tracer
"""


def test_threads_that_outlive_the_main_thread(agent, run):
    """The interpreter waits for its threads, and then for their traces."""
    run(f"""{PROGRAM}
main = threading.main_thread()
def work():
    # The main thread is over when the interpreter begins to end.
    main.join()
    tracer.trace("thread").finish()
tracer.trace("main").finish()
threading.Thread(target=work).start()
""")

    assert set(spans_by_name(agent)) == {"main", "thread"}


def test_pool_that_finishes_spans_late(agent, run):
    """Work still queued in a thread pool that nobody closed is done on the way out, and its spans arrive."""
    run(f"""{PROGRAM}
is_ending = threading.Event()
# The first thing that the interpreter does on its way out, before it waits for the pool.
threading._register_atexit(is_ending.set)
def work(number):
    is_ending.wait()
    tracer.trace(f"work {{number}}").finish()
pool = ThreadPoolExecutor(2)
for number in range(10):
    pool.submit(work, number)
tracer.trace("main").finish()
""")

    assert set(spans_by_name(agent)) == {"main", *(f"work {number}" for number in range(10))}


def test_first_trace_after_the_main_thread(agent, run):
    """Where the interpreter is on its way out already, the first trace of all arrives nevertheless."""
    run(f"""{PROGRAM}
main = threading.main_thread()
def work():
    main.join()
    tracer.trace("thread").finish()
threading.Thread(target=work).start()
""")

    assert set(spans_by_name(agent)) == {"thread"}


def test_daemon_threads_that_never_stop(agent, run):
    """Threads that finish spans until they are cut off neither hold the exit up nor make it noisy."""
    run(f"""{PROGRAM}
is_working = threading.Event()
def work():
    while True:
        tracer.trace("daemon").finish()
        is_working.set()
for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
is_working.wait()
tracer.trace("main").finish()
""")

    names = [span["name"] for span in agent.spans]
    assert names.count("main") == 1 and names.count("daemon") > 0
    assert len({span["span_id"] for span in agent.spans}) == len(names)


def test_unhandled_exception(agent, run):
    """A program that dies of an exception sends the trace that says why."""
    run(f"{PROGRAM}\nwith tracer.trace('main'): raise ValueError('planted')", status=1)

    assert spans_by_name(agent)["main"]["meta"]["error.message"] == "planted"


def test_exit_within_a_thread(agent, run):
    """``sys.exit`` in a thread ends that thread alone."""
    run(f"""{PROGRAM}
def work():
    with tracer.trace("thread"):
        sys.exit(3)
thread = threading.Thread(target=work)
thread.start()
thread.join()
tracer.trace("main").finish()
""")

    assert set(spans_by_name(agent)) == {"thread", "main"}
