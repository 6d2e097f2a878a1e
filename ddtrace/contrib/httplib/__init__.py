"""Trace the requests that a program sends by the standard library's ``http.client``, and so by ``urllib.request``.

It is off by default, since libraries such as requests and urllib3 send by it, too, and have spans of their own. Enable
it with ``patch(httplib=True)``, or ``DD_TRACE_HTTPLIB_ENABLED=true``, before or after ``import http.client``::

    from ddtrace import Pin, patch

    patch(httplib=True)

    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", 8000)
    Pin.override(connection, service="baskets")       # this connection's spans only
    connection.request("GET", "/basket")
    connection.getresponse()                          # here ends a span named http.client.request

A span lasts from ``request`` (or ``putrequest``) until ``getresponse`` returns: the body is read after that. It is the
current one within these calls, and not between them; a request that nobody waits for ends with the connection. The
service is that of the span above, else the application's, unless one is set. Requests to the agent have no spans.

Where libraries above are traced as well, their spans are above this one, whose context the request carries: each header
once, with the innermost span as the parent of what the server does.

Global settings are those of ``config.httplib``: ``service`` (``DD_HTTPLIB_SERVICE``) and

- ``distributed_tracing`` (``DD_HTTPLIB_DISTRIBUTED_TRACING``, default True): requests carry the context of their span
- ``default_http_tag_query_string`` (``DD_HTTP_CLIENT_TAG_QUERY_STRING``, default False): the tag ``http.url`` has the
  query, without what looks like a secret

``config.httplib.http.trace_headers(["x-request-id"])`` makes headers tags, and
``config.httplib.http.trace_query_string`` the query. Statuses of ``config.http_server.error_statuses`` are errors.
"""

from ddtrace.contrib._http_contract import DISTRIBUTED_TRACING, TAG_QUERY_STRING, client_span
from ddtrace.contrib._integration import Integration

integration = Integration(
    package=__name__,
    distribution="",
    modules=("http.client",),
    versions=(),
    services=("httpbin",),
    default_service=None,
    enabled_by_default=False,
    options=(DISTRIBUTED_TRACING, TAG_QUERY_STRING._replace(default=False)),
    spans=(client_span("http.client.request"),),
)
