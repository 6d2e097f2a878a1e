"""Sets a tag where a failure of the tracer reaches the application."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._patching import Patching
from ddtrace.contrib._tracing import trace_call
from testkit.sabotage import declare
from testkit.sabotage.correct import describe_call, targets

CAUGHT_BY = "INV-12"

integration = declare(__name__)
sync_target, async_target = targets(integration)


def call(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    with trace_call(integration, instance, "toy.call") as call:
        if call.span is not None and args:
            describe_call(call.span, args)
        return wrapped(*args, **kwargs)


patching = Patching(integration, [sync_target._replace(wrapper=call), async_target])
