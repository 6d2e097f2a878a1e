"""How programs use MariaDB Connector/Python: queries, batches, procedures, cursors of all kinds, failures."""

import contextlib

import mariadb

from ddtrace.contrib.mariadb import integration
from testkit import scenario
from testkit.snapshots import Port, Regex
from tests.contrib.logins import login

REDACT = {"network.destination.port": Port(), "db.name": Regex(r"\w+")}
"""Each worker of a parallel run has a database of its own."""

CREATE = "CREATE TEMPORARY TABLE colours (name VARCHAR(9) PRIMARY KEY, hue INTEGER)"
INSERT = "INSERT INTO colours VALUES (?, ?)"
COLOURS = [("red", 0), ("green", 120), ("blue", 240)]
SELECT = "SELECT name, hue FROM colours ORDER BY hue"


@contextlib.contextmanager
def colours(url, **settings):
    with mariadb.connect(**login(url), **settings) as connection:
        with connection.cursor() as cursor:
            cursor.execute(CREATE)
            cursor.executemany(INSERT, COLOURS)
        yield connection


@scenario(integration)
def query_and_fetch(mariadb_url):
    with colours(mariadb_url) as connection, connection.cursor() as cursor:
        returned = cursor.execute(SELECT)
        fetched = cursor.fetchone(), cursor.fetchmany(1), cursor.fetchall(), cursor.fetchone()
        return returned, cursor.connection is connection, fetched, cursor.rowcount, cursor.description


@scenario(integration)
def parameters_stay_out(mariadb_url):
    with colours(mariadb_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT name FROM colours WHERE hue < %(most)s ORDER BY 1", {"most": 200})
        by_name = [row for row in cursor]
        cursor.execute(statement="SELECT hue FROM colours WHERE name = ?", data=("red",))
        return by_name, cursor.fetchall(), cursor.statement


@scenario(integration)
def many_at_once(mariadb_url):
    with colours(mariadb_url) as connection, connection.cursor() as cursor:
        returned = cursor.executemany(INSERT, [("pink", 350), ("teal", 180)]), cursor.rowcount
        cursor.executemany("UPDATE colours SET hue = hue + ? WHERE name = ?", [(1, "red"), (2, "blue")])
        return returned, cursor.rowcount


@scenario(integration)
def procedure(mariadb_url):
    with colours(mariadb_url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE PROCEDURE above(IN least INTEGER) SELECT name FROM colours WHERE hue > least ORDER BY 1")
        called = cursor.callproc("above", (100,))
        return called, cursor.fetchall(), cursor.nextset()


@scenario(integration)
def commit_and_roll_back(mariadb_url):
    with colours(mariadb_url) as connection, connection.cursor() as cursor:
        connection.commit()
        cursor.execute("DELETE FROM colours")
        connection.rollback()
        connection.begin()
        cursor.execute("DELETE FROM colours WHERE hue = 0")
        connection.commit()
        cursor.execute("SELECT count(*) FROM colours")
        return cursor.fetchall()


@scenario(integration)
def rows_of_other_kinds(mariadb_url):
    found = []
    with colours(mariadb_url) as connection:
        for settings in ({"dictionary": True}, {"named_tuple": True}, {"buffered": False}, {"binary": True}):
            with connection.cursor(**settings) as cursor:
                cursor.execute(SELECT)
                found.append((tuple(cursor.fetchone()), len(cursor.fetchmany(1)), len(cursor.fetchall())))
    return found


@scenario(integration)
def prepared(mariadb_url):
    with colours(mariadb_url) as connection, connection.cursor(prepared=True) as cursor:
        found = []
        for name, _ in COLOURS:
            cursor.execute("SELECT hue FROM colours WHERE name = ?", (name,))
            found += cursor.fetchall()
        return found


@scenario(integration)
def rows_that_are_left(mariadb_url):
    with colours(mariadb_url) as connection:
        with connection.cursor(buffered=False) as cursor:
            cursor.execute(SELECT)
            first = cursor.fetchone()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return first, cursor.fetchall()


@scenario(integration)
def classes_of_the_application(mariadb_url):
    class LedgerCursor(mariadb.Cursor):
        def execute(self, statement, *args, **kwargs):
            return super().execute(f"{statement} -- by the ledger", *args, **kwargs)

    class Ledger(mariadb.Connection):
        commits = 0

        def cursor(self, **kwargs):
            return super().cursor(LedgerCursor, **kwargs)

        def commit(self):
            self.commits += 1
            return super().commit()

    with mariadb.connect(connectionclass=Ledger, **login(mariadb_url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT ?", (1,))
        rows = cursor.fetchall()
        connection.commit()
        return isinstance(cursor, mariadb.Cursor), type(connection).__name__, rows, connection.commits


@scenario(integration)
def wrong_statement(mariadb_url):
    with colours(mariadb_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELEKT 1")


@scenario(integration)
def constraint_is_violated(mariadb_url):
    with colours(mariadb_url) as connection, connection.cursor() as cursor:
        # Of executemany, the library waits for an error with the interpreter's lock held, which a tap waits for, too.
        cursor.execute(INSERT, ("red", 0))


@scenario(integration)
def what_cannot_be(mariadb_url):
    outcomes = []
    with colours(mariadb_url) as connection:
        closed = connection.cursor()
        closed.close()
        for call in (
            lambda: connection.cursor().execute(),
            lambda: connection.cursor().execute("SELECT ?, ?", (1,)),
            lambda: connection.cursor().executemany(INSERT, []),
            lambda: connection.cursor().fetchone(),
            lambda: connection.commit(1),
            lambda: closed.execute("SELECT 1"),
        ):
            try:
                outcomes.append(call())
            except (TypeError, mariadb.Error) as error:
                outcomes.append((type(error), error.args[:1]))
    return outcomes


@scenario(integration)
def server_hangs_up(mariadb_url):
    with colours(mariadb_url) as connection, connection.cursor() as cursor:
        cursor.execute("KILL CONNECTION_ID()")


@scenario(integration)
def closed_connection(mariadb_url):
    with colours(mariadb_url) as connection:
        cursor = connection.cursor()
    cursor.execute("SELECT 1")
