"""The subclasses of sqlite3's connections and cursors, and where they get in."""

from __future__ import annotations

import sqlite3
from typing import Any

from ddtrace.contrib._database import Database, Facts, Subclasses, subclass
from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib._tracing import shield
from ddtrace.contrib.sqlite3 import integration
from ddtrace.ext import db
from ddtrace.pin import Pin

FACTORY_POSITION = 5
"""Of ``factory`` among the arguments of ``sqlite3.connect``."""

REPLACES = (("factory", FACTORY_POSITION),)

FACTS: Facts = ({db.SYSTEM: "sqlite"}, {})


def while_patched(instance: Any) -> Any:
    """What bears the pin; nobody does once the library is unpatched, which connections may outlive."""
    return instance if patching.is_tracing else None


database = Database(integration, "sqlite", "sqlite.connection", lambda instance: FACTS, while_patched)
cursor_wrappers = {**database.cursor_wrappers, "executescript": database.cursor_wrappers["execute"]}


class TracedConnection(sqlite3.Connection):
    """What traced connections do; each is of a class that extends this one, and the class of its factory."""

    __slots__ = ()

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        kind = TracedCursor
        with shield("trace a cursor"):
            if "factory" in kwargs:
                kind = traced_factory(cursor_classes, sqlite3.Cursor, kwargs["factory"])
                kwargs = {**kwargs, "factory": kind}
            elif args:
                kind = traced_factory(cursor_classes, sqlite3.Cursor, args[0])
                args = (kind, *args[1:])
            else:
                args = (kind,)
        cursor = super().cursor(*args, **kwargs)
        if type(cursor) is kind:
            cursor._datadog_pin = getattr(self, "_datadog_pin", None)
        return cursor

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        return self._execute("execute", super().execute, args, kwargs)

    def executemany(self, *args: Any, **kwargs: Any) -> Any:
        return self._execute("executemany", super().executemany, args, kwargs)

    def executescript(self, *args: Any, **kwargs: Any) -> Any:
        return self._execute("executescript", super().executescript, args, kwargs)

    def _execute(self, name: str, untraced: Any, args: tuple, kwargs: dict) -> Any:
        # sqlite3 makes a cursor of its own class for this, whatever cursor() would make; so that it is traced, we do.
        if kwargs or not args:
            return untraced(*args, **kwargs)
        return getattr(TracedConnection.cursor(self), name)(*args)

    def commit(self, *args: Any, **kwargs: Any) -> None:
        database.connection_wrappers["commit"](super().commit, self, args, kwargs)

    def rollback(self, *args: Any, **kwargs: Any) -> None:
        database.connection_wrappers["rollback"](super().rollback, self, args, kwargs)

    def __exit__(self, *exception: Any) -> Any:
        if not is_in_transaction(self):
            return super().__exit__(*exception)
        ending = "commit" if exception[:1] == (None,) else "rollback"
        return database.connection_wrappers[ending](super().__exit__, self, exception, {})


def is_in_transaction(connection: sqlite3.Connection) -> bool:
    try:
        return connection.in_transaction
    except sqlite3.Error:
        # It is closed, say; who asks next will be told.
        return False


cursor_classes = Subclasses(lambda base: subclass(base, cursor_wrappers, slots=("_datadog_pin",)))
connection_classes = Subclasses(lambda base: subclass(base, {}, slots=("_datadog_pin",), before=TracedConnection))
TracedCursor = cursor_classes.of(sqlite3.Cursor)
TracedPlainConnection = connection_classes.of(sqlite3.Connection)


def traced_factory(classes: Subclasses, base: type, factory: Any) -> Any:
    """The subclass of a factory that is a class; what a function makes cannot be traced."""
    return classes.of(factory) if isinstance(factory, type) and issubclass(factory, base) else factory


def connect(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    with shield("trace a connection"):
        if len(args) > FACTORY_POSITION:
            factory = traced_factory(connection_classes, sqlite3.Connection, args[FACTORY_POSITION])
            args = (*args[:FACTORY_POSITION], factory, *args[FACTORY_POSITION + 1 :])
        else:
            given = kwargs.get("factory", sqlite3.Connection)
            kwargs = {**kwargs, "factory": traced_factory(connection_classes, sqlite3.Connection, given)}
    connection = wrapped(*args, **kwargs)
    with shield("put a pin onto a connection"):
        if isinstance(connection, TracedConnection):
            connection._datadog_pin = Pin.lookup(sqlite3)
    return connection


patching = Patching(
    integration,
    targets=(
        Target("sqlite3", "connect", connect, REPLACES),
        Target("sqlite3.dbapi2", "connect", connect, REPLACES),
    ),
)
patch, unpatch = patching.patch, patching.unpatch
