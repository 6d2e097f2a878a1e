"""The middleware: a span for each request, from its call of the application until that has returned."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Awaitable, Callable, MutableMapping

from ddtrace.constants import COMPONENT
from ddtrace.contrib._http import set_http_meta, set_text
from ddtrace.contrib._http_server import ServerRequest, activate, open_request, tracer_of
from ddtrace.contrib._integration import Integration
from ddtrace.contrib._tracing import Call, _Untraced, shield
from ddtrace.contrib.asgi import integration
from ddtrace.contrib.asgi.asgi2 import Application, as_single_callable
from ddtrace.contrib.asgi.scope import headers_of, note_span, peer_ip_of, resource_of, trace_headers_of, url_of
from ddtrace.ext import http
from ddtrace.pin import Pin
from ddtrace.settings.config import config
from ddtrace.settings.integration import IntegrationConfig
from ddtrace.span import Span
from ddtrace.tracer import Tracer

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[Any]]
ExceptionHandler = Callable[[BaseException, Span], Any]
SpanModifier = Callable[[Span, Scope], Any]

_is_servers_turn: ContextVar[bool] = ContextVar("ddtrace_asgi_servers_turn", default=False)


class _ServersTurn:
    """A block in which an application waits for its server.

    What the server begins there, such as the next request of the connection, inherits the context of this one, and
    yet is no part of it.
    """

    def __enter__(self) -> None:
        _is_servers_turn.set(True)

    def __exit__(self, *exception: Any) -> None:
        # Not by a token: the block may be left in another context, where the garbage is collected.
        _is_servers_turn.set(False)


_SERVERS_TURN = _ServersTurn()


def _default_handle_exception_span(error: BaseException, span: Span) -> None:
    """Say what a server answers where an application fails."""
    span.set_tag_str(http.STATUS_CODE, "500")


class TraceMiddleware:
    """An ASGI application that traces the one within: ``TraceMiddleware(app)``.

    ``tracer`` is the process's own by default, and ``integration_config`` is ``config.asgi``.
    ``handle_exception_span(error, span)`` is called with the span of a request that has failed, and
    ``span_modifier(span, scope)`` with that of each request as it begins. ``Pin.override`` works on the middleware.
    """

    integration: Integration = integration

    def __init__(
        self,
        app: Application,
        tracer: Tracer | None = None,
        integration_config: IntegrationConfig | None = None,
        handle_exception_span: ExceptionHandler = _default_handle_exception_span,
        span_modifier: SpanModifier | None = None,
    ) -> None:
        if not isinstance(integration_config, (IntegrationConfig, type(None))):
            raise TypeError(
                f"integration_config is {integration_config!r}; expected are the settings of an integration, such as "
                "config.asgi, or config.shop with settings of your own"
            )
        self.app = as_single_callable(app)
        self.integration_config = integration_config
        self.handle_exception_span = handle_exception_span
        self.span_modifier = span_modifier
        with shield("put a pin onto a middleware"):
            Pin(tracer=tracer).onto(self)

    tracer = property(tracer_of)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Any:
        if scope.get("type") != "http":
            return await self.app(scope, receive, send)
        request = self._open(scope)
        if not isinstance(request, ServerRequest):
            return await self.app(scope, receive, send)

        async def receive_from_server() -> Message:
            with _SERVERS_TURN:
                return await receive()

        async def send_to_server(message: Message) -> Any:
            request.describe(self._describe_message, message)
            with _SERVERS_TURN:
                return await send(message)

        try:
            result = await self.app(scope, receive_from_server, send_to_server)
        except GeneratorExit:
            # Nobody waits for it any more. It is thrown away wherever the garbage is collected, and what is current
            # there is none of its business.
            Call.__exit__(request, None, None, None)
            raise
        except BaseException as error:
            request.describe(self._describe_failure, error)
            request.__exit__(None, None, None)
            raise
        request.__exit__(None, None, None)
        return result

    @property
    def _settings(self) -> IntegrationConfig:
        own = self.integration_config
        return config.integration(self.integration.name) if own is None else own

    def _open(self, scope: Scope) -> ServerRequest | _Untraced:
        if _is_servers_turn.get():
            _is_servers_turn.set(False)
            tracer = self.tracer
            if tracer is not None:
                activate(tracer.context_provider, None)
        name = self._settings.get("request_span_name") or self.integration.spans[0].name
        request = open_request(
            self.integration, self, name, scope, trace_headers_of, own_settings=self.integration_config
        )
        request.describe(note_span, scope)
        request.describe(self._describe_request, scope)
        return request

    # -- descriptions --------------------------------------------------------------------------------------------------

    def _describe_request(self, span: Span, scope: Scope) -> None:
        settings = self._settings
        span.resource = resource_of(scope) or span.name
        if self.integration_config is not None:
            span.set_tag_str(COMPONENT, settings.integration_name)
        set_http_meta(
            span,
            settings,
            method=scope.get("method"),
            url=url_of(scope),
            query=scope.get("query_string") or None,
            request_headers=headers_of(scope),
            peer_ip=peer_ip_of(scope),
        )
        versions = scope.get("asgi") or {}
        set_text(span, http.VERSION, scope.get("http_version"))
        set_text(span, "asgi.version", versions.get("version"))
        set_text(span, "asgi.spec_version", versions.get("spec_version"))
        if self.span_modifier is not None:
            self.span_modifier(span, scope)

    def _describe_message(self, span: Span, message: Message) -> None:
        # What is no message is for the server to refuse.
        if isinstance(message, dict) and message.get("type") == "http.response.start":
            headers = headers_of(message)
            set_http_meta(span, self._settings, status_code=message.get("status"), response_headers=headers)

    def _describe_failure(self, span: Span, error: BaseException) -> None:
        span.set_exc_info(type(error), error, error.__traceback__)
        # A request that is cancelled gets no answer.
        if isinstance(error, Exception):
            self.handle_exception_span(error, span)
