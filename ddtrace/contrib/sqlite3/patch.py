"""The subclasses of sqlite3's connections and cursors, and where they get in."""

from __future__ import annotations

import sqlite3
from typing import Any

from ddtrace.contrib._database import Database, Facts, Subclasses, hand_down, subclass
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
        with shield("trace a cursor"):
            if "factory" in kwargs:
                kwargs = {**kwargs, "factory": cursor_classes.of_factory(kwargs["factory"])}
            elif args:
                args = (cursor_classes.of_factory(args[0]), *args[1:])
            else:
                args = (TracedCursor,)
        cursor = super().cursor(*args, **kwargs)
        hand_down(getattr(self, "_datadog_pin", None), cursor, cursor_classes)
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


PIN = ("_datadog_pin",)

cursor_classes = Subclasses(sqlite3.Cursor, lambda base: subclass(base, cursor_wrappers, PIN))
connection_classes = Subclasses(sqlite3.Connection, lambda base: subclass(base, {}, PIN, before=TracedConnection))
TracedCursor = cursor_classes.of(sqlite3.Cursor)
TracedPlainConnection = connection_classes.of(sqlite3.Connection)


def connect(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    with shield("trace a connection"):
        if len(args) > FACTORY_POSITION:
            factory = connection_classes.of_factory(args[FACTORY_POSITION])
            args = (*args[:FACTORY_POSITION], factory, *args[FACTORY_POSITION + 1 :])
        else:
            given = kwargs.get("factory", sqlite3.Connection)
            kwargs = {**kwargs, "factory": connection_classes.of_factory(given)}
    connection = wrapped(*args, **kwargs)
    with shield("put a pin onto a connection"):
        hand_down(Pin.lookup(sqlite3), connection, connection_classes)
    return connection


patching = Patching(
    integration,
    targets=(
        Target("sqlite3", "connect", connect, REPLACES),
        Target("sqlite3.dbapi2", "connect", connect, REPLACES),
    ),
)
patch, unpatch = patching.patch, patching.unpatch
