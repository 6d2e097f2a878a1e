"""How programs use sqlite3: queries on connections and cursors, transactions, factories, C consumers, failures."""

import asyncio
import contextlib
import sqlite3
import sqlite3.dbapi2

from ddtrace.contrib.sqlite3 import integration
from testkit import scenario


def colours():
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE colours (name TEXT PRIMARY KEY, hue INTEGER)")
    connection.executemany("INSERT INTO colours VALUES (?, ?)", [("red", 0), ("green", 120), ("blue", 240)])
    connection.commit()
    return connection


@scenario(integration)
def query_and_fetch():
    with contextlib.closing(colours()) as connection:
        cursor = connection.cursor()
        chained = cursor.execute("SELECT name FROM colours ORDER BY hue")
        rows = chained.fetchone(), chained.fetchmany(1), chained.fetchall(), chained.fetchone()
        return chained is cursor, cursor.connection is connection, rows, cursor.description, cursor.rowcount


@scenario(integration)
def changed_rows_are_counted():
    with contextlib.closing(colours()) as connection:
        cursor = connection.execute("UPDATE colours SET hue = hue + ? WHERE hue > ?", (1, 100))
        changed = cursor.rowcount
        connection.rollback()
        return changed, connection.execute("SELECT sum(hue) FROM colours").fetchall()


@scenario(integration)
def parameters_stay_out(word, secret):
    with contextlib.closing(colours()) as connection:
        connection.executemany("INSERT INTO colours VALUES (?, ?)", [(word, 1), (secret, 2)])
        return connection.execute("SELECT hue FROM colours WHERE name IN (:a, :b)", {"a": word, "b": secret}).fetchall()


@scenario(integration)
def iterate_over_rows():
    with contextlib.closing(colours()) as connection:
        return [row for row in connection.execute("SELECT name FROM colours WHERE hue < :most", {"most": 200})]


@scenario(integration)
def fetch_in_batches():
    with contextlib.closing(colours()) as connection:
        cursor = connection.cursor()
        cursor.arraysize = 2
        cursor.execute("SELECT name FROM colours")
        return list(iter(cursor.fetchmany, [])), cursor.fetchmany(size=5)


@scenario(integration)
def script():
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        cursor = connection.executescript("CREATE TABLE a (b); INSERT INTO a VALUES (1); INSERT INTO a VALUES (2);")
        connection.cursor().executescript("DELETE FROM a WHERE b = 1;")
        return type(cursor), connection.execute("SELECT b FROM a").fetchall()


@scenario(integration)
def block_that_commits():
    with contextlib.closing(colours()) as connection:
        with connection as entered:
            connection.execute("DELETE FROM colours")
        with connection:
            left = connection.execute("SELECT count(*) FROM colours").fetchone()
        return entered is connection, connection.in_transaction, left


@scenario(integration)
def block_that_rolls_back():
    with contextlib.closing(colours()) as connection:
        with contextlib.suppress(ZeroDivisionError), connection:
            connection.execute("DELETE FROM colours")
            1 / 0
        return connection.in_transaction, connection.execute("SELECT count(*) FROM colours").fetchone()


@scenario(integration)
def wrong_statement():
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        return connection.execute("SELEKT 1")


@scenario(integration)
def constraint_is_violated():
    with contextlib.closing(colours()) as connection:
        return connection.cursor().executemany("INSERT INTO colours VALUES (?, ?)", [("pink", 350), ("red", 0)])


@scenario(integration)
def closed_connection():
    connection = colours()
    connection.close()
    return connection.execute("SELECT 1")


@scenario(integration)
def block_of_a_closed_connection():
    connection = colours()
    connection.close()
    with connection:
        return "within"


@scenario(integration)
def closed_cursor():
    with contextlib.closing(colours()) as connection:
        cursor = connection.cursor()
        cursor.close()
        return cursor.execute("SELECT 1")


@scenario(integration)
def calls_that_cannot_be():
    outcomes = []
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        for owner in (connection, connection.cursor()):
            for args, kwargs in (
                ((), {}),
                ((1,), {}),
                (("SELECT 1", (), 3), {}),
                ((), {"sql": "SELECT 1"}),
                (("SELECT 1",), {"parameters": ()}),
            ):
                try:
                    owner.execute(*args, **kwargs)
                except TypeError as error:
                    outcomes.append(str(error))
    return outcomes


@scenario(integration)
def rows_of_the_library():
    with contextlib.closing(colours()) as connection:
        connection.row_factory = sqlite3.Row
        row = connection.execute("SELECT name, hue FROM colours WHERE hue = 0").fetchone()
        cursor = connection.execute("SELECT 1 AS one")
        made = sqlite3.Row(cursor, (1,))
        plain = connection.cursor(factory=sqlite3.Cursor).execute("SELECT 2")
        return type(row), row.keys(), tuple(row), made["one"], tuple(plain.fetchone())


@scenario(integration)
def factories_of_the_application():
    class Ledger(sqlite3.Connection):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.executed = []

        def cursor(self, factory=None):
            return super().cursor(factory or LedgerCursor)

        def commit(self):
            self.executed.append("commit")
            return super().commit()

    class LedgerCursor(sqlite3.Cursor):
        def execute(self, sql, parameters=()):
            self.connection.executed.append(sql)
            return super().execute(sql.upper(), parameters)

    with contextlib.closing(sqlite3.connect(":memory:", factory=Ledger)) as connection:
        rows = connection.cursor().execute("select 1 as one").fetchall()
        connection.cursor(LedgerCursor).execute("select 2")
        connection.cursor(factory=sqlite3.Cursor).execute("select 3")
        connection.commit()
        is_one = isinstance(connection, Ledger), isinstance(connection.cursor(), LedgerCursor)
        return is_one, type(connection).__name__, rows, connection.executed


@scenario(integration)
def factories_that_are_functions():
    connection = sqlite3.connect(":memory:", factory=lambda *args, **kwargs: sqlite3.Connection(":memory:"))
    with contextlib.closing(connection):
        cursor = connection.cursor(lambda of: sqlite3.Cursor(of))
        of_functions = type(connection), type(cursor), cursor.execute("SELECT 1").fetchall()
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        cursor = connection.cursor(lambda of: sqlite3.Cursor(of))
        return of_functions, cursor.execute("SELECT 2").fetchall(), connection.execute("SELECT 3").fetchall()


@scenario(integration)
def factory_that_makes_no_cursor():
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("SELECT 1")
        return connection.cursor(lambda of: "no cursor")


@scenario(integration)
def copies_and_functions():
    with contextlib.closing(colours()) as source, contextlib.closing(sqlite3.dbapi2.connect(":memory:")) as target:
        source.backup(target)
        target.create_function("double", 1, lambda number: number * 2)
        doubled = target.execute("SELECT double(hue) FROM colours").fetchall()
        return doubled, target.in_transaction


@scenario(integration)
def what_a_connection_is():
    with (
        contextlib.closing(sqlite3.connect(":memory:")) as connection,
        contextlib.closing(connection.cursor()) as cursor,
    ):
        cursor.execute("SELECT 1")
        is_connection = isinstance(connection, sqlite3.Connection), issubclass(type(connection), sqlite3.Connection)
        names = [name for name in vars(sqlite3.Connection) if not hasattr(connection, name)]
        is_cursor, is_quiet = isinstance(cursor, sqlite3.Cursor), connection.__exit__(None, None, None)
        return connection, cursor, is_connection, is_cursor, is_quiet, names, hash(cursor) == id(cursor)


@scenario(integration)
def no_such_folder():
    sqlite3.connect(":memory:").execute("SELECT 1").connection.close()
    return sqlite3.connect("/no/such/folder/colours.db")


@scenario(integration)
def statement_of_no_text():
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        return connection.cursor().execute(b"SELECT 1")


@scenario(integration)
def hostile_text():
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        return connection.execute("SELECT 'a\nb', '\U0001f3a8' /* %s ? :name */").fetchall()


@scenario(integration)
def lone_surrogate():
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        return connection.execute("SELECT '\ud800'")


@scenario(integration)
async def in_a_thread():
    def work():
        with contextlib.closing(colours()) as connection:
            return connection.execute("SELECT count(*) FROM colours").fetchall()

    return await asyncio.to_thread(work)
