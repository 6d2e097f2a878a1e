"""Trace the requests that a program sends by ``httpx``, sync and async.

Enable it with ``patch(httpx=True)`` (or ``patch_all()``) before or after ``import httpx``::

    from ddtrace import Pin, patch

    patch(httpx=True)

    import httpx

    client = httpx.Client()
    Pin.override(client, service="baskets")           # this client's spans only
    client.get("http://127.0.0.1:8000/basket")        # a span named http.request

A span lasts until ``Client.send`` or ``AsyncClient.send`` returns: with ``client.stream()`` that is before the body is
read. The redirects that httpx follows, and what an authentication sends anew, are part of it. The service is that of
the span above, else the application's, unless one is set.

Global settings are those of ``config.httpx``: ``service`` (``DD_HTTPX_SERVICE``) and

- ``distributed_tracing`` (``DD_HTTPX_DISTRIBUTED_TRACING``, default True): requests carry the context of their span.
  The caller's headers are left as they are, and ``response.request.headers`` are those without the context.
- ``split_by_domain`` (``DD_HTTPX_SPLIT_BY_DOMAIN``, default False): the service is the host, with its port if that is
  not the usual one
- ``default_http_tag_query_string`` (``DD_HTTP_CLIENT_TAG_QUERY_STRING``, default True): the tag ``http.url`` has the
  query, without what looks like a secret

``config.httpx.http.trace_headers(["x-request-id"])`` makes headers tags, and ``config.httpx.http.trace_query_string``
the query. Statuses of ``config.http_server.error_statuses`` are errors.
"""

from ddtrace.contrib._http_contract import DISTRIBUTED_TRACING, SPLIT_BY_DOMAIN, TAG_QUERY_STRING, client_span
from ddtrace.contrib._integration import Integration

integration = Integration(
    package=__name__,
    distribution="httpx",
    modules=("httpx",),
    versions=("~=0.27.0", "~=0.28.0", "latest"),
    services=("httpbin",),
    default_service=None,
    options=(DISTRIBUTED_TRACING, SPLIT_BY_DOMAIN, TAG_QUERY_STRING),
    spans=(client_span("http.request", measured=True),),
)
