"""What of the integration of MariaDB Connector/Python the common checks do not prove."""

from __future__ import annotations

import mariadb
import pytest

from ddtrace.contrib.mariadb import get_version, integration
from testkit import DummyTracer
from tests.contrib.mysql_drivers import *  # noqa: F401, F403 (the tests of all drivers of MySQL)
from tests.contrib.mysql_drivers import Driver


@pytest.fixture
def driver(mariadb_url: str) -> Driver:
    """MariaDB Connector/Python and its server."""
    return Driver(integration, mariadb.connect, "mariadb", "mariadb.connection", mariadb_url, "mariadb")


def test_a_closed_connection_tells_what_it_told_before(tracer: DummyTracer, driver: Driver) -> None:
    """One that was never asked tells the system only."""
    with driver.connected() as asked, driver.connected() as other:
        asked.commit()
    for connection in (asked, other):
        with pytest.raises(mariadb.Error):
            connection.commit()
    shown = [(span.get_tag("db.user"), span.get_tag("db.system"), span.error) for span in tracer.spans]
    assert shown == [("root", "mariadb", 0), ("root", "mariadb", 1), (None, "mariadb", 1)]


def test_the_library_tells_its_version() -> None:
    """``get_version`` is what the library says of itself."""
    assert get_version() == mariadb.__version__
