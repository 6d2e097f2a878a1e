"""Trace requests to Flask applications: hooks, views, error handlers, templates, signals and the response.

Enable it with ``patch(flask=True)`` (or ``patch_all()``) before or after ``import flask``::

    from ddtrace import Pin, patch

    patch(flask=True)

    import flask

    app = flask.Flask("shop")

    @app.get("/basket/<owner>")
    def show_basket(owner):
        return f"the basket of {owner}"               # within a span named after the function

    Pin.override(app, service="baskets")              # this application's spans only

A request is a span ``flask.request`` of the resource ``GET /basket/<owner>``, or ``GET 404`` where no route fits. It
lasts until the server has read or closed the whole response. Below it are ``flask.application`` (until the response is
made) with ``flask.preprocess_request``, ``flask.dispatch_request``, ``flask.process_response`` and the teardowns, in
these the view, hooks and error handlers by their own names, and ``flask.response`` (until it is sent; a file is the
server's alone, and is not waited for). An exception
that Flask answers with a server error is on ``flask.request``, too; one that Flask answers with another status, such as
``abort(403)``, is no error.

Global settings are those of ``config.flask``: ``service`` (``DD_FLASK_SERVICE``, default: the application's own
service, else ``flask``) and

- ``distributed_tracing_enabled`` (default True): a request goes on with the trace that its headers tell of
- ``collect_view_args`` (default True): the variable parts of the path become tags ``flask.view_args.<name>``
- ``template_default_name`` (default ``<memory>``): the resource of a template that has no name
- ``trace_signals`` (default True): receivers of Flask's signals have spans

``config.flask.http.trace_headers(["x-request-id"])`` makes headers tags, and ``config.flask.http.trace_query_string``
the query. Statuses of ``config.http_server.error_statuses`` are errors.
"""

from ddtrace.contrib._http_contract import server_span
from ddtrace.contrib._integration import Integration, Option, SpanContract, Surface

_ROUTE = ("flask.endpoint", "flask.url_rule", "flask.view_args.*")
_PARTS = (
    "flask.dispatch_request",
    "flask.do_teardown_appcontext",
    "flask.do_teardown_request",
    "flask.handle_exception",
    "flask.handle_http_exception",
    "flask.handle_user_exception",
    "flask.jsonify",
    "flask.preprocess_request",
    "flask.process_response",
    "flask.response",
    "flask.send_file",
    "flask.send_static_file",
)
_TEMPLATES = ("flask.render_template", "flask.render_template_string")

integration = Integration(
    package=__name__,
    distribution="flask",
    modules=("flask",),
    versions=("~=3.0.0", "~=3.1.0", "latest"),
    surface=Surface.INTERNALS,
    internal_service=True,
    switched_off=(
        (
            "INV-22",
            "a response that is being sent has an open span in it, so that a copy of its iterator, which nobody needs, "
            "is refused; that functions can be pickled and copied is a test of its own",
        ),
    ),
    options=(
        Option("distributed_tracing_enabled", bool, True, "Whether a request goes on with the trace of its headers."),
        Option("collect_view_args", bool, True, "Whether the variable parts of a path become tags."),
        Option("template_default_name", str, "<memory>", "The resource of a template that has no name."),
        Option("trace_signals", bool, True, "Whether receivers of Flask's signals have spans."),
    ),
    spans=(
        server_span("flask.request", measured=True, tags=("flask.version",), optional_tags=(*_ROUTE, "http.route")),
        SpanContract(name="flask.application", optional_tags=_ROUTE[:2]),
        *(SpanContract(name=name) for name in _PARTS),
        *(SpanContract(name=name, span_type="template", tags=("flask.template_name",)) for name in _TEMPLATES),
        SpanContract(name="*", optional_tags=("flask.signal",)),
    ),
)
