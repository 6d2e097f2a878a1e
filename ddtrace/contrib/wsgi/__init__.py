"""Trace a WSGI application that no other integration knows.

Put the middleware around it by hand::

    from ddtrace import Pin
    from ddtrace.contrib.wsgi import DDWSGIMiddleware

    def greet(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"hello"]

    app = DDWSGIMiddleware(greet)                     # spans wsgi.request, wsgi.application, wsgi.start_response ...

    Pin.override(app, service="greetings")            # this application's spans only

``wsgi.request`` lasts until the server has read or closed the whole response, ``wsgi.application`` until the
application returns, ``wsgi.response`` from then on. A file that is handed to ``wsgi.file_wrapper`` is the server's
alone: there the spans end with the application. ``DDWSGIMiddleware(app, tracer, span_modifier)`` calls
``span_modifier(span, environ)`` with the span of each request; by default that names the resource ``GET /the/path``.
Where paths hold keys or names, give one that names routes instead.

Global settings are those of ``config.wsgi``: ``config.wsgi["service"]`` (``DD_WSGI_SERVICE``, default: the
application's own service, else ``wsgi``) and ``config.wsgi["distributed_tracing"]`` (default True: a request goes on
with the trace that its headers tell of). A status of ``config.http_server.error_statuses`` is an error.
"""

from ddtrace.contrib._http_contract import SERVER_DISTRIBUTED_TRACING, server_span
from ddtrace.contrib._integration import Integration, SpanContract

integration = Integration(
    package=__name__,
    distribution="",
    modules=(),
    versions=(),
    internal_service=True,
    options=(SERVER_DISTRIBUTED_TRACING,),
    spans=(
        server_span("wsgi.request", optional_tags=("http.status_msg",), has_free_resource=True),
        SpanContract(name="wsgi.application"),
        SpanContract(name="wsgi.start_response", span_type="web", kind="server"),
        SpanContract(name="wsgi.response", tags=("result_class",)),
    ),
    exports=("middleware.DDWSGIMiddleware", "middleware.default_wsgi_span_modifier"),
)
