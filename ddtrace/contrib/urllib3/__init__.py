"""Trace the requests that a program sends by ``urllib3``.

It is off by default, since libraries such as requests send by it, too, and have spans of their own. Enable it with
``patch(urllib3=True)``, or ``DD_TRACE_URLLIB3_ENABLED=true``, before or after ``import urllib3``::

    from ddtrace import Pin, patch

    patch(urllib3=True)

    import urllib3

    pool = urllib3.HTTPConnectionPool("127.0.0.1", 8000)
    Pin.override(pool, service="baskets")             # this pool's spans only
    pool.request("GET", "/basket")                    # a span named urllib3.request

A span lasts until the pool's ``urlopen`` returns: with ``preload_content=False`` that is before the body is read. A
retry, and a redirect that the pool follows, has a span of its own below the first one; where a ``PoolManager`` follows
it, beside it.

Where requests is traced as well its spans are above these, whose context the request carries: each header once, with
the innermost span as the parent of what the server does.

Global settings are those of ``config.urllib3``: ``service`` (``DD_URLLIB3_SERVICE``, default ``urllib3``) and

- ``distributed_tracing`` (``DD_URLLIB3_DISTRIBUTED_TRACING``, default True): requests carry the context of their span.
  The caller's headers are left as they are.
- ``split_by_domain`` (``DD_URLLIB3_SPLIT_BY_DOMAIN``, default False): the service is the host, with its port if that is
  not the usual one
- ``default_http_tag_query_string`` (``DD_HTTP_CLIENT_TAG_QUERY_STRING``, default True): the tag ``http.url`` has the
  query, without what looks like a secret

``config.urllib3.http.trace_headers(["x-request-id"])`` makes headers tags, and
``config.urllib3.http.trace_query_string`` the query. Statuses of ``config.http_server.error_statuses`` are errors.
"""

from ddtrace.contrib._http_contract import DISTRIBUTED_TRACING, SPLIT_BY_DOMAIN, TAG_QUERY_STRING, client_span
from ddtrace.contrib._integration import Integration

integration = Integration(
    package=__name__,
    distribution="urllib3",
    modules=("urllib3",),
    versions=("~=1.26.0", "~=2.2.0", "latest"),
    services=("httpbin",),
    enabled_by_default=False,
    options=(DISTRIBUTED_TRACING, SPLIT_BY_DOMAIN, TAG_QUERY_STRING),
    spans=(client_span("urllib3.request", optional_tags=("http.retries_remain",)),),
)
