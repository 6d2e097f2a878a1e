"""Where foo is wrapped, and what its spans say."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib._tracing import trace_call
from ddtrace.contrib.foo import integration
from ddtrace.span import Span


# scaffold: sync
def traced_answer(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    with trace_call(integration, instance, "foo.answer") as call:
        call.describe(describe_call, wrapped)
        return wrapped(*args, **kwargs)


# scaffold: async
async def traced_answer_async(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    with trace_call(integration, instance, "foo.answer") as call:
        call.describe(describe_call, wrapped)
        return await wrapped(*args, **kwargs)


def describe_call(span: Span, called: Any) -> None:
    span.resource = called.__qualname__


patching = Patching(
    integration,
    targets=[
        Target("foo", "Client.answer", traced_answer),  # scaffold: sync
        Target("foo", "AsyncClient.answer", traced_answer_async),  # scaffold: async
    ],
)
patch, unpatch = patching.patch, patching.unpatch
