"""What is told of a connection and of a statement, the same for psycopg 2 and 3."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._database import LONGEST_STATEMENT, Facts, Remembered, as_text
from ddtrace.ext import db, net

SYSTEM: Facts = ({db.SYSTEM: "postgresql"}, {})


@Remembered
def facts_of_connection(connection: Any) -> Facts:
    info = connection.info
    tags = {
        db.SYSTEM: "postgresql",
        db.NAME: info.dbname,
        db.USER: info.user,
        "db.application": application_of(info),
        # The folder of a unix socket is no host.
        net.TARGET_HOST: "" if (info.host or "/").startswith("/") else info.host,
    }
    metrics = {net.TARGET_PORT: info.port} if tags[net.TARGET_HOST] else {}
    return {name: value for name, value in tags.items() if value}, metrics


def application_of(info: Any) -> str | None:
    """What the connection was asked to call itself."""
    parameters = info.get_parameters() if hasattr(info, "get_parameters") else info.dsn_parameters
    return parameters.get("application_name")


def facts_of(instance: Any) -> Facts:
    """The facts of a connection, or of a cursor's."""
    connection = connection_of(instance)
    # One that is closed knows no more where it was connected to, unless that was asked before.
    return facts_of_connection.known(connection) or (SYSTEM if connection.closed else facts_of_connection(connection))


def connection_of(instance: Any) -> Any:
    return getattr(instance, "connection", instance)


def text_of(statement: Any, cursor: Any) -> str:
    """A statement as text: an object of ``psycopg.sql`` as it would be sent, as far as it is kept."""
    if not hasattr(statement, "as_string"):
        return as_text(statement)
    text = ""
    for part in statement if hasattr(statement, "__iter__") else ():
        text += text_of(part, cursor)
        if len(text) > LONGEST_STATEMENT:
            break
    return text or rendered(statement, cursor)


def rendered(statement: Any, cursor: Any) -> str:
    try:
        return statement.as_string(connection_of(cursor))
    except Exception:
        # psycopg will meet the same failure in a moment, and tell the application.
        return ""
