"""Trace queries and transactions of the standard library's ``sqlite3``.

Enable it with ``patch(sqlite3=True)`` (or ``patch_all()``) before or after ``import sqlite3``::

    from ddtrace import Pin, patch

    patch(sqlite3=True)

    import sqlite3

    connection = sqlite3.connect("colours.db")
    connection.execute("SELECT 1")                    # a span named sqlite.query
    connection.commit()                               # a span named sqlite.connection.commit

    Pin.override(connection, service="colours")       # this connection, and the cursors that it makes from now on

Global settings are those of ``config.sqlite``: ``config.sqlite["service"]`` (``DD_SQLITE_SERVICE``, default
``sqlite``) and ``config.sqlite["trace_fetch_methods"]`` (``DD_SQLITE_TRACE_FETCH_METHODS``, default off).

sqlite3's own classes are written in C and cannot be changed, so ``sqlite3.connect`` makes connections of a subclass,
and these make cursors of one. They go by the names of what they extend, and ``isinstance`` holds, also for the C code
that takes a connection or a cursor: ``backup``, ``sqlite3.Row``. ``type(connection) is sqlite3.Connection`` does not
hold. A class that an application gives as its ``factory`` is extended likewise. What cannot be traced: connections of
a ``connect`` that was taken from ``sqlite3`` before it was patched, of a factory that is a function, and what an
application makes by calling ``sqlite3.Connection`` or ``sqlite3.Cursor`` itself.

A block ``with connection:`` ends with a span, too, if there is a transaction to commit or to roll back. What
``executescript`` runs is one span; what ``for row in cursor`` reads belongs to none.
"""

from ddtrace.contrib._database_spans import database_spans, fetch_option
from ddtrace.contrib._integration import Integration

integration = Integration(
    package=__name__,
    distribution="",
    modules=("sqlite3",),
    versions=(),
    config_name="sqlite",
    options=(fetch_option(),),
    spans=database_spans("sqlite", connections=("sqlite.connection",)),
)
