"""Begins a trace of its own for each request, whatever the headers tell."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib._tracing import trace_call
from testkit.sabotage import LIBRARY, SERVE, declare
from testkit.sabotage.correct import describe_request, targets

CAUGHT_BY = "WORK-04"

integration = declare(__name__, SERVE)


def handle(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    with trace_call(integration, instance, "toy.serve") as call:
        call.describe(lambda span: describe_request(span, args[0]))
        return wrapped(*args, **kwargs)


patching = Patching(integration, [*targets(integration), Target(LIBRARY, "Server.handle", handle)])
