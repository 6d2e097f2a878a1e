"""Trace commands of pymemcache: by single clients, pools, and clients of several servers.

Enable it with ``patch(pymemcache=True)`` (or ``patch_all()``) before or after ``import pymemcache``::

    from ddtrace import Pin, patch

    patch(pymemcache=True)

    import pymemcache

    client = pymemcache.Client("localhost:11211")
    client.set("colour", "blue")                      # a span named memcached.command

    Pin.override(client, service="colours")           # this client's spans only
    Pin.override(pymemcache, service="paint")         # those of all clients that have no pin of their own

The service is that of ``config.pymemcache["service"]`` (``DD_PYMEMCACHE_SERVICE``), by default ``memcached``.

The methods of pymemcache's classes are wrapped: all clients are traced, those of the application's own classes and
those that were there before, too. Each call of the application has one span, however many servers a ``HashClient`` asks
for it: host and port are those of the last one. A server's failure is on the span also where a ``PooledClient`` or a
``HashClient`` ignores it. Keys are shown and values are not; keys out of an iterator stay there for pymemcache.
"""

from ddtrace.contrib._integration import Integration, SpanContract

integration = Integration(
    package=__name__,
    distribution="pymemcache",
    modules=("pymemcache",),
    versions=("~=4.0.0", "latest"),
    services=("memcached",),
    default_service="memcached",
    spans=(
        SpanContract(
            name="memcached.command",
            span_type="cache",
            kind="client",
            measured=True,
            tags=("component", "db.system", "memcached.query", "span.kind"),
            optional_tags=("out.host",),
            optional_metrics=("db.row_count", "network.destination.port"),
        ),
    ),
)
