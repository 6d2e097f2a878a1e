"""What integrations of MySQL's and MariaDB's drivers share.

The classes of these drivers are written in Python, so their methods are wrapped as targets. They call one another:
``executemany`` is made of ``execute``, with the values in the text, and ``fetchall`` may be made of ``fetchone``.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any, Callable, NamedTuple

from ddtrace.contrib._database import Database, Facts, Subclasses, subclass
from ddtrace.contrib._integration import Integration
from ddtrace.contrib._tracing import UNTRACED, Call, shield, swallow
from ddtrace.contrib._underway import Underway
from ddtrace.ext import db, net
from ddtrace.pin import Pin


class Address(NamedTuple):
    """Where a connection leads to, and as whom; no ``host`` is that of a unix socket."""

    host: str | None
    port: int
    user: str | bytes | None
    database: str | bytes | None


class MySQL(Database):
    """The wrappers of a driver of MySQL or MariaDB.

    ``connection_of`` gives the connection of a cursor, or the connection itself; None where a cursor has lost its own.
    ``address_of`` tells where one leads to; None where that is not known, or not any more. The pin of a cursor goes
    before that of its connection, and this before that of ``module``, or of the connection's class.
    """

    def __init__(
        self,
        integration: Integration,
        prefix: str,
        connection: str,
        system: str,
        connection_of: Callable[[Any], Any],
        address_of: Callable[[Any], Address | None],
        module: ModuleType | None = None,
    ) -> None:
        super().__init__(integration, prefix, connection, self._facts_of, self._pinned)
        self._system = system
        self._connection_of = connection_of
        self._address_of = address_of
        self._module = module
        self._underway: set[int] = set()
        wrappers = {**self.connection_wrappers, "cursor": self._trace_cursor}
        self._connections = Subclasses(object, lambda base: subclass(base, wrappers))
        self._cursors = Subclasses(object, lambda base: subclass(base, self.cursor_wrappers))

    def trace_connection(self, connection: Any, kind: type) -> Any:
        """Trace one connection, and the cursors that it makes from now on, whether the driver is patched or not.

        Returns it, with a pin of its own. Raises TypeError where it is not of the ``kind`` that the driver makes.
        """
        if not isinstance(connection, kind):
            found = f"{type(connection).__module__}.{type(connection).__qualname__}"
            raise TypeError(f"expected a connection, a {kind.__module__}.{kind.__qualname__}, found a {found}")
        if "_datadog_pin" not in vars(connection):
            Pin().onto(connection)
        connection.__class__ = self._connections.of(type(connection))
        return connection

    def _trace_cursor(self, wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        cursor = wrapped(*args, **kwargs)
        with shield("trace a cursor"):
            cursor.__class__ = self._cursors.of(type(cursor))
        return cursor

    def open(self, name: str, instance: Any) -> Call | Any:
        try:
            connection = self._connection_of(instance)
            key = id(instance if connection is None else connection)
            if key in self._underway:
                return UNTRACED
            call = super().open(name, instance)
            return call if call is UNTRACED else Underway(call, self._underway, key)
        except Exception as error:
            swallow("find out about a connection", error)
            return UNTRACED

    def _pinned(self, instance: Any) -> Any:
        if "_datadog_pin" in vars(instance):
            return instance
        connection = self._connection_of(instance)
        if connection is not None and "_datadog_pin" in vars(connection):
            return connection
        return self._module or (instance if connection is None else connection)

    def _facts_of(self, instance: Any) -> Facts:
        connection = self._connection_of(instance)
        address = None if connection is None else self._address_of(connection)
        if address is None:
            return {db.SYSTEM: self._system}, {}
        tags = {
            db.SYSTEM: self._system,
            db.NAME: _text(address.database),
            db.USER: _text(address.user),
            net.TARGET_HOST: address.host,
        }
        metrics = {net.TARGET_PORT: address.port} if address.host and address.port else {}
        return {name: value for name, value in tags.items() if value}, metrics


def _text(name: str | bytes | None) -> str | None:
    """A name as text: drivers keep it as they send it."""
    return name.decode("utf-8", errors="replace") if isinstance(name, bytes) else name
