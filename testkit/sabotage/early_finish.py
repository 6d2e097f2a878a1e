"""Traces a coroutine function as if it were a plain one: the span ends before the call is awaited."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._patching import Patching
from ddtrace.contrib._tracing import trace_call
from testkit.sabotage import declare
from testkit.sabotage.correct import describe_call, targets

CAUGHT_BY = "WORK-03"

integration = declare(__name__)
sync_target, async_target = targets(integration)


def call_async(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    with trace_call(integration, instance, "toy.call") as call:
        call.describe(describe_call, args)
        return wrapped(*args, **kwargs)


patching = Patching(integration, [sync_target, async_target._replace(wrapper=call_async)])
