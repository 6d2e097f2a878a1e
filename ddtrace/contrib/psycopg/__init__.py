"""Trace queries and transactions of psycopg 3, sync and asyncio, and of psycopg2.

Enable it with ``patch(psycopg=True)`` (or ``patch_all()``) before or after ``import psycopg`` or ``import psycopg2``::

    from ddtrace import Pin, patch

    patch(psycopg=True)

    import psycopg

    with psycopg.connect("dbname=colours") as connection:
        connection.execute("SELECT 1")                # a span named postgres.query
        Pin.override(connection, service="colours")   # this connection's spans only
        connection.commit()                           # a span named psycopg.connection.commit

Global settings are those of ``config.psycopg``: ``config.psycopg["service"]`` (``DD_PSYCOPG_SERVICE``, default
``postgres``), ``config.psycopg["trace_fetch_methods"]`` and ``config.psycopg["trace_connect"]``
(``DD_PSYCOPG_TRACE_FETCH_METHODS`` and ``DD_PSYCOPG_TRACE_CONNECT``, default off; also by ``DD_PSYCOPG2_...``).

Of psycopg 3 the methods of its classes are wrapped: all cursors are traced, those of the application's own classes and
of the connections that were there before, too. A cursor has no room for a pin there; override its connection's.
``stream`` has a span that lasts from the first row to the last; ``copy`` has none, but psycopg2's ``copy_expert``.

psycopg2's classes are written in C and cannot be changed, so ``psycopg2.connect`` makes connections of a subclass, and
these make cursors of one; what ``connection_factory`` and ``cursor_factory`` ask for is extended likewise. They go by
the names of what they extend, and ``isinstance`` holds, also for the C code that takes a connection or a cursor:
``register_type``, ``quote_ident``, adapters. What cannot be traced: connections of a ``connect`` that was taken from
``psycopg2`` before it was patched, and those of a factory that is a function.

The text of a query is its resource; a ``psycopg.sql`` object is rendered, parameters are left out. Of the connection,
host, port, database, user and application are shown, and never a password.
"""

from ddtrace.contrib._database_spans import CONNECTION_METRICS, CONNECTION_TAGS, database_spans, fetch_option
from ddtrace.contrib._integration import Integration, Library, Option, SpanContract

TAGS = ("db.application", *CONNECTION_TAGS)

integration = Integration(
    package=__name__,
    distribution="psycopg",
    extras=("binary",),
    modules=("psycopg", "psycopg2"),
    versions=("~=3.2.0", "latest"),
    also=(Library(distribution="psycopg2-binary", modules=("psycopg2",), versions=("==2.9.10", "latest")),),
    services=("postgres",),
    default_service="postgres",
    options=(
        fetch_option("DD_PSYCOPG2_TRACE_FETCH_METHODS"),
        Option(
            "trace_connect",
            bool,
            False,
            "Whether connecting has a span.",
            other_envs=("DD_PSYCOPG2_TRACE_CONNECT",),
        ),
    ),
    spans=(
        *database_spans(
            "postgres",
            connections=("psycopg.connection", "postgres.connection"),
            tags=TAGS,
            metrics=CONNECTION_METRICS,
        ),
        *(
            SpanContract(
                name=name,
                span_type="sql",
                kind="client",
                tags=("component", "db.system", "span.kind"),
                optional_tags=TAGS,
                optional_metrics=CONNECTION_METRICS,
                only_with="trace_connect",
            )
            for name in ("psycopg.connection.connect", "psycopg2.connect")
        ),
    ),
)
