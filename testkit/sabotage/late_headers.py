"""Writes the headers of the trace into a request that is signed already."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._patching import Patching, Target
from testkit.sabotage import LIBRARY, REQUEST, declare, pin_of
from testkit.sabotage.correct import send_target, targets, write_headers

CAUGHT_BY = "INV-10"

integration = declare(__name__, REQUEST)


def transmit(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    span = pin_of(instance).tracer.current_span()
    if span is not None:
        write_headers(span, integration, instance.headers)
    return wrapped(*args, **kwargs)


patching = Patching(
    integration,
    [
        *targets(integration),
        send_target(integration, lambda *_: None),
        Target(LIBRARY, "Request.transmit", transmit),
    ],
)
