"""The toy library, integrated as it should be."""

from __future__ import annotations

import functools
from typing import Any, Callable

from ddtrace import Span
from ddtrace.contrib._integration import Integration
from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib._streams import trace_async_generator, trace_generator
from ddtrace.contrib._tracing import trace_call
from testkit.sabotage import LIBRARY, STREAM, declare

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


integration = declare(__name__, STREAM)
patching = Patching(integration, [*targets(integration), *stream_targets(integration), *open_targets(integration)])
