"""What of the mysqlclient integration the common checks do not prove."""

from __future__ import annotations

import MySQLdb
import pytest
from MySQLdb import cursors
from MySQLdb.release import version_info

from ddtrace import Pin, config
from ddtrace.contrib.mysqldb import get_version, integration
from testkit import DummyTracer
from tests.contrib.logins import login
from tests.contrib.mysql_drivers import *  # noqa: F401, F403 (the tests of all drivers of MySQL)
from tests.contrib.mysql_drivers import QUERY, Driver, execute

CONNECT = "MySQLdb.connection.connect"


@pytest.fixture
def driver(mysql_url: str) -> Driver:
    """mysqlclient and its server."""
    return Driver(integration, MySQLdb.connect, "mysql", "MySQLdb.connection", mysql_url)


def test_connecting_has_a_span_where_asked_for(
    tracer: DummyTracer, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ``trace_connect``, by each of the module's names; also one that fails, which tells the system only."""
    monkeypatch.setitem(config.mysqldb, "trace_connect", True)
    for connect in (MySQLdb.connect, MySQLdb.Connect, MySQLdb.Connection, MySQLdb.connections.Connection):
        connect(**login(driver.url)).close()
    with pytest.raises(MySQLdb.OperationalError):
        MySQLdb.connect(**{**login(driver.url), "password": "pa55word"})
    *connected, failed = tracer.spans
    facts = login(driver.url)
    assert [(span.name, span.error, span.get_tag("out.host")) for span in connected] == [
        (CONNECT, 0, facts["host"])
    ] * 4
    assert (failed.name, failed.error, failed.get_tag("out.host")) == (CONNECT, 1, None)
    assert {(span.span_type, span.get_tag("span.kind")) for span in tracer.spans} == {("sql", "client")}
    assert "pa55word" not in repr([failed.resource, failed.get_tags()])


def test_connecting_has_no_span_by_default(tracer: DummyTracer, driver: Driver) -> None:
    """As in 1.x."""
    with driver.connected():
        pass
    assert tracer.started == []


def test_a_pin_of_the_module_holds_for_all_connections(tracer: DummyTracer, driver: Driver) -> None:
    """As in 1.x; that of a connection goes before it."""
    Pin.override(MySQLdb, service="colours")
    with driver.connected() as one, driver.connected() as other:
        Pin.override(other, service="audit")
        execute(one, QUERY)
        execute(other, QUERY)
        one.commit()
    assert [span.service for span in tracer.spans] == ["colours", "audit", "colours"]


def test_the_module_bears_no_pin_once_unpatched(tracer: DummyTracer, driver: Driver) -> None:
    """Nothing of ours is left on it."""
    assert Pin.get_from(MySQLdb) is not None
    integration.unpatch()
    assert "_datadog_pin" not in vars(MySQLdb)


def test_rows_that_are_not_read_yet_are_not_counted(tracer: DummyTracer, driver: Driver) -> None:
    """The number of them is unknown."""
    with driver.connected(cursorclass=cursors.SSCursor) as connection, connection.cursor() as cursor:
        cursor.execute(QUERY)
    assert tracer.spans.find("mysql.query").get_metric("db.row_count") is None


def test_the_library_tells_its_version() -> None:
    """``get_version`` is what the library says of itself."""
    assert get_version() == ".".join(map(str, version_info[:3]))
