"""The spans of a WSGI application: the request, the application's own work, and the response that is sent after it."""

from __future__ import annotations

import sys
from typing import Any, Callable, Iterable

from ddtrace.contrib._http import set_http_meta, text_of
from ddtrace.contrib._http_server import ServerRequest, open_request, part_of_request, tracer_of
from ddtrace.contrib._integration import Integration
from ddtrace.contrib._tracing import Call, _Untraced, shield, swallow, trace_call
from ddtrace.contrib.wsgi import integration
from ddtrace.contrib.wsgi.environ import RequestHeaders, is_file, resource_of, url_of
from ddtrace.contrib.wsgi.response import traced_response
from ddtrace.pin import Pin
from ddtrace.propagation.http import headers_in
from ddtrace.settings.config import config
from ddtrace.span import Span
from ddtrace.tracer import Tracer

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
SpanModifier = Callable[[Span, Environ], Any]


def default_wsgi_span_modifier(span: Span, environ: Environ) -> None:
    """Name the resource of a request ``METHOD /path``."""
    span.resource = resource_of(environ)


class TracedApplications:
    """How applications of one kind are traced; an integration overrides names and descriptions."""

    integration: Integration = integration
    _request_span_name = "wsgi.request"
    _application_span_name = "wsgi.application"
    _response_span_name = "wsgi.response"

    def serve(self, bearer: Any, application: Application, args: tuple, kwargs: dict[str, Any]) -> Iterable[bytes]:
        """Call an application with the arguments of its server; ``bearer`` is the object that may bear a pin."""
        environ = args[0] if args else kwargs.get("environ", {})
        request = open_request(self.integration, bearer, self._request_span_name, environ, headers_in)
        if not isinstance(request, ServerRequest):
            return application(*args, **kwargs)
        request.describe(self._request_span_modifier, environ)
        try:
            with self._part(bearer, request, self._application_span_name) as call:
                result = application(*self._passed_on(bearer, request, args), **kwargs)
                call.describe(self._application_span_modifier, environ, result)
        except BaseException:
            request.__exit__(*sys.exc_info())
            raise
        return self._respond(bearer, request, environ, result)

    def _respond(self, bearer: Any, request: ServerRequest, environ: Environ, result: Any) -> Any:
        response = self._part(bearer, request, self._response_span_name)
        response.describe(self._response_span_modifier, result)
        try:
            if not self._is_file(environ, result):
                handed_on = self._handed_on(result, request, response)
                request.leave()
                return handed_on
        except Exception as error:
            swallow("trace a response", error)
        response.__exit__(None, None, None)
        request.__exit__(None, None, None)
        return result

    def _part(self, bearer: Any, request: ServerRequest, name: str) -> Call | _Untraced:
        return part_of_request(self.integration, bearer, name, self._request_span_name, request.span)

    def _passed_on(self, bearer: Any, request: ServerRequest, args: tuple) -> tuple:
        """What the application is called with in the place of the server's arguments."""
        return args

    def _is_file(self, environ: Environ, result: Any) -> bool:
        """Whether the server may have a way of its own to send the response, so that nothing may be put around it."""
        return is_file(environ, result)

    def _handed_on(self, result: Any, request: ServerRequest, response: Call | _Untraced) -> Iterable[bytes]:
        """What the server gets in the place of what the application returned."""
        return traced_response(result, request, response)

    def _request_span_modifier(self, span: Span, environ: Environ) -> None:
        settings = config.integration(self.integration.name)
        set_http_meta(
            span,
            settings,
            method=environ.get("REQUEST_METHOD"),
            url=url_of(environ),
            query=environ.get("QUERY_STRING") or None,
            request_headers=RequestHeaders(environ),
            peer_ip=environ.get("REMOTE_ADDR"),
        )

    def _application_span_modifier(self, span: Span, environ: Environ, result: Any) -> None:
        """Describe the application's own work, once it has returned."""

    def _response_span_modifier(self, span: Span, result: Any) -> None:
        """Describe what the application returned."""


class DDWSGIMiddleware(TracedApplications):
    """A WSGI application that traces the one within: ``DDWSGIMiddleware(app)``.

    ``tracer`` is the process's own by default. ``span_modifier(span, environ)`` is called with the span of each request
    as it begins. ``Pin.override`` works on the middleware.
    """

    def __init__(
        self,
        application: Application,
        tracer: Tracer | None = None,
        span_modifier: SpanModifier | None = default_wsgi_span_modifier,
    ) -> None:
        self.app = application
        self.span_modifier = span_modifier
        with shield("put a pin onto a middleware"):
            Pin(tracer=tracer).onto(self)

    tracer = property(tracer_of)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        return self.serve(self, self.app, (environ, start_response), {})

    def _passed_on(self, bearer: Any, request: ServerRequest, args: tuple) -> tuple:
        environ, start_response = args

        def start(*args: Any, **kwargs: Any) -> Callable[[bytes], Any]:
            with trace_call(self.integration, bearer, "wsgi.start_response"):
                request.describe(self._describe_start, args, kwargs)
                return start_response(*args, **kwargs)

        return environ, start

    def _describe_start(self, span: Span, args: tuple, kwargs: dict[str, Any]) -> None:
        # A server gives these two names of its own, if the application does not go by their places.
        status, headers, *_ = (*args, *kwargs.values())
        code, _, message = (text_of(status) or "").partition(" ")
        set_http_meta(
            span,
            config.integration(self.integration.name),
            status_code=code,
            status_msg=message or None,
            # What can be read but once is the server's to read.
            response_headers=headers if isinstance(headers, (list, tuple)) else None,
        )

    def _request_span_modifier(self, span: Span, environ: Environ) -> None:
        super()._request_span_modifier(span, environ)
        if self.span_modifier is not None:
            self.span_modifier(span, environ)

    def _response_span_modifier(self, span: Span, result: Any) -> None:
        span.set_tag_str("result_class", type(result).__name__)
