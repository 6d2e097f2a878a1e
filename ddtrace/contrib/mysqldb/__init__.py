"""Trace queries and transactions of mysqlclient, which programs import as ``MySQLdb``.

Enable it with ``patch(mysqldb=True)`` (or ``patch_all()``) before or after ``import MySQLdb``::

    from ddtrace import Pin, patch

    patch(mysqldb=True)

    import MySQLdb

    connection = MySQLdb.connect(host="127.0.0.1", user="reader", database="colours")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")                    # a span named mysql.query
    connection.commit()                               # a span named MySQLdb.connection.commit

    Pin.override(connection, service="colours")       # this connection, and its cursors, from now on
    Pin.override(MySQLdb, service="paint")            # all connections that have no pin of their own

Global settings are those of ``config.mysqldb``: ``config.mysqldb["service"]`` (``DD_MYSQLDB_SERVICE``, default
``mysql``), ``config.mysqldb["trace_fetch_methods"]`` and ``config.mysqldb["trace_connect"]``
(``DD_MYSQLDB_TRACE_FETCH_METHODS`` and ``DD_MYSQLDB_TRACE_CONNECT``, default off).

The methods of mysqlclient's classes are wrapped: all cursors are traced, those of the application's own classes and of
the connections that were there before, too. Each call of the application has one span, however many statements it
sends: ``executemany`` shows the statement as it was given, without values. Of the connection, host, port, database and
user are shown, and never a password.
"""

from ddtrace.contrib._database_spans import CONNECTION_METRICS, CONNECTION_TAGS, database_spans, fetch_option
from ddtrace.contrib._integration import Integration, Option, SpanContract

integration = Integration(
    package=__name__,
    distribution="mysqlclient",
    modules=("MySQLdb",),
    versions=("~=2.2.7", "latest"),
    built_with="mariadb_config",
    services=("mysql",),
    default_service="mysql",
    options=(fetch_option(), Option("trace_connect", bool, False, "Whether connecting has a span.")),
    spans=(
        *database_spans("mysql", ("MySQLdb.connection",), CONNECTION_TAGS, CONNECTION_METRICS),
        SpanContract(
            name="MySQLdb.connection.connect",
            span_type="sql",
            kind="client",
            tags=("component", "db.system", "span.kind"),
            optional_tags=CONNECTION_TAGS,
            optional_metrics=CONNECTION_METRICS,
            only_with="trace_connect",
        ),
    ),
)
