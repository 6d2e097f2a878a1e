"""Trace any database driver that keeps to PEP 249, by hand.

A driver that has no integration is traced by wrapping its connections; those of the integrations need none of this::

    import sqlite3

    from ddtrace import Pin
    from ddtrace.contrib.dbapi import TracedConnection

    connection = TracedConnection(sqlite3.connect(":memory:"), pin=Pin(service="ledger"))
    cursor = connection.cursor()
    cursor.execute("SELECT 1")                            # a span named sql.query
    connection.commit()                                   # a span named sqlite.connection.commit

    Pin.override(cursor, service="audit")                 # this cursor's spans only

A connection hands its pin down to the cursors that it makes. ``cfg`` is the ``IntegrationConfig`` to use, by default
``config.dbapi2``: its ``service`` (``DD_DBAPI2_SERVICE``, default ``db``) is that of the spans where the pin has none,
its name their component, ``_dbapi_span_name_prefix`` (default ``sql``) begins the names of queries, and with
``trace_fetch_methods`` (default off) fetches have spans, too, as those of a ``FetchTracedCursor`` always have.

These are proxies: ``isinstance`` holds, but C code which looks at the type itself does not take them for what they
stand for. ``proxy.__wrapped__`` is what to give to such code.
"""

from ddtrace.contrib.dbapi.proxies import FetchTracedCursor, TracedConnection, TracedCursor

__all__ = ["FetchTracedCursor", "TracedConnection", "TracedCursor"]
