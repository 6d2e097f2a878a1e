"""Programs that gevent has patched, before or after they imported ddtrace."""

import pytest

from tests.programs import spans_by_name

PATCH = "from gevent import monkey; monkey.patch_all()"
IMPORT = "from ddtrace import tracer; import ddtrace"
ORDERS = pytest.mark.parametrize("order", [f"{PATCH}\n{IMPORT}\n", f"{IMPORT}\n{PATCH}\n"], ids=["before", "after"])
"""A MonkeyPatchWarning, like any other, is an error in these programs."""


@ORDERS
def test_each_greenlet_has_its_own_current_span(agent, run, order):
    """Greenlets that take turns do not see each other's spans; a new one begins without any."""
    run(f"""{order}
import gevent

def work(number):
    assert tracer.current_span() is None
    with tracer.trace(f"work {{number}}") as span:
        for _ in range(3):
            gevent.sleep(0)
            assert tracer.current_span() is span
    assert tracer.current_span() is None

with tracer.trace("main") as main:
    gevent.joinall([gevent.spawn(work, number) for number in range(5)], raise_error=True)
    assert tracer.current_span() is main
assert tracer.current_span() is None
""")

    spans = spans_by_name(agent)
    assert set(spans) == {"main", *(f"work {number}" for number in range(5))}
    assert len({span["trace_id"] for span in spans.values()}) == 6


@ORDERS
def test_patched_threads_trace(agent, run, order):
    """What the program calls threads are greenlets; their spans arrive."""
    run(f"""{order}
import threading

threads = [threading.Thread(target=tracer.trace(f"thread {{number}}").finish) for number in range(5)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
""")

    assert set(spans_by_name(agent)) == {f"thread {number}" for number in range(5)}


@ORDERS
def test_greenlets_work_while_traces_are_sent(agent, run, order):
    """Sending is the writer's affair: other greenlets have their turn, may finish spans and ask for a flush."""
    run(f"""{order}
import gevent

def work(number):
    tracer.trace(f"work {{number}}").finish()
    tracer.flush()

for _ in range(3):
    gevent.joinall([gevent.spawn(work, number) for number in range(20)], raise_error=True)
counts = tracer._writer.counts
assert counts.sent == counts.taken == 60 and not counts.dropped + counts.buffered, counts
""")

    assert len(agent.traces) == 60


@ORDERS
def test_sending_does_not_stop_the_loop(run, silent_agent, order):
    """An agent that never answers holds up its writer, and no greenlet but that."""
    printed = run(
        f"""{order}
import gevent, threading
tracer.SHUTDOWN_TIMEOUT = 0.1
tracer.configure(hostname="127.0.0.1")
tracer.trace("a").finish()
flushing = gevent.spawn(tracer.flush)
gevent.sleep(0)
tracer.trace("b").finish()
waiting = gevent.spawn(tracer.flush)
gevent.sleep(0)
for number in range(1000):
    tracer.trace("c").finish()
    gevent.sleep(0)
counts = tracer._writer.counts
print(counts.taken, counts.dropped, flushing.ready(), waiting.ready())
""",
        agent_url=silent_agent,
        DD_TRACE_AGENT_TIMEOUT_SECONDS="3600",
    )

    assert printed.split() == ["1002", "0", "False", "False"]


@ORDERS
def test_forked_child_sends_its_own(agent, run, order):
    """gevent forks by a way of its own."""
    run(f"""{order}
import os, sys
tracer.trace("parent").finish()
pid = os.fork()
if not pid:
    tracer.trace("child").finish()
    sys.exit(0)
assert os.waitpid(pid, 0)[1] == 0
""")

    assert set(spans_by_name(agent)) == {"parent", "child"}


@ORDERS
@pytest.mark.parametrize("is_handled", [False, True], ids=["default", "own handler"])
def test_sigterm(agent, run, order, is_handled):
    """The traces are sent, and the program ends as it would: by the signal, or as its handler has it."""
    handle = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))" if is_handled else ""
    run(
        f"""{order}
import gevent, os, signal, sys
{handle}
tracer.trace("a").finish()
os.kill(os.getpid(), signal.SIGTERM)
while True:
    gevent.sleep(3600)
""",
        status=3 if is_handled else -15,
    )

    assert set(spans_by_name(agent)) == {"a"}


@ORDERS
def test_gevent_s_own_handler_of_sigterm(agent, run, order):
    """A handler that gevent calls from its loop is called, and the normal exit sends the traces."""
    run(
        f"""{order}
import gevent, os, signal, sys
tracer.trace("a").finish()
is_asked = gevent.event.Event()
gevent.signal_handler(signal.SIGTERM, is_asked.set)
os.kill(os.getpid(), signal.SIGTERM)
is_asked.wait()
sys.exit(3)
""".replace("import gevent,", "import gevent, gevent.event,"),
        status=3,
    )

    assert set(spans_by_name(agent)) == {"a"}


@ORDERS
def test_patched_pools_hand_spans_over(agent, run, order):
    """``concurrent.futures`` on greenlets keeps to the trace that it was called in."""
    run(f"""{order}
ddtrace.patch(futures=True)
from concurrent.futures import ThreadPoolExecutor

with tracer.trace("main"), ThreadPoolExecutor(3) as pool:
    list(pool.map(lambda number: tracer.trace(f"part {{number}}").finish(), range(5)))
""")

    spans = spans_by_name(agent)
    parts = [span for name, span in spans.items() if name != "main"]
    assert len(parts) == 5
    assert {span["parent_id"] for span in parts} == {spans["main"]["span_id"]}
