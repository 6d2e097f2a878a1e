"""A program that uses the connector's implementation in C; prints its spans.

Its arguments are those of ``connect``, and ``patch``, or ``patch_conn`` where only the connection is to be traced.

The extension comes first: it does not load where Python's own OpenSSL is older and there before it.
"""

from __future__ import annotations

import json
import sys

import _mysql_connector  # noqa: F401
import mysql.connector
from mysql.connector import connection_cext

from ddtrace import Pin
from ddtrace.contrib.mysql import integration, patch_conn
from testkit import DummyTracer, traced


def use(connection: connection_cext.CMySQLConnection) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s", ("pa55word",))
        cursor.fetchall()
        cursor.executemany("DO %s", [("pa55word",), ("pa55word",)])
        cursor.execute("CREATE PROCEDURE twice(IN a INTEGER, OUT b INTEGER) SET b = 2 * a")
        assert cursor.callproc("twice", (21, 0)) == (21, 42)
    for settings in ({"dictionary": True}, {"buffered": True}, {"raw": True}):
        with connection.cursor(**settings) as cursor:
            cursor.execute("SELECT 1")
            assert len(cursor.fetchall()) == 1
    with connection.cursor(prepared=True) as cursor:
        cursor.execute("SELECT %s", (1,))
        assert cursor.fetchall() == [(1,)]
    connection.commit()
    connection.rollback()
    with connection.cursor() as cursor:
        try:
            cursor.execute("SELEKT 1")
        except mysql.connector.ProgrammingError:
            return
    raise AssertionError("SELEKT was understood")


with mysql.connector.connect(**json.loads(sys.argv[1]), use_pure=False) as connection:
    assert type(connection) is connection_cext.CMySQLConnection
    if sys.argv[2] == "patch_conn":
        tracer = DummyTracer()
        Pin.override(patch_conn(connection), tracer=tracer)
        use(connection)
    else:
        with traced(integration) as tracer:
            use(connection)

seen = set()
for span in tracer.spans:
    error = (span.get_tag("error.type") or "").rpartition(".")[2]
    print(f"{span.name}|{span.resource}|{span.get_tag('sql.executemany') or error}")
    assert "pa55word" not in repr(span.get_tags())
    seen.add(tuple(span.get_tag(name) for name in ("db.user", "db.name", "out.host")))
((user, name, host),) = seen
(port,) = {int(span.get_metric("network.destination.port")) for span in tracer.spans}
print(f"all of {user} on {name} at {host}:{port}")
