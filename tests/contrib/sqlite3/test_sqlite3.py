"""What of the sqlite3 integration the common checks do not prove: options, pins, factories, and hostile input."""

from __future__ import annotations

import gc
import sqlite3
import sqlite3.dbapi2
import weakref
from contextlib import closing
from importlib import import_module
from typing import Iterator

import pytest

from ddtrace import Pin, config
from ddtrace.contrib.sqlite3 import integration
from testkit import DummyTracer, run_python, traced
from testkit.patched import failures_are_fatal


@pytest.fixture
def tracer() -> Iterator[DummyTracer]:
    """The tracer of all connections."""
    with traced(integration) as tracer:
        yield tracer


@pytest.fixture
def connection(tracer: DummyTracer) -> Iterator[sqlite3.Connection]:
    """A traced connection to an empty database."""
    connection = sqlite3.connect(":memory:")
    yield connection
    connection.close()


def names(tracer: DummyTracer) -> list[str]:
    return [span.name for span in tracer.spans]


def test_spans_are_children_of_the_current_span(tracer: DummyTracer, connection: sqlite3.Connection) -> None:
    """A query within an application's span belongs to that span's trace."""
    with tracer.trace("work") as work:
        connection.execute("SELECT 1")
    assert tracer.spans.find("sqlite.query").parent_id == work.span_id


def test_a_connection_hands_its_pin_down(tracer: DummyTracer, connection: sqlite3.Connection) -> None:
    """A pin of one connection holds for its cursors and its transactions, and for no other connection's."""
    Pin.override(connection, service="colours", tags={"shard": "left"})
    connection.cursor().execute("SELECT 1")
    connection.commit()
    other = sqlite3.connect(":memory:")
    other.execute("SELECT 1")
    other.close()
    seen = [(span.service, span.get_tag("shard")) for span in tracer.spans]
    assert seen == [("colours", "left"), ("colours", "left"), ("sqlite", None)]


def test_a_cursor_has_a_pin_of_its_own(tracer: DummyTracer, connection: sqlite3.Connection) -> None:
    """A pin of one cursor leaves its connection's alone."""
    cursor = connection.cursor()
    Pin.override(cursor, service="audit")
    cursor.execute("SELECT 1")
    connection.execute("SELECT 1")
    assert [span.service for span in tracer.spans] == ["audit", "sqlite"]


def test_fetches_have_spans_where_asked_for(
    tracer: DummyTracer, connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ``trace_fetch_methods`` a fetch has the query's text, and fetchmany its size; iterating has no span."""
    monkeypatch.setitem(config.sqlite, "trace_fetch_methods", True)
    cursor = connection.execute("SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4")
    assert (cursor.fetchone(), cursor.fetchmany(2), list(cursor), cursor.fetchall()) == ((1,), [(2,), (3,)], [(4,)], [])
    assert names(tracer) == ["sqlite.query"] + [
        f"sqlite.query.{name}" for name in ("fetchone", "fetchmany", "fetchall")
    ]
    assert {span.resource for span in tracer.spans} == {"SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4"}
    assert tracer.spans.find("sqlite.query.fetchmany").get_metric("db.fetch.size") == 2
    assert type(cursor).__name__ == "Cursor" and isinstance(cursor, sqlite3.Cursor)


def test_settings_are_those_of_config_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's variables are DD_SQLITE_..., as in 1.x."""
    monkeypatch.setenv("DD_SQLITE_TRACE_FETCH_METHODS", "true")
    monkeypatch.setenv("DD_SQLITE_SERVICE", "colours")
    try:
        settings = config.reread("sqlite")
        assert (settings.trace_fetch_methods, settings.service) == (True, "colours")
    finally:
        monkeypatch.undo()
        config.reread("sqlite")


def test_a_long_statement_is_cut(tracer: DummyTracer, connection: sqlite3.Connection) -> None:
    """Of a statement of ten million characters only the beginning is kept."""
    statement = f"SELECT 1 -- {'x' * 10_000_000}"
    connection.execute(statement)
    resource = tracer.spans.find("sqlite.query").resource
    assert (resource[:20_000], resource[20_000:]) == (statement[:20_000], "...")


def test_an_empty_statement_is_named_like_its_span(tracer: DummyTracer, connection: sqlite3.Connection) -> None:
    """A resource is never empty: an agent would refuse it."""
    connection.execute("")
    assert tracer.spans.find("sqlite.query").resource == "sqlite.query"


def test_bound_values_stay_out(tracer: DummyTracer, connection: sqlite3.Connection) -> None:
    """Neither parameters nor rows are on a span."""
    connection.execute("SELECT ?", ("pa55word",)).fetchall()
    assert "pa55word" not in repr([(span.resource, span.get_tags()) for span in tracer.spans])


def test_connections_are_silent_once_unpatched() -> None:
    """A connection and a cursor, and what they make, go on without spans."""
    with traced(integration) as tracer:
        connection = sqlite3.connect(":memory:")
        Pin.override(connection, service="colours")
        cursor = connection.cursor()
    cursor.execute("SELECT 1")
    connection.execute("SELECT 1")
    connection.cursor().execute("SELECT 1")
    connection.commit()
    connection.close()
    assert tracer.started == []


# Python 3.13 warns of the positions, and gives them on as ever.
@pytest.mark.filterwarnings("ignore:Passing more than 1 positional argument:DeprecationWarning")
def test_a_class_of_the_application_is_traced_and_let_go(tracer: DummyTracer) -> None:
    """The subclass of a factory is made once while it is used, and neither keeps the application's class."""

    class Ledger(sqlite3.Connection):
        pass

    first, second = sqlite3.connect(":memory:", factory=Ledger), sqlite3.connect(":memory:", 5, 0, "", True, Ledger)
    first.execute("SELECT 1")
    assert type(first) is type(second) and isinstance(first, Ledger)
    assert names(tracer) == ["sqlite.query"]
    first.close()
    second.close()
    ledger = weakref.ref(Ledger)
    del first, second, Ledger
    # The last class that was asked for is kept.
    sqlite3.connect(":memory:", factory=type("Other", (sqlite3.Connection,), {})).close()
    # The subclass goes first, then what it extended.
    for _ in range(3):
        gc.collect()
    assert ledger() is None


@pytest.mark.filterwarnings("ignore:Passing more than 1 positional argument:DeprecationWarning")
def test_all_arguments_before_the_factory_may_be_given_by_position(tracer: DummyTracer) -> None:
    """The factory is then the library's own, and the connection is traced."""
    with closing(sqlite3.connect(":memory:", 5, 0, "", True)) as connection:
        connection.execute("SELECT 1")
    assert names(tracer) == ["sqlite.query"]


@pytest.mark.parametrize("ours", ["connection_classes", "hand_down"])
def test_a_failure_of_ours_fails_no_connecting(monkeypatch: pytest.MonkeyPatch, ours: str) -> None:
    """A connection is made all the same."""

    def fail(*args: object) -> None:
        raise LookupError(ours)

    with traced(integration), failures_are_fatal(False):
        monkeypatch.setattr(import_module("ddtrace.contrib.sqlite3.patch"), ours, fail)
        sqlite3.connect(":memory:").close()


def test_a_traced_class_may_be_given_again(tracer: DummyTracer, connection: sqlite3.Connection) -> None:
    """The type of a connection or cursor, given as a factory, is not extended once more."""
    again = sqlite3.connect(":memory:", factory=type(connection))
    cursor = again.cursor(type(connection.cursor()))
    cursor.execute("SELECT 1")
    again.close()
    assert type(again) is type(connection)
    assert names(tracer) == ["sqlite.query"]


def test_a_class_that_refuses_subclasses_is_left_alone(connection: sqlite3.Connection) -> None:
    """What cannot be traced works untraced."""

    class Final(sqlite3.Cursor):
        def __init_subclass__(cls, *, of: str) -> None:
            pass

    with failures_are_fatal(False):
        cursor = connection.cursor(Final)
    assert type(cursor) is Final
    assert cursor.execute("SELECT 1").fetchall() == [(1,)]


def test_a_connection_takes_no_other_attributes(connection: sqlite3.Connection) -> None:
    """Like those of sqlite3, traced connections and cursors have no room for what nobody declared."""
    for owner in (connection, connection.cursor()):
        with pytest.raises(AttributeError):
            owner.colour = "blue"


def test_a_missing_init_is_told_as_ever(tracer: DummyTracer) -> None:
    """A class that forgets to initialise its base gets sqlite3's own error."""

    class Careless(sqlite3.Connection):
        def __init__(self, *args: object, **kwargs: object) -> None:
            pass

    connection = sqlite3.connect(":memory:", factory=Careless)
    for use in (lambda: connection.execute("SELECT 1"), connection.cursor, connection.commit):
        with pytest.raises(sqlite3.ProgrammingError, match="Base Connection.__init__ not called"):
            use()
    with pytest.raises(sqlite3.ProgrammingError), connection:
        pass


def test_a_dump_is_traced_query_by_query(tracer: DummyTracer, connection: sqlite3.Connection) -> None:
    """``iterdump`` asks for tables and rows by cursors of the connection."""
    connection.execute("CREATE TABLE colours (name)")
    lines = list(connection.iterdump())
    assert lines == ["BEGIN TRANSACTION;", "CREATE TABLE colours (name);", "COMMIT;"]
    assert set(names(tracer)) == {"sqlite.query"} and len(tracer.spans) > 2


def test_the_example_of_the_docstring_runs() -> None:
    """The program that the package's docstring shows makes the spans that it says."""
    lines = (integration.package and __import__(integration.package, fromlist=["x"]).__doc__ or "").splitlines()
    example = "\n".join(line[4:] for line in lines if line.startswith("    "))
    assert "import sqlite3" in example
    program = f"""
import os, tempfile
os.chdir(tempfile.mkdtemp())
from ddtrace import tracer
from ddtrace.filters import TraceFilter
class Printing(TraceFilter):
    def process_trace(self, trace):
        print(*(span.name for span in trace), sep="\\n")
tracer.configure(settings={{"FILTERS": [Printing()]}})
{example}
connection.execute("SELECT 2")
"""
    assert run_python("-c", program).split() == ["sqlite.query", "sqlite.connection.commit", "sqlite.query"]


@pytest.mark.parametrize("name", ["sqlite3", "sqlite3.dbapi2"])
def test_a_program_may_import_either_module_first(name: str) -> None:
    """Both are traced as soon as the first is imported, and nothing fails before sqlite3 has come to its end."""
    program = (
        f"import ddtrace; ddtrace.patch(sqlite3=True); import {name}, sqlite3\n"
        "print(*(hasattr(each.connect, '__wrapped__') for each in (sqlite3, sqlite3.dbapi2)))"
    )
    assert run_python("-c", program, env={"DD_TESTING_RAISE": "true"}) == "True True\n"
