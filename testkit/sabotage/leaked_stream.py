"""Leaves the span of a generator current while its consumer works."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._patching import Patching
from ddtrace.contrib._tracing import trace_call
from testkit.sabotage import STREAM, declare
from testkit.sabotage.correct import describe_call, stream_targets, targets

CAUGHT_BY = "INV-08"

integration = declare(__name__, STREAM)
stream_target, async_stream_target = stream_targets(integration)


def stream(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    def items() -> Any:
        call = trace_call(integration, instance, "toy.stream")
        call.describe(describe_call, args)
        generator = wrapped(*args, **kwargs)
        try:
            result = yield from generator
        except GeneratorExit:
            call.__exit__(None, None, None)
            raise
        except BaseException as error:
            call.__exit__(type(error), error, error.__traceback__)
            raise
        call.__exit__(None, None, None)
        return result

    return items()


patching = Patching(integration, [*targets(integration), stream_target._replace(wrapper=stream), async_stream_target])
