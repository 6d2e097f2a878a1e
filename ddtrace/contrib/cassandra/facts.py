"""What the spans of Cassandra's driver say of a query, of its answer, and of who gave that."""

from __future__ import annotations

import re
from typing import Any

from cassandra import ConsistencyLevel
from cassandra.cluster import ResultSet
from cassandra.query import BatchStatement

from ddtrace.constants import ERROR_MSG, ERROR_TYPE
from ddtrace.contrib.cassandra import BATCH_SIZE, LONGEST_QUERY, QUERY
from ddtrace.ext import cassandra, db, net
from ddtrace.span import Span

SHOWN_OF_A_BATCH = 2
"""Queries."""

HIDDEN = "?"

_VALUE = re.compile(
    r"'(?:[^']|'')*+'?"  # a text, closed or not
    r"|\$\$.*?(?:\$\$|\Z)"
    r"|\b\d[\w.+-]*"  # a number, a blob
    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",
    re.DOTALL | re.IGNORECASE,
)


def describe_query(span: Span, session: Any, query: Any) -> None:
    """Say what is asked for, before it is."""
    span.resource = resource_of(query)
    span._meta[db.SYSTEM] = "cassandra"
    name = session.cluster.metadata.cluster_name
    if name:
        span._meta[cassandra.CLUSTER] = name
    keyspace = getattr(query, "keyspace", None) or session.keyspace
    if keyspace:
        span._meta[cassandra.KEYSPACE] = keyspace.lower()
    if isinstance(query, BatchStatement):
        span._metrics[BATCH_SIZE] = len(query)
        shown = query._statements_and_parameters[:SHOWN_OF_A_BATCH]
        span._meta[QUERY] = "; ".join(without_values(text) for _, text, _ in shown)


def describe_answer(span: Span, future: Any, rows: Any, page: int) -> None:
    """Say how much of the result has come, and from where."""
    describe_coordinator(span, future)
    span._meta[cassandra.PAGINATED] = str(future.has_more_pages)
    if future.has_more_pages or page > 1:
        span._metrics[cassandra.PAGE_NUMBER] = page
    if isinstance(rows, ResultSet):
        # What changes rows has no columns; it has no rows either, but does not say that these are none.
        rows = None if rows.column_names is None else rows.current_rows
    if isinstance(rows, (list, tuple)):
        span._metrics[db.ROWCOUNT] = len(rows)


def describe_failure(span: Span, future: Any, error: BaseException, page: int) -> None:
    """Say what the server, or the driver, has refused; nobody has raised it yet."""
    describe_coordinator(span, future)
    span.error = 1
    span.set_tag_str(ERROR_TYPE, type(error).__name__)
    span.set_tag_str(ERROR_MSG, str(error.args[0]) if error.args else "")


def describe_coordinator(span: Span, future: Any) -> None:
    level = ConsistencyLevel.value_to_name.get(future.message.consistency_level)
    if level:
        span._meta[cassandra.CONSISTENCY_LEVEL] = level
    host = future.coordinator_host
    if host is not None:
        span._meta[net.TARGET_HOST] = str(host.endpoint.address)
        span._metrics[net.TARGET_PORT] = host.endpoint.port


def resource_of(query: Any) -> str:
    """The text of a query, cut; what a batch, or a query without text, has instead."""
    if isinstance(query, BatchStatement):
        return "BatchStatement"
    # A bound statement has that of the prepared one.
    text = (
        query if isinstance(query, str) else getattr(getattr(query, "prepared_statement", query), "query_string", None)
    )
    return text[:LONGEST_QUERY] if isinstance(text, str) and text else "unknown-query-type"


def without_values(query: str | bytes) -> str:
    """A query of a batch, into whose text the driver has put the parameters; a prepared one is known by its id only."""
    return _VALUE.sub(HIDDEN, query)[:LONGEST_QUERY] if isinstance(query, str) else HIDDEN
