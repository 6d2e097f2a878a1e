"""Trace requests to applications of Bottle, by a plugin.

Enable it with ``patch(bottle=True)`` (or ``patch_all()``) before or after ``import bottle``, and before an application
is made::

    from ddtrace import Pin, patch

    patch(bottle=True)

    import bottle

    app = bottle.Bottle()                             # has the plugin

    @app.get("/basket/<owner>")
    def show_basket(owner):
        return f"the basket of {owner}"               # within a span named bottle.request

    Pin.override(app, service="baskets")              # this application's spans only

or install the plugin by hand, with a service, a tracer, or a will of its own about the headers of requests::

    from ddtrace.contrib.bottle import TracePlugin

    app.install(TracePlugin(service="baskets", tracer=None, distributed_tracing=None))

A request is a span ``bottle.request`` of the resource ``GET /basket/<owner>``. As a plugin it sees what a route's
function does, and the plugins installed after it: where no route fits, there is no span, nor on routes that skip it
(``skip=["trace"]``). The span lasts until the function returns, and where that gives a generator, or another iterator
that is no file, until the server has read or closed it. What hooks, error handlers and the conversion to JSON do is in
no span. An exception of the function is an error; a response that it raises, such as ``abort(403)``, is one if its
status is.

Global settings are those of ``config.bottle``: ``config.bottle["service"]`` (``DD_BOTTLE_SERVICE``, default: the
application's own service, else the plugin's, which is ``bottle``) and ``config.bottle["distributed_tracing"]``
(``DD_BOTTLE_DISTRIBUTED_TRACING``, default True: a request goes on with the trace that its headers tell of).

The tag ``http.url`` has no query. ``config.bottle.http.trace_headers(["x-request-id"])`` makes headers tags, and
``config.bottle.http.trace_query_string`` the query. Statuses of ``config.http_server.error_statuses`` are errors.
"""

from ddtrace.contrib._http_contract import SERVER_DISTRIBUTED_TRACING, server_span
from ddtrace.contrib._integration import Integration

integration = Integration(
    package=__name__,
    distribution="bottle",
    modules=("bottle",),
    versions=("==0.13.0", "latest"),
    internal_service=True,
    switched_off=(
        (
            "WORK-03",
            "the span is opened by a plugin, which Bottle calls, and not where a function of Bottle is wrapped; that "
            "errors are recorded is among the integration's own tests",
        ),
    ),
    options=(SERVER_DISTRIBUTED_TRACING,),
    spans=(server_span("bottle.request", measured=True),),
    exports=("plugin.TracePlugin",),
)
