"""Trace queries and transactions of PyMySQL.

Enable it with ``patch(pymysql=True)`` (or ``patch_all()``) before or after ``import pymysql``::

    from ddtrace import Pin, patch

    patch(pymysql=True)

    import pymysql

    connection = pymysql.connect(host="127.0.0.1", user="reader", database="colours")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")                    # a span named pymysql.query
    connection.commit()                               # a span named pymysql.connection.commit

    Pin.override(connection, service="colours")       # this connection, and its cursors, from now on

Without ``patch``, ``ddtrace.contrib.pymysql.patch_conn(connection)`` traces one connection, and its cursors.
Global settings are those of ``config.pymysql``: ``config.pymysql["service"]`` (``DD_PYMYSQL_SERVICE``, default
``pymysql``) and ``config.pymysql["trace_fetch_methods"]`` (``DD_PYMYSQL_TRACE_FETCH_METHODS``, default off).

The methods of PyMySQL's classes are wrapped: all cursors are traced, those of the application's own classes and of the
connections that were there before, too. Each call of the application has one span, however many statements it sends:
``executemany`` shows the statement as it was given, without values. Of the connection, host, port, database and user
are shown, and never a password.
"""

from ddtrace.contrib._database_spans import CONNECTION_METRICS, CONNECTION_TAGS, database_spans, fetch_option
from ddtrace.contrib._integration import Integration

integration = Integration(
    package=__name__,
    distribution="pymysql",
    modules=("pymysql",),
    versions=("~=1.0.3", "~=1.1.0", "latest"),
    services=("mysql",),
    options=(fetch_option(),),
    exports=("patch.patch_conn",),
    spans=database_spans("pymysql", ("pymysql.connection",), CONNECTION_TAGS, CONNECTION_METRICS),
)
