"""Where MariaDB Connector/Python is wrapped."""

from __future__ import annotations

from typing import Any

import mariadb

from ddtrace.contrib._database import Remembered, targets
from ddtrace.contrib._mysql import Address, MySQL
from ddtrace.contrib._patching import Patching
from ddtrace.contrib.mariadb import integration


def connection_of(instance: Any) -> Any:
    # A connection has no such attribute.
    return getattr(instance, "_connection", instance)


@Remembered
def open_address_of(connection: Any) -> Address:
    host = None if connection.unix_socket else connection.server_name
    return Address(host, connection.server_port, connection.user, connection.database)


def address_of(connection: Any) -> Address | None:
    try:
        return open_address_of(connection)
    except mariadb.Error:
        # One that is closed tells nothing any more, unless it was asked before.
        return None


database = MySQL(integration, "mariadb", "mariadb.connection", "mariadb", connection_of, address_of)

patching = Patching(
    integration,
    targets=(
        *targets("mariadb.cursors", "Cursor", database.cursor_wrappers),
        *targets("mariadb.connections", "Connection", database.connection_wrappers),
    ),
)
patch, unpatch = patching.patch, patching.unpatch
