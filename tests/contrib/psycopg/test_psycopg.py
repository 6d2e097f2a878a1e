"""What of the psycopg integration the common checks do not prove: options, pins, credentials, hostile input."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import Any, Callable, Iterator

import psycopg
import psycopg2
import pytest
from psycopg import sql
from psycopg2 import sql as sql2

from ddtrace import Pin, config
from ddtrace.contrib.psycopg import get_versions, integration
from testkit import DummyTracer, run_python, traced

QUERY = "SELECT generate_series(1, 3)"
FETCHES = [f"postgres.query.{name}" for name in ("fetchone", "fetchmany", "fetchall")]


@pytest.fixture
def tracer() -> Iterator[DummyTracer]:
    """The tracer of all connections."""
    with traced(integration) as tracer:
        yield tracer


@pytest.fixture(params=[psycopg, psycopg2], ids=["psycopg", "psycopg2"])
def connection(request: pytest.FixtureRequest, tracer: DummyTracer, postgres_url: str) -> Iterator[Any]:
    """A traced connection of each of the two libraries."""
    with closing(request.param.connect(postgres_url)) as connection:
        yield connection


def execute(connection: Any, statement: Any, *parameters: Any) -> Any:
    cursor = connection.cursor()
    cursor.execute(statement, *parameters)
    return cursor


def test_spans_are_children_of_the_current_span(tracer: DummyTracer, connection: Any) -> None:
    """A query within an application's span belongs to that span's trace."""
    with tracer.trace("work") as work:
        execute(connection, "SELECT 1")
    assert tracer.spans.find("postgres.query").parent_id == work.span_id


def test_a_pin_of_a_connection_holds_for_its_cursors(tracer: DummyTracer, connection: Any, postgres_url: str) -> None:
    """And for its transactions; not for other connections."""
    Pin.override(connection, service="colours", tags={"shard": "left"})
    execute(connection, "SELECT 1")
    connection.commit()
    with closing(psycopg.connect(postgres_url)) as other:
        execute(other, "SELECT 1")
    seen = [(span.service, span.get_tag("shard")) for span in tracer.spans]
    assert seen == [("colours", "left"), ("colours", "left"), ("postgres", None)]


def test_a_pin_of_the_module_holds_for_all_connections(tracer: DummyTracer, postgres_url: str) -> None:
    """As in 1.x, that of ``psycopg`` and that of ``psycopg2``."""
    Pin.override(psycopg, service="new")
    Pin.override(psycopg2, service="old")
    for library in (psycopg, psycopg2):
        with closing(library.connect(postgres_url)) as connection:
            execute(connection, "SELECT 1")
    assert [span.service for span in tracer.spans] == ["new", "old"]


def test_a_cursor_of_psycopg2_has_a_pin_of_its_own(tracer: DummyTracer, postgres_url: str) -> None:
    """A pin of one cursor leaves its connection's alone."""
    with closing(psycopg2.connect(postgres_url)) as connection:
        cursor = connection.cursor()
        Pin.override(cursor, service="audit")
        cursor.execute("SELECT 1")
        execute(connection, "SELECT 1")
    assert [span.service for span in tracer.spans] == ["audit", "postgres"]


def test_fetches_have_spans_where_asked_for(
    tracer: DummyTracer, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ``trace_fetch_methods`` a fetch has the query's text, and fetchmany its size."""
    monkeypatch.setitem(config.psycopg, "trace_fetch_methods", True)
    cursor = execute(connection, QUERY)
    assert (cursor.fetchone(), cursor.fetchmany(1), cursor.fetchall()) == ((1,), [(2,)], [(3,)])
    assert [(span.name, span.resource) for span in tracer.spans[1:]] == [(name, QUERY) for name in FETCHES]
    assert tracer.spans.find("postgres.query.fetchmany").get_metric("db.fetch.size") == 1


def test_asynchronous_fetches_have_spans_where_asked_for(
    tracer: DummyTracer, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And are still coroutine functions."""
    monkeypatch.setitem(config.psycopg, "trace_fetch_methods", True)

    async def use() -> tuple[Any, ...]:
        async with await psycopg.AsyncConnection.connect(postgres_url) as connection:
            cursor = await connection.execute(QUERY)
            assert asyncio.iscoroutinefunction(cursor.fetchone)
            return await cursor.fetchone(), await cursor.fetchmany(1), await cursor.fetchall()

    assert asyncio.run(use()) == ((1,), [(2,)], [(3,)])
    assert [span.name for span in tracer.spans[1:4]] == FETCHES


async def connect_and_close(url: str) -> None:
    connection = await psycopg.AsyncConnection.connect(url)
    await connection.close()


@pytest.mark.parametrize(
    "connect, name",
    [
        (lambda url: psycopg.connect(url).close(), "psycopg.connection.connect"),
        (lambda url: psycopg.Connection.connect(url).close(), "psycopg.connection.connect"),
        (lambda url: asyncio.run(connect_and_close(url)), "psycopg.connection.connect"),
        (lambda url: psycopg2.connect(url).close(), "psycopg2.connect"),
    ],
    ids=["connect", "Connection", "AsyncConnection", "psycopg2"],
)
def test_connecting_has_a_span_where_asked_for(
    tracer: DummyTracer, postgres_url: str, monkeypatch: pytest.MonkeyPatch, connect: Callable[[str], None], name: str
) -> None:
    """With ``trace_connect``; also one that fails."""
    monkeypatch.setitem(config.psycopg, "trace_connect", True)
    connect(postgres_url)
    with pytest.raises((psycopg.OperationalError, psycopg2.OperationalError)):
        connect("postgresql://nobody:pa55word@127.0.0.1:9/colours?connect_timeout=1")
    connected, failed = tracer.spans
    assert (connected.name, connected.get_tag("out.host"), connected.error) == (name, "127.0.0.1", 0)
    assert (failed.name, failed.get_tag("db.system"), failed.error) == (name, "postgresql", 1)
    assert "pa55word" not in repr([failed.resource, failed.get_tags()])


def test_options_are_read_from_the_variables_of_both_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    """DD_PSYCOPG_... goes before DD_PSYCOPG2_..., which 1.x has, too."""
    monkeypatch.setenv("DD_PSYCOPG2_TRACE_CONNECT", "true")
    monkeypatch.setenv("DD_PSYCOPG2_TRACE_FETCH_METHODS", "true")
    monkeypatch.setenv("DD_PSYCOPG_TRACE_FETCH_METHODS", "false")
    try:
        settings = config.reread("psycopg")
        assert (settings.trace_connect, settings.trace_fetch_methods) == (True, False)
    finally:
        monkeypatch.undo()
        config.reread("psycopg")


def test_a_connection_is_described_without_its_password(tracer: DummyTracer, postgres_url: str) -> None:
    """Application, database, user, host and port are shown; neither credentials nor values are."""
    for library in (psycopg, psycopg2):
        with closing(library.connect(postgres_url, application_name="ledger")) as connection:
            execute(connection, "SELECT %s", ("pa55word",))
            name, user, password = connection.info.dbname, connection.info.user, connection.info.password
            host, port = connection.info.host, connection.info.port
    for span in tracer.spans:
        assert span.get_tag("db.application") == "ledger"
        assert (span.get_tag("db.name"), span.get_tag("db.user")) == (name, user)
        assert (span.get_tag("out.host"), span.get_metric("network.destination.port")) == (host, port)
        assert not {"pa55word", password} & {span.resource, *span.get_tags().values()}
        assert password not in repr(span.get_tags())


@pytest.mark.parametrize("part", [sql, sql2], ids=["psycopg", "psycopg2"])
def test_a_composed_statement_is_rendered_as_far_as_it_is_kept(
    tracer: DummyTracer, part: Any, postgres_url: str
) -> None:
    """Identifiers and literals are quoted as the server gets them; of a long statement the beginning is kept."""
    library = psycopg if part is sql else psycopg2
    numbers = part.SQL(", ").join([part.Literal(1)] * 30_000)
    with closing(library.connect(postgres_url)) as connection:
        execute(connection, part.SQL("SELECT {} AS {}").format(part.Literal("it's"), part.Identifier("a b")))
        execute(connection, part.SQL("SELECT 1 IN ({})").format(numbers))
    short, long = tracer.spans
    assert short.resource == "SELECT 'it''s' AS \"a b\""
    assert long.resource.startswith("SELECT 1 IN (1, 1, 1") and len(long.resource) == 20_003


def test_a_long_statement_is_cut(tracer: DummyTracer, connection: Any) -> None:
    """Of a statement of ten million characters, or bytes, only the beginning is kept."""
    statement = f"SELECT 1 -- {'x' * 10_000_000}"
    execute(connection, statement)
    execute(connection, statement.encode())
    assert {span.resource for span in tracer.spans} == {statement[:20_000] + "..."}


@pytest.mark.parametrize("statement", ["SELECT '\ud800'", "SELECT '\0'", b"SELECT '\xff'", "", object()])
def test_a_hostile_statement_fails_as_ever(tracer: DummyTracer, connection: Any, statement: Any) -> None:
    """The library's own exception reaches the caller and the span."""
    with pytest.raises(Exception) as raised:
        execute(connection, statement).fetchone()
    assert "/ddtrace/contrib/psycopg/facts" not in str(raised.traceback[-1].path)
    span = tracer.spans.find("postgres.query")
    # psycopg 3 sends an empty query, and fails where its rows are fetched.
    assert span.error == 1 or statement == ""


def test_a_connection_that_the_server_ends(tracer: DummyTracer, connection: Any) -> None:
    """The error is the library's, is on the span, and what comes after has spans and errors, too."""
    execute(connection, "SELECT 1")
    cursor = connection.cursor()
    for statement in ("SELECT pg_terminate_backend(pg_backend_pid())", "SELECT 2"):
        with pytest.raises(Exception) as raised:
            cursor.execute(statement)
        assert type(raised.value).__module__.startswith("psycopg")
    assert [span.error for span in tracer.spans] == [0, 1, 1]
    assert {span.get_tag("out.host") for span in tracer.spans} == {"127.0.0.1"}


def test_connections_of_before_are_traced(postgres_url: str) -> None:
    """psycopg 3's methods are wrapped, so that connections and cursors made before patching are traced, too."""
    with closing(psycopg.connect(postgres_url)) as connection:
        cursor = connection.cursor()
        with traced(integration) as tracer:
            cursor.execute("SELECT 1")
        cursor.execute("SELECT 2")
    assert [span.resource for span in tracer.spans] == ["SELECT 1"]


def test_connections_of_psycopg2_are_silent_once_unpatched(postgres_url: str) -> None:
    """A connection and a cursor, and what they make, go on without spans."""
    with traced(integration) as tracer:
        connection = psycopg2.connect(postgres_url)
        Pin.override(connection, service="colours")
        cursor = connection.cursor()
    cursor.execute("SELECT 1")
    connection.cursor().execute("SELECT 1")
    connection.commit()
    connection.close()
    assert tracer.started == []


def test_a_connection_is_left_as_it_is(tracer: DummyTracer, postgres_url: str) -> None:
    """Tracing adds nothing to a connection of psycopg 3, and its type and its cursors' are the library's."""
    with closing(psycopg.connect(postgres_url)) as connection:
        before = set(vars(connection))
        cursor = execute(connection, "SELECT 1")
        assert set(vars(connection)) == before
        assert (type(connection), type(cursor)) == (psycopg.Connection, psycopg.Cursor)


def test_the_libraries_tell_their_versions() -> None:
    """``get_versions`` names both, by what programs import."""
    assert get_versions() == {"psycopg": psycopg.__version__, "psycopg2": psycopg2.__version__.split()[0]}


@pytest.mark.parametrize("library", ["psycopg", "psycopg2"])
def test_one_library_is_traced_without_the_other(postgres_url: str, library: str) -> None:
    """Neither is imported for the other's sake."""
    other = "psycopg" if library == "psycopg2" else "psycopg2"
    program = f"""
import sys
import ddtrace
from ddtrace.filters import TraceFilter
class Printing(TraceFilter):
    def process_trace(self, trace):
        print(*(span.name for span in trace))
ddtrace.tracer.configure(settings={{"FILTERS": [Printing()]}})
sys.modules[{other!r}] = None
ddtrace.patch(psycopg=True)
import {library}
connection = {library}.connect({postgres_url!r})
connection.cursor().execute("SELECT 1")
connection.close()
"""
    assert run_python("-c", program) == "postgres.query\n"


def test_the_example_of_the_docstring_runs(postgres_url: str) -> None:
    """The program that the package's docstring shows makes the spans that it says."""
    documentation = __import__(integration.package, fromlist=["integration"]).__doc__
    example = "\n".join(line[4:] for line in documentation.splitlines() if line.startswith("    "))
    program = f"""
from ddtrace import tracer
from ddtrace.filters import TraceFilter
class Printing(TraceFilter):
    def process_trace(self, trace):
        print(*(span.name for span in trace))
tracer.configure(settings={{"FILTERS": [Printing()]}})
{example.replace("dbname=colours", postgres_url)}
"""
    names = run_python("-c", program).split()
    assert names == ["postgres.query", "psycopg.connection.commit", "psycopg.connection.commit"]
