"""Proxies of connections and cursors that are used with ``await``."""

from __future__ import annotations

from typing import Any, AsyncIterator, Callable, Generator

import wrapt

from ddtrace.contrib.dbapi.proxies import FetchTracedCursor, TracedConnection, TracedCursor


class TracedAsyncCursor(TracedCursor):
    """A cursor whose ``execute``, ``executemany`` and ``callproc`` have spans."""

    _self_is_async = True

    async def execute(self, *args: Any, **kwargs: Any) -> Any:
        return self._as_own(await super().execute(*args, **kwargs))

    async def executemany(self, *args: Any, **kwargs: Any) -> Any:
        return self._as_own(await super().executemany(*args, **kwargs))

    async def callproc(self, *args: Any, **kwargs: Any) -> Any:
        return self._as_own(await super().callproc(*args, **kwargs))

    def __aiter__(self) -> AsyncIterator[Any]:
        return self.__wrapped__.__aiter__()

    async def __anext__(self) -> Any:
        return await self.__wrapped__.__anext__()

    async def __aenter__(self) -> Any:
        return self._as_own(await self.__wrapped__.__aenter__())

    async def __aexit__(self, *exception: Any) -> Any:
        return await self.__wrapped__.__aexit__(*exception)


class FetchTracedAsyncCursor(TracedAsyncCursor, FetchTracedCursor):
    """A cursor whose fetches have spans, too."""

    async def fetchone(self, *args: Any, **kwargs: Any) -> Any:
        return await super().fetchone(*args, **kwargs)

    async def fetchmany(self, *args: Any, **kwargs: Any) -> Any:
        return await super().fetchmany(*args, **kwargs)

    async def fetchall(self, *args: Any, **kwargs: Any) -> Any:
        return await super().fetchall(*args, **kwargs)


class TracedAsyncConnection(TracedConnection):
    """A connection whose cursors are traced, and whose ``commit`` and ``rollback`` have spans."""

    _self_is_async = True
    _self_cursors = (TracedAsyncCursor, FetchTracedAsyncCursor)

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        cursor = self.__wrapped__.cursor(*args, **kwargs)
        return self._traced_cursor(cursor) if hasattr(cursor, "execute") else _Coming(cursor, self._entered)

    async def commit(self, *args: Any, **kwargs: Any) -> Any:
        return await super().commit(*args, **kwargs)

    async def rollback(self, *args: Any, **kwargs: Any) -> Any:
        return await super().rollback(*args, **kwargs)

    async def __aenter__(self) -> Any:
        return self._entered(await self.__wrapped__.__aenter__())

    async def __aexit__(self, *exception: Any) -> Any:
        return await self.__wrapped__.__aexit__(*exception)


class _Coming(wrapt.ObjectProxy):
    """What is awaited, or entered, for a cursor: then the cursor is traced."""

    def __init__(self, coming: Any, arrived: Callable[[Any], Any]) -> None:
        super().__init__(coming)
        self._self_arrived = arrived

    def __await__(self) -> Generator[Any, Any, Any]:
        cursor = yield from self.__wrapped__.__await__()
        return self._self_arrived(cursor)

    async def __aenter__(self) -> Any:
        return self._self_arrived(await self.__wrapped__.__aenter__())

    async def __aexit__(self, *exception: Any) -> Any:
        return await self.__wrapped__.__aexit__(*exception)
