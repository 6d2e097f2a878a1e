"""Makes a context current while a session is opened, which is for ever so for work that begins there."""

from __future__ import annotations

from typing import Any

from ddtrace.context import Context
from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare, pin_of
from testkit.sabotage.correct import open_targets, targets

CAUGHT_BY = "INV-21"

integration = declare(__name__)
open_target, _ = open_targets(integration)


def open_within(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    pin = pin_of(instance)
    if pin is None or not pin.enabled():
        return wrapped(*args, **kwargs)
    provider = pin.tracer.context_provider
    before = provider.active()
    provider.activate(Context(trace_id=1, span_id=2))
    try:
        return wrapped(*args, **kwargs)
    finally:
        provider.activate(before)


patching = Patching(integration, [*targets(integration), open_target._replace(wrapper=open_within)])
