"""How programs use psycopg 3, sync and asyncio: queries, batches, streams, copies, transactions, failures."""

import asyncio
import contextlib

import psycopg
from psycopg import rows, sql

from ddtrace.contrib.psycopg import integration
from testkit import scenario
from testkit.snapshots import Port, Regex
from tests.contrib.psycopg.uses_of_psycopg2 import *  # noqa: F401, F403 (scenarios of the same integration)

REDACT = {"network.destination.port": Port(), "db.name": Regex(r"\w+")}
"""Each worker of a parallel run has a database of its own."""

CREATE = "CREATE TEMPORARY TABLE colours (name TEXT PRIMARY KEY, hue INTEGER)"
COLOURS = [("red", 0), ("green", 120), ("blue", 240)]


@contextlib.contextmanager
def colours(url, **settings):
    with psycopg.connect(url, **settings) as connection:
        with connection.cursor() as cursor:
            cursor.execute(CREATE)
            cursor.executemany("INSERT INTO colours VALUES (%s, %s)", COLOURS)
        yield connection


@contextlib.asynccontextmanager
async def async_colours(url, **settings):
    async with await psycopg.AsyncConnection.connect(url, **settings) as connection:
        async with connection.cursor() as cursor:
            await cursor.execute(CREATE)
            await cursor.executemany("INSERT INTO colours VALUES (%s, %s)", COLOURS)
        yield connection


@scenario(integration)
def query_and_fetch(postgres_url):
    with colours(postgres_url) as connection, connection.cursor() as cursor:
        chained = cursor.execute("SELECT name FROM colours ORDER BY hue")
        fetched = cursor.fetchone(), cursor.fetchmany(1), cursor.fetchall(), cursor.fetchone()
        return chained is cursor, cursor.connection is connection, fetched, cursor.rowcount, cursor, connection


@scenario(integration)
def parameters_stay_out(postgres_url, word, secret):
    with colours(postgres_url) as connection:
        by_name = connection.execute("SELECT name FROM colours WHERE hue < %(most)s ORDER BY 1", {"most": 200})
        by_bytes = connection.execute(b"SELECT hue FROM colours WHERE name IN ('red', %s, %s)", [word, secret])
        return list(by_name), by_bytes.fetchone()


@scenario(integration)
def composed_statement(postgres_url):
    query = sql.SQL("SELECT {column} FROM {table} WHERE {column} <> {value} AND hue > {least} ORDER BY 1").format(
        column=sql.Identifier("name"),
        table=sql.Identifier("colours"),
        value=sql.Literal("red"),
        least=sql.Placeholder(),
    )
    with colours(postgres_url) as connection:
        return connection.execute(query, (0,)).fetchall()


@scenario(integration)
def cursor_of_the_server(postgres_url):
    with colours(postgres_url) as connection, connection.cursor("reader") as cursor:
        cursor.execute("SELECT name FROM colours ORDER BY hue")
        cursor.itersize = 2
        return cursor.fetchone(), [row for row in cursor], cursor.fetchmany(1), cursor.fetchall()


@scenario(integration)
def streamed(postgres_url):
    with colours(postgres_url) as connection, connection.cursor() as cursor:
        return [row for row in cursor.stream("SELECT name FROM colours WHERE hue > %s ORDER BY hue", [0])]


@scenario(integration)
def stream_that_is_left(postgres_url):
    with colours(postgres_url) as connection, connection.cursor() as cursor:
        rows = cursor.stream("SELECT name FROM colours ORDER BY hue")
        first = next(rows)
        rows.close()
        return first, connection.execute("SELECT 1").fetchone()


@scenario(integration)
def copied(postgres_url):
    with colours(postgres_url) as connection, connection.cursor() as cursor:
        with cursor.copy("COPY colours FROM STDIN") as copy:
            for row in (("pink", 350), ("teal", 180)):
                copy.write_row(row)
        with cursor.copy("COPY (SELECT name FROM colours ORDER BY 1) TO STDOUT") as copy:
            return cursor.rowcount, b"".join(copy)


@scenario(integration)
def commit_and_roll_back(postgres_url):
    with colours(postgres_url) as connection:
        connection.commit()
        connection.execute("DELETE FROM colours")
        connection.rollback()
        with connection.transaction():
            connection.execute("DELETE FROM colours WHERE hue = 0")
        return connection.execute("SELECT count(*) FROM colours").fetchall()


@scenario(integration)
def block_that_rolls_back(postgres_url):
    with contextlib.suppress(ZeroDivisionError), colours(postgres_url) as connection:
        1 / 0
    return connection.closed


@scenario(integration)
def rows_and_cursors_of_other_kinds(postgres_url):
    with colours(postgres_url, row_factory=rows.dict_row, cursor_factory=psycopg.ClientCursor) as connection:
        row = connection.execute("SELECT * FROM colours WHERE name = %s", ["blue"]).fetchone()
        cursor = connection.cursor()
        return type(cursor), row, cursor.mogrify("SELECT %s", ["blue"])


@scenario(integration)
def classes_of_the_application(postgres_url):
    class LedgerCursor(psycopg.Cursor):
        def execute(self, query, *args, **kwargs):
            return super().execute(f"{query} -- by the ledger", *args, **kwargs)

    class Ledger(psycopg.Connection):
        def cursor(self, *args, **kwargs):
            return super().cursor(*args, **kwargs)

    with Ledger.connect(postgres_url, cursor_factory=LedgerCursor) as connection:
        cursor = connection.execute("SELECT 1")
        return type(cursor).__name__, isinstance(connection, psycopg.Connection), cursor.fetchall()


@scenario(integration)
def pipelined(postgres_url):
    with colours(postgres_url) as connection, connection.pipeline(), connection.cursor() as cursor:
        cursor.execute("UPDATE colours SET hue = hue + 1")
        connection.execute("DELETE FROM colours WHERE hue = 1")
        return cursor.rowcount


@scenario(integration)
def several_results(postgres_url):
    with colours(postgres_url) as connection, connection.cursor() as cursor:
        cursor.executemany("INSERT INTO colours VALUES (%s, 1) RETURNING name", [["pink"], ["teal"]], returning=True)
        return cursor.fetchall(), cursor.nextset(), cursor.fetchall(), cursor.nextset()


@scenario(integration)
def wrong_statement(postgres_url):
    with psycopg.connect(postgres_url) as connection:
        return connection.execute("SELEKT 1")


@scenario(integration)
def wrong_number_of_parameters(postgres_url):
    with psycopg.connect(postgres_url) as connection:
        return connection.execute("SELECT %s, %s", [1])


@scenario(integration)
def constraint_is_violated(postgres_url):
    with colours(postgres_url) as connection, connection.cursor() as cursor:
        cursor.executemany("INSERT INTO colours VALUES (%s, %s)", [("pink", 350), ("red", 0)])


@scenario(integration)
def server_hangs_up(postgres_url):
    with psycopg.connect(postgres_url) as connection:
        connection.execute("SELECT 1")
        return connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")


@scenario(integration)
def closed_connection(postgres_url):
    with psycopg.connect(postgres_url) as connection:
        cursor = connection.cursor()
    return cursor.execute("SELECT 1")


@scenario(integration)
def closed_cursor(postgres_url):
    with psycopg.connect(postgres_url) as connection:
        cursor = connection.cursor()
        cursor.close()
        return cursor.execute("SELECT 1")


@scenario(integration)
async def async_query_and_fetch(postgres_url):
    async with async_colours(postgres_url) as connection, connection.cursor() as cursor:
        await cursor.execute("SELECT name FROM colours ORDER BY hue")
        fetched = await cursor.fetchone(), await cursor.fetchmany(1), await cursor.fetchall()
        again = await connection.execute("SELECT hue FROM colours ORDER BY hue")
        return fetched, [row async for row in again], cursor.connection is connection


@scenario(integration)
async def async_cursor_of_the_server(postgres_url):
    async with async_colours(postgres_url) as connection, connection.cursor("reader") as cursor:
        await cursor.execute("SELECT name FROM colours ORDER BY hue")
        return [row async for row in cursor]


@scenario(integration)
async def async_streamed(postgres_url):
    async with async_colours(postgres_url) as connection, connection.cursor() as cursor:
        return [row async for row in cursor.stream("SELECT name FROM colours ORDER BY hue")]


@scenario(integration)
async def async_copied(postgres_url):
    async with async_colours(postgres_url) as connection, connection.cursor() as cursor:
        async with cursor.copy("COPY (SELECT name FROM colours ORDER BY 1) TO STDOUT") as copy:
            return [bytes(part) async for part in copy]


@scenario(integration)
async def async_commit_and_roll_back(postgres_url):
    async with async_colours(postgres_url) as connection:
        await connection.commit()
        await connection.execute("DELETE FROM colours")
        await connection.rollback()
        return await (await connection.execute("SELECT count(*) FROM colours")).fetchall()


@scenario(integration)
async def async_wrong_statement(postgres_url):
    async with await psycopg.AsyncConnection.connect(postgres_url) as connection:
        return await connection.execute("SELEKT 1")


@scenario(integration)
async def async_cancelled(postgres_url):
    async with await psycopg.AsyncConnection.connect(postgres_url) as connection:
        return await asyncio.wait_for(connection.execute("SELECT pg_sleep(60)"), timeout=0.05)
