"""Trace queries and transactions of MariaDB Connector/Python.

Enable it with ``patch(mariadb=True)`` (or ``patch_all()``) before or after ``import mariadb``::

    from ddtrace import Pin, patch

    patch(mariadb=True)

    import mariadb

    connection = mariadb.connect(host="127.0.0.1", user="reader", database="colours")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")                    # a span named mariadb.query
    connection.commit()                               # a span named mariadb.connection.commit

    Pin.override(connection, service="colours")       # this connection, and its cursors, from now on

Global settings are those of ``config.mariadb``: ``config.mariadb["service"]`` (``DD_MARIADB_SERVICE``, default
``mariadb``) and ``config.mariadb["trace_fetch_methods"]`` (``DD_MARIADB_TRACE_FETCH_METHODS``, default off).

The methods of the connector's classes are wrapped: all cursors are traced, those of the application's own classes and
of the connections that were there before, too, and those of pools. The text of a query is its resource, without
values. Of the connection, host, port, database and user are shown, and never a password.
"""

from ddtrace.contrib._database_spans import CONNECTION_METRICS, CONNECTION_TAGS, database_spans, fetch_option
from ddtrace.contrib._integration import Integration

integration = Integration(
    package=__name__,
    distribution="mariadb",
    modules=("mariadb",),
    versions=("==1.1.10", "latest"),
    built_with="mariadb_config",
    services=("mariadb",),
    options=(fetch_option(),),
    spans=database_spans("mariadb", ("mariadb.connection",), CONNECTION_TAGS, CONNECTION_METRICS),
    switched_off=(
        (
            "INV-16",
            "the library, untraced as well, keeps each error of the server that it raises, and with it the traceback: "
            "our frames and their spans are in that",
        ),
    ),
)
