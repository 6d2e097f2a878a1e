"""How programs use MySQL Connector/Python: queries, batches, procedures, pools, cursors of all kinds, failures.

This is the implementation in pure Python. That in C brings an OpenSSL of its own, and is there only where it is
imported before Python's; the tests beside this use it in interpreters of their own.
"""

import contextlib

import mysql.connector
from mysql.connector import pooling
from mysql.connector.connection import MySQLConnection
from mysql.connector.cursor import MySQLCursor, MySQLCursorDict

from ddtrace.contrib.mysql import integration
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
    with mysql.connector.connect(**login(url), use_pure=True, **settings) as connection:
        with connection.cursor() as cursor:
            cursor.execute(CREATE)
            cursor.executemany(INSERT, COLOURS)
        yield connection


@scenario(integration)
def query_and_fetch(mysql_url):
    with colours(mysql_url) as connection, connection.cursor() as cursor:
        returned = cursor.execute(SELECT)
        fetched = cursor.fetchone(), cursor.fetchmany(1), cursor.fetchall(), cursor.fetchone()
        cursor.execute("SELECT name FROM colours WHERE hue < %(most)s ORDER BY 1", {"most": 200})
        by_name = [row for row in cursor]
        cursor.execute(operation="SELECT hue FROM colours WHERE name = %s", params=("red",))
        return returned, fetched, by_name, cursor.fetchall(), cursor.rowcount, cursor, connection


@scenario(integration)
def many_at_once(mysql_url):
    with colours(mysql_url) as connection, connection.cursor() as cursor:
        returned = cursor.executemany(INSERT, [("pink", 350), ("teal", 180), ("lime", 90)]), cursor.rowcount
        cursor.executemany("UPDATE colours SET hue = hue + %s WHERE name = %s", [(1, "red"), (2, "blue")])
        return returned, cursor.executemany(INSERT, []), cursor.rowcount


@scenario(integration)
def procedure(mysql_url):
    with colours(mysql_url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE PROCEDURE above(IN least INTEGER, OUT most INTEGER)"
            " BEGIN SELECT max(hue) INTO most FROM colours; SELECT name FROM colours WHERE hue > least; END"
        )
        returned = cursor.callproc("above", (100, 0))
        return returned, [result.fetchall() for result in cursor.stored_results()]


@scenario(integration)
def commit_and_roll_back(mysql_url):
    with colours(mysql_url) as connection, connection.cursor() as cursor:
        connection.commit()
        cursor.execute("DELETE FROM colours")
        connection.rollback()
        connection.start_transaction()
        cursor.execute("DELETE FROM colours WHERE hue = 0")
        connection.commit()
        cursor.execute("SELECT count(*) FROM colours")
        return cursor.fetchall(), connection.in_transaction


@scenario(integration)
def rows_of_other_kinds(mysql_url):
    found = []
    with colours(mysql_url) as connection:
        for settings in ({"dictionary": True}, {"buffered": True}, {"raw": True}, {"prepared": True}):
            with connection.cursor(**settings) as cursor:
                cursor.execute("SELECT name, hue FROM colours WHERE name <> %s ORDER BY hue", ("red",))
                found.append((type(cursor), cursor.fetchone(), cursor.fetchmany(1), cursor.fetchall()))
    return found


@scenario(integration)
def warnings_are_fetched(mysql_url):
    with colours(mysql_url, get_warnings=True) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1 + 'a'")
        return cursor.fetchall(), cursor.warnings


@scenario(integration)
def pooled(mysql_url):
    pool = pooling.MySQLConnectionPool(pool_name="colours", pool_size=1, use_pure=True, **login(mysql_url))
    with contextlib.closing(pool.get_connection()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        rows = cursor.fetchall()
        connection.commit()
    pool._remove_connections()
    return rows, type(connection)


@scenario(integration)
def classes_of_the_application(mysql_url):
    class LedgerCursor(MySQLCursorDict):
        def execute(self, operation, params=(), **options):
            return super().execute(f"{operation} -- by the ledger", params, **options)

    class Ledger(MySQLConnection):
        commits = 0

        def commit(self):
            self.commits += 1
            return super().commit()

    with Ledger(**login(mysql_url)) as connection, connection.cursor(cursor_class=LedgerCursor) as cursor:
        cursor.execute("SELECT %s AS one", (1,))
        rows = cursor.fetchall()
        connection.commit()
        return isinstance(cursor, MySQLCursor), rows, connection.commits


@scenario(integration)
def constraint_is_violated(mysql_url):
    with colours(mysql_url) as connection, connection.cursor() as cursor:
        cursor.executemany(INSERT, [("pink", 350), ("red", 0)])


@scenario(integration)
def wrong_statement(mysql_url):
    with colours(mysql_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELEKT 1")


@scenario(integration)
def what_cannot_be(mysql_url):
    outcomes = []
    with colours(mysql_url) as connection:
        closed = connection.cursor()
        closed.close()
        for call in (
            lambda: connection.cursor().execute(),
            lambda: connection.cursor().execute("SELECT %s, %s", (1,)),
            lambda: connection.cursor().fetchone(),
            lambda: connection.commit(1),
            lambda: closed.execute("SELECT 1"),
            lambda: mysql.connector.connect(**{**login(mysql_url), "password": "wrong"}, use_pure=True),
        ):
            try:
                outcomes.append(call())
            except (TypeError, mysql.connector.Error) as error:
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
