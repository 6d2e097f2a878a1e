"""Where PyMySQL is wrapped."""

from __future__ import annotations

from typing import Any

from pymysql.connections import Connection

from ddtrace.contrib._database import targets
from ddtrace.contrib._mysql import Address, MySQL
from ddtrace.contrib._patching import Patching
from ddtrace.contrib.pymysql import integration


def connection_of(instance: Any) -> Any:
    # A connection has no such attribute, a cursor that is closed has None.
    return getattr(instance, "connection", instance)


def address_of(connection: Any) -> Address:
    host = None if connection.unix_socket else connection.host
    return Address(host, connection.port, connection.user, connection.db)


database = MySQL(integration, "pymysql", "pymysql.connection", "mysql", connection_of, address_of)


def patch_conn(connection: Connection) -> Connection:
    """Trace one connection, whether PyMySQL is patched or not; returns it. Raises TypeError for anything else."""
    return database.trace_connection(connection, Connection)


patching = Patching(
    integration,
    targets=(
        *targets("pymysql.cursors", "Cursor", database.cursor_wrappers),
        *targets("pymysql.connections", "Connection", database.connection_wrappers),
    ),
)
patch, unpatch = patching.patch, patching.unpatch
