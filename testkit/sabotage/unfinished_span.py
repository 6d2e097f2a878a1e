"""Starts a span that it never finishes."""

from __future__ import annotations

from typing import Any

from ddtrace import Span
from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare, pin_of
from testkit.sabotage.correct import targets

CAUGHT_BY = "WORK-07"


def start_another(span: Span, instance: Any, args: tuple, kwargs: dict) -> None:
    pin_of(instance).tracer.start_span("toy.call")


integration = declare(__name__)
patching = Patching(integration, targets(integration, start_another))
