"""A request that a server got: the trace that it goes on with, its span, and the parts of the work on it."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Callable

from ddtrace.constants import ANALYTICS_SAMPLE_RATE_KEY
from ddtrace.contrib._integration import Integration
from ddtrace.contrib._tracing import UNTRACED, Call, _Untraced, int_service, open_call, swallow, trace_call
from ddtrace.contrib.trace_utils import activate_distributed_headers, distributed_tracing_enabled
from ddtrace.pin import Pin
from ddtrace.provider import Active, BaseContextProvider
from ddtrace.settings.config import config
from ddtrace.settings.integration import IntegrationConfig
from ddtrace.span import Span
from ddtrace.tracer import Tracer


class ServerRequest(Call):
    """A request with a span; leave the block and the span is finished, and current again what was before it.

    A response may be sent after the application has returned: ``leave`` ends the first part, ``__exit__`` the whole.
    """

    __slots__ = ("provider", "_before")

    def __init__(self, span: Span, provider: BaseContextProvider, before: Active) -> None:
        super().__init__(span)
        self.provider = provider
        self._before = before

    def leave(self) -> None:
        """Make current again what was before the request; its span goes on."""
        activate(self.provider, self._before)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, traceback)
        self.leave()


def activate(provider: BaseContextProvider, active: Active) -> None:
    """Make something current, shielded."""
    try:
        provider.activate(active)
    except Exception as error:
        swallow("make a span current", error)


def open_request(
    integration: Integration,
    instance: Any,
    name: str,
    headers: Any,
    select: Callable[[Any], Any] = lambda headers: headers,
    distributed_tracing: bool | None = None,
    own_settings: IntegrationConfig | None = None,
) -> ServerRequest | _Untraced:
    """Open the span of a request, in the trace that its headers tell of; nothing happens where the tracer is off.

    ``instance`` is the object that may bear a pin, ``headers`` a mapping whose names may be in the form of WSGI, of
    which ``select`` makes those that are looked at. ``distributed_tracing`` says whether they are; where it is None,
    the settings do: the integration's, or ``own_settings`` in their place.
    """
    try:
        pin = Pin.lookup(instance)
        if pin is None or not pin.tracer.enabled:
            return UNTRACED
        settings = config.integration(integration.name) if own_settings is None else own_settings
        service = None if own_settings is None else int_service(pin, own_settings, integration.service)
        provider = pin.tracer.context_provider
        before = provider.active()
        if distributed_tracing is None:
            distributed_tracing = distributed_tracing_enabled(settings, default=True)
        if distributed_tracing:
            activate_distributed_headers(pin.tracer, settings, select(headers), override=True)
    except Exception as error:
        swallow("go on with the trace of a request", error)
        return UNTRACED
    call = trace_call(integration, instance, name, service)
    if call.span is None:
        activate(provider, before)
        return UNTRACED
    request = ServerRequest(call.span, provider, before)
    rate = settings.get_analytics_sample_rate(use_global_config=True)
    if rate is not None:
        request.describe(Span.set_metric, ANALYTICS_SAMPLE_RATE_KEY, rate)
    return request


def part_of_request(
    integration: Integration,
    instance: Any,
    name: str,
    request_name: str,
    request: Span | None = None,
    resource: str | None = None,
) -> Call | _Untraced:
    """Open a declared span for a part of the work on a request; nothing happens outside of one.

    ``request_name`` is that of the request's span, whose service the part has. The part is below the current span, or
    else right below ``request``, where that is given.
    """
    try:
        pin = Pin.lookup(instance)
        if pin is None or not pin.tracer.enabled:
            return UNTRACED
        parent = pin.tracer.current_span() if request is None else request
        request = request or above(parent, request_name)
        if request is None:
            return UNTRACED
        return open_call(integration, pin, name, request.service, parent, resource)
    except Exception as error:
        swallow("start a span of a request", error)
        return UNTRACED


def tracer_of(instance: Any) -> Tracer | None:
    """The tracer in an object's pin; None where it has no pin."""
    pin = Pin.lookup(instance)
    return None if pin is None else pin.tracer


def current_span(instance: Any) -> Span | None:
    """The current span of the tracer in an object's pin; None where that is off, or there is none."""
    pin = Pin.lookup(instance)
    return pin.tracer.current_span() if pin is not None and pin.tracer.enabled else None


def above(span: Span | None, name: str) -> Span | None:
    """The nearest span of that name: this one, or one above it."""
    while span is not None and span.name != name:
        span = span._parent
    return span
