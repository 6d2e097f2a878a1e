"""Where SQLAlchemy's dialects are wrapped, and what their spans say."""

from __future__ import annotations

import functools
from typing import Any, Iterator

from sqlalchemy.engine import Engine

from ddtrace.contrib._database import Facts, Remembered, count_rows, resource_of
from ddtrace.contrib._patching import Patching, Target, Wrapper
from ddtrace.contrib._tracing import UNTRACED, Call, open_call, service_of, swallow
from ddtrace.contrib._underway import Underway
from ddtrace.contrib.sqlalchemy import integration
from ddtrace.ext import net, sql
from ddtrace.pin import Pin
from ddtrace.span import Span
from ddtrace.tracer import Tracer

# -- wrappers ----------------------------------------------------------------------------------------------------------


def wrapper_of(context_position: int) -> Wrapper:
    """The wrapper of a method that executes a statement; ``context`` is its argument at that position."""

    def execute(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        with open_query(instance, args, kwargs, context_position) as call:
            call.describe(describe_statement, args, kwargs, context_position)
            result = wrapped(*args, **kwargs)
            call.describe(describe_result, args, kwargs)
            return result

    return execute


WRAPPERS = {
    "do_execute": wrapper_of(context_position=3),
    "do_executemany": wrapper_of(context_position=3),
    "do_execute_no_params": wrapper_of(context_position=2),
}

underway: set[int] = set()
"""The cursors that are executing something: a dialect's method may call that of the dialect which it extends."""


def open_query(dialect: Any, args: tuple, kwargs: dict, context_position: int) -> Call | Any:
    """Open the span of a statement, named after the database."""
    try:
        pin = Pin.lookup(pinned(dialect, engine_of(args, kwargs, context_position)))
        cursor = id(given(args, kwargs, 0, "cursor"))
        if pin is None or not pin.tracer.enabled or cursor in underway:
            return UNTRACED
        vendor = sql.normalize_vendor(dialect.name)
        call = open_call(integration, pin, f"{vendor}.query", service_of(integration, pin) or vendor)
        return Underway(call, underway, cursor)
    except Exception as error:
        swallow("start a span", error)
        return UNTRACED


def engine_of(args: tuple, kwargs: dict, context_position: int) -> Any:
    """The engine that a statement is executed for; None where SQLAlchemy does not say."""
    context = given(args, kwargs, context_position, "context")
    return None if context is None else context.engine


def given(args: tuple, kwargs: dict, position: int, name: str) -> Any:
    return args[position] if len(args) > position else kwargs.get(name)


def pinned(dialect: Any, engine: Any) -> Any:
    """An engine with a pin, or its dialect, which it shares with the engines that have other execution options."""
    return engine if "_datadog_pin" in getattr(engine, "__dict__", ()) else dialect


# -- descriptions ------------------------------------------------------------------------------------------------------


def describe_statement(span: Span, args: tuple, kwargs: dict, context_position: int) -> None:
    span.resource = resource_of(given(args, kwargs, 1, "statement")) or span.name
    engine = engine_of(args, kwargs, context_position)
    if engine is not None:
        tags, metrics = facts_of(engine)
        span._meta.update(tags)
        span._metrics.update(metrics)


def describe_result(span: Span, args: tuple, kwargs: dict) -> None:
    count_rows(span, given(args, kwargs, 0, "cursor"))


@Remembered
def facts_of(engine: Any) -> Facts:
    """What the URL of an engine says of its database."""
    url = engine.url
    tags = {net.TARGET_HOST: url.host, sql.DB: url.database}
    metrics = {net.TARGET_PORT: url.port} if url.host and url.port else {}
    return {name: value for name, value in tags.items() if value}, metrics


# -- one engine --------------------------------------------------------------------------------------------------------


def trace_engine(engine: Any, tracer: Tracer | None = None, service: str | None = None) -> None:
    """Trace the statements of one engine from now on, also while the library is not patched.

    What is given here goes before all other settings: ``tracer`` instead of the global one, ``service`` instead of the
    name of the database. Called again, it changes these, and there is still one span a statement.
    """
    engine = getattr(engine, "sync_engine", engine)
    pin = Pin(service=service, tracer=tracer)
    pin.onto(engine)
    dialect = engine.dialect
    pin.onto(dialect)
    for name, wrapper in WRAPPERS.items():
        if name not in vars(dialect):
            setattr(dialect, name, _bound(getattr(dialect, name), dialect, wrapper))


def _bound(method: Any, dialect: Any, wrapper: Wrapper) -> Any:
    def execute(*args: Any, **kwargs: Any) -> Any:
        return wrapper(method, dialect, args, kwargs)

    return functools.update_wrapper(execute, method)


# -- targets -----------------------------------------------------------------------------------------------------------

DIALECTS = "sqlalchemy.dialects"


def pin_engines() -> Iterator[None]:
    """Have engines bear a pin, though it is their dialects that are wrapped."""
    pin = Pin()
    pin.onto(Engine)
    patching.pinned.append(Engine)
    yield
    pin.remove_from(Engine)


patching = Patching(
    integration,
    targets=(
        *(Target("sqlalchemy.engine.default", f"DefaultDialect.{name}", WRAPPERS[name]) for name in WRAPPERS),
        *(
            Target(module, f"{dialect}.do_executemany", WRAPPERS["do_executemany"])
            for module, dialect in (
                (f"{DIALECTS}.mysql.mysqldb", "MySQLDialect_mysqldb"),
                (f"{DIALECTS}.oracle.cx_oracle", "OracleDialect_cx_oracle"),
                (f"{DIALECTS}.postgresql.psycopg2", "PGDialect_psycopg2"),
            )
        ),
    ),
    changes=(pin_engines,),
)
patch, unpatch = patching.patch, patching.unpatch
