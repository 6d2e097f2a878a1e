"""Trace an ASGI application that no other integration knows.

Put the middleware around it by hand, outside of all others::

    from ddtrace import Pin
    from ddtrace.contrib.asgi import TraceMiddleware

    async def greet(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"hello"})

    app = TraceMiddleware(greet)                      # a span asgi.request for each request

    Pin.override(app, service="greetings")            # this application's spans only

``asgi.request`` lasts until the application has returned, its work after the response included. An exception is an
error of status 500, which the server answers with, or would if the response had not begun. A request whose task is
cancelled has the error, and no status besides what was sent. Only requests over HTTP are traced: websockets and the
lifespan pass untouched. Applications of ASGI 2, which take the scope alone, are served by servers of ASGI 3 as well.

The application gets the server's own scope, in which ``scope["datadog"]["request_spans"]`` lists the spans of the
request, one for each such middleware around it; ``span_from_scope(scope)`` is the outermost::

    from ddtrace.contrib.asgi import span_from_scope

    async def greet_by_name(scope, receive, send):
        span_from_scope(scope).set_tag("greeted", "Ada")
        await greet(scope, receive, send)

``TraceMiddleware(app, tracer, integration_config, handle_exception_span, span_modifier)`` calls
``span_modifier(span, scope)`` with the span of each request as it begins. The resource is ``GET /the/path``: where
paths hold keys or names, have it name a route. ``handle_exception_span(error, span)`` is called with the span of a
request that has failed, in the place of what sets the status 500.

Global settings are those of ``config.asgi``, or of another ``integration_config`` such as ``config.shop``, which then
names the spans' component, too: ``config.asgi["service"]`` (``DD_ASGI_SERVICE``, default: the application's own
service, else ``asgi``), ``config.asgi["request_span_name"]`` (default ``asgi.request``) and
``config.asgi["distributed_tracing"]`` (default True: a request goes on with the trace that its headers tell of). A
status of ``config.http_server.error_statuses`` is an error.
"""

from ddtrace.contrib._http_contract import SERVER_DISTRIBUTED_TRACING, server_span
from ddtrace.contrib._integration import ANY_NAME, Integration, Option

_VERSIONS = ("asgi.spec_version", "asgi.version", "http.version")

integration = Integration(
    package=__name__,
    distribution="",
    modules=(),
    versions=(),
    internal_service=True,
    options=(
        Option("request_span_name", str, "asgi.request", "The name of a request's span."),
        SERVER_DISTRIBUTED_TRACING,
    ),
    spans=tuple(
        server_span(name, optional_tags=_VERSIONS, has_free_resource=True) for name in ("asgi.request", ANY_NAME)
    ),
    exports=("middleware.TraceMiddleware", "scope.span_from_scope"),
)
