"""The subclasses of psycopg2's connections and cursors; it is imported where psycopg2 is in use."""

from __future__ import annotations

from typing import Any

import psycopg2
from psycopg2 import extensions

from ddtrace.contrib._database import Database, Subclasses, subclass
from ddtrace.contrib._tracing import shield
from ddtrace.contrib.psycopg import integration
from ddtrace.contrib.psycopg.facts import connection_of, facts_of, text_of

FACTORY_POSITION = 1
"""Of ``cursor_factory`` among the arguments of ``connection.cursor``."""


class TracedConnection(extensions.connection):
    """What traced connections do; each is of a class that extends this one, and the class of its factory."""

    __slots__ = ()

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        with shield("trace a cursor"):
            args, kwargs = self._with_traced_factory(args, kwargs)
        return super().cursor(*args, **kwargs)

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
        return traced(cursor_classes, extensions.cursor, self.cursor_factory if given is None else given)


def pinned(instance: Any) -> Any:
    """A cursor or its connection, the first with a pin of its own, else the module; nothing once it is unpatched."""
    if not integration.is_tracing:
        return None
    holders = (holder for holder in (instance, connection_of(instance)) if hasattr(holder, "_datadog_pin"))
    return next(holders, psycopg2)


def traced(classes: Subclasses, plain: type, factory: Any) -> Any:
    """The subclass of a factory, by default of the plain class; what a function makes cannot be traced."""
    factory = plain if factory is None else factory
    return classes.of(factory) if isinstance(factory, type) and issubclass(factory, plain) else factory


def traced_connection_class(factory: Any) -> Any:
    return traced(connection_classes, extensions.connection, factory)


database = Database(integration, "postgres", "postgres.connection", facts_of, pinned, text_of)
cursor_wrappers = {**database.cursor_wrappers, "copy_expert": database.cursor_wrappers["execute"]}
cursor_classes = Subclasses(lambda base: subclass(base, cursor_wrappers, slots=("_datadog_pin",)))
connection_classes = Subclasses(lambda base: subclass(base, {}, slots=("_datadog_pin",), before=TracedConnection))
plain_classes = cursor_classes.of(extensions.cursor), connection_classes.of(extensions.connection)
"""Nearly all are of these, which are kept."""
