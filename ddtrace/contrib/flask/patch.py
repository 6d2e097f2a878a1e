"""Where Flask is wrapped, and what its spans say.

Nothing that the application registers is replaced: its functions get their spans on the way from Flask to the call,
where Flask asks ``ensure_sync`` for each of them.
"""

from __future__ import annotations

import functools
from typing import Any, Iterable

import flask
from werkzeug.exceptions import HTTPException
from werkzeug.wsgi import ClosingIterator, FileWrapper

from ddtrace.contrib._http import set_http_meta, set_text, text_of
from ddtrace.contrib._http_server import ServerRequest, above, current_span, part_of_request
from ddtrace.contrib._patching import Patching, Target, Wrapper
from ddtrace.contrib._tracing import Call, _Untraced, shield, swallow, trace_call
from ddtrace.contrib.flask import integration
from ddtrace.contrib.flask.signals import trace_signals
from ddtrace.contrib.trace_utils import func_name, get_argument_value
from ddtrace.contrib.wsgi.environ import LONGEST_PATH, resource_of
from ddtrace.contrib.wsgi.middleware import TracedApplications
from ddtrace.contrib.wsgi.response import TracedResponse, next_item
from ddtrace.ext import http
from ddtrace.settings.config import config
from ddtrace.span import Span

REQUEST = "flask.request"
APPLICATION = "flask.application"
DISPATCH = "flask.dispatch_request"

ENDPOINT = "flask.endpoint"
URL_RULE = "flask.url_rule"
VIEW_ARGS = "flask.view_args"
VERSION = "flask.version"
TEMPLATE_NAME = "flask.template_name"

FLASK_VERSION = integration.get_version()


# -- requests ----------------------------------------------------------------------------------------------------------


class FlaskApplications(TracedApplications):
    """The application of Flask, without what the user has put around it."""

    integration = integration
    _request_span_name = REQUEST
    _application_span_name = APPLICATION
    _response_span_name = "flask.response"

    def _request_span_modifier(self, span: Span, environ: dict[str, Any]) -> None:
        span.resource = resource_of(environ)
        span.set_tag_str(VERSION, FLASK_VERSION)
        super()._request_span_modifier(span, environ)

    def _is_file(self, environ: dict[str, Any], result: Any) -> bool:
        return isinstance(result, FileWrapper) or super()._is_file(environ, result)

    def _handed_on(self, result: Any, request: ServerRequest, response: Call | _Untraced) -> Iterable[bytes]:
        if type(result) is not ClosingIterator:
            return super()._handed_on(result, request, response)
        # What Flask's responses are. The server gets the very object, for what it asks passes through it anyway.
        traced = TracedResponse(None, request, response)
        result._next = functools.partial(next_item, traced, result._next)
        closing = (*result._callbacks, traced.end)
        result._callbacks = [functools.partial(traced.run, callback) for callback in closing]
        return result


_applications = FlaskApplications()


def wsgi_app(wrapped: Any, instance: flask.Flask, args: tuple, kwargs: dict) -> Any:
    return _applications.serve(instance, wrapped, args, kwargs)


def preprocess_request(wrapped: Any, instance: flask.Flask, args: tuple, kwargs: dict) -> Any:
    try:
        describe_route(current_span(instance))
    except Exception as error:
        swallow("describe the route of a request", error)
    return call_part(instance, "flask.preprocess_request", wrapped, args, kwargs)


def finalize_request(wrapped: Any, instance: flask.Flask, args: tuple, kwargs: dict) -> Any:
    response = wrapped(*args, **kwargs)
    try:
        describe_response(current_span(instance), response)
    except Exception as error:
        swallow("describe the response to a request", error)
    return response


def handle_exception(wrapped: Any, instance: flask.Flask, args: tuple, kwargs: dict) -> Any:
    with shield("record the error of a request"):
        record_failure(current_span(instance), get_argument_value(args, kwargs, 0, "e"))
    return call_part(instance, "flask.handle_exception", wrapped, args, kwargs)


# -- descriptions ------------------------------------------------------------------------------------------------------


def describe_route(span: Span | None) -> None:
    """Name the resource of a request by its route, where there is one."""
    request_span = above(span, REQUEST)
    if request_span is None:
        return
    request = flask.request._get_current_object()
    rule = request.url_rule
    if rule is None:
        return
    for each in (request_span, above(span, APPLICATION)):
        if each is not None:
            each.set_tag_str(ENDPOINT, rule.endpoint)
            each.set_tag_str(URL_RULE, rule.rule)
    request_span.set_tag_str(http.ROUTE, rule.rule)
    request_span.resource = f"{request.method} {rule.rule}"
    if request.view_args and config.integration(integration.name)["collect_view_args"]:
        for name, value in request.view_args.items():
            set_text(request_span, f"{VIEW_ARGS}.{name}", text_of(value, LONGEST_PATH))


def describe_response(span: Span | None, response: flask.Response) -> None:
    request_span = above(span, REQUEST)
    if request_span is None:
        return
    settings = config.integration(integration.name)
    set_http_meta(request_span, settings, status_code=response.status_code, response_headers=response.headers)
    if request_span.get_tag(URL_RULE) is None:
        # An application may have a preprocess_request of its own.
        describe_route(span)
        environ = flask.request.environ
        # Unless the application has named it otherwise: whatever strangers ask for must not make resources.
        if request_span.resource == resource_of(environ):
            request_span.resource = f"{environ['REQUEST_METHOD']} {response.status_code}"


def record_failure(span: Span | None, error: BaseException) -> None:
    """Have request and application bear the error that Flask answers with a page of its own."""
    for failed in (above(span, REQUEST), above(span, APPLICATION)):
        if failed is not None:
            failed.set_exc_info(type(error), error, error.__traceback__)
            # This is the cause; what else goes wrong, in a teardown say, has a span of its own.
            failed._ignore_exception(BaseException)


def ignore_answer(span: Span, answer: HTTPException) -> None:
    """An exception that stands for a response, as of ``abort(404)``, is an error if that response is one."""
    if answer.code is None or not config.http_server.is_error_code(answer.code):
        span._ignore_exception(type(answer))


# -- parts of a request ------------------------------------------------------------------------------------------------


def call_part(
    app: flask.Flask, name: str, function: Any, args: tuple, kwargs: dict, resource: str | None = None
) -> Any:
    """Call a function within a span below that of the request."""
    with part_of_request(integration, app, name, REQUEST, resource=resource) as call:
        try:
            return function(*args, **kwargs)
        except HTTPException as answer:
            call.describe(ignore_answer, answer)
            raise


def part(name: str) -> Wrapper:
    """The wrapper of a method of Flask whose span is named so."""

    def wrapper(wrapped: Any, instance: flask.Flask, args: tuple, kwargs: dict) -> Any:
        return call_part(instance, name, wrapped, args, kwargs)

    return wrapper


PARTS = (
    "dispatch_request",
    "do_teardown_appcontext",
    "do_teardown_request",
    "handle_http_exception",
    "handle_user_exception",
    "process_response",
    "send_static_file",
)
"""Methods of Flask that have a span of their own and no more."""

STAGES = {f"flask.{name}" for name in (*PARTS, "handle_exception", "preprocess_request")} - {"flask.send_static_file"}
"""Those which call functions of the application, each after asking ``ensure_sync`` for it."""


def ensure_sync(wrapped: Any, instance: flask.Flask, args: tuple, kwargs: dict) -> Any:
    function = wrapped(*args, **kwargs)
    try:
        stage = current_span(instance)
        if stage is None or stage.name not in STAGES:
            return function
        name, resource = func_name(get_argument_value(args, kwargs, 0, "func")), None
        if stage.name == DISPATCH:
            rule = flask.request.url_rule
            resource = rule.rule
            # By default, the endpoint is the function's name, behind that of the blueprint.
            if rule.endpoint.rpartition(".")[2] != name.rpartition(".")[2]:
                name = rule.endpoint
        return traced_function(instance, name, function, resource)
    except Exception as error:
        swallow("trace a function of an application", error)
        return function


def traced_function(app: flask.Flask, name: str, function: Any, resource: str | None) -> Any:
    def traced(*args: Any, **kwargs: Any) -> Any:
        return call_part(app, name, function, args, kwargs, resource)

    # Views made of classes have attributes.
    vars(traced).update(getattr(function, "__dict__", ()))
    return traced


# -- functions of Flask ------------------------------------------------------------------------------------------------


def render(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    name, app, template_name = "flask.render_template", None, ""
    with shield("tell which template is rendered"):
        app = get_argument_value(args, kwargs, 0, "app")
        template_name = get_argument_value(args, kwargs, 1, "template").name
        if not template_name:
            name = "flask.render_template_string"
            template_name = config.integration(integration.name).template_default_name
    with trace_call(integration, app, name) as call:
        call.describe(describe_template, template_name)
        return wrapped(*args, **kwargs)


def describe_template(span: Span, name: str) -> None:
    span.resource = name
    span.set_tag_str(TEMPLATE_NAME, name)


def of_current_app(name: str) -> Wrapper:
    """The wrapper of a function that works for the current application."""

    def wrapper(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        app = flask.current_app._get_current_object() if flask.current_app else None
        with trace_call(integration, app, name):
            return wrapped(*args, **kwargs)

    return wrapper


jsonify = of_current_app("flask.jsonify")
send_file = of_current_app("flask.send_file")


# -- targets -----------------------------------------------------------------------------------------------------------

patching = Patching(
    integration,
    targets=(
        Target("flask.app", "Flask.wsgi_app", wsgi_app),
        Target("flask.app", "Flask.preprocess_request", preprocess_request),
        Target("flask.app", "Flask.finalize_request", finalize_request),
        Target("flask.app", "Flask.handle_exception", handle_exception),
        Target("flask.app", "Flask.ensure_sync", ensure_sync),
        *(Target("flask.app", f"Flask.{name}", part(f"flask.{name}")) for name in PARTS),
        Target("flask.templating", "_render", render),
        Target("flask", "jsonify", jsonify),
        Target("flask", "send_file", send_file),
        Target("flask.json", "jsonify", jsonify),
        Target("flask.helpers", "send_file", send_file),
    ),
    changes=(trace_signals,),
)
patch, unpatch = patching.patch, patching.unpatch
