"""When the finished spans of a trace are handed on."""

import sys
import threading

import pytest

from ddtrace import config
from ddtrace.internal import forks
from ddtrace.internal.aggregator import Aggregator
from ddtrace.internal.trace import Trace
from ddtrace.span import Span
from testkit import RecordingWriter
from tests.unit.conftest import messages

THREADS = 8


@pytest.fixture
def written():
    return []


@pytest.fixture
def aggregator(written):
    return Aggregator(written.append, partial_flush_min_spans=None)


@pytest.fixture
def impatient_threads():
    """Threads take turns as often as they can."""
    interval_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval_s)


def opened(trace, name="a", start=1):
    trace.open.append(None)
    span = Span(name, trace_id=1, start=start, _trace=trace)
    span.duration_ns = 1
    return span


def run_at_once(work):
    """Call ``work(number)`` in eight threads that start together."""
    start = threading.Barrier(THREADS)

    def wait_and_work(number):
        start.wait()
        work(number)

    threads = [threading.Thread(target=wait_and_work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_trace_is_written_with_its_last_span(aggregator, written):
    """Nothing is handed on while a span is open; then all is, by time of start."""
    trace = Trace()
    late, early = opened(trace, "late", start=2), opened(trace, "early", start=1)

    aggregator.finish(late)
    assert written == []

    aggregator.finish(early)
    assert written == [[early, late]]


def test_traces_do_not_wait_for_each_other(aggregator, written):
    """Each trace is complete by itself."""
    one, other = Trace(), Trace()
    opened(other)

    span = opened(one)
    aggregator.finish(span)

    assert written == [[span]]


def test_trace_of_another_process_is_not_written(aggregator, written, monkeypatch):
    """A forked child leaves the traces that it inherited to its parent, and holds none of their spans."""
    trace = Trace()
    span = opened(trace)
    monkeypatch.setattr(forks, "generation", forks.generation + 1)

    aggregator.finish(span)

    assert (written, trace.finished) == ([], [])


def test_failing_filter_is_logged_and_passed_over(aggregator, written, caplog):
    """One that raises leaves the trace as it was; the next filter is called."""
    seen = []

    def fail(spans):
        raise RuntimeError("filter")

    aggregator.filters = [fail, lambda spans: seen.append(spans) or spans]
    span = opened(Trace())

    aggregator.finish(span)

    assert seen == written == [[span]]
    assert "fail" in messages(caplog)[0]


def test_failing_filter_is_fatal_in_tests(aggregator, monkeypatch):
    """Where our errors are raised, so is that of a filter."""
    monkeypatch.setattr(config, "_raise", True)

    def fail(spans):
        raise RuntimeError("filter")

    aggregator.filters = [fail]

    with pytest.raises(RuntimeError, match="filter"):
        aggregator.finish(opened(Trace()))


@pytest.mark.parametrize("answer", [None, []])
def test_filter_can_drop_a_trace(aggregator, written, answer):
    """None, or nothing, ends the way of a trace; later filters do not see it."""
    seen = []
    aggregator.filters = [lambda spans: answer, seen.append]

    aggregator.finish(opened(Trace()))

    assert (written, seen) == ([], [])


def test_failing_writer_does_not_reach_the_application(caplog):
    """A trace that cannot be written is lost, with one line a minute."""

    def fail(spans):
        raise RuntimeError("writer")

    aggregator = Aggregator(fail, None)

    for _ in range(3):
        aggregator.finish(opened(Trace()))

    assert len(messages(caplog)) == 1
    assert "lost" in messages(caplog)[0]


def test_children_finished_by_eight_threads_are_one_chunk(tracer, impatient_threads):
    """However the threads take turns, the trace is written once, with every span in it."""
    for _ in range(20):
        root = tracer.start_span("root")
        children = [tracer.start_span("child", child_of=root) for _ in range(THREADS * 10)]
        root.finish()

        run_at_once(lambda number, children=children: [span.finish() for span in children[number::THREADS]])

        (chunk,) = tracer.pop_traces()
        assert sorted(map(id, chunk)) == sorted(map(id, [root, *children]))


def test_children_started_and_finished_by_eight_threads_are_one_chunk(tracer, impatient_threads):
    """While the root is open, nothing is written, whatever comes and goes below it."""
    with tracer.trace("root") as root:
        run_at_once(lambda number: [tracer.start_span("child", child_of=root).finish() for _ in range(30)])
        assert tracer.pop_traces() == []

    (chunk,) = tracer.pop_traces()
    assert len(chunk) == THREADS * 30 + 1


def test_parts_of_a_trace_add_up(tracer, impatient_threads):
    """With partial flush, eight threads' spans are in one part each, none twice and none nowhere."""
    tracer.configure(partial_flush_min_spans=7)

    with tracer.trace("root") as root:
        run_at_once(lambda number: [tracer.start_span("child", child_of=root).finish() for _ in range(100)])

    parts = tracer.pop_traces()
    ids = [span.span_id for part in parts for span in part]
    assert len(ids) == len(set(ids)) == THREADS * 100 + 1
    marked = [part for part in parts if part[0].get_metric("_dd.py.partial_flush")]
    assert [part[0].get_metric("_dd.py.partial_flush") for part in marked] == [len(part) for part in marked]


def test_orphans_that_start_after_the_end_are_sent(tracer):
    """A span below a finished trace is a chunk of its own."""
    root = tracer.start_span("root")
    root.finish()

    late = tracer.start_span("late", child_of=root)
    late.finish()

    assert tracer.pop_traces() == [[root], [late]]
    assert late.trace_id == root.trace_id


def test_chunk_is_written_as_it_was_processed(aggregator, written):
    """What the last filter returns is what is written."""
    replacement = [Span("replacement")]
    aggregator.filters = [lambda spans: replacement]

    aggregator.finish(opened(Trace()))

    assert written == [replacement]


def test_renewed_lock_is_free(written):
    """In a forked child the lock is not that which another thread may have held."""
    aggregator = Aggregator(RecordingWriter().write, None)
    holder = threading.Thread(target=aggregator._lock.acquire)
    holder.start()
    holder.join()
    assert not aggregator._lock.acquire(blocking=False)

    aggregator.renew_lock()

    assert aggregator._lock.acquire(blocking=False)


def test_thread_with_the_lock_may_finish_a_trace(aggregator, written):
    """A destructor, or a handler of a signal, that finishes a span amid our own work does not wait for itself."""
    span = opened(Trace())

    def interrupted():
        with aggregator._lock:
            aggregator.finish(span)

    thread = threading.Thread(target=interrupted, daemon=True)
    thread.start()
    thread.join(30)

    assert not thread.is_alive()
    assert written == [[span]]
