"""Trace the requests that a program sends by ``requests``.

Enable it with ``patch(requests=True)`` (or ``patch_all()``) before or after ``import requests``::

    from ddtrace import Pin, config, patch

    patch(requests=True)

    import requests

    session = requests.Session()
    session.get("http://127.0.0.1:8000/basket")       # a span named requests.request

    Pin.override(session, service="baskets")          # this session's spans only
    config.get_from(session)["distributed_tracing"] = False

A span lasts until ``Session.send`` returns: with ``stream=True`` that is before the body is read. A redirect that is
followed has a span of its own, below that of the first request. ``TracedSession`` is a session that is traced without
``patch``, and ``session.datadog_tracer`` may be a tracer for one session.

Global settings are those of ``config.requests``: ``service`` (``DD_REQUESTS_SERVICE``, default ``requests``) and

- ``distributed_tracing`` (``DD_REQUESTS_DISTRIBUTED_TRACING``, default True): requests carry the context of their span.
  The caller's headers are left as they are, and ``response.request.headers`` are those without the context.
- ``split_by_domain`` (``DD_REQUESTS_SPLIT_BY_DOMAIN``, default False): the service is the host, with its port if the
  URL has one
- ``default_http_tag_query_string`` (``DD_HTTP_CLIENT_TAG_QUERY_STRING``, default True): the tag ``http.url`` has the
  query, without what looks like a secret

``config.requests.http.trace_headers(["x-request-id"])`` makes headers tags, and
``config.requests.http.trace_query_string`` the query. Statuses of ``config.http_server.error_statuses`` are errors.
"""

from ddtrace.contrib._http_contract import DISTRIBUTED_TRACING, SPLIT_BY_DOMAIN, TAG_QUERY_STRING, client_span
from ddtrace.contrib._integration import Integration

integration = Integration(
    package=__name__,
    distribution="requests",
    modules=("requests",),
    versions=("~=2.32.0", "latest"),
    services=("httpbin",),
    exports=("session.TracedSession",),
    options=(DISTRIBUTED_TRACING, SPLIT_BY_DOMAIN, TAG_QUERY_STRING),
    spans=(client_span("requests.request", measured=True),),
)
