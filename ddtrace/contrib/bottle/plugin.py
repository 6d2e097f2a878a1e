"""The plugin: a span for each request that a route's function answers, until its answer is made or sent."""

from __future__ import annotations

from collections import ChainMap
from typing import Any, Callable

import bottle

from ddtrace.contrib._http import set_http_meta
from ddtrace.contrib._http_server import ServerRequest, open_request, tracer_of
from ddtrace.contrib._integration import LONGEST_RESOURCE
from ddtrace.contrib._tracing import UNTRACED, _Untraced, int_service, swallow
from ddtrace.contrib.bottle import integration
from ddtrace.contrib.wsgi.environ import RequestHeaders, url_of
from ddtrace.contrib.wsgi.response import TracedIterator
from ddtrace.pin import Pin
from ddtrace.propagation.http import headers_in
from ddtrace.settings.config import config
from ddtrace.span import Span
from ddtrace.tracer import Tracer

REQUEST = "bottle.request"


class TracePlugin:
    """A plugin of Bottle that traces the routes of the application it is installed in.

    ``service`` is that of its spans where neither a pin nor the settings name one, ``tracer`` the process's own by
    default. ``distributed_tracing`` says whether a request goes on with the trace of its headers; where it is None,
    ``config.bottle`` does. ``Pin.override`` works on the plugin.
    """

    name = "trace"
    api = 2

    def __init__(
        self, service: str = "bottle", tracer: Tracer | None = None, distributed_tracing: bool | None = None
    ) -> None:
        self.service = service
        self.distributed_tracing = distributed_tracing
        self._is_ours = False
        Pin(tracer=tracer).onto(self)

    @classmethod
    def of_patched_bottle(cls) -> TracePlugin:
        """One that traces as long as Bottle is patched, by the pins of applications."""
        plugin = cls()
        plugin._is_ours = True
        return plugin

    tracer = property(tracer_of)

    def apply(self, callback: Callable[..., Any], route: bottle.Route) -> Callable[..., Any]:
        """The function of a route, within a span."""

        def traced(*args: Any, **kwargs: Any) -> Any:
            return self._answer(callback, route, args, kwargs)

        return traced

    def _answer(self, callback: Callable[..., Any], route: bottle.Route, args: tuple, kwargs: dict[str, Any]) -> Any:
        request = self._open(route)
        if request.span is None:
            return callback(*args, **kwargs)
        try:
            answer = callback(*args, **kwargs)
        except BaseException as error:
            request.describe(describe_failure, error)
            request.__exit__(type(error), error, error.__traceback__)
            raise
        try:
            if is_stream(answer):
                stream = Stream(answer, request)
                request.leave()
                return stream
        except Exception as error:
            swallow("trace a response", error)
        request.describe(describe_answer, answer)
        request.__exit__(None, None, None)
        return answer

    def _open(self, route: bottle.Route) -> ServerRequest | _Untraced:
        try:
            bearer: Any = self
            if self._is_ours:
                # Applications may outlive the patching.
                bearer = route.app if integration.is_tracing else None
            environ = environ_of_request()
            # A route that is called by hand is no request, though the thread may remember an earlier one.
            if environ is None or environ.get("bottle.route") is not route:
                return UNTRACED
        except Exception as error:
            swallow("look at a request", error)
            return UNTRACED
        request = open_request(integration, bearer, REQUEST, environ, headers_in, self.distributed_tracing)
        request.describe(describe_request, environ, route)
        if self.service != integration.service:
            request.describe(set_service, bearer, self.service)
        return request


class Stream(TracedIterator):
    """An answer in parts; Bottle takes the first that is not empty before it sends status and headers."""

    __slots__ = ("_is_described",)

    def __init__(self, answer: Any, request: ServerRequest) -> None:
        super().__init__(answer, request, UNTRACED)
        self._is_described = False

    def __next__(self) -> Any:
        part = super().__next__()
        if part:
            self._describe(describe_answer, part)
        return part

    def end(self, error: BaseException | None = None) -> None:
        """Finish the span, once; see TracedResponse."""
        if error is None:
            self._describe(describe_answer, None)
        else:
            self._describe(describe_failure, error)
        super().end(error)

    def _describe(self, describe: Callable[..., Any], answer: Any) -> None:
        if not self._is_described:
            self._is_described = True
            self._request.describe(describe, answer)

    def __del__(self) -> None:
        # An application's hook that fails has Bottle forget the answer, which is then neither read nor closed.
        if not getattr(self, "_is_over", True):
            self._is_described = True
            self.run(self.end)


def is_stream(answer: Any) -> bool:
    """Whether Bottle iterates over what a route's function returned, and cannot do so twice."""
    return hasattr(type(answer), "__next__") and not hasattr(answer, "read")


def environ_of_request() -> dict[str, Any] | None:
    """The environment of the request that this thread has begun last; None where it has begun none."""
    try:
        return bottle.request.environ
    except RuntimeError:
        return None


# -- descriptions ------------------------------------------------------------------------------------------------------


def describe_request(span: Span, environ: dict[str, Any], route: bottle.Route) -> None:
    method = bottle.request.method
    span.resource = f"{method} {route.rule}"[:LONGEST_RESOURCE]
    # Bottle has decoded the path, and kept what it was.
    path = environ["bottle.raw_path"]
    settings = config.integration(integration.name)
    set_http_meta(
        span,
        settings,
        method=method,
        url=url_of(ChainMap({"PATH_INFO": path}, environ)),
        request_headers=RequestHeaders(environ),
        peer_ip=environ.get("REMOTE_ADDR"),
    )
    # By itself: it is not to be shown in the URL.
    set_http_meta(span, settings, query=environ.get("QUERY_STRING") or None)


def set_service(span: Span, bearer: Any, service: str) -> None:
    span.service = int_service(Pin.lookup(bearer), config.integration(integration.name), service)


def describe_answer(span: Span, answer: Any) -> None:
    """Tell the status and headers of a response, or of the current one, which the application may have changed."""
    response = answer if isinstance(answer, bottle.HTTPResponse) else bottle.response
    set_http_meta(
        span,
        config.integration(integration.name),
        status_code=response.status_code,
        response_headers=response.headers,
    )


def describe_failure(span: Span, error: BaseException) -> None:
    """Tell what Bottle answers to an exception, which is an error unless it is a response whose status is none."""
    if isinstance(error, bottle.HTTPResponse):
        describe_answer(span, error)
        if not span.error:
            span._ignore_exception(type(error))
    elif isinstance(error, Exception):
        set_http_meta(span, config.integration(integration.name), status_code=500)
