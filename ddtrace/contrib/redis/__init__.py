"""Trace commands and pipelines of redis-py: sync, asyncio and cluster.

Enable it with ``patch(redis=True)`` (or ``patch_all()``) before or after ``import redis``::

    from ddtrace import Pin, patch

    patch(redis=True)

    import redis

    client = redis.Redis(host="localhost", port=6379)
    client.get("colour")                              # a span named redis.command

    Pin.override(client, service="colours")           # this client's spans only

Global settings are those of ``config.redis``: ``config.redis["service"]`` (``DD_REDIS_SERVICE``, default ``redis``)
and ``config.redis["cmd_max_length"]`` (``DD_REDIS_CMD_MAX_LENGTH``, characters, default 1000).
"""

from ddtrace.contrib._integration import Integration, Option, SpanContract, Surface

integration = Integration(
    package=__name__,
    distribution="redis",
    modules=("redis",),
    versions=(
        "~=5.0.0",
        "~=5.2.0",
        "~=5.3.0",
        "~=6.0.0",
        "~=6.1.0",
        "~=6.2.0",
        "~=6.3.0",
        "~=6.4.0",
        "~=7.0.0",
        "~=7.1.0",
        "~=7.2.0",
        "~=7.3.0",
        "~=7.4.0",
        "~=8.0.0",
        "latest",
    ),
    surface=Surface.INTERNALS,
    services=("redis", "redis_cluster"),
    options=(Option("cmd_max_length", int, 1000, "Longest command in the resource, in characters.", minimum=0),),
    spans=(
        SpanContract(
            name="redis.command",
            span_type="redis",
            kind="client",
            measured=True,
            tags=("component", "db.system", "redis.raw_command", "span.kind"),
            optional_tags=("out.host", "redis.client_name"),
            optional_metrics=(
                "db.row_count",
                "network.destination.port",
                "out.redis_db",
                "redis.args_length",
                "redis.pipeline_length",
            ),
            has_free_resource=True,
            longest_tag=1000,
        ),
    ),
)
