"""What of the Cassandra integration the common checks do not prove: pins, pages, callbacks, and hostile input."""

from __future__ import annotations

import queue
from types import SimpleNamespace
from typing import Any, Iterator
from urllib.parse import urlsplit

import pytest
from cassandra import InvalidRequest
from cassandra.cluster import Cluster, ResponseFuture, Session
from cassandra.query import BatchStatement, SimpleStatement

from ddtrace import Pin
from ddtrace.contrib.cassandra import integration
from ddtrace.contrib.cassandra.facts import describe_failure, describe_query, resource_of, without_values
from ddtrace.contrib.cassandra.patch import Listener
from testkit import DummyTracer, run_python, traced
from tests.contrib.cassandra.scenarios import connected

QUERY = "SELECT hue FROM colours"
PATIENCE_S = 60


@pytest.fixture
def session(cassandra_url: str) -> Iterator[Session]:
    """A session with three colours, which are not traced."""
    with connected(cassandra_url) as session:
        yield session


@pytest.fixture
def tracer(session: Session) -> Iterator[DummyTracer]:
    """The tracer of all sessions."""
    with traced(integration) as tracer:
        yield tracer


def services(tracer: DummyTracer) -> list[str | None]:
    return [span.service for span in tracer.spans]


def test_spans_are_children_of_the_current_span(tracer: DummyTracer, session: Session) -> None:
    """A query within an application's span belongs to that span's trace, which is the current one after it again."""
    with tracer.trace("work") as work:
        future = session.execute_async(QUERY)
        assert tracer.current_span() is work
        future.result()
    assert tracer.spans.find("cassandra.query").parent_id == work.span_id


def test_a_span_is_finished_when_there_is_a_result(tracer: DummyTracer, session: Session) -> None:
    """Also where the caller comes before the driver's thread has called us."""
    for number in range(50):
        session.execute(QUERY)
        assert len(tracer.started) == number + 1
        assert tracer.started[-1].finished


def test_a_callback_need_not_wait_for_a_result(tracer: DummyTracer, session: Session) -> None:
    """A span is finished also where nobody asks for the result: the callbacks of the driver's thread come in turn."""
    seen: queue.Queue[Any] = queue.Queue()
    with tracer.trace("work"):
        future = session.execute_async(QUERY)
    future.add_callback(seen.put)
    seen.get(timeout=PATIENCE_S)
    # The session has one connection, whose thread has called us back for the first query by the second's answer.
    session.execute(QUERY)
    assert [span.finished for span in tracer.started] == [True, True, True]


def test_a_pin_of_a_cluster_holds_for_its_sessions(tracer: DummyTracer, session: Session) -> None:
    """And one of a session goes before it."""
    Pin.override(session.cluster, service="cluster", tracer=tracer)
    session.execute(QUERY)
    Pin.override(session, service="session", tracer=tracer)
    session.execute(QUERY)
    assert services(tracer) == ["cluster", "session"]


def test_a_pin_of_all_clusters(tracer: DummyTracer, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in 1.x the class of clusters may bear it."""
    monkeypatch.setattr(Cluster, "_datadog_pin", Pin(service="colours", tracer=tracer), raising=False)
    session.execute(QUERY)
    assert services(tracer) == ["colours"]


def test_without_a_pin_there_are_no_spans(tracer: DummyTracer, session: Session) -> None:
    """As in 1.x, to take the pin of all sessions away turns the spans off."""
    pin = Pin.get_from(Session)
    assert pin is not None
    pin.remove_from(Session)
    try:
        assert len(list(session.execute(QUERY))) == 3
    finally:
        pin.onto(Session)
    assert not tracer.spans


def test_a_failure_has_the_name_of_its_class(tracer: DummyTracer, session: Session) -> None:
    """Nobody has raised it yet where it is recorded: it has no stack, and the name without the module, as in 1.x."""
    with pytest.raises(InvalidRequest) as raised:
        session.execute("SELECT hue FROM no_such_table")
    span = tracer.spans.find("cassandra.query")
    assert (span.error, span.get_tag("error.type"), span.get_tag("error.message")) == (
        1,
        "InvalidRequest",
        raised.value.args[0],
    )


def test_pages_are_numbered(tracer: DummyTracer, session: Session) -> None:
    """Each page has a span, with its number and its rows; a result of one page has no number."""
    list(session.execute(SimpleStatement(QUERY, fetch_size=1)))
    session.execute(QUERY)
    pages = [(span.get_metric("cassandra.page_number"), span.get_metric("db.row_count")) for span in tracer.spans]
    # The server does not know that a full page is the last one.
    assert pages[:3] == [(1, 1), (2, 1), (3, 1)]
    assert pages[-1] == (None, 3)


def test_a_late_callback_is_of_the_page_it_was_for(tracer: DummyTracer, session: Session) -> None:
    """The driver's thread tells of a page when the next one is asked for already; that one goes on."""
    future = session.execute_async(SimpleStatement(QUERY, fetch_size=2))
    late = Listener(future)
    first = future.result().current_rows
    # Nobody else is to tell of the second page.
    future._callbacks.clear()
    future.start_fetching_next_page()
    late.note_answer(first)
    assert not tracer.started[-1].finished
    future.result()
    assert [span.get_metric("db.row_count") for span in tracer.started] == [2, 1]


def test_pages_of_a_result_of_before_are_traced(session: Session) -> None:
    """A result that was begun untraced goes on with spans while the library is traced."""
    rows = session.execute(SimpleStatement(QUERY, fetch_size=2))
    with traced(integration) as tracer:
        assert len(list(rows)) == 3
    assert [span.finished for span in tracer.started] == [True]


def test_a_page_of_a_result_of_before_need_not_be_asked_for(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the second page, and its span ends with the answer."""
    future = session.execute_async(SimpleStatement(QUERY, fetch_size=2))
    future.result()
    with traced(integration) as tracer:
        monkeypatch.setattr(ResponseFuture, "send_request", lambda future: None)
        future.start_fetching_next_page()
        future._set_final_result([("green",)])
        span = tracer.spans.find("cassandra.query")
    assert (span.finished, span.get_metric("cassandra.page_number"), span.get_metric("db.row_count")) == (True, 2, 1)


def test_a_failure_that_is_asked_for_first(
    tracer: DummyTracer, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its span is finished before the driver's thread has called us."""
    monkeypatch.setattr(ResponseFuture, "send_request", lambda future: None)
    future = session.execute_async(query=QUERY)
    future._callbacks.clear()
    future._errbacks.clear()
    future._set_final_exception(InvalidRequest("no such colour"))
    with pytest.raises(InvalidRequest):
        future.result()
    [span] = tracer.started
    assert (span.finished, span.resource, span.get_tag("error.type")) == (True, QUERY, "InvalidRequest")


def test_cleared_callbacks_are_the_application_s(tracer: DummyTracer, session: Session) -> None:
    """A future whose callbacks are cleared before its answer has its span finished all the same."""
    seen: queue.Queue[Any] = queue.Queue()
    future = session.execute_async(QUERY)
    future.add_callback(lambda rows: seen.put("cleared"))
    future.clear_callbacks()
    future.add_callback(lambda rows: seen.put("kept"))
    answers = [seen.get(timeout=PATIENCE_S)]
    answers += [seen.get()] if answers == ["cleared"] else []
    assert answers[-1] == "kept"
    future.result()
    assert [span.finished for span in tracer.started] == [True]


def test_a_span_survives_the_clearing_of_callbacks(
    tracer: DummyTracer, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that comes after it finishes the span, without anybody asking for the result."""
    monkeypatch.setattr(ResponseFuture, "send_request", lambda future: None)
    future = session.execute_async(QUERY)
    future.clear_callbacks()
    assert [span.finished for span in tracer.started] == [False]
    future._set_final_result([("red",)])
    assert [(span.finished, span.get_metric("db.row_count")) for span in tracer.started] == [(True, 1)]


def test_a_failure_need_not_be_asked_for(
    tracer: DummyTracer, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver's thread tells of it, and that ends the span."""
    monkeypatch.setattr(ResponseFuture, "send_request", lambda future: None)
    session.execute_async(QUERY)._set_final_exception(InvalidRequest("no such colour"))
    span = tracer.spans.find("cassandra.query")
    assert (span.finished, span.get_tag("error.message")) == (True, "no such colour")


def test_pages_need_not_be_asked_for(tracer: DummyTracer, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """The span of each ends with its answer."""
    monkeypatch.setattr(ResponseFuture, "send_request", lambda future: None)
    future = session.execute_async(SimpleStatement(QUERY, fetch_size=2))
    future._paging_state = b"more"
    for names in (["red", "blue"], ["green"]):
        assert not tracer.started[-1].finished
        future._set_final_result([(name,) for name in names])
        assert tracer.started[-1].finished
        future.start_fetching_next_page()
    assert [span.get_metric("db.row_count") for span in tracer.started] == [2, 1, None]


def test_a_finished_span_says_no_more(tracer: DummyTracer, session: Session) -> None:
    """A result may be asked for again."""
    future = session.execute_async(QUERY)
    future.result()
    future._final_result = []
    future.result()
    assert tracer.spans.find("cassandra.query").get_metric("db.row_count") == 3


def test_a_page_that_cannot_be_asked_for(
    tracer: DummyTracer, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its span ends with the error, and a result that is asked for later is not that page's."""

    def refuse(future: Any) -> None:
        raise ZeroDivisionError

    future = session.execute_async(SimpleStatement(QUERY, fetch_size=2))
    future.result()
    monkeypatch.setattr(ResponseFuture, "send_request", refuse)
    with pytest.raises(ZeroDivisionError):
        future.start_fetching_next_page()
    future._set_final_result([])
    future.result()
    span = tracer.started[-1]
    assert (span.finished, span.get_tag("error.type")) == (True, "builtins.ZeroDivisionError")
    assert span.get_metric("db.row_count") is None


def test_a_statement_may_have_a_keyspace_of_its_own(tracer: DummyTracer, session: Session) -> None:
    """It goes before the session's."""
    with tracer.trace("work") as span:
        describe_query(span, session, SimpleStatement(QUERY, keyspace="Paint"))
    assert span.get_tag("cassandra.keyspace") == "paint"


def test_a_failure_may_say_nothing(tracer: DummyTracer, session: Session) -> None:
    """Then its message is empty."""
    future = session.execute_async(QUERY)
    future.result()
    with tracer.trace("work") as span:
        describe_failure(span, future, ZeroDivisionError(), 1)
    assert (span.get_tag("error.type"), span.get_tag("error.message")) == ("ZeroDivisionError", "")


@pytest.mark.parametrize(
    ("query", "resource"),
    [
        (QUERY, QUERY),
        (SimpleStatement(QUERY), QUERY),
        ("x" * 10_000_000, "x" * 5_000),
        (BatchStatement(), "BatchStatement"),
        ("", "unknown-query-type"),
        (None, "unknown-query-type"),
        (object(), "unknown-query-type"),
        (SimpleNamespace(query_string=b"SELECT 1"), "unknown-query-type"),
    ],
    ids=["text", "statement", "long", "batch", "empty", "nothing", "object", "bytes"],
)
def test_the_resource_is_the_query(query: Any, resource: str) -> None:
    """Cut after 5000 characters, as in 1.x."""
    assert resource_of(query) == resource


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("INSERT INTO a1 (b, c) VALUES ('it''s', -1.5e-7)", "INSERT INTO a1 (b, c) VALUES (?, -?)"),
        ("SELECT $$a 'quote' \n$$, 0xff FROM t", "SELECT ?, ? FROM t"),
        ("DELETE FROM t WHERE id = f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "DELETE FROM t WHERE id = ?"),
        ("SELECT 'never closed", "SELECT ?"),
        (b"\x01\x02", "?"),
    ],
)
def test_a_query_of_a_batch_is_without_values(query: Any, shown: str) -> None:
    """The driver has put the parameters into its text: numbers, texts, blobs and ids are left out."""
    assert without_values(query) == shown


def test_the_example_of_the_docstring_runs(cassandra_url: str) -> None:
    """The program that the package's docstring shows makes the spans that it says."""
    parts = urlsplit(cassandra_url)
    documentation = __import__(integration.package, fromlist=["integration"]).__doc__
    example = "\n".join(line[4:] for line in documentation.splitlines() if line.startswith("    "))
    program = f"""
from ddtrace import tracer
from ddtrace.filters import TraceFilter
class Printing(TraceFilter):
    def process_trace(self, trace):
        print(*(f"{{span.name}}:{{span.service}}" for span in trace))
tracer.configure(settings={{"FILTERS": [Printing()]}})
{example.replace('Cluster(["127.0.0.1"])', f'Cluster([{parts.hostname!r}], port={parts.port}, protocol_version=4)')}
session.execute("SELECT key FROM system.local")
cluster.shutdown()
"""
    assert run_python("-c", program).split() == ["cassandra.query:cassandra", "cassandra.query:colours"]
