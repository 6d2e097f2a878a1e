"""Starts a span also where tracing is disabled."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare, pin_of
from testkit.sabotage.correct import targets

CAUGHT_BY = "WORK-06"

integration = declare(__name__)
sync_target, async_target = targets(integration)


def call(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    pin = pin_of(instance)
    if not pin.enabled():
        pin.tracer.trace("toy.call").finish()
    return sync_target.wrapper(wrapped, instance, args, kwargs)


patching = Patching(integration, [sync_target._replace(wrapper=call), async_target])
