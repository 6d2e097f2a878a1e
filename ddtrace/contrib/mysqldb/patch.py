"""Where mysqlclient is wrapped."""

from __future__ import annotations

from typing import Any, Generator

import MySQLdb

from ddtrace.contrib._database import targets
from ddtrace.contrib._mysql import Address, MySQL
from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib.mysqldb import integration
from ddtrace.pin import Pin


def connection_of(instance: Any) -> Any:
    # A connection has no such attribute, a cursor that is closed has None.
    return getattr(instance, "connection", instance)


def address_of(connection: Any) -> Address | None:
    # While it connects it has no address yet.
    if "cursorclass" not in vars(connection):
        return None
    return Address(connection.host, connection.port, connection.user, connection.database)


database = MySQL(integration, "mysql", "MySQLdb.connection", "mysql", connection_of, address_of, MySQLdb)


traced_connect = database.wrapper(
    "MySQLdb.connection.connect", database.describe_connection, database.describe_connection
)


def connect(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    if not database.settings.get("trace_connect"):
        return wrapped(*args, **kwargs)
    return traced_connect(wrapped, instance, args, kwargs)


def pin_module() -> Generator[None, None, None]:
    """Have the module bear a pin, as in 1.x, though nothing in it is wrapped."""
    pin = Pin()
    pin.onto(MySQLdb)
    patching.pinned.append(MySQLdb)
    yield
    pin.remove_from(MySQLdb)


patching = Patching(
    integration,
    targets=(
        *targets("MySQLdb.cursors", "BaseCursor", database.cursor_wrappers),
        *targets("MySQLdb.connections", "Connection", database.connection_wrappers),
        Target("MySQLdb.connections", "Connection.__init__", connect),
    ),
    changes=(pin_module,),
)
patch, unpatch = patching.patch, patching.unpatch
