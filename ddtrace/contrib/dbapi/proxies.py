"""Proxies of connections and cursors."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

import wrapt

from ddtrace.contrib.dbapi.spans import database_of, vendor_of
from ddtrace.pin import Pin
from ddtrace.settings.config import config


class TracedCursor(wrapt.ObjectProxy):
    """A cursor whose ``execute``, ``executemany`` and ``callproc`` have spans."""

    _self_is_async = False

    def __init__(self, cursor: Any, pin: Pin | None, cfg: Mapping[str, Any] | None) -> None:
        super().__init__(cursor)
        self._self_config = config.integration("dbapi2") if cfg is None else cfg
        self._self_database = database_of(self._self_config, is_async=self._self_is_async)
        self._self_resource = ""
        own_pin = Pin() if pin is None else pin.clone()
        own_pin.onto(self, send=False)

    def _traced(self, wrappers: Mapping[str, Any], method: str, args: tuple, kwargs: dict) -> Any:
        return self._as_own(wrappers[method](getattr(self.__wrapped__, method), self, args, kwargs))

    def _as_own(self, result: Any) -> Any:
        """Drivers return the cursor, so that calls can be chained: those that follow are traced, too."""
        return self if result is self.__wrapped__ else result

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        return self._traced(self._self_database.cursor_wrappers, "execute", args, kwargs)

    def executemany(self, *args: Any, **kwargs: Any) -> Any:
        return self._traced(self._self_database.cursor_wrappers, "executemany", args, kwargs)

    def callproc(self, *args: Any, **kwargs: Any) -> Any:
        return self._traced(self._self_database.cursor_wrappers, "callproc", args, kwargs)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.__wrapped__)

    def __next__(self) -> Any:
        return next(self.__wrapped__)

    def __enter__(self) -> Any:
        return self._as_own(self.__wrapped__.__enter__())


class FetchTracedCursor(TracedCursor):
    """A cursor whose fetches have spans, too."""

    def fetchone(self, *args: Any, **kwargs: Any) -> Any:
        return self._traced(self._self_database.fetch_wrappers, "fetchone", args, kwargs)

    def fetchmany(self, *args: Any, **kwargs: Any) -> Any:
        return self._traced(self._self_database.fetch_wrappers, "fetchmany", args, kwargs)

    def fetchall(self, *args: Any, **kwargs: Any) -> Any:
        return self._traced(self._self_database.fetch_wrappers, "fetchall", args, kwargs)


class TracedConnection(wrapt.ObjectProxy):
    """A connection whose cursors are traced, and whose ``commit`` and ``rollback`` have spans."""

    _self_is_async = False
    _self_cursors = (TracedCursor, FetchTracedCursor)

    def __init__(
        self,
        conn: Any,
        pin: Pin | None = None,
        cfg: Mapping[str, Any] | None = None,
        cursor_cls: type[TracedCursor] | None = None,
    ) -> None:
        super().__init__(conn)
        self._self_config = config.integration("dbapi2") if cfg is None else cfg
        traces_fetches = bool(self._self_config.get("trace_fetch_methods"))
        self._self_cursor_cls = cursor_cls or self._self_cursors[traces_fetches]
        self._self_database = database_of(self._self_config, vendor_of(conn), self._self_is_async)
        own_pin = Pin() if pin is None else pin.clone()
        own_pin.onto(self, send=False)

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        return self._traced_cursor(self.__wrapped__.cursor(*args, **kwargs))

    def _traced_cursor(self, cursor: Any) -> Any:
        return self._self_cursor_cls(cursor, Pin.get_from(self), self._self_config)

    def commit(self, *args: Any, **kwargs: Any) -> Any:
        return self._self_database.connection_wrappers["commit"](self.__wrapped__.commit, self, args, kwargs)

    def rollback(self, *args: Any, **kwargs: Any) -> Any:
        return self._self_database.connection_wrappers["rollback"](self.__wrapped__.rollback, self, args, kwargs)

    def __enter__(self) -> Any:
        return self._entered(self.__wrapped__.__enter__())

    def _entered(self, entered: Any) -> Any:
        """What a block is given, traced: PEP 249 does not say whether it is the connection or a cursor."""
        if entered is self.__wrapped__:
            return self
        if hasattr(entered, "cursor"):
            return type(self)(entered, Pin.get_from(self), self._self_config, self._self_cursor_cls)
        return self._traced_cursor(entered) if hasattr(entered, "execute") else entered
