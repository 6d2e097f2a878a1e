"""``patch_conn``, which some integrations of MySQL drivers have; their tests take these in."""

from __future__ import annotations

from contextlib import closing
from importlib import import_module
from typing import Any, Callable, Iterator

import pytest

from ddtrace import Pin
from testkit import DummyTracer
from tests.contrib.mysql_drivers import Driver, execute


@pytest.fixture
def patch_conn(driver: Driver) -> Callable[[Any], Any]:
    """The function, as the integration exports it."""
    return import_module(driver.integration.package).patch_conn


@pytest.fixture
def own_tracer() -> DummyTracer:
    """The tracer of one connection."""
    return DummyTracer()


@pytest.fixture
def only_traced(driver: Driver, patch_conn: Callable[[Any], Any], own_tracer: DummyTracer) -> Iterator[Any]:
    """The only connection that is traced: nothing is patched."""
    with driver.connected() as connection:
        patch_conn(connection)
        Pin.override(connection, tracer=own_tracer)
        yield connection


def names(tracer: DummyTracer) -> list[str]:
    return [span.name for span in tracer.spans]


def test_one_connection_is_traced(only_traced: Any, own_tracer: DummyTracer, driver: Driver) -> None:
    """Its statements and the ends of its transactions have spans."""
    execute(only_traced, "DO 1")
    only_traced.commit()
    assert names(own_tracer) == [f"{driver.prefix}.query", f"{driver.connection}.commit"]


def test_other_connections_are_not_traced(only_traced: Any, own_tracer: DummyTracer, driver: Driver) -> None:
    """What is done to one connection leaves the others alone."""
    with driver.connected() as other:
        execute(other, "DO 1")
        other.commit()
    assert own_tracer.started == []


def test_the_same_connection_is_returned(driver: Driver, patch_conn: Callable[[Any], Any]) -> None:
    """It is changed, and not put into another object; again has no effect."""
    with driver.connected() as connection:
        assert patch_conn(patch_conn(connection)) is connection


def test_a_patched_driver_makes_one_span(tracer: DummyTracer, driver: Driver, patch_conn: Callable[[Any], Any]) -> None:
    """A connection that is traced by itself and by its driver's patching has no span twice."""
    with driver.connected() as connection:
        patch_conn(connection)
        Pin.override(connection, tracer=tracer)
        execute(connection, "DO 1")
    assert names(tracer) == [f"{driver.prefix}.query"]


def test_what_is_no_connection_is_refused(driver: Driver, patch_conn: Callable[[Any], Any]) -> None:
    """The error names what was found; a cursor is left as it is."""
    with driver.connected() as connection, closing(connection.cursor()) as cursor:
        kind = type(cursor)
        with pytest.raises(TypeError, match=rf"expected a connection, a .*, found a .*\.{kind.__name__}$"):
            patch_conn(cursor)
        assert type(cursor) is kind
