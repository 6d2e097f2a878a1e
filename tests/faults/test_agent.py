"""An agent that is not there, or does not do what it should, is nothing that the application notices."""

import gc
import logging
import socket
import sys
import threading
from collections import Counter

import pytest

from tests.agent import agent_on_tcp
from tests.faults.agents import DEADLINE_S, FAULTY, LOSING, NEVER_ANSWERING, TAKING

faulty = pytest.mark.parametrize("faulty_url", FAULTY, indirect=True)
losing = pytest.mark.parametrize("faulty_url", LOSING, indirect=True)
never_answering = pytest.mark.parametrize("faulty_url", NEVER_ANSWERING, indirect=True)

TRACES = 200


def work(tracer, traces=TRACES):
    """What an application does: traces of a root and nine children."""
    for _ in range(traces):
        with tracer.trace("root"):
            for number in range(9):
                with tracer.trace("child") as span:
                    span.set_tag("number", number)


def calls_of(function, *args):
    """How often the tracer calls each function in this thread, those of C among them."""
    calls = Counter()

    def count(frame, event, argument):
        module = frame.f_globals.get("__name__", "")
        if event == "call" and module.startswith("ddtrace"):
            calls[f"{module}.{frame.f_code.co_qualname}"] += 1
        elif event == "c_call" and module.startswith("ddtrace"):
            owner = getattr(argument, "__module__", None) or type(argument.__self__).__name__
            calls[f"{owner}.{argument.__name__}"] += 1
        elif event == "call" and frame.f_back.f_globals.get("__name__", "").startswith("ddtrace"):
            calls[f"{module}.{frame.f_code.co_qualname}"] += 1

    # What a collection finds would be counted, too, and is of other tests.
    gc.disable()
    sys.setprofile(count)
    try:
        function(*args)
    finally:
        sys.setprofile(None)
        gc.enable()
    return calls


@faulty
def test_application_does_the_same_work(agent, make_tracer, faulty_url, monkeypatch, caplog):
    """Its thread calls what it calls with an agent that works, no more and no less: nothing that waits, for one."""
    monkeypatch.setenv("DD_TRACE_WRITER_INTERVAL_SECONDS", "3600")
    # Between two attempts the sender would pause for as long as its interval lets it.
    monkeypatch.setattr("ddtrace.internal.transport.time.sleep", lambda seconds: None)
    healthy = calls_while_sending(make_tracer(agent.url))
    troubled = calls_while_sending(make_tracer(faulty_url))

    assert troubled == healthy
    waiting = ("socket", "select", "time.sleep", "http", "ssl", "threading.Event", "threading.Condition")
    assert [call for call in troubled if call.startswith(waiting)] == []
    assert troubled["ddtrace.writer.AgentWriter.write"] == TRACES


def calls_while_sending(tracer):
    """What the application's work calls while traces are on their way to the agent."""
    is_sending = threading.Event()
    send = tracer._writer._send

    def tell_and_send(payload):
        is_sending.set()
        return send(payload)

    tracer._writer._send = tell_and_send
    work(tracer, 1)
    flusher = threading.Thread(target=tracer.flush)
    flusher.start()
    assert is_sending.wait(DEADLINE_S)
    calls = calls_of(work, tracer)
    flusher.join()
    return calls


@faulty
def test_every_trace_is_accounted_for(make_tracer, faulty_url, caplog):
    """What was taken is sent, dropped or buffered, and nothing is counted twice."""
    tracer = make_tracer(faulty_url)
    work(tracer)
    tracer.flush()

    counts = tracer._writer.counts
    assert counts.taken == TRACES
    assert counts.taken == counts.sent + counts.dropped + counts.buffered
    assert counts.buffered == 0


@losing
def test_one_line_a_minute(make_tracer, faulty_url, caplog):
    """However often it fails, the log names the agent once."""
    tracer = make_tracer(faulty_url)
    for _ in range(3):
        work(tracer, 1)
        tracer.flush()

    lines = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(lines) == 1
    assert faulty_url in lines[0].getMessage()
    assert tracer._writer.counts.dropped == 3


@pytest.mark.parametrize("faulty_url", TAKING, indirect=True)
def test_nonsense_instead_of_rates_is_no_loss(make_tracer, faulty_url, caplog):
    """An agent that took the traces may answer what it likes, or half of it."""
    tracer = make_tracer(faulty_url)
    work(tracer)
    tracer.flush()

    assert tracer._writer.counts.sent == TRACES
    assert caplog.records == []


def test_no_lock_is_held_while_sending(make_tracer, monkeypatch):
    """While the agent lets its client wait, another thread may write, count and look into the buffer."""
    monkeypatch.setenv("DD_TRACE_AGENT_TIMEOUT_SECONDS", "3600")
    with socket.create_server(("127.0.0.1", 0)) as server:
        tracer = make_tracer(f"http://127.0.0.1:{server.getsockname()[1]}")
        work(tracer, 1)
        connection, _ = server.accept()
        with connection:
            # The request is on its way, and nobody will answer.
            assert connection.recv(3) == b"PUT"
            assert tracer._writer._lock.acquire(blocking=False)
            tracer._writer._lock.release()
            worker = threading.Thread(target=work, args=(tracer,), daemon=True)
            worker.start()
            worker.join(DEADLINE_S)
            assert not worker.is_alive()
            counts = tracer._writer.counts
            assert (counts.taken, counts.buffered, counts.sent) == (TRACES + 1, TRACES + 1, 0)


@faulty
def test_exit_does_not_wait_for_long(run, faulty_url):
    """The process ends within its flush timeout, whatever the agent does, and says so in one line at most."""
    ended = run(
        """
from ddtrace import tracer
tracer.SHUTDOWN_TIMEOUT = 0.5
tracer.configure(hostname="127.0.0.1")
for _ in range(100):
    tracer.trace("a").finish()
""",
        faulty_url,
        timeout_s=DEADLINE_S,
        DD_TRACE_AGENT_TIMEOUT_SECONDS="3600",
    )

    assert ended.printed == ""
    assert len(ended.complained.splitlines()) <= 1, ended.complained


@never_answering
def test_flush_of_another_thread_does_not_hold_the_exit_up(run, faulty_url):
    """Daemon threads of the program's own that wait for a flush are left behind."""
    run(
        """
import threading
from ddtrace import tracer
tracer.SHUTDOWN_TIMEOUT = 0.5
tracer.configure(hostname="127.0.0.1")
tracer.trace("a").finish()
for _ in range(4):
    threading.Thread(target=tracer.flush, daemon=True).start()
""",
        faulty_url,
        timeout_s=DEADLINE_S,
        DD_TRACE_AGENT_TIMEOUT_SECONDS="3600",
    )


def test_agent_that_comes_back_gets_what_is_finished_then(make_tracer, caplog):
    """A failure is over with the next sending; what was lost is counted, and does not come twice."""
    with agent_on_tcp() as agent:
        agent.status = 500
        tracer = make_tracer(agent.url)
        work(tracer, 5)
        tracer.flush()
        refused = len(agent.traces)
        agent.status = 200
        work(tracer, 7)
        tracer.flush()

        counts = tracer._writer.counts
        assert (counts.taken, counts.dropped, counts.sent) == (12, 5, 7)
        assert len(agent.traces) - refused == 7
