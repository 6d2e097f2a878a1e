"""Takes the trace of its parent for its own in a forked child."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._patching import Patching
from ddtrace.contrib._tracing import trace_call
from ddtrace.internal import forks
from ddtrace.span import Span
from testkit.sabotage import declare
from testkit.sabotage.correct import describe_call, targets

CAUGHT_BY = "INV-18"

integration = declare(__name__)
sync_target, async_target = targets(integration)


def call(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    with trace_call(integration, instance, "toy.call") as call:
        call.describe(describe_call, args)
        try:
            return wrapped(*args, **kwargs)
        finally:
            call.describe(adopt)


def adopt(span: Span) -> None:
    span._trace.generation = forks.generation


patching = Patching(integration, [sync_target._replace(wrapper=call), async_target])
