"""How programs use psycopg2: queries, cursors of the server, copies, transactions, factories, C consumers, failures."""

import contextlib
import io

import psycopg2
from psycopg2 import extensions, extras, sql

from ddtrace.contrib.psycopg import integration
from testkit import scenario

CREATE = "CREATE TEMPORARY TABLE colours (name TEXT PRIMARY KEY, hue INTEGER)"
COLOURS = [("red", 0), ("green", 120), ("blue", 240)]


@contextlib.contextmanager
def colours2(url, **settings):
    connection = psycopg2.connect(url, **settings)
    try:
        with connection.cursor() as cursor:
            cursor.execute(CREATE)
            cursor.executemany("INSERT INTO colours VALUES (%s, %s)", COLOURS)
        yield connection
    finally:
        connection.close()


@scenario(integration)
def old_query_and_fetch(postgres_url):
    with colours2(postgres_url) as connection, connection.cursor() as cursor:
        returned = cursor.execute("SELECT name FROM colours WHERE hue >= %s ORDER BY hue", (0,))
        fetched = cursor.fetchone(), cursor.fetchmany(1), cursor.fetchall(), cursor.fetchone()
        return returned, cursor.connection is connection, fetched, cursor.rowcount, cursor.query


@scenario(integration)
def old_iteration_and_procedure(postgres_url):
    with colours2(postgres_url) as connection, connection.cursor() as cursor:
        cursor.execute(b"SELECT name FROM colours ORDER BY hue")
        names = [row for row in cursor]
        cursor.callproc("abs", [-3])
        return names, cursor.fetchall()


@scenario(integration)
def old_composed_statement(postgres_url):
    query = sql.SQL("SELECT {} FROM colours WHERE name <> {}").format(sql.Identifier("hue"), sql.Literal("red"))
    with colours2(postgres_url) as connection, connection.cursor() as cursor:
        cursor.execute(query + sql.SQL(" ORDER BY 1"))
        return cursor.fetchall(), query.as_string(connection)


@scenario(integration)
def old_cursor_of_the_server(postgres_url):
    with colours2(postgres_url) as connection, connection.cursor("reader", withhold=True) as cursor:
        cursor.itersize = 2
        cursor.execute("SELECT name FROM colours ORDER BY hue")
        return cursor.name, [row for row in cursor]


@scenario(integration)
def old_copies(postgres_url):
    with colours2(postgres_url) as connection, connection.cursor() as cursor:
        cursor.copy_expert("COPY colours FROM STDIN", io.StringIO("pink\t350\n"))
        out = io.StringIO()
        cursor.copy_to(out, "colours")
        return cursor.rowcount, out.getvalue()


@scenario(integration)
def old_transactions(postgres_url):
    with colours2(postgres_url) as connection:
        connection.commit()
        with connection, connection.cursor() as cursor:
            cursor.execute("UPDATE colours SET hue = hue + 1")
        with contextlib.suppress(ZeroDivisionError), connection, connection.cursor() as cursor:
            cursor.execute("DELETE FROM colours")
            1 / 0
        connection.rollback()
        return connection.status, connection.closed


@scenario(integration)
def old_rows_of_other_kinds(postgres_url):
    found = []
    with colours2(postgres_url, cursor_factory=extras.NamedTupleCursor) as connection:
        cursors = [
            connection.cursor(),
            connection.cursor(cursor_factory=extras.DictCursor),
            connection.cursor(None, extras.RealDictCursor),
        ]
        for cursor in cursors:
            cursor.execute("SELECT * FROM colours WHERE name = 'red'")
            found.append((type(cursor).__name__, cursor.fetchone()))
        extras.execute_values(cursors[0], "INSERT INTO colours VALUES %s", [("pink", 350), ("teal", 180)])
        return found, cursors[0].rowcount


@scenario(integration)
def old_factories_of_the_library(postgres_url):
    with contextlib.closing(psycopg2.connect(postgres_url, extras.DictConnection)) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT 1 AS one")
        return type(connection).__name__, type(cursor).__name__, cursor.fetchone()["one"]


@scenario(integration)
def old_factories_of_the_application(postgres_url):
    class Ledger(extensions.connection):
        def __init__(self, dsn, **kwargs):
            super().__init__(dsn, **kwargs)
            self.commits = 0

        def cursor(self, *args, **kwargs):
            kwargs.setdefault("cursor_factory", LedgerCursor)
            return super().cursor(*args, **kwargs)

        def commit(self):
            self.commits += 1
            return super().commit()

    class LedgerCursor(extensions.cursor):
        def execute(self, query, vars=None):
            return super().execute(f"{query} -- by the ledger", vars)

    with contextlib.closing(psycopg2.connect(postgres_url, connection_factory=Ledger)) as connection:
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT %s", ["red"])
            found = isinstance(connection, Ledger), isinstance(cursor, LedgerCursor), cursor.fetchone()
        return found, connection.commits


@scenario(integration)
def old_factory_that_is_a_function(postgres_url):
    def make(dsn):
        return extensions.connection(dsn)

    with contextlib.closing(psycopg2.connect(postgres_url, connection_factory=make)) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT 1")
        untraced = type(connection), type(cursor), cursor.fetchone()
    with colours2(postgres_url):
        return untraced


@scenario(integration)
def old_code_that_looks_at_types(postgres_url):
    with colours2(postgres_url) as connection, connection.cursor() as cursor:
        extensions.register_type(extensions.UNICODE, connection)
        extensions.register_type(extensions.UNICODEARRAY, cursor)
        extras.register_default_jsonb(connection)
        extras.register_uuid(conn_or_curs=cursor)
        quoted = extensions.quote_ident("a b", connection), extensions.quote_ident("c", cursor)
        text = extensions.adapt("it's")
        text.prepare(connection)
        cursor.execute("SELECT %s::jsonb", [extras.Json({"a": 1})])
        return quoted, text.getquoted(), cursor.fetchone(), isinstance(connection, extensions.connection), cursor


@scenario(integration)
def old_wrong_statement(postgres_url):
    with colours2(postgres_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELEKT 1")


@scenario(integration)
def old_calls_that_cannot_be(postgres_url):
    outcomes = []
    with colours2(postgres_url) as connection:
        closed = connection.cursor()
        closed.close()
        for call in (
            lambda: connection.cursor().execute(),
            lambda: connection.cursor().execute(1),
            lambda: connection.cursor(cursor_factory=dict),
            lambda: connection.cursor(colour="red"),
            lambda: connection.commit(1),
            lambda: closed.execute("SELECT 1"),
        ):
            try:
                outcomes.append(call())
            except (TypeError, psycopg2.Error) as error:
                outcomes.append((type(error), str(error)))
    return outcomes


@scenario(integration)
def old_closed_connection(postgres_url):
    with colours2(postgres_url) as connection:
        cursor = connection.cursor()
    cursor.execute("SELECT 1")


__all__ = [name for name in dir() if name.startswith("old_")]
