"""How programs use PyMySQL: queries, batches, procedures, transactions, cursors of all kinds, failures."""

import contextlib

import pymysql
from pymysql import cursors

from ddtrace.contrib.pymysql import integration
from testkit import scenario
from testkit.snapshots import Port, Regex
from tests.contrib.logins import login

REDACT = {"network.destination.port": Port(), "db.name": Regex(r"\w+")}
"""Each worker of a parallel run has a database of its own."""

CREATE = "CREATE TEMPORARY TABLE colours (name VARCHAR(9) PRIMARY KEY, hue INTEGER)"
INSERT = "INSERT INTO colours VALUES (%s, %s)"
COLOURS = [("red", 0), ("green", 120), ("blue", 240)]
SELECT = "SELECT name, hue FROM colours ORDER BY hue"


@contextlib.contextmanager
def colours(url, **settings):
    with pymysql.connect(**login(url), **settings) as connection:
        with connection.cursor(cursors.Cursor) as cursor:
            cursor.execute(CREATE)
            cursor.executemany(INSERT, COLOURS)
        yield connection


@scenario(integration)
def query_and_fetch(mysql_url):
    with colours(mysql_url) as connection, connection.cursor() as cursor:
        found = cursor.execute(SELECT)
        fetched = cursor.fetchone(), cursor.fetchmany(1), cursor.fetchall(), cursor.fetchone()
        return found, cursor.connection is connection, fetched, cursor.rowcount, cursor.description, cursor, connection


@scenario(integration)
def parameters_stay_out(mysql_url):
    with colours(mysql_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT name FROM colours WHERE hue < %(most)s ORDER BY 1", {"most": 200})
        by_name = [row for row in cursor]
        cursor.execute("SELECT hue FROM colours WHERE name = %s", args=("red",))
        return by_name, cursor.fetchall(), cursor.mogrify("SELECT %s", ("blue",))


@scenario(integration)
def many_at_once(mysql_url):
    with colours(mysql_url) as connection, connection.cursor() as cursor:
        cursor.max_stmt_length = 60
        inserted = cursor.executemany(INSERT, [("pink", 350), ("teal", 180), ("lime", 90)])
        changed = cursor.executemany("UPDATE colours SET hue = hue + %s WHERE name = %s", [(1, "red"), (2, "blue")])
        return inserted, changed, cursor.executemany(INSERT, []), cursor.rowcount


@scenario(integration)
def procedure(mysql_url):
    with colours(mysql_url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE PROCEDURE above(IN least INTEGER) SELECT name FROM colours WHERE hue > least ORDER BY 1")
        called = cursor.callproc("above", (100,))
        return called, cursor.fetchall(), cursor.nextset(), cursor.rowcount


@scenario(integration)
def commit_and_roll_back(mysql_url):
    with colours(mysql_url) as connection, connection.cursor() as cursor:
        connection.commit()
        cursor.execute("DELETE FROM colours")
        connection.rollback()
        connection.begin()
        cursor.execute("DELETE FROM colours WHERE hue = 0")
        connection.commit()
        return cursor.execute("SELECT count(*) FROM colours"), cursor.fetchall()


@scenario(integration)
def block_that_fails(mysql_url):
    with contextlib.suppress(ZeroDivisionError), colours(mysql_url) as connection:
        1 / 0
    return connection.open


@scenario(integration)
def rows_of_other_kinds(mysql_url):
    found = []
    with colours(mysql_url, cursorclass=cursors.DictCursor) as connection:
        for cursor in (
            connection.cursor(),
            connection.cursor(cursors.SSCursor),
            connection.cursor(cursor=cursors.SSDictCursor),
        ):
            with cursor:
                cursor.execute(SELECT)
                found.append((type(cursor), cursor.fetchone(), cursor.fetchmany(1), cursor.fetchall()))
    return found


@scenario(integration)
def rows_that_are_left(mysql_url):
    with colours(mysql_url) as connection:
        with connection.cursor(cursors.SSCursor) as cursor:
            cursor.execute(SELECT)
            first = cursor.fetchone()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return first, cursor.fetchall()


@scenario(integration)
def classes_of_the_application(mysql_url):
    class LedgerCursor(cursors.DictCursor):
        def execute(self, query, args=None):
            return super().execute(f"{query} -- by the ledger", args)

    class Ledger(pymysql.connections.Connection):
        commits = 0

        def commit(self):
            self.commits += 1
            return super().commit()

    with Ledger(**login(mysql_url), cursorclass=LedgerCursor) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT %s AS one", (1,))
        connection.commit()
        return isinstance(cursor, cursors.Cursor), cursor.fetchall(), connection.commits, pymysql.Connection


@scenario(integration)
def wrong_statement(mysql_url):
    with colours(mysql_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELEKT 1")


@scenario(integration)
def constraint_is_violated(mysql_url):
    with colours(mysql_url) as connection, connection.cursor() as cursor:
        cursor.executemany(INSERT, [("pink", 350), ("red", 0)])


@scenario(integration)
def what_cannot_be(mysql_url):
    outcomes = []
    with colours(mysql_url) as connection:
        closed = connection.cursor()
        closed.close()
        for call in (
            lambda: connection.cursor().execute(),
            lambda: connection.cursor().execute(1),
            lambda: connection.cursor().fetchone(),
            lambda: connection.commit(1),
            lambda: closed.execute("SELECT 1"),
            lambda: pymysql.connect(**{**login(mysql_url), "password": "wrong"}),
        ):
            try:
                outcomes.append(call())
            except (TypeError, pymysql.Error) as error:
                outcomes.append((type(error), error.args[:1]))
    return outcomes


@scenario(integration)
def server_hangs_up(mysql_url):
    with colours(mysql_url) as connection, connection.cursor() as cursor:
        cursor.execute("KILL CONNECTION_ID()")


@scenario(integration)
def closed_connection(mysql_url):
    with colours(mysql_url) as connection:
        cursor = connection.cursor()
    cursor.execute("SELECT 1")
