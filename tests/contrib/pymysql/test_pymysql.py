"""What of the PyMySQL integration the common checks do not prove."""

from __future__ import annotations

import pymysql
import pytest
from pymysql import cursors

from ddtrace.contrib.pymysql import get_version, integration
from testkit import DummyTracer
from tests.contrib.mysql_drivers import *  # noqa: F401, F403 (the tests of all drivers of MySQL)
from tests.contrib.mysql_drivers import QUERY, Driver
from tests.contrib.mysql_patch_conn import *  # noqa: F401, F403 (of those with ``patch_conn``)


@pytest.fixture
def driver(mysql_url: str) -> Driver:
    """PyMySQL and its server."""
    return Driver(integration, pymysql.connect, "pymysql", "pymysql.connection", mysql_url)


def test_rows_that_are_not_read_yet_are_not_counted(tracer: DummyTracer, driver: Driver) -> None:
    """The number of them is unknown, which MySQL says with the greatest that there is."""
    with driver.connected(cursorclass=cursors.SSCursor) as connection, connection.cursor() as cursor:
        assert cursor.execute(QUERY) == 2**64 - 1
    assert tracer.spans.find("pymysql.query").get_metric("db.row_count") is None


def test_the_library_tells_its_version() -> None:
    """``get_version`` is its own version, and not that of mysqlclient for which it stands in."""
    assert get_version() == pymysql.VERSION_STRING
