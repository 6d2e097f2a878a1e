"""What becomes of finished traces; forks and the interpreter's exit have a file of their own."""

import io
import json
import threading

import msgpack
import pytest

from ddtrace import Span
from ddtrace.writer import AgentWriter, Counts, LogWriter, TraceWriter
from tests.unit.conftest import messages


def trace(name="a"):
    span = Span(name)
    span.finish()
    return [span]


def assert_add_up(counts):
    assert counts.taken == counts.sent + counts.dropped + counts.buffered


def test_flush_sends_what_was_taken(agent, make_writer):
    """All traces taken so far are in one request, in order."""
    writer = make_writer(agent.url)
    writer.write(trace("a"))
    writer.write(trace("b"))
    assert writer.counts == Counts(taken=2, sent=0, dropped=0, buffered=2)

    writer.flush_queue()

    assert [[span["name"] for span in sent] for sent in agent.requests[0].traces] == [["a"], ["b"]]
    assert writer.counts == Counts(taken=2, sent=2, dropped=0, buffered=0)


def test_empty_buffer_sends_nothing(agent, make_writer):
    """There is no request without a trace."""
    writer = make_writer(agent.url)
    writer.flush_queue()
    writer.write(trace())
    writer.flush_queue()

    writer.flush_queue()

    assert len(agent.requests) == 1


def test_thread_sends_of_itself(agent, monkeypatch):
    """Nobody has to flush: a background thread, begun by the first trace, sends every interval."""
    monkeypatch.setenv("DD_TRACE_WRITER_INTERVAL_SECONDS", "0.001")
    arrived = threading.Event()
    writer = AgentWriter(agent.url, on_rates=lambda rates: arrived.set())
    agent.answer = b'{"rate_by_service": {"service:,env:": 1}}'
    threads = threading.active_count()

    writer.write(trace())

    assert arrived.wait(10)
    assert [span["name"] for span in agent.spans] == ["a"]
    writer.stop()
    assert threading.active_count() == threads


def test_new_writer_starts_nothing(agent):
    """Thread and transport come with the first trace."""
    threads = threading.active_count()

    writer = AgentWriter(agent.url)
    writer.flush_queue()
    writer.stop()

    assert threading.active_count() == threads
    assert agent.requests == []


def test_stop_sends_the_rest(agent, make_writer):
    """What is buffered goes out before the writer ends."""
    writer = make_writer(agent.url)
    writer.write(trace())

    writer.stop()

    assert len(agent.traces) == 1
    assert writer.counts.sent == 1


def test_stopped_writer_takes_no_more(agent, make_writer, caplog):
    """A trace that comes later is dropped and counted, and the log says why."""
    writer = make_writer(agent.url)
    writer.write(trace())
    writer.stop()

    writer.write(trace())

    assert writer.counts == Counts(taken=2, sent=1, dropped=1, buffered=0)
    assert ["stopped" in line for line in messages(caplog)] == [True]


def test_full_buffer_drops_and_counts(agent, make_writer, monkeypatch, caplog):
    """What does not fit is dropped, whoever finished it goes on, one line says so, and what fitted is sent."""
    monkeypatch.setenv("DD_TRACE_WRITER_BUFFER_SIZE_BYTES", "1000")
    writer = make_writer(agent.url)

    for _ in range(50):
        writer.write(trace())

    counts = writer.counts
    assert counts.taken == 50 and 0 < counts.buffered < 50
    assert_add_up(counts)
    assert ["buffer is full" in line for line in messages(caplog)] == [True]
    writer.flush_queue()
    assert len(agent.traces) == writer.counts.sent == counts.buffered


def test_flushed_buffer_has_room_again(agent, make_writer, monkeypatch):
    """Sending makes room for as much as before."""
    monkeypatch.setenv("DD_TRACE_WRITER_BUFFER_SIZE_BYTES", "1000")
    writer = make_writer(agent.url)

    for _ in range(20):
        writer.write(trace())
        writer.flush_queue()

    assert writer.counts == Counts(taken=20, sent=20, dropped=0, buffered=0)


def test_trace_larger_than_the_buffer_is_dropped(agent, make_writer, monkeypatch):
    """It would never fit; smaller ones still do."""
    monkeypatch.setenv("DD_TRACE_WRITER_BUFFER_SIZE_BYTES", "1000")
    writer = make_writer(agent.url)

    writer.write(trace("x" * 2000))
    writer.write(trace())

    assert writer.counts == Counts(taken=2, sent=0, dropped=1, buffered=1)


def test_no_agent_is_one_line_a_minute(refusing_url, make_writer, caplog, monkeypatch):
    """The application never notices; the line names the agent, and the next one how many were left out."""
    now = [1000.0]
    monkeypatch.setattr("ddtrace.internal.log.time.monotonic", lambda: now[0])
    writer = make_writer(refusing_url)

    for _ in range(5):
        writer.write(trace())
        writer.flush_queue()
    assert len(messages(caplog)) == 1
    assert refusing_url in messages(caplog)[0]

    now[0] += 61
    writer.write(trace())
    writer.flush_queue()

    assert len(messages(caplog)) == 2
    assert "4 more like this" in messages(caplog)[1]
    assert writer.counts == Counts(taken=6, sent=0, dropped=6, buffered=0)


def test_traces_come_through_once_the_agent_is_there(agent, make_writer):
    """What was refused is lost; what comes later is sent."""
    agent.status = 500
    writer = make_writer(agent.url)
    writer.write(trace("lost"))
    writer.flush_queue()
    agent.status = 200

    writer.write(trace("sent"))
    writer.flush_queue()

    assert writer.counts == Counts(taken=2, sent=1, dropped=1, buffered=0)
    assert [span["name"] for span in agent.requests[-1].traces[0]] == ["sent"]


def test_refusal_is_logged(agent, make_writer, caplog):
    """An answer of 500 is one line with agent and status; the traces are not sent again."""
    agent.status = 500
    writer = make_writer(agent.url)
    writer.write(trace())

    writer.flush_queue()
    writer.flush_queue()

    assert len(agent.requests) == 1
    assert [agent.url in line and "500" in line for line in messages(caplog)] == [True]
    assert writer.counts.dropped == 1


@pytest.mark.parametrize("answer", [b"", b"OK\n", b"{not json", b"\xff\xfe", b"[1]", b'{"rate_by_service": 5}', b"{}"])
def test_strange_answer_is_no_loss(agent, make_writer, caplog, answer):
    """An agent that took the traces took them, whatever it says besides."""
    agent.answer = answer
    given = []
    writer = make_writer(agent.url, on_rates=given.append)
    writer.write(trace())

    writer.flush_queue()

    assert writer.counts == Counts(taken=1, sent=1, dropped=0, buffered=0)
    assert (given, messages(caplog)) == ([], [])


def test_rates_are_handed_on(agent, make_writer):
    """The callback gets the agent's rates."""
    agent.answer = b'{"rate_by_service": {"service:shop,env:": 0.5}}'
    given = []
    writer = make_writer(agent.url, on_rates=given.append)
    writer.write(trace())

    writer.flush_queue()

    assert given == [{"service:shop,env:": 0.5}]


def test_failing_rates_callback_is_no_loss(agent, make_writer, caplog):
    """A sampler that raises costs one line; the traces were sent, and the next ones are."""

    def fail(rates):
        raise RuntimeError("sampler")

    agent.answer = b'{"rate_by_service": {"service:,env:": 1}}'
    writer = make_writer(agent.url, on_rates=fail)

    for _ in range(2):
        writer.write(trace())
        writer.flush_queue()

    assert writer.counts == Counts(taken=2, sent=2, dropped=0, buffered=0)
    assert ["sampling rates" in line for line in messages(caplog)] == [True]


def test_unix_socket(unix_agent, make_writer):
    """The agent may listen on a unix socket."""
    writer = make_writer(unix_agent.url)
    writer.write(trace())

    writer.flush_queue()

    assert [span["name"] for span in unix_agent.spans] == ["a"]
    assert writer.counts.sent == 1


def test_counts_add_up_under_fire(agent, make_writer, monkeypatch):
    """Whatever threads write and flush at once, and whatever the buffer drops: taken = sent + dropped + buffered."""
    monkeypatch.setenv("DD_TRACE_WRITER_BUFFER_SIZE_BYTES", "2000")
    writer = make_writer(agent.url)
    start = threading.Barrier(6)
    seen = []

    def write():
        start.wait()
        for _ in range(50):
            writer.write(trace())
            seen.append(writer.counts)

    def flush():
        start.wait()
        for _ in range(20):
            writer.flush_queue()
            seen.append(writer.counts)

    threads = [threading.Thread(target=work) for work in (write, write, write, write, flush, flush)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.stop()

    for counts in [*seen, writer.counts]:
        assert_add_up(counts)
    assert writer.counts.taken == 200 and writer.counts.buffered == 0
    assert len(agent.traces) == writer.counts.sent


def test_recreated_writer_has_the_settings_and_nothing_else(agent, make_writer):
    """What a forked child gets sends to the same agent, and leaves the buffered traces to the parent."""
    writer = make_writer(agent.url, exit_timeout_s=3)
    writer.write(trace())

    twin = writer.recreate()

    assert type(twin) is AgentWriter and twin.agent_url == agent.url
    assert twin.counts == Counts(0, 0, 0, 0)
    assert writer.counts.buffered == 1


def test_api_version_is_the_arguments_or_the_environments(monkeypatch):
    """An argument goes before DD_TRACE_API_VERSION, which goes before v0.4."""
    assert AgentWriter("http://agent").api_version == "v0.4"
    monkeypatch.setenv("DD_TRACE_API_VERSION", "v0.5")
    assert AgentWriter("http://agent").api_version == "v0.5"
    assert AgentWriter("http://agent", api_version="v0.3").api_version == "v0.3"


def test_unknown_api_version_is_an_error(monkeypatch, caplog):
    """As an argument; in the environment it is one line, and the default is used."""
    with pytest.raises(ValueError, match="v9"):
        AgentWriter("http://agent", api_version="v9")
    monkeypatch.setenv("DD_TRACE_API_VERSION", "v9")

    assert AgentWriter("http://agent").api_version == "v0.4"
    assert ["v9" in line for line in messages(caplog)] == [True]


def test_v05_is_sent_as_such(agent, make_writer):
    """The request has the path of the version, and its content a table of strings."""
    writer = make_writer(agent.url, api_version="v0.5")
    writer.write(trace("a"))

    writer.flush_queue()

    (request,) = agent.requests
    strings, traces = msgpack.unpackb(request.body, strict_map_key=False)
    assert request.path == "/v0.5/traces" and request.headers["X-Datadog-Trace-Count"] == "1"
    assert strings[traces[0][0][1]] == "a"


@pytest.mark.parametrize("status", [404, 415])
def test_agent_that_does_not_know_v05_gets_v04(agent, make_writer, caplog, status):
    """The refused payload is lost, as what waits in that format is; one line says so; what comes later arrives."""
    writer = make_writer(agent.url, api_version="v0.5")
    writer.write(trace("lost"))
    agent.status_of["/v0.5/traces"] = status
    writer.flush_queue()

    writer.write(trace("sent"))
    writer.flush_queue()

    assert [request.path for request in agent.requests] == ["/v0.5/traces", "/v0.4/traces"]
    assert agent.requests[1].traces[0][0]["name"] == "sent"
    assert writer.counts == Counts(taken=2, sent=1, dropped=1, buffered=0)
    assert ["v0.5" in line and "v0.4" in line for line in messages(caplog)] == [True]


def test_agent_that_does_not_know_v04_gets_v03(agent, make_writer):
    """The same bytes go to the older path at once; nothing is lost."""
    agent.status_of["/v0.4/traces"] = 404
    writer = make_writer(agent.url)
    writer.write(trace("a"))
    writer.flush_queue()
    writer.write(trace("b"))
    writer.flush_queue()

    assert [request.path for request in agent.requests] == ["/v0.4/traces", "/v0.3/traces", "/v0.3/traces"]
    assert [request.traces[0][0]["name"] for request in agent.requests[1:]] == ["a", "b"]
    assert writer.counts == Counts(taken=2, sent=2, dropped=0, buffered=0)


def test_agent_that_knows_no_version_is_a_loss(agent, make_writer):
    """There is nothing below v0.3."""
    agent.status = 404
    writer = make_writer(agent.url)
    writer.write(trace())

    writer.flush_queue()

    assert writer.counts == Counts(taken=1, sent=0, dropped=1, buffered=0)


def test_trace_that_waits_while_the_version_is_downgraded(agent, make_writer):
    """What another thread writes during the refused sending is accounted for."""
    writer = make_writer(agent.url, api_version="v0.5")
    agent.status_of["/v0.5/traces"] = 404
    writer.write(trace("refused"))
    agent.on_request = lambda: writer.write(trace("waits")) if len(agent.requests) == 1 else None

    writer.flush_queue()
    writer.write(trace("sent"))
    writer.flush_queue()

    assert writer.counts == Counts(taken=3, sent=1, dropped=2, buffered=0)


def test_recreated_writer_speaks_the_version_that_the_agent_knows(agent, make_writer):
    """A forked child does not have to find it out again."""
    agent.status_of["/v0.4/traces"] = 404
    writer = make_writer(agent.url)
    writer.write(trace())
    writer.flush_queue()

    assert writer.recreate().api_version == "v0.3"


def test_synchronous_writer_sends_at_once(agent, make_writer):
    """Where the process may be frozen after each call, nothing waits."""
    writer = make_writer(agent.url, is_sync=True)

    writer.write(trace())

    assert writer.counts == Counts(taken=1, sent=1, dropped=0, buffered=0)


def test_trace_larger_than_a_payload_is_dropped(agent, make_writer, monkeypatch, caplog):
    """The line names the variable that sets the limit."""
    monkeypatch.setenv("DD_TRACE_WRITER_MAX_PAYLOAD_SIZE_BYTES", "1000")
    writer = make_writer(agent.url)

    writer.write(trace("x" * 2000))

    assert writer.counts == Counts(taken=1, sent=0, dropped=1, buffered=0)
    assert ["DD_TRACE_WRITER_MAX_PAYLOAD_SIZE_BYTES" in line for line in messages(caplog)] == [True]


def test_buffer_holds_so_many_traces(make_writer, monkeypatch):
    """However small they are."""
    monkeypatch.setattr("ddtrace.writer.MAX_TRACES", 3)
    writer = make_writer("http://127.0.0.1:1")

    for _ in range(5):
        writer.write(trace())

    assert writer.counts == Counts(taken=5, sent=0, dropped=2, buffered=3)


def test_buffer_that_is_half_full_is_sent_before_its_time(agent, monkeypatch):
    """A burst does not wait for the interval, and so is not dropped."""
    monkeypatch.setenv("DD_TRACE_WRITER_BUFFER_SIZE_BYTES", "1000")
    monkeypatch.setenv("DD_TRACE_WRITER_INTERVAL_SECONDS", "3600")
    writer = AgentWriter(agent.url)
    arrived = threading.Event()
    agent.on_request = arrived.set
    writer.write(trace("x" * 100))
    assert writer.counts.buffered == 1

    writer.write(trace("x" * 200))

    assert arrived.wait(10)
    writer.stop()


def kept_share(agent):
    return [request.traces[0][0]["metrics"]["_dd.tracer_kr"] for request in agent.requests]


def test_first_span_bears_the_share_of_traces_that_were_kept(agent, make_writer, monkeypatch):
    """1 while nothing is dropped; what was dropped since counts until ten sendings are over."""
    monkeypatch.setattr("ddtrace.writer.MAX_TRACES", 1)
    writer = make_writer(agent.url)
    writer.write(trace())
    writer.write(trace("dropped"))
    for _ in range(12):
        writer.flush_queue()
        writer.write(trace())
    writer.flush_queue()

    shares = kept_share(agent)
    assert shares[:2] == [1, 0.5]
    assert shares[2] == pytest.approx(2 / 3)
    assert shares[-1] == 1


def test_log_writer_writes_one_line_a_trace():
    """JSON with ids in hexadecimal, as a log pipeline takes it."""
    out = io.StringIO()
    writer = LogWriter(out)
    span = Span("a", service="s", trace_id=2**64 + 255, span_id=16)
    span.set_tag("tag", "é")
    span.finish()

    writer.write([span])
    writer.write([Span("b"), Span("c")])

    first, second = map(json.loads, out.getvalue().splitlines())
    (sent,) = first["traces"][0]
    assert (sent["trace_id"], sent["span_id"], sent["parent_id"]) == ("0" * 14 + "FF", "0" * 14 + "10", "0" * 16)
    assert (sent["name"], sent["service"], sent["meta"]) == ("a", "s", {"tag": "é"})
    assert (sent["start"], sent["duration"]) == (span.start_ns, span.duration_ns)
    assert [span["name"] for span in second["traces"][0]] == ["b", "c"]


def test_log_writer_writes_to_standard_output(capsys):
    """Which is found when a trace comes, since a program may replace it."""
    LogWriter().write(trace("a"))

    assert json.loads(capsys.readouterr().out)["traces"][0][0]["name"] == "a"


def test_base_is_abstract():
    """A writer without the four methods cannot be made."""
    with pytest.raises(TypeError, match="abstract"):
        TraceWriter()


@pytest.mark.parametrize("lock", ["_lock", "_sending"])
def test_thread_with_a_lock_may_write_and_flush(agent, make_writer, lock):
    """A signal's handler, or a destructor, that finishes a span amid the writer's work does not wait for itself."""
    writer = make_writer(agent.url)
    writer.write(trace("a"))

    def interrupted():
        with getattr(writer, lock):
            writer.write(trace("b"))
            writer.flush_queue()

    thread = threading.Thread(target=interrupted, daemon=True)
    thread.start()
    thread.join(30)
    writer.flush_queue()

    assert not thread.is_alive()
    assert [span["name"] for span in agent.spans] == ["a", "b"]


def test_flush_waits_for_what_another_thread_sends(agent, make_writer):
    """A flush with nothing to send returns once the traces that are on their way have arrived."""
    writer = make_writer(agent.url)
    writer.write(trace())
    is_sending, may_send, order = threading.Event(), threading.Event(), []
    send = writer._send

    def slowly(traces):
        is_sending.set()
        may_send.wait(30)
        try:
            return send(traces)
        finally:
            order.append("sent")

    writer._send = slowly
    threads = [threading.Thread(target=writer.flush_queue)]
    threads[0].start()
    is_sending.wait(30)
    threads.append(threading.Thread(target=lambda: (writer.flush_queue(), order.append("flushed"))))
    threads[1].start()
    may_send.set()
    for thread in threads:
        thread.join(30)

    assert order == ["sent", "flushed"]
    assert_add_up(writer.counts)
