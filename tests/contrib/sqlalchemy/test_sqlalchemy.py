"""What of the SQLAlchemy integration the common checks do not prove: services, single engines, drivers' spans."""

from __future__ import annotations

import asyncio
import gc
import inspect
import pkgutil
import weakref
from types import SimpleNamespace
from typing import Any, Iterator

import psycopg2  # noqa: F401 (its pin is that of its tests where it is there before they begin)
import pytest
import sqlalchemy
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.ext.asyncio import create_async_engine

from ddtrace import Pin, config
from ddtrace.contrib.psycopg import integration as psycopg_integration
from ddtrace.contrib.sqlalchemy import integration, trace_engine
from testkit import DummyTracer, run_python, traced

ONE = sqlalchemy.text("SELECT 1")


@pytest.fixture
def tracer() -> Iterator[DummyTracer]:
    """The tracer of all engines."""
    with traced(integration) as tracer:
        yield tracer


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine of SQLite in memory."""
    engine = sqlalchemy.create_engine("sqlite://")
    yield engine
    engine.dispose()


def execute(engine: Engine, statement: Any = ONE) -> Any:
    with engine.connect() as connection:
        return connection.execute(statement).fetchall()


def services(tracer: DummyTracer) -> list[str | None]:
    return [span.service for span in tracer.spans]


def test_spans_are_children_of_the_current_span(tracer: DummyTracer, engine: Engine) -> None:
    """A statement within an application's span belongs to that span's trace."""
    with tracer.trace("work") as work:
        execute(engine)
    assert tracer.spans.find("sqlite.query").parent_id == work.span_id


def test_the_service_is_the_database(
    tracer: DummyTracer, engine: Engine, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody sets one it is that of the engine's database, also where the application has a service."""
    monkeypatch.setattr(config, "service", "app")
    execute(engine)
    other = sqlalchemy.create_engine(make_url(postgres_url).set(drivername="postgresql+psycopg2"))
    execute(other)
    other.dispose()
    assert set(services(tracer)) == {"sqlite", "postgres"}


def test_the_service_is_configured(tracer: DummyTracer, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pin's service goes before that of the configuration, which goes before that of the environment."""
    monkeypatch.setenv("DD_SQLALCHEMY_SERVICE", "from-env")
    settings = config.reread("sqlalchemy")
    execute(engine)
    settings["service"] = "from-config"
    execute(engine)
    Pin.override(engine, service="from-pin")
    execute(engine)
    monkeypatch.undo()
    config.reread("sqlalchemy")
    assert services(tracer) == ["from-env", "from-config", "from-pin"]


def test_a_pin_holds_for_one_engine(tracer: DummyTracer, engine: Engine) -> None:
    """Other engines keep the settings of all."""
    Pin.override(engine, service="colours", tags={"shard": "left"})
    execute(engine)
    other = sqlalchemy.create_engine("sqlite://")
    execute(other)
    other.dispose()
    seen = [(span.service, span.get_tag("shard")) for span in tracer.spans]
    assert seen == [("colours", "left"), ("sqlite", None)]


def test_engines_of_before_are_traced(engine: Engine) -> None:
    """Engines and connections made before patching are traced while it lasts."""
    with engine.connect() as connection:
        connection.execute(ONE)
        with traced(integration) as tracer:
            connection.execute(sqlalchemy.text("SELECT 2"))
        connection.execute(sqlalchemy.text("SELECT 3"))
    assert [span.resource for span in tracer.spans] == ["SELECT 2"]


def test_one_engine_is_traced_by_hand(engine: Engine) -> None:
    """``trace_engine`` needs no patching, and leaves other engines alone."""
    tracer = DummyTracer()
    trace_engine(engine, tracer=tracer, service="colours")
    execute(engine)
    other = sqlalchemy.create_engine("sqlite://")
    execute(other)
    other.dispose()
    assert [(span.name, span.service, span.resource) for span in tracer.spans] == [
        ("sqlite.query", "colours", "SELECT 1")
    ]


def test_an_engine_traced_by_hand_has_the_database_s_service(engine: Engine) -> None:
    """Without ``service`` it is the name of the database, as for all engines."""
    tracer = DummyTracer()
    trace_engine(engine, tracer)
    execute(engine)
    assert services(tracer) == ["sqlite"]


def test_an_asyncio_engine_is_traced_by_hand() -> None:
    """It is its ``sync_engine`` that is traced."""
    tracer = DummyTracer()
    engine = create_async_engine("sqlite+aiosqlite://")
    trace_engine(engine, tracer)
    execute_async(engine)
    assert [span.resource for span in tracer.spans] == ["SELECT 1"]


def execute_async(engine: Any) -> None:
    async def work() -> None:
        async with engine.connect() as connection:
            await connection.execute(ONE)
        await engine.dispose()

    asyncio.run(work())


def test_the_options_of_an_engine_change_nothing(engine: Engine) -> None:
    """An engine that ``execution_options`` makes of a traced one is traced alike."""
    tracer = DummyTracer()
    trace_engine(engine, tracer, service="colours")
    execute(engine.execution_options(logging_token="reader"))
    assert services(tracer) == ["colours"]


def test_two_tracers_on_one_engine_make_one_span(tracer: DummyTracer, engine: Engine) -> None:
    """The tracer of who traced the engine by hand last has the span, and no other has one."""
    first, last = DummyTracer(), DummyTracer()
    trace_engine(engine, first)
    trace_engine(engine, last, service="colours")
    execute(engine)
    assert (services(tracer), services(first), services(last)) == ([], [], ["colours"])


def test_an_engine_traced_by_hand_outlives_the_patching(engine: Engine) -> None:
    """Unpatching ends what patching began; a single engine was asked for by itself."""
    by_hand = DummyTracer()
    with traced(integration) as tracer:
        trace_engine(engine, by_hand)
    execute(engine)
    with traced(integration):
        execute(engine)
    assert (len(by_hand.spans), len(tracer.spans)) == (2, 0)


def test_an_engine_traced_by_hand_looks_the_same(engine: Engine) -> None:
    """Its dialect has its class, and methods with the signatures of before."""
    before = type(engine.dialect), inspect.signature(engine.dialect.do_execute)
    trace_engine(engine, DummyTracer())
    assert (type(engine.dialect), inspect.signature(engine.dialect.do_execute)) == before


def test_engines_are_not_kept(tracer: DummyTracer) -> None:
    """An engine that was traced, also by hand, goes when the application lets it go."""
    gone = []
    for by_hand in (False, True):
        engine = sqlalchemy.create_engine("sqlite://")
        if by_hand:
            trace_engine(engine, tracer)
        execute(engine)
        engine.dispose()
        gone.append(weakref.ref(engine))
        del engine
    gc.collect()
    assert [reference() for reference in gone] == [None, None]


def test_a_statement_of_any_length_is_cut(tracer: DummyTracer, engine: Engine) -> None:
    """Of ten million characters only the beginning is kept."""
    statement = f"SELECT 1 -- {'x' * 10_000_000}"
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    assert tracer.spans.find("sqlite.query").resource == statement[:20_000] + "..."


def test_the_error_is_the_driver_s(tracer: DummyTracer, engine: Engine) -> None:
    """SQLAlchemy's own message shows the parameters, which belong in no span."""
    with pytest.raises(sqlalchemy.exc.OperationalError) as raised, engine.connect() as connection:
        connection.execute(sqlalchemy.text("SELECT :colour FROM nowhere"), {"colour": "mauve"})
    span = tracer.spans.find("sqlite.query")
    assert "mauve" in str(raised.value)
    assert span.get_tag("error.type") == "sqlite3.OperationalError"
    assert not [value for value in span.get_tags().values() if "mauve" in value and "error.stack" not in value]


def test_the_driver_s_span_is_below(tracer: DummyTracer, postgres_url: str) -> None:
    """Where the driver is traced as well, its span is a child of SQLAlchemy's."""
    with traced(psycopg_integration, tracer):
        engine = sqlalchemy.create_engine(make_url(postgres_url).set(drivername="postgresql+psycopg2"))
        execute(engine)
        engine.dispose()
    pairs = [span for span in tracer.spans if span.resource == "SELECT 1"]
    outer, inner = sorted(pairs, key=lambda span: span.parent_id or 0)
    assert (outer.get_tag("component"), inner.get_tag("component")) == ("sqlalchemy", "psycopg")
    assert inner.parent_id == outer.span_id


def test_a_statement_within_itself_has_a_span_too(tracer: DummyTracer, engine: Engine) -> None:
    """A function of the application that the database calls may execute the very same statement."""
    statement = sqlalchemy.text("SELECT again()")
    found: list[Any] = []

    def again() -> int:
        if not found:
            found.append(None)
            found.append(execute(engine, statement))
        return len(found)

    @sqlalchemy.event.listens_for(engine, "connect")
    def add_function(connection: Any, record: Any) -> None:
        connection.create_function("again", 0, again)

    assert (execute(engine, statement), found) == ([(2,)], [None, [(1,)]])
    outer, inner = tracer.spans
    assert (inner.resource, inner.parent_id) == ("SELECT again()", outer.span_id)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("mssql.pyodbc:MSDialect_pyodbc", "mssql.query"),
        ("mysql.mysqldb:MySQLDialect_mysqldb", "mysql.query"),
        ("oracle.cx_oracle:OracleDialect_cx_oracle", "oracle.query"),
        ("postgresql.psycopg2:PGDialect_psycopg2", "postgres.query"),
    ],
)
def test_many_rows_by_dialects_with_a_way_of_their_own(tracer: DummyTracer, path: str, name: str) -> None:
    """The cursor is asked once, in one span, whoever made it."""

    class Cursor:
        rowcount = 2
        asked: list[Any] = []

        def executemany(self, statement: str, rows: Any) -> None:
            self.asked.append((statement, rows))

    dialect = pkgutil.resolve_name(f"sqlalchemy.dialects.{path}")()
    assert dialect.do_executemany(Cursor(), "INSERT", [(1,), (2,)]) is None
    assert Cursor.asked == [("INSERT", [(1,), (2,)])]
    assert [(span.name, span.resource) for span in tracer.spans] == [(name, "INSERT")]


def test_arguments_may_be_given_by_name(tracer: DummyTracer, engine: Engine) -> None:
    """By a dialect of the application; also those of a statement within another, and of one without text."""
    Pin.override(engine, service="colours")

    class Cursor:
        rowcount = 2

        def __init__(self, *statements: str) -> None:
            self.further = statements

        def executemany(self, statement: str, rows: Any) -> None:
            for each in self.further:
                ask(each, Cursor())

    def ask(statement: str, cursor: Cursor) -> None:
        context = SimpleNamespace(engine=engine)
        engine.dialect.do_executemany(cursor=cursor, statement=statement, parameters=[(1,), (2,)], context=context)

    ask("INSERT", Cursor("UPDATE", ""))
    seen = [(span.resource, span.service, span.get_metric("db.row_count")) for span in tracer.spans]
    assert seen == [("INSERT", "colours", 2), ("UPDATE", "colours", 2), ("sqlite.query", "colours", 2)]


def test_a_class_without_a_pin_is_left_alone(tracer: DummyTracer, engine: Engine) -> None:
    """As in 1.x, to take the pin away turns the spans off."""
    pin = Pin.get_from(DefaultDialect)
    pin.remove_from(DefaultDialect)
    try:
        assert execute(engine) == [(1,)]
    finally:
        pin.onto(DefaultDialect)
    assert not tracer.spans


@pytest.mark.parametrize(
    ("url", "facts"),
    [
        ("postgresql://shop.example:5433/colours", ("shop.example", "colours", 5433)),
        ("postgresql://shop.example/colours", ("shop.example", "colours", None)),
        ("postgresql://:5433/colours", (None, "colours", None)),
        ("postgresql://shop.example:5433", ("shop.example", None, 5433)),
    ],
)
def test_the_url_of_an_engine_says_where_it_is(tracer: DummyTracer, url: str, facts: tuple[Any, ...]) -> None:
    """As far as it does; a port alone says nothing."""

    class Cursor:
        rowcount = -1

        def execute(self, statement: str, parameters: Any) -> None:
            """Nobody is asked."""

    engine = sqlalchemy.create_engine(make_url(url).set(drivername="postgresql+psycopg2"))
    engine.dialect.do_execute(Cursor(), "SELECT 1", (), SimpleNamespace(engine=engine))
    span = tracer.spans.find("postgres.query")
    seen = span.get_tag("out.host"), span.get_tag("sql.db"), span.get_metric("network.destination.port")
    assert seen == facts


def test_a_pin_of_an_engine_traced_by_hand_goes_on_from_what_it_was_given() -> None:
    """Overriding its service keeps its tracer, of an asyncio engine as well."""
    tracer = DummyTracer()
    engine = create_async_engine("sqlite+aiosqlite://")
    trace_engine(engine, tracer=tracer)
    Pin.override(engine.sync_engine, service="colours")
    execute_async(engine)
    assert set(services(tracer)) == {"colours"}


def test_patch_all_leaves_it_out() -> None:
    """As in 1.x it is for the user to ask for."""
    assert not integration.is_enabled


def test_the_example_of_the_docstring_runs() -> None:
    """The programs that the package's docstring shows make the spans that it says."""
    documentation = __import__(integration.package, fromlist=["integration"]).__doc__
    example = "\n".join(line[4:] for line in documentation.splitlines() if line.startswith("    "))
    program = f"""
from ddtrace import tracer
from ddtrace.filters import TraceFilter
class Printing(TraceFilter):
    def process_trace(self, trace):
        print(*(f"{{span.name}}:{{span.service}}" for span in trace))
tracer.configure(settings={{"FILTERS": [Printing()]}})
{example}
with engine.connect() as connection:
    connection.execute(sqlalchemy.text("SELECT 1"))
engine.dispose()
"""
    assert run_python("-c", program).split() == ["sqlite.query:sqlite", "sqlite.query:colours"]
