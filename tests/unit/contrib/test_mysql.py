"""What the drivers of MySQL share: what is told of a connection, and which of its calls have spans."""

from __future__ import annotations

from typing import Any

import pytest

from ddtrace import Pin
from ddtrace.contrib._database_spans import CONNECTION_METRICS, CONNECTION_TAGS, database_spans
from ddtrace.contrib._integration import Integration
from ddtrace.contrib._mysql import Address, MySQL
from testkit import DummyTracer

CONTRACTS = database_spans("toy", ("toy.connection",), CONNECTION_TAGS, CONNECTION_METRICS)
DECLARATION = Integration(package="toydb", distribution="", modules=("toydb",), versions=(), spans=CONTRACTS)
database = MySQL(
    DECLARATION,
    "toy",
    "toy.connection",
    "toysql",
    connection_of=lambda instance: getattr(instance, "connection", instance),
    address_of=lambda connection: connection.address,
)


class Connection:
    """A connection of a driver."""

    def __init__(self, address: Address | None) -> None:
        self.address = address


class Cursor:
    """A cursor of a driver that makes ``executemany`` of ``execute``."""

    rowcount = 1

    def __init__(self, connection: Connection | None) -> None:
        self.connection = connection

    def execute(self, statement: str) -> str:
        return database.cursor_wrappers["execute"](lambda statement: statement, self, (statement,), {})

    def executemany(self, statement: str, cursors: list[Cursor]) -> list[str]:
        def each(statement: str, cursors: list[Cursor]) -> list[str]:
            return [cursor.execute(f"{statement} of {place}") for place, cursor in enumerate(cursors)]

        return database.cursor_wrappers["executemany"](each, self, (statement, cursors), {})


@pytest.fixture
def tracer(monkeypatch: pytest.MonkeyPatch) -> DummyTracer:
    """The tracer of all connections and cursors."""
    tracer = DummyTracer()
    for kind in (Connection, Cursor):
        monkeypatch.setattr(kind, "_datadog_pin", Pin(tracer=tracer), raising=False)
    return tracer


@pytest.mark.parametrize(
    "address, told, port",
    [
        (Address("db.example", 3307, b"reader", b"colours"), ("db.example", "reader", "colours"), 3307),
        (Address(None, 3306, "reader", None), (None, "reader", None), None),
        (Address("localhost", 0, None, ""), ("localhost", None, None), None),
        (None, (None, None, None), None),
    ],
    ids=["network", "unix socket", "no port", "not known"],
)
def test_only_what_is_known_is_told(tracer: DummyTracer, address: Any, told: tuple[Any, ...], port: int | None) -> None:
    """Names are text, a unix socket has neither host nor port, and what is empty has no tag."""
    Cursor(Connection(address)).execute("SELECT 1")
    span = tracer.spans.find("toy.query")
    assert tuple(span.get_tag(name) for name in ("out.host", "db.user", "db.name")) == told
    assert (span.get_metric("network.destination.port"), span.get_tag("db.system")) == (port, "toysql")


def test_what_a_driver_calls_for_a_call_has_no_spans(tracer: DummyTracer) -> None:
    """Neither on the same cursor nor on another of the connection; calls on other connections have theirs."""
    connection, other = Connection(None), Connection(None)
    cursor = Cursor(connection)
    cursor.executemany("INSERT", [cursor, Cursor(connection), Cursor(other)])
    assert [span.resource for span in tracer.spans] == ["INSERT", "INSERT of 2"]


def test_a_call_after_a_failed_one_has_a_span(tracer: DummyTracer) -> None:
    """The connection is not taken for busy when its call has raised."""
    cursor = Cursor(Connection(None))
    with pytest.raises(TypeError):
        cursor.executemany("INSERT", None)
    cursor.execute("SELECT 1")
    assert [(span.resource, span.error) for span in tracer.spans] == [("INSERT", 1), ("SELECT 1", 0)]


def test_a_cursor_without_its_connection_is_traced(tracer: DummyTracer) -> None:
    """One that is closed still has spans, by its own class's pin, and they tell the system only."""
    Cursor(None).execute("SELECT 1")
    span = tracer.spans.find("toy.query")
    assert (span.resource, span.get_tag("db.system"), span.get_tag("out.host")) == ("SELECT 1", "toysql", None)


@pytest.mark.parametrize("rows, counted", [(0, 0), (7, 7), (-1, None), (2**64 - 1, None), (None, None), (True, None)])
def test_rows_are_counted_where_their_number_is_known(tracer: DummyTracer, rows: Any, counted: int | None) -> None:
    """PEP 249 has -1 for an unknown number, MySQL the greatest that there is."""
    cursor = Cursor(Connection(None))
    cursor.rowcount = rows
    cursor.execute("SELECT 1")
    assert tracer.spans.find("toy.query").get_metric("db.row_count") == counted
