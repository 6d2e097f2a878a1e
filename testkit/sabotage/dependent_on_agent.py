"""Fails a call whose trace no agent has taken."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._patching import Patching
from ddtrace.writer import AgentWriter
from testkit.sabotage import declare, pin_of
from testkit.sabotage.correct import targets

CAUGHT_BY = "AXIS-03"

integration = declare(__name__)
sync_target, async_target = targets(integration)


def call(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    result = sync_target.wrapper(wrapped, instance, args, kwargs)
    writer = pin_of(instance).tracer._writer
    if isinstance(writer, AgentWriter):
        writer.flush_queue()
        if writer.counts.dropped:
            raise ConnectionError("the trace was not sent")
    return result


patching = Patching(integration, [sync_target._replace(wrapper=call), async_target])
