"""The toy library, integrated as it should be."""

from __future__ import annotations

from typing import Any, Callable

from ddtrace import Span
from ddtrace.contrib._integration import Integration
from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib._tracing import trace_call
from testkit.sabotage import LIBRARY, declare

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


integration = declare(__name__)
patching = Patching(integration, targets(integration))
