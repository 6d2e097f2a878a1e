"""What the declarations of HTTP clients and servers have in common: options, and the shape of a request's span."""

from __future__ import annotations

from ddtrace.constants import ANALYTICS_SAMPLE_RATE_KEY
from ddtrace.contrib._integration import Option, SpanContract

DISTRIBUTED_TRACING = Option("distributed_tracing", bool, True, "Whether requests carry the context of their span.")
SERVER_DISTRIBUTED_TRACING = Option(
    "distributed_tracing", bool, True, "Whether a request goes on with the trace of its headers."
)
SPLIT_BY_DOMAIN = Option("split_by_domain", bool, False, "Whether the service is the host that a request goes to.")
TAG_QUERY_STRING = Option(
    "default_http_tag_query_string",
    bool,
    True,
    "Whether the tag http.url has the query.",
    "DD_HTTP_CLIENT_TAG_QUERY_STRING",
)

_SERVED = ("http.client_ip", "http.query.string", "http.status_code", "http.useragent", "network.client.ip")
"""What is known of most requests that are served."""


def client_span(name: str, measured: bool = False, optional_tags: tuple[str, ...] = ()) -> SpanContract:
    """The contract of the spans of requests that are sent; ``optional_tags`` are further ones."""
    return SpanContract(
        name=name,
        span_type="http",
        kind="client",
        measured=measured,
        tags=("http.method", "http.url"),
        optional_tags=("http.query.string", "http.status_code", "http.useragent", "out.host", *optional_tags),
        optional_metrics=(ANALYTICS_SAMPLE_RATE_KEY,),
    )


def server_span(
    name: str,
    measured: bool = False,
    tags: tuple[str, ...] = (),
    optional_tags: tuple[str, ...] = (),
    has_free_resource: bool = False,
) -> SpanContract:
    """The contract of the spans of requests that are served; ``tags`` and ``optional_tags`` are further ones."""
    return SpanContract(
        name=name,
        span_type="web",
        kind="server",
        measured=measured,
        tags=tuple(sorted(("http.method", "http.url", *tags))),
        optional_tags=tuple(sorted((*_SERVED, *optional_tags))),
        optional_metrics=(ANALYTICS_SAMPLE_RATE_KEY,),
        has_free_resource=has_free_resource,
    )
