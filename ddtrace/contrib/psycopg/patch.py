"""Where psycopg 3 is wrapped, and where psycopg2 is handed subclasses."""

from __future__ import annotations

import sys
from typing import Any, Iterator

from ddtrace.contrib._database import Database, targets
from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib._streams import trace_async_generator, trace_generator
from ddtrace.contrib._tracing import UNTRACED, Call, shield, trace_call
from ddtrace.contrib.psycopg import integration
from ddtrace.contrib.psycopg.facts import SYSTEM, connection_of, facts_of, text_of
from ddtrace.span import Span

CONNECT = "psycopg.connection.connect"
CONNECT2 = "psycopg2.connect"

FACTORY = ("connection_factory", 1)
"""The argument of ``psycopg2.connect`` that says what it makes, with its position."""


# -- psycopg 3 ---------------------------------------------------------------------------------------------------------


def pinned(instance: Any) -> Any:
    """A connection with a pin of its own, else the module."""
    connection = connection_of(instance)
    return connection if "_datadog_pin" in vars(connection) else sys.modules["psycopg"]


def database_of(is_async: bool) -> Database:
    return Database(integration, "postgres", "psycopg.connection", facts_of, pinned, text_of, is_async)


sync, asynchronous = database_of(is_async=False), database_of(is_async=True)


def stream(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    def describe(span: Span) -> None:
        sync.describe_statement(span, instance, args, kwargs)

    return trace_generator(integration, pinned(instance), sync.query, wrapped(*args, **kwargs), describe)


def stream_async(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    def describe(span: Span) -> None:
        asynchronous.describe_statement(span, instance, args, kwargs)

    rows = wrapped(*args, **kwargs)
    return trace_async_generator(integration, pinned(instance), asynchronous.query, rows, describe)


def connect(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    with connecting("psycopg", CONNECT) as call:
        connection = wrapped(*args, **kwargs)
        call.describe(sync.describe_connection, connection)
        return connection


async def connect_async(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    with connecting("psycopg", CONNECT) as call:
        connection = await wrapped(*args, **kwargs)
        call.describe(asynchronous.describe_connection, connection)
        return connection


# -- psycopg2 ----------------------------------------------------------------------------------------------------------


def connect2(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    with connecting("psycopg2", CONNECT2) as call:
        with shield("trace a connection"):
            # Whoever has no psycopg2 is traced as well.
            from ddtrace.contrib.psycopg import subclasses

            args, kwargs = with_factory(subclasses.traced_connection_class, args, kwargs)
        connection = wrapped(*args, **kwargs)
        with shield("put a pin onto a connection"):
            subclasses.pin_connection(connection)
        call.describe(sync.describe_connection, connection)
        return connection


def with_factory(traced_class: Any, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
    """The arguments of ``psycopg2.connect`` with the factory made one of traced connections."""
    name, position = FACTORY
    if len(args) > position:
        return (*args[:position], traced_class(args[position]), *args[position + 1 :]), kwargs
    return args, {**kwargs, name: traced_class(kwargs.get(name))}


# -- both --------------------------------------------------------------------------------------------------------------


def connecting(module: str, name: str) -> Call | Any:
    """The span of a connecting, where it is to have one."""
    if not sync.settings.get("trace_connect"):
        return UNTRACED
    call = trace_call(integration, sys.modules[module], name)
    call.describe(describe_system)
    return call


def describe_system(span: Span) -> None:
    span._meta.update(SYSTEM[0])


def cursor_targets(kind: str, database: Database) -> Iterator[Target]:
    """Targets in a cursor class of psycopg 3, and in the one that the server keeps."""
    yield from targets("psycopg", f"{kind}Cursor", database.cursor_wrappers, "execute", "executemany")
    yield from targets("psycopg", f"{kind}ServerCursor", database.cursor_wrappers, "execute")


patching = Patching(
    integration,
    targets=(
        *cursor_targets("", sync),
        *cursor_targets("Async", asynchronous),
        Target("psycopg", "Cursor.stream", stream),
        Target("psycopg", "AsyncCursor.stream", stream_async),
        *targets("psycopg", "Connection", sync.connection_wrappers),
        *targets("psycopg", "AsyncConnection", asynchronous.connection_wrappers),
        Target("psycopg", "connect", connect),
        Target("psycopg", "Connection.connect", connect),
        Target("psycopg", "AsyncConnection.connect", connect_async),
        Target("psycopg2", "connect", connect2, (FACTORY,)),
    ),
)
patch, unpatch = patching.patch, patching.unpatch
