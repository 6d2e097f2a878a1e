"""The spans that integrations of SQL databases declare: queries, fetches, the ends of transactions."""

from __future__ import annotations

from typing import Any, Sequence

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
    prefix: str,
    connections: Sequence[str],
    tags: Sequence[str] = (),
    metrics: Sequence[str] = (),
    required_tags: Sequence[str] = (db.SYSTEM,),
    **of_each: Any,
) -> tuple[SpanContract, ...]:
    """The contracts of ``<prefix>.query``, of fetches, and of ``<connection>.commit`` and ``.rollback``.

    ``tags`` and ``metrics`` are those that tell of a connection; which it has depends on the connection, but for
    ``required_tags``. ``of_each`` are further fields that all of the contracts have.
    """
    described = {
        "kind": SpanKind.CLIENT,
        "tags": ("component", *required_tags, "span.kind"),
        "optional_tags": tuple(tags),
        "optional_metrics": tuple(metrics),
        **of_each,
    }
    with_rows = {**described, "span_type": SpanTypes.SQL, "optional_metrics": (db.ROWCOUNT, *metrics)}
    return (
        SpanContract(
            **{**with_rows, "name": f"{prefix}.query", "measured": True, "optional_tags": (EXECUTEMANY, *tags)}
        ),
        *(
            SpanContract(name=f"{prefix}.query.{method}", only_with=TRACE_FETCHES, metrics=size, **with_rows)
            for method, size in (("fetchone", ()), ("fetchall", ()), ("fetchmany", (FETCH_SIZE,)))
        ),
        *(
            SpanContract(name=f"{connection}.{method}", **described)
            for connection in connections
            for method in ("commit", "rollback")
        ),
    )
