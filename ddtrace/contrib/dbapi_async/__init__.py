"""Trace any database driver whose connections and cursors are those of PEP 249, but with coroutines; by hand.

What has been said of ``ddtrace.contrib.dbapi`` holds here, too::

    import psycopg

    from ddtrace import Pin
    from ddtrace.contrib.dbapi_async import TracedAsyncConnection

    connection = TracedAsyncConnection(await psycopg.AsyncConnection.connect(), pin=Pin(service="ledger"))
    async with connection.cursor() as cursor:
        await cursor.execute("SELECT 1")                  # a span named sql.query
    await connection.commit()                             # a span named psycopg.connection.commit

``connection.cursor()`` may be a cursor, or what has to be awaited or entered for one.
"""

from ddtrace.contrib.dbapi_async.proxies import FetchTracedAsyncCursor, TracedAsyncConnection, TracedAsyncCursor

__all__ = ["FetchTracedAsyncCursor", "TracedAsyncConnection", "TracedAsyncCursor"]
