"""Where MySQL Connector/Python is wrapped; what is around its C extension is there with that only."""

from __future__ import annotations

from typing import Any, Iterator

from mysql.connector import HAVE_CEXT
from mysql.connector.abstracts import MySQLConnectionAbstract

from ddtrace.contrib._database import targets
from ddtrace.contrib._mysql import Address, MySQL
from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib.mysql import integration


def connection_of(instance: Any) -> Any:
    # A connection has no such attribute, a cursor that is closed has None, any other a weak proxy.
    connection = getattr(instance, "_connection", instance)
    try:
        return None if connection is None else connection.get_self()
    except ReferenceError:
        return None


def address_of(connection: Any) -> Address:
    host = None if connection.unix_socket else connection.server_host
    # The property would ask the server.
    return Address(host, connection.server_port, connection.user, connection._database)


database = MySQL(integration, "mysql", "mysql.connection", "mysql", connection_of, address_of)


def patch_conn(connection: MySQLConnectionAbstract) -> MySQLConnectionAbstract:
    """Trace one connection, whether the connector is patched or not; returns it.

    Raises TypeError for anything else, such as a connection that is lent by a pool.
    """
    return database.trace_connection(connection, MySQLConnectionAbstract)


def targets_of(kind: str, suffix: str) -> Iterator[Target]:
    """Targets in the classes of one of the two implementations."""
    cursors = f"mysql.connector.cursor{suffix}"
    yield from targets(cursors, f"{kind}Cursor", database.cursor_wrappers)
    yield from targets(cursors, f"{kind}CursorPrepared", database.cursor_wrappers)
    yield from targets(f"mysql.connector.connection{suffix}", f"{kind}Connection", database.connection_wrappers)


patching = Patching(
    integration,
    targets=(*targets_of("MySQL", ""), *(targets_of("CMySQL", "_cext") if HAVE_CEXT else ())),
)
patch, unpatch = patching.patch, patching.unpatch
