"""Lend books in a transaction each, in PostgreSQL, and send a trace of each loan to a Datadog agent.

    python examples/psycopg/app.py --postgres postgresql://localhost/library --agent http://127.0.0.1:8126 Emma Dune

Each loan is one trace: the span ``lend`` of the service ``library``, and below it the queries and the commit that it
took, of the service ``postgres``.
"""

from __future__ import annotations

import argparse

from ddtrace import config, patch, tracer
from ddtrace.writer import AgentWriter

patch(psycopg=True)

import psycopg  # noqa: E402 (patching works as well after the import; this order is the usual one)


def main() -> None:
    parser = argparse.ArgumentParser(description="Lend books, and trace each loan.")
    parser.add_argument("--postgres", default="postgresql://localhost/library", help="the database's URL")
    parser.add_argument("--agent", default=None, help="the agent's URL; default: DD_TRACE_AGENT_URL, else localhost")
    parser.add_argument("titles", nargs="+", metavar="title")
    options = parser.parse_args()

    config.service = "library"
    if options.agent:
        tracer.configure(writer=AgentWriter(options.agent))
    with psycopg.connect(options.postgres) as connection:
        connection.execute("CREATE TEMPORARY TABLE loans (title TEXT PRIMARY KEY)")
        connection.commit()
        for title in options.titles:
            print(lend(connection, title))
    tracer.shutdown()


@tracer.wrap("lend", span_type="worker")
def lend(connection: psycopg.Connection, title: str) -> str:
    """Lend one book; returns what to tell the reader."""
    try:
        connection.execute("INSERT INTO loans VALUES (%s)", [title])
    except psycopg.errors.UniqueViolation:
        connection.rollback()
        return f"{title} is lent already"
    connection.commit()
    return f"{title} is yours"


if __name__ == "__main__":
    main()
