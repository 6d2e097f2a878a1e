"""Asynchronous connections and cursors that are traced by hand, over a driver that no integration has patched."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest

from ddtrace import Pin
from ddtrace.contrib.dbapi_async import FetchTracedAsyncCursor, TracedAsyncConnection, TracedAsyncCursor
from testkit import DummyTracer


@pytest.fixture
def tracer() -> DummyTracer:
    """The tracer of the pin."""
    return DummyTracer()


def test_queries_and_transactions_have_spans(tracer: DummyTracer, postgres_url: str) -> None:
    """What is awaited of a cursor or connection is traced, in the order in which it happens."""

    async def use() -> list[Any]:
        plain = await psycopg.AsyncConnection.connect(postgres_url)
        async with TracedAsyncConnection(plain, Pin(tracer=tracer, service="ledger")) as connection:
            async with connection.cursor() as cursor:
                assert type(cursor) is TracedAsyncCursor and isinstance(cursor, psycopg.AsyncCursor)
                assert await cursor.execute("SELECT generate_series(1, %s)", [2]) is cursor
                rows = [row async for row in cursor]
                await cursor.executemany("SELECT %s::int", [[1], [2]])
            await connection.commit()
            await connection.rollback()
        return rows

    assert asyncio.run(use()) == [(1,), (2,)]
    assert [(span.name, span.resource) for span in tracer.spans] == [
        ("sql.query", "SELECT generate_series(1, %s)"),
        ("sql.query", "SELECT %s::int"),
        ("psycopg.connection.commit", "psycopg.connection.commit"),
        ("psycopg.connection.rollback", "psycopg.connection.rollback"),
    ]
    assert {span.service for span in tracer.spans} == {"ledger"}
    assert tracer.spans[0].get_metric("db.row_count") == 2


def test_fetches_have_spans_with_a_cursor_for_it(tracer: DummyTracer, postgres_url: str) -> None:
    """A FetchTracedAsyncCursor tells of each fetch, under the text of its query."""

    async def use() -> tuple[Any, ...]:
        plain = await psycopg.AsyncConnection.connect(postgres_url)
        connection = TracedAsyncConnection(plain, Pin(tracer=tracer), cursor_cls=FetchTracedAsyncCursor)
        async with connection:
            cursor = connection.cursor()
            await cursor.execute("SELECT generate_series(1, 3)")
            return await cursor.fetchone(), await cursor.fetchmany(1), await cursor.fetchall()

    assert asyncio.run(use()) == ((1,), [(2,)], [(3,)])
    names = [f"sql.query.{name}" for name in ("fetchone", "fetchmany", "fetchall")]
    assert [(span.name, span.resource) for span in tracer.spans[1:]] == [
        (name, "SELECT generate_series(1, 3)") for name in names
    ]


def test_an_error_is_recorded_and_raised(tracer: DummyTracer, postgres_url: str) -> None:
    """The driver's own exception reaches who awaits, and the span."""

    async def use() -> None:
        async with await psycopg.AsyncConnection.connect(postgres_url) as plain:
            await TracedAsyncConnection(plain, Pin(tracer=tracer)).cursor().execute("SELEKT 1")

    with pytest.raises(psycopg.errors.SyntaxError):
        asyncio.run(use())
    assert tracer.spans.find("sql.query").get_tag("error.type") == "psycopg.errors.SyntaxError"


def test_a_cancelled_query_ends_its_span(tracer: DummyTracer, postgres_url: str) -> None:
    """Who is cancelled gets CancelledError, and nothing stays open."""

    async def use() -> None:
        async with await psycopg.AsyncConnection.connect(postgres_url) as plain:
            cursor = TracedAsyncConnection(plain, Pin(tracer=tracer)).cursor()
            await asyncio.wait_for(cursor.execute("SELECT pg_sleep(60)"), timeout=0.05)

    with pytest.raises(TimeoutError):
        asyncio.run(use())
    span = tracer.spans.find("sql.query")
    assert (span.finished, span.get_tag("error.type")) == (True, "asyncio.exceptions.CancelledError")


class Coming:
    """A cursor to come, as of drivers whose ``cursor()`` is awaited or entered."""

    def __init__(self, cursor: Any) -> None:
        self.cursor_to_come = cursor

    def __await__(self) -> Any:
        yield from asyncio.sleep(0).__await__()
        return self.cursor_to_come

    async def __aenter__(self) -> Any:
        return self.cursor_to_come

    async def __aexit__(self, *exception: Any) -> None:
        self.cursor_to_come.is_closed = True


class Cursor:
    rowcount = 1
    is_closed = False

    async def execute(self, statement: str) -> str:
        return statement


class Connection:
    def cursor(self) -> Coming:
        return Coming(Cursor())


def test_a_cursor_may_have_to_be_awaited_or_entered(tracer: DummyTracer) -> None:
    """What ``cursor()`` returns keeps both ways, and either gives a traced cursor."""

    async def use() -> list[Any]:
        connection = TracedAsyncConnection(Connection(), Pin(tracer=tracer))
        awaited = await connection.cursor()
        async with connection.cursor() as entered:
            results = [await awaited.execute("SELECT 1"), await entered.execute("SELECT 2")]
        return [*results, awaited.is_closed, entered.is_closed]

    assert asyncio.run(use()) == ["SELECT 1", "SELECT 2", False, True]
    assert [span.resource for span in tracer.spans] == ["SELECT 1", "SELECT 2"]
