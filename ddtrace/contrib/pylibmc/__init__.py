"""Trace commands of pylibmc.

Enable it with ``patch(pylibmc=True)`` (or ``patch_all()``) before or after ``import pylibmc``::

    from ddtrace import Pin, patch

    patch(pylibmc=True)

    import pylibmc

    client = pylibmc.Client(["localhost:11211"])
    client.set("colour", "blue")                      # a span named memcached.cmd

    Pin.override(client, service="colours")           # the spans of this client, and of those cloned from it

The service is that of ``config.pylibmc["service"]`` (``DD_PYLIBMC_SERVICE``), by default ``memcached``.

The methods of ``pylibmc.Client`` are wrapped: all clients are traced, those of the application's own classes, those of
pools, and those that were there before, too. Keys are shown, with their ``key_prefix``, and values are not; keys out of
an iterator stay there for pylibmc. Host and port are shown of a client with a single server: which one of several is
asked, libmemcached does not tell.

``TracedClient``, also of this package, is a client that is traced whether pylibmc is patched or not.
"""

from ddtrace.contrib._integration import Integration, SpanContract

integration = Integration(
    package=__name__,
    # Its wheels are for Python 3.11 at most; elsewhere pip needs libmemcached's headers, Debian's libmemcached-dev.
    distribution="pylibmc",
    modules=("pylibmc",),
    versions=("~=1.6.3", "latest"),
    services=("memcached",),
    default_service="memcached",
    exports=("client.TracedClient",),
    spans=(
        SpanContract(
            name="memcached.cmd",
            span_type="cache",
            kind="client",
            measured=True,
            tags=("component", "db.system", "memcached.query", "span.kind"),
            optional_tags=("out.host",),
            optional_metrics=("network.destination.port",),
        ),
    ),
)
