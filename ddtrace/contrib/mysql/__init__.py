"""Trace queries and transactions of MySQL Connector/Python, in pure Python and with its C extension.

Enable it with ``patch(mysql=True)`` (or ``patch_all()``) before or after ``import mysql.connector``::

    from ddtrace import Pin, patch

    patch(mysql=True)

    import mysql.connector

    connection = mysql.connector.connect(host="127.0.0.1", user="reader", database="colours")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")                    # a span named mysql.query
        cursor.fetchall()
    connection.commit()                               # a span named mysql.connection.commit

    Pin.override(connection, service="colours")       # this connection, and its cursors, from now on

Without ``patch``, ``ddtrace.contrib.mysql.patch_conn(connection)`` traces one connection, and its cursors.
Global settings are those of ``config.mysql``: ``config.mysql["service"]`` (``DD_MYSQL_SERVICE``, default ``mysql``)
and ``config.mysql["trace_fetch_methods"]`` (``DD_MYSQL_TRACE_FETCH_METHODS``, default off).

The methods of the connector's classes are wrapped: all cursors are traced, those of the application's own classes and
of the connections that were there before, too, and those of pools. Each call of the application has one span, however
many statements it sends: ``executemany`` shows the statement as it was given, without values. Of the connection, host,
port, database and user are shown, and never a password. What ``mysql.connector.aio`` sends is not traced.
"""

from ddtrace.contrib._database_spans import CONNECTION_METRICS, CONNECTION_TAGS, database_spans, fetch_option
from ddtrace.contrib._integration import Integration

integration = Integration(
    package=__name__,
    distribution="mysql-connector-python",
    modules=("mysql.connector",),
    versions=("~=9.1.0", "~=9.7.0", "~=26.7.0", "latest"),
    services=("mysql",),
    options=(fetch_option(),),
    exports=("patch.patch_conn",),
    spans=database_spans("mysql", ("mysql.connection",), CONNECTION_TAGS, CONNECTION_METRICS),
)
