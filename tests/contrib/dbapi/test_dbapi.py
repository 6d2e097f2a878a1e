"""Connections and cursors that are traced by hand, over a driver that no integration has patched."""

from __future__ import annotations

import sqlite3
from typing import Any, Iterator

import pytest

from ddtrace import Pin, config
from ddtrace.contrib import dbapi
from ddtrace.contrib.dbapi import FetchTracedCursor, TracedConnection, TracedCursor
from ddtrace.settings import IntegrationConfig
from testkit import DummyTracer, run_python


@pytest.fixture
def tracer() -> DummyTracer:
    """The tracer of the pin."""
    return DummyTracer()


@pytest.fixture
def plain() -> Iterator[sqlite3.Connection]:
    """A connection that nobody traces."""
    connection = sqlite3.connect(":memory:")
    yield connection
    connection.close()


@pytest.fixture
def connection(plain: sqlite3.Connection, tracer: DummyTracer) -> Any:
    """The same, traced by hand."""
    return TracedConnection(plain, pin=Pin(tracer=tracer))


def test_a_query_has_a_span(tracer: DummyTracer, connection: Any) -> None:
    """Name, service, type, resource, kind, component and measure are those of 1.x."""
    connection.cursor().execute("SELECT 1")
    span = tracer.spans.find("sql.query")
    assert (span.service, span.span_type, span.resource, span.error) == ("db", "sql", "SELECT 1", 0)
    assert (span.get_tag("component"), span.get_tag("span.kind")) == ("dbapi2", "client")
    assert span.get_metric("_dd.measured") == 1
    assert span.get_metric("db.row_count") is None


def test_many_executions_are_one_span(tracer: DummyTracer, connection: Any) -> None:
    """``executemany`` is told apart by a tag, and counts its rows."""
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE colours (name)")
    cursor.executemany("INSERT INTO colours VALUES (?)", [("red",), ("blue",)])
    span = tracer.spans[-1]
    assert (span.resource, span.get_tag("sql.executemany")) == ("INSERT INTO colours VALUES (?)", "true")
    assert span.get_metric("db.row_count") == 2


def test_a_procedure_is_a_query(tracer: DummyTracer) -> None:
    """``callproc`` has the procedure's name as its resource."""

    class Cursor:
        rowcount = -1

        def callproc(self, name: str, parameters: list[int]) -> list[int]:
            return parameters

    cursor = TracedCursor(Cursor(), Pin(tracer=tracer), config.dbapi2)
    assert cursor.callproc("paint", [1]) == [1]
    assert tracer.spans.find("sql.query").resource == "paint"


@pytest.mark.parametrize("method", ["commit", "rollback"])
def test_the_end_of_a_transaction_has_a_span(tracer: DummyTracer, connection: Any, method: str) -> None:
    """It is named by the database, has no type and is not measured."""
    getattr(connection, method)()
    span = tracer.spans.find(f"sqlite.connection.{method}")
    assert (span.service, span.span_type, span.get_metric("_dd.measured")) == ("db", None, None)


def test_fetches_have_spans_with_a_cursor_for_it(tracer: DummyTracer, plain: sqlite3.Connection) -> None:
    """A FetchTracedCursor tells of each fetch, under the text of its query."""
    connection = TracedConnection(plain, Pin(tracer=tracer), cursor_cls=FetchTracedCursor)
    cursor = connection.cursor().execute("SELECT 1 UNION SELECT 2 UNION SELECT 3")
    assert (cursor.fetchone(), cursor.fetchmany(size=1), cursor.fetchall()) == ((1,), [(2,)], [(3,)])
    assert [(span.name, span.resource) for span in tracer.spans[1:]] == [
        (f"sql.query.{name}", "SELECT 1 UNION SELECT 2 UNION SELECT 3")
        for name in ("fetchone", "fetchmany", "fetchall")
    ]
    assert tracer.spans.find("sql.query.fetchmany").get_metric("db.fetch.size") == 1


def test_the_option_chooses_that_cursor(plain: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """``config.dbapi2.trace_fetch_methods`` decides what a connection makes."""
    assert type(TracedConnection(plain).cursor()) is TracedCursor
    monkeypatch.setitem(config.dbapi2, "trace_fetch_methods", True)
    assert type(TracedConnection(plain).cursor()) is FetchTracedCursor


def test_settings_may_be_others(tracer: DummyTracer, plain: sqlite3.Connection) -> None:
    """Span name, component and service come with the ``cfg`` that is given."""
    cfg = IntegrationConfig(config, "ledger", service="money", _dbapi_span_name_prefix="ledger")
    TracedConnection(plain, Pin(tracer=tracer), cfg).cursor().execute("SELECT 1")
    span = tracer.spans.find("ledger.query")
    assert (span.service, span.get_tag("component")) == ("money", "ledger")


def test_a_pin_goes_before_settings(tracer: DummyTracer, connection: Any) -> None:
    """Overriding a connection holds for its cursors; overriding a cursor holds for that one."""
    Pin.override(connection, service="colours", tags={"shard": "left"})
    cursor = connection.cursor()
    cursor.execute("SELECT 1")
    Pin.override(cursor, service="audit")
    cursor.execute("SELECT 1")
    connection.commit()
    seen = [(span.service, span.get_tag("shard")) for span in tracer.spans]
    assert seen == [("colours", "left"), ("audit", "left"), ("colours", "left")]


def test_a_disabled_tracer_makes_no_span(tracer: DummyTracer, connection: Any) -> None:
    """The calls go through as they are."""
    tracer.enabled = False
    assert connection.cursor().execute("SELECT 1").fetchall() == [(1,)]
    assert tracer.started == []


def test_an_error_is_recorded_and_raised(tracer: DummyTracer, connection: Any) -> None:
    """The driver's own exception reaches the caller, and its span."""
    with pytest.raises(sqlite3.OperationalError, match="SELEKT"):
        connection.cursor().execute("SELEKT 1")
    span = tracer.spans.find("sql.query")
    assert (span.error, span.get_tag("error.type")) == (1, "sqlite3.OperationalError")


def test_proxies_behave_like_what_they_stand_for(connection: Any, plain: sqlite3.Connection) -> None:
    """Type checks, attributes, iteration and chained calls work."""
    assert isinstance(connection, sqlite3.Connection) and connection.__wrapped__ is plain
    cursor = connection.cursor()
    cursor.arraysize = 3
    assert cursor.__wrapped__.arraysize == 3
    assert cursor.execute("SELECT 1 UNION SELECT 2") is cursor
    assert next(cursor) == (1,)
    assert list(cursor) == [(2,)]


def test_a_block_of_a_connection_gives_the_traced_one(tracer: DummyTracer, connection: Any) -> None:
    """``with connection as it`` is entered and left once, and what it gives is traced."""
    connection.cursor().execute("CREATE TABLE colours (name)")
    with connection as entered:
        entered.cursor().execute("INSERT INTO colours VALUES ('red')")
        assert connection.in_transaction
    assert entered is connection and not connection.in_transaction
    assert len(tracer.spans) == 2


def test_a_block_may_give_a_cursor(tracer: DummyTracer, plain: sqlite3.Connection) -> None:
    """Some drivers enter a cursor: it is traced, too."""

    class Entering:
        def __enter__(self) -> sqlite3.Cursor:
            return plain.cursor()

        def __exit__(self, *exception: Any) -> None:
            pass

    with TracedConnection(Entering(), Pin(tracer=tracer)) as cursor:
        cursor.execute("SELECT 1")
    assert tracer.spans.find("sql.query").resource == "SELECT 1"


@pytest.mark.parametrize(
    ("statement", "resource"),
    [
        (b"SELECT '\xff'", "SELECT '\ufffd'"),
        ("SELECT '\ud800'", "SELECT '\ud800'"),
        (type("Text", (str,), {"__str__": lambda self: 1 / 0})("SELECT 1"), "SELECT 1"),
        (object(), "sql.query"),
        (None, "sql.query"),
        ("", "sql.query"),
        ("x" * 10_000_000, "x" * 20_000 + "..."),
        (b"x" * 10_000_000, "x" * 20_000 + "..."),
    ],
    ids=["bytes", "surrogate", "subclass", "object", "none", "empty", "long text", "long bytes"],
)
def test_a_statement_of_any_kind_is_handed_on(tracer: DummyTracer, statement: Any, resource: str) -> None:
    """The driver gets the very object; the span gets what can be shown of it."""
    given: list[Any] = []

    class Cursor:
        rowcount = None
        execute = given.append

    TracedCursor(Cursor(), Pin(tracer=tracer), None).execute(statement)
    assert given[0] is statement
    assert tracer.spans.find("sql.query").resource == resource


def test_a_statement_may_be_given_by_name(tracer: DummyTracer) -> None:
    """Drivers name the argument differently."""

    class Cursor:
        rowcount = 1

        def execute(self, operation: str) -> None:
            pass

    TracedCursor(Cursor(), Pin(tracer=tracer), {}).execute(operation="SELECT 1")
    assert tracer.spans.find("sql.query").resource == "SELECT 1"


def test_the_example_of_the_docstring_runs() -> None:
    """What the package's docstring shows can be run as it is."""
    example = "\n".join(line[4:] for line in dbapi.__doc__.splitlines() if line.startswith("    "))
    program = f"{example}\nprint(type(cursor).__name__, cursor.fetchall())"
    assert run_python("-c", program) == "TracedCursor [(1,)]\n"
