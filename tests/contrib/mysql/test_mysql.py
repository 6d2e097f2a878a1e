"""What of the integration of MySQL Connector/Python the common checks do not prove."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import mysql.connector
import pytest

from ddtrace.contrib.mysql import get_version, integration
from testkit import DummyTracer, run_python
from tests.contrib.logins import login
from tests.contrib.mysql_drivers import *  # noqa: F401, F403 (the tests of all drivers of MySQL)
from tests.contrib.mysql_drivers import Driver
from tests.contrib.mysql_patch_conn import *  # noqa: F401, F403 (of those with ``patch_conn``)

IN_C = str(Path(__file__).with_name("uses_of_c.py"))


@pytest.fixture
def driver(mysql_url: str) -> Driver:
    """The connector in pure Python, and its server."""
    connect = partial(mysql.connector.connect, use_pure=True)
    return Driver(integration, connect, "mysql", "mysql.connection", mysql_url)


def test_a_cursor_outlives_its_connection(tracer: DummyTracer, driver: Driver) -> None:
    """It has a weak reference only; what it is asked then has a span with the library's own error."""
    with driver.connected() as connection:
        cursor = connection.cursor()
    del connection
    with pytest.raises(mysql.connector.Error):
        cursor.execute("SELECT 1")
    span = tracer.spans.find("mysql.query")
    assert (span.resource, span.error, span.get_tag("db.system")) == ("SELECT 1", 1, "mysql")


def test_prepared_cursors_are_traced_in_all_they_do(tracer: DummyTracer, driver: Driver) -> None:
    """Many rows are written once; a procedure is refused by the library."""
    with driver.connected() as connection:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE hues (hue INTEGER)")
        with connection.cursor(prepared=True) as cursor:
            assert cursor.executemany("INSERT INTO hues VALUES (?)", [(0,), (120,)]) is None
            cursor.execute("SELECT hue FROM hues")
            assert cursor.fetchall() == [(0,), (120,)]
            with pytest.raises(mysql.connector.NotSupportedError):
                cursor.callproc("paint")
    assert [(span.resource, span.error) for span in tracer.spans][1:] == [
        ("INSERT INTO hues VALUES (?)", 0),
        ("SELECT hue FROM hues", 0),
        ("paint", 1),
    ]


@pytest.mark.parametrize("way", ["patch", "patch_conn"])
def test_the_implementation_in_c_is_traced(driver: Driver, way: str) -> None:
    """Its cursors of all kinds, its transactions and its failures have the spans that those in Python have."""
    facts = login(driver.url)
    lines = run_python(IN_C, json.dumps(facts), way).splitlines()
    assert lines == [
        "mysql.query|SELECT %s|",
        "mysql.query|DO %s|true",
        "mysql.query|CREATE PROCEDURE twice(IN a INTEGER, OUT b INTEGER) SET b = 2 * a|",
        "mysql.query|twice|",
        *["mysql.query|SELECT 1|"] * 3,
        "mysql.query|SELECT %s|",
        "mysql.connection.commit|mysql.connection.commit|",
        "mysql.connection.rollback|mysql.connection.rollback|",
        "mysql.query|SELEKT 1|ProgrammingError",
        f"all of {facts['user']} on {facts['database']} at {facts['host']}:{facts['port']}",
    ]


def test_the_library_tells_its_version() -> None:
    """``get_version`` is what the library says of itself."""
    assert get_version() == mysql.connector.__version__
