"""How programs use MySQLdb's interface, which mysqlclient and PyMySQL have in common.

``driver`` is the package: ``MySQLdb`` or ``pymysql``, with its modules ``connections`` and ``cursors`` imported.
"""

import contextlib

from testkit.snapshots import Port, Regex
from tests.contrib.logins import login

REDACT = {"network.destination.port": Port(), "db.name": Regex(r"\w+")}
"""Each worker of a parallel run has a database of its own."""

CREATE = "CREATE TEMPORARY TABLE colours (name VARCHAR(9) PRIMARY KEY, hue INTEGER)"
INSERT = "INSERT INTO colours VALUES (%s, %s)"
COLOURS = [("red", 0), ("green", 120), ("blue", 240)]
SELECT = "SELECT name, hue FROM colours ORDER BY hue"


@contextlib.contextmanager
def colours(driver, url, **settings):
    with driver.connect(**login(url), **settings) as connection:
        with connection.cursor(driver.cursors.Cursor) as cursor:
            cursor.execute(CREATE)
            cursor.executemany(INSERT, COLOURS)
        yield connection


def query_and_fetch(driver, url):
    with colours(driver, url) as connection, connection.cursor() as cursor:
        found = cursor.execute(SELECT)
        fetched = cursor.fetchone(), cursor.fetchmany(1), cursor.fetchall(), cursor.fetchone()
        return found, cursor.connection is connection, fetched, cursor.rowcount, cursor.description, cursor, connection


def parameters_stay_out(driver, url):
    with colours(driver, url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT name FROM colours WHERE hue < %(most)s ORDER BY 1", {"most": 200})
        by_name = [row for row in cursor]
        cursor.execute("SELECT hue FROM colours WHERE name = %s", args=("red",))
        return by_name, cursor.fetchall(), cursor.mogrify("SELECT %s", ("blue",))


def many_at_once(driver, url):
    with colours(driver, url) as connection, connection.cursor() as cursor:
        cursor.max_stmt_length = 60
        inserted = cursor.executemany(INSERT, [("pink", 350), ("teal", 180), ("lime", 90)])
        changed = cursor.executemany("UPDATE colours SET hue = hue + %s WHERE name = %s", [(1, "red"), (2, "blue")])
        return inserted, changed, cursor.executemany(INSERT, []), cursor.rowcount


def procedure(driver, url):
    with colours(driver, url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE PROCEDURE above(IN least INTEGER) SELECT name FROM colours WHERE hue > least ORDER BY 1")
        called = cursor.callproc("above", (100,))
        return called, cursor.fetchall(), cursor.nextset(), cursor.rowcount


def commit_and_roll_back(driver, url):
    with colours(driver, url) as connection, connection.cursor() as cursor:
        connection.commit()
        cursor.execute("DELETE FROM colours")
        connection.rollback()
        connection.begin()
        cursor.execute("DELETE FROM colours WHERE hue = 0")
        connection.commit()
        return cursor.execute("SELECT count(*) FROM colours"), cursor.fetchall()


def block_that_fails(driver, url):
    with contextlib.suppress(ZeroDivisionError), colours(driver, url) as connection:
        1 / 0
    return connection.open


def rows_of_other_kinds(driver, url, **of_dictionaries):
    """``of_dictionaries`` is how the driver is asked for a cursor of them by keyword."""
    found = []
    with colours(driver, url, cursorclass=driver.cursors.DictCursor) as connection:
        for cursor in (
            connection.cursor(),
            connection.cursor(driver.cursors.SSCursor),
            connection.cursor(**of_dictionaries),
        ):
            with cursor:
                cursor.execute(SELECT)
                found.append((type(cursor), cursor.fetchone(), cursor.fetchmany(1), cursor.fetchall()))
    return found


def rows_that_are_left(driver, url):
    with colours(driver, url) as connection:
        with connection.cursor(driver.cursors.SSCursor) as cursor:
            cursor.execute(SELECT)
            first = cursor.fetchone()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return first, cursor.fetchall()


def classes_of_the_application(driver, url):
    class LedgerCursor(driver.cursors.DictCursor):
        def execute(self, query, args=None):
            return super().execute(f"{query} -- by the ledger", args)

    class Ledger(driver.connections.Connection):
        commits = 0

        def commit(self):
            self.commits += 1
            return super().commit()

    with Ledger(**login(url), cursorclass=LedgerCursor) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT %s AS one", (1,))
        connection.commit()
        return isinstance(cursor, driver.cursors.DictCursor), cursor.fetchall(), connection.commits


def wrong_statement(driver, url):
    with colours(driver, url) as connection, connection.cursor() as cursor:
        cursor.execute("SELEKT 1")


def constraint_is_violated(driver, url):
    with colours(driver, url) as connection, connection.cursor() as cursor:
        cursor.executemany(INSERT, [("pink", 350), ("red", 0)])


def what_cannot_be(driver, url):
    outcomes = []
    with colours(driver, url) as connection:
        closed = connection.cursor()
        closed.close()
        for call in (
            lambda: connection.cursor().execute(),
            lambda: connection.cursor().execute(1),
            lambda: connection.cursor().fetchone(),
            lambda: connection.commit(1),
            lambda: closed.execute("SELECT 1"),
            lambda: driver.connect(**{**login(url), "password": "wrong"}),
        ):
            try:
                outcomes.append(call())
            except (TypeError, AssertionError, driver.Error) as error:
                outcomes.append((type(error), error.args[:1]))
    return outcomes


def server_hangs_up(driver, url):
    with colours(driver, url) as connection, connection.cursor() as cursor:
        cursor.execute("KILL CONNECTION_ID()")


def closed_connection(driver, url):
    with colours(driver, url) as connection:
        cursor = connection.cursor()
    cursor.execute("SELECT 1")
