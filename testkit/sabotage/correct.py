"""The toy library, integrated as it should be."""

from __future__ import annotations

import functools
from typing import Any, Callable

from ddtrace import Span, config
from ddtrace.contrib._http_server import open_request
from ddtrace.contrib._integration import Integration
from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib._streams import trace_async_generator, trace_generator
from ddtrace.contrib._tracing import trace_call
from ddtrace.contrib.trace_utils import distributed_tracing_enabled
from ddtrace.propagation.http import HTTPPropagator
from testkit.sabotage import LIBRARY, REQUEST, SERVE, STREAM, declare

CAUGHT_BY = None


def describe_call(span: Span, args: tuple) -> None:
    span.set_tag_str("toy.command", args[0])
    span.resource = args[0]


def nothing_more(span: Span, instance: Any, args: tuple, kwargs: dict) -> None:
    """What a sabotage puts another function in the place of."""


def targets(integration: Integration, describe_more: Callable[..., Any] = nothing_more) -> tuple[Target, Target]:
    """The toy library's two functions, with a sabotage's own description behind the correct one."""

    def call(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        with trace_call(integration, instance, "toy.call") as call:
            call.describe(describe_call, args)
            call.describe(describe_more, instance, args, kwargs)
            return wrapped(*args, **kwargs)

    async def call_async(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        with trace_call(integration, instance, "toy.call") as call:
            call.describe(describe_call, args)
            call.describe(describe_more, instance, args, kwargs)
            return await wrapped(*args, **kwargs)

    return Target(LIBRARY, "Client.call", call), Target(LIBRARY, "AsyncClient.call", call_async)


def stream_targets(integration: Integration) -> tuple[Target, Target]:
    """The toy library's two generator functions."""

    def stream(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        describe = functools.partial(describe_call, args=args)
        return trace_generator(integration, instance, "toy.stream", wrapped(*args, **kwargs), describe)

    def stream_async(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        describe = functools.partial(describe_call, args=args)
        return trace_async_generator(integration, instance, "toy.stream", wrapped(*args, **kwargs), describe)

    return Target(LIBRARY, "Client.stream", stream), Target(LIBRARY, "AsyncClient.stream", stream_async)


def open_targets(integration: Integration) -> tuple[Target, Target]:
    """The toy library's two functions that return a session, or what is awaited for one."""

    def open_session(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        with trace_call(integration, instance, "toy.call") as call:
            call.describe(describe_call, args)
            return wrapped(*args, **kwargs)

    return Target(LIBRARY, "Client.open", open_session), Target(LIBRARY, "AsyncClient.open", open_session)


def is_distributed(integration: Integration) -> bool:
    """Whether the user wants headers written and read."""
    return distributed_tracing_enabled(config.integration(integration.name), default=True)


def describe_request(span: Span, path: str) -> None:
    span.set_tag_str("http.url", path)


def write_headers(span: Span, integration: Integration, headers: dict[str, str]) -> None:
    if is_distributed(integration):
        HTTPPropagator.inject(span.context, headers)


def send_target(integration: Integration, write_headers: Callable[..., Any] = write_headers) -> Target:
    """The toy library's function that sends a request, with a sabotage's own way to write the headers."""

    def send(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        with trace_call(integration, instance, "toy.request") as call:
            call.describe(lambda span: describe_request(span, args[0].path))
            call.describe(lambda span: write_headers(span, integration, args[0].headers))
            return wrapped(*args, **kwargs)

    return Target(LIBRARY, "Client.send", send)


def serve_target(integration: Integration) -> Target:
    """The toy library's function that answers a request."""

    def handle(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        headers = args[1] if len(args) > 1 else {}
        with open_request(integration, instance, "toy.serve", headers) as call:
            call.describe(lambda span: describe_request(span, args[0]))
            return wrapped(*args, **kwargs)

    return Target(LIBRARY, "Server.handle", handle)


integration = declare(__name__, STREAM, REQUEST, SERVE)
patching = Patching(
    integration,
    [
        *targets(integration),
        *stream_targets(integration),
        *open_targets(integration),
        send_target(integration),
        serve_target(integration),
    ],
)
