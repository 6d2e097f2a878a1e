"""The subclasses of psycopg2's connections and cursors; it is imported where psycopg2 is in use."""

from __future__ import annotations

from typing import Any

import psycopg2
from psycopg2 import extensions

from ddtrace.contrib._database import Database, Subclasses, hand_down, subclass
from ddtrace.contrib._tracing import shield
from ddtrace.contrib.psycopg import integration
from ddtrace.contrib.psycopg.facts import facts_of, text_of
from ddtrace.pin import Pin

FACTORY_POSITION = 1
"""Of ``cursor_factory`` among the arguments of ``connection.cursor``."""


class TracedConnection(extensions.connection):
    """What traced connections do; each is of a class that extends this one, and the class of its factory."""

    __slots__ = ()

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        with shield("trace a cursor"):
            args, kwargs = self._with_traced_factory(args, kwargs)
        cursor = super().cursor(*args, **kwargs)
        hand_down(getattr(self, "_datadog_pin", None), cursor, cursor_classes)
        return cursor

    def commit(self, *args: Any, **kwargs: Any) -> Any:
        return database.connection_wrappers["commit"](super().commit, self, args, kwargs)

    def rollback(self, *args: Any, **kwargs: Any) -> Any:
        return database.connection_wrappers["rollback"](super().rollback, self, args, kwargs)

    def _with_traced_factory(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        if len(args) > FACTORY_POSITION:
            kind = self._traced_cursor_class(args[FACTORY_POSITION])
            return (*args[:FACTORY_POSITION], kind, *args[FACTORY_POSITION + 1 :]), kwargs
        return args, {**kwargs, "cursor_factory": self._traced_cursor_class(kwargs.get("cursor_factory"))}

    def _traced_cursor_class(self, given: Any) -> Any:
        return cursor_classes.of_factory(given or self.cursor_factory or extensions.cursor)


def while_patched(instance: Any) -> Any:
    """What bears the pin; nobody does once the library is unpatched, which connections may outlive."""
    return instance if integration.is_tracing else None


def traced_connection_class(factory: Any) -> Any:
    return connection_classes.of_factory(extensions.connection if factory is None else factory)


def pin_connection(connection: Any) -> None:
    """Have a new connection bear the module's pin."""
    hand_down(Pin.lookup(psycopg2), connection, connection_classes)


database = Database(integration, "postgres", "postgres.connection", facts_of, while_patched, text_of)
cursor_wrappers = {**database.cursor_wrappers, "copy_expert": database.cursor_wrappers["execute"]}
PIN = ("_datadog_pin",)

cursor_classes = Subclasses(extensions.cursor, lambda base: subclass(base, cursor_wrappers, PIN))
connection_classes = Subclasses(extensions.connection, lambda base: subclass(base, {}, PIN, before=TracedConnection))
plain_classes = cursor_classes.of(extensions.cursor), connection_classes.of(extensions.connection)
"""Nearly all are of these, which are kept."""
