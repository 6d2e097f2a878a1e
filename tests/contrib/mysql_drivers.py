"""What of every integration of a MySQL driver the common checks do not prove.

Each integration's tests take these in, and say with the fixture ``driver`` which driver they are for.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import Any, Callable, Iterator

import pytest

from ddtrace import Pin, config
from ddtrace.contrib._integration import Integration
from testkit import DummyTracer, run_python, traced
from tests.contrib.logins import login

QUERY = "SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4"


@dataclass(frozen=True)
class Driver:
    """One driver: how it connects, what its spans are called, and what it says that it is connected to."""

    integration: Integration
    connect: Callable[..., Any]
    prefix: str
    connection: str
    url: str
    system: str = "mysql"

    def connected(self, **settings: Any) -> Any:
        """A new connection, closed at the end of the block."""
        return closing(self.connect(**login(self.url), **settings))


@pytest.fixture
def tracer(driver: Driver) -> Iterator[DummyTracer]:
    """The tracer of all connections."""
    with traced(driver.integration) as tracer:
        yield tracer


@pytest.fixture
def connection(tracer: DummyTracer, driver: Driver) -> Iterator[Any]:
    """A traced connection to an empty database."""
    with driver.connected() as connection:
        yield connection


def execute(connection: Any, statement: Any, *parameters: Any) -> Any:
    cursor = connection.cursor()
    cursor.execute(statement, *parameters)
    return cursor


def test_spans_are_children_of_the_current_span(tracer: DummyTracer, connection: Any, driver: Driver) -> None:
    """A query within an application's span belongs to that span's trace."""
    with tracer.trace("work") as work:
        execute(connection, QUERY).fetchall()
    assert tracer.spans.find(f"{driver.prefix}.query").parent_id == work.span_id


def test_a_pin_of_a_connection_holds_for_its_cursors(tracer: DummyTracer, connection: Any, driver: Driver) -> None:
    """And for its transactions; not for other connections."""
    Pin.override(connection, service="colours", tags={"shard": "left"})
    execute(connection, QUERY).fetchall()
    connection.commit()
    with driver.connected() as other:
        execute(other, QUERY).fetchall()
    seen = [(span.service, span.get_tag("shard")) for span in tracer.spans]
    assert seen == [("colours", "left"), ("colours", "left"), (driver.integration.service, None)]


def test_a_cursor_has_a_pin_of_its_own(tracer: DummyTracer, connection: Any, driver: Driver) -> None:
    """A pin of one cursor leaves its connection's alone."""
    cursor = connection.cursor()
    Pin.override(cursor, service="audit")
    cursor.execute(QUERY)
    cursor.fetchall()
    execute(connection, QUERY).fetchall()
    assert [span.service for span in tracer.spans] == ["audit", driver.integration.service]


def test_fetches_have_spans_where_asked_for(
    tracer: DummyTracer, connection: Any, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ``trace_fetch_methods`` each fetch has one, however the driver makes it of others."""
    monkeypatch.setitem(config.integration(driver.integration.settings_name), "trace_fetch_methods", True)
    cursor = execute(connection, QUERY)
    assert (cursor.fetchone(), list(cursor.fetchmany(2)), list(cursor.fetchall())) == ((1,), [(2,), (3,)], [(4,)])
    fetches = [f"{driver.prefix}.query.{name}" for name in ("fetchone", "fetchmany", "fetchall")]
    assert [(span.name, span.resource) for span in tracer.spans[1:]] == [(name, QUERY) for name in fetches]
    assert tracer.spans.find(fetches[1]).get_metric("db.fetch.size") == 2
    plain = connection.cursor()
    assert isinstance(cursor, type(plain)) and type(cursor).__qualname__ == type(plain).__qualname__


def test_settings_are_read_from_the_environment(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables are those of 1.x."""
    name = driver.integration.settings_name
    monkeypatch.setenv(f"DD_{name.upper()}_TRACE_FETCH_METHODS", "true")
    monkeypatch.setenv(f"DD_{name.upper()}_SERVICE", "colours")
    try:
        settings = config.reread(name)
        assert (settings.trace_fetch_methods, settings.service) == (True, "colours")
    finally:
        monkeypatch.undo()
        config.reread(name)


def test_a_connection_is_described_without_its_password(tracer: DummyTracer, connection: Any, driver: Driver) -> None:
    """Database, user, host and port are shown on queries and transactions; neither credentials nor values are."""
    facts = login(driver.url)
    execute(connection, "SELECT %s", ("pa55word",)).fetchall()
    execute(connection, "CREATE TEMPORARY TABLE words (word VARCHAR(9))")
    connection.cursor().executemany("INSERT INTO words VALUES (%s)", [("pa55word",), ("pa55word2",)])
    connection.rollback()
    assert len(tracer.spans) == 4
    for span in tracer.spans:
        assert (span.get_tag("db.system"), span.get_tag("db.name")) == (driver.system, facts["database"])
        assert (span.get_tag("db.user"), span.get_tag("out.host")) == (facts["user"], facts["host"])
        assert span.get_metric("network.destination.port") == facts["port"]
        shown = repr([span.resource, span.get_tags()])
        assert "pa55word" not in shown and facts["password"] not in shown


def test_a_long_statement_is_cut(tracer: DummyTracer, connection: Any, driver: Driver) -> None:
    """Of a statement of a million characters only the beginning is kept."""
    statement = f"SELECT 1 -- {'x' * 1_000_000}"
    execute(connection, statement).fetchall()
    assert tracer.spans.find(f"{driver.prefix}.query").resource == statement[:20_000] + "..."


def test_connections_of_before_are_traced(driver: Driver) -> None:
    """Methods are wrapped, so connections and cursors made before patching are traced, and silent after unpatching."""
    with driver.connected() as connection:
        cursor = connection.cursor()
        with traced(driver.integration) as tracer:
            cursor.execute("SELECT 1")
            cursor.fetchall()
        cursor.execute("SELECT 2")
        cursor.fetchall()
    assert [span.resource for span in tracer.spans] == ["SELECT 1"]


def test_connections_are_left_as_they_are(tracer: DummyTracer, connection: Any, driver: Driver) -> None:
    """Tracing adds nothing to a connection or a cursor."""
    cursor = execute(connection, "SELECT 1")
    cursor.fetchall()
    driver.integration.unpatch()
    with driver.connected() as untraced:
        plain = execute(untraced, "SELECT 1")
        plain.fetchall()
        assert type(connection) is type(untraced) and type(cursor) is type(plain)
        assert (set(vars(connection)), set(vars(cursor))) == (set(vars(untraced)), set(vars(plain)))


def test_a_failed_call_does_not_silence_its_connection(tracer: DummyTracer, connection: Any, driver: Driver) -> None:
    """What comes after a failure has spans again."""
    cursor = connection.cursor()
    with pytest.raises(Exception, match="SELEKT"):
        cursor.executemany("SELEKT %s", [(1,), (2,)])
    execute(connection, "SELECT 1").fetchall()
    assert [(span.resource, span.error) for span in tracer.spans] == [("SELEKT %s", 1), ("SELECT 1", 0)]


def test_the_example_of_the_docstring_runs(driver: Driver) -> None:
    """The program that the package's docstring shows makes the spans that it says."""
    documentation = __import__(driver.integration.package, fromlist=["integration"]).__doc__
    example = "\n".join(line[4:] for line in documentation.splitlines() if line.startswith("    "))
    arguments = 'host="127.0.0.1", user="reader", database="colours"'
    assert arguments in example
    program = f"""
from ddtrace import tracer
from ddtrace.filters import TraceFilter
class Printing(TraceFilter):
    def process_trace(self, trace):
        print(*(span.name for span in trace))
tracer.configure(settings={{"FILTERS": [Printing()]}})
{example.replace(arguments, f"**{login(driver.url)}")}
"""
    assert run_python("-c", program).split() == [f"{driver.prefix}.query", f"{driver.connection}.commit"]
