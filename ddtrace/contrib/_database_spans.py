"""The spans that integrations of SQL databases declare: queries, fetches, the ends of transactions."""

from __future__ import annotations

from typing import Sequence

from ddtrace.contrib._integration import Option, SpanContract
from ddtrace.ext import SpanKind, SpanTypes, db, net

EXECUTEMANY = "sql.executemany"
FETCH_SIZE = "db.fetch.size"
TRACE_FETCHES = "trace_fetch_methods"

CONNECTION_TAGS = (db.NAME, db.USER, net.TARGET_HOST)
CONNECTION_METRICS = (net.TARGET_PORT,)
"""What tells of a connection over a network."""


def fetch_option(*other_envs: str) -> Option:
    """The option of every such integration that has fetches traced."""
    return Option(TRACE_FETCHES, bool, False, "Whether fetches have spans of their own.", other_envs=other_envs)


def database_spans(
    prefix: str, connections: Sequence[str], tags: Sequence[str] = (), metrics: Sequence[str] = ()
) -> tuple[SpanContract, ...]:
    """The contracts of ``<prefix>.query``, of fetches, and of ``<connection>.commit`` and ``.rollback``.

    ``tags`` and ``metrics`` are those that tell of a connection; which it has depends on the connection.
    """
    described = {"kind": SpanKind.CLIENT, "tags": ("component", "db.system", "span.kind"), "optional_tags": tuple(tags)}
    with_rows = {"span_type": SpanTypes.SQL, "optional_metrics": (db.ROWCOUNT, *metrics)}
    queries = SpanContract(
        name=f"{prefix}.query",
        measured=True,
        **{**described, **with_rows, "optional_tags": (EXECUTEMANY, *tags)},
    )
    fetches = (
        SpanContract(name=f"{prefix}.query.{method}", only_with=TRACE_FETCHES, **described, **with_rows)
        for method in ("fetchone", "fetchall")
    )
    fetches_many = SpanContract(
        name=f"{prefix}.query.fetchmany",
        only_with=TRACE_FETCHES,
        metrics=(FETCH_SIZE,),
        **described,
        **with_rows,
    )
    ends = (
        SpanContract(name=f"{connection}.{method}", optional_metrics=tuple(metrics), **described)
        for connection in connections
        for method in ("commit", "rollback")
    )
    return (queries, *fetches, fetches_many, *ends)
