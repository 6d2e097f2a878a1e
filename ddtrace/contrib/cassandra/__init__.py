"""Trace the queries of the DataStax driver for Apache Cassandra.

Enable it with ``patch(cassandra=True)`` (or ``patch_all()``) before or after ``import cassandra.cluster``::

    from ddtrace import Pin, patch

    patch(cassandra=True)

    from cassandra.cluster import Cluster

    cluster = Cluster(["127.0.0.1"])
    session = cluster.connect()
    session.execute("SELECT key FROM system.local")   # a span named cassandra.query

    Pin.override(cluster, service="colours")          # this cluster's spans only; or those of one session

Global settings are those of ``config.cassandra``: ``config.cassandra["service"]`` (``DD_CASSANDRA_SERVICE``, default
``cassandra``).

A span lasts from ``execute_async``, which ``execute`` calls, too, until the driver has the answer: it is finished
before ``result()`` returns, and before callbacks are called, but for one that is added in the very moment of the
answer. Each further page of a result has a span of its own. The text of a query is its resource, as it was given,
without its parameters. That of a batch is ``BatchStatement``, and its first two queries are in the tag
``cassandra.query``, without their values, which the driver writes into the text. What the driver asks for itself has
no span: prepared statements, schemas, heartbeats. Neither have queries of graphs.
"""

from ddtrace.contrib._integration import Integration, SpanContract

BATCH_SIZE = "cassandra.batch_size"
QUERY = "cassandra.query"
LONGEST_QUERY = 5_000
"""Characters of a query that become the resource."""

integration = Integration(
    package=__name__,
    distribution="cassandra-driver",
    modules=("cassandra.cluster",),
    versions=("~=3.29.0", "latest"),
    services=("cassandra",),
    spans=(
        SpanContract(
            name="cassandra.query",
            span_type="cassandra",
            kind="client",
            measured=True,
            tags=("component", "db.system", "span.kind"),
            optional_tags=(
                "cassandra.cluster",
                "cassandra.consistency_level",
                "cassandra.keyspace",
                "cassandra.paginated",
                QUERY,
                "out.host",
            ),
            optional_metrics=(BATCH_SIZE, "cassandra.page_number", "db.row_count", "network.destination.port"),
        ),
    ),
)
