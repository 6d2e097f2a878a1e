"""Where paintshop is wrapped, and what its spans say."""

from __future__ import annotations

from typing import Any

from paintshop_tracing.paintshop import integration

from ddtrace import Span
from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib._tracing import trace_call


def mix(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    with trace_call(integration, instance, "paintshop.mix") as call:
        call.describe(describe_colours, args)
        return wrapped(*args, **kwargs)


def describe_colours(span: Span, colours: tuple) -> None:
    span.resource = "mix"
    span.set_tag_str("paintshop.colours", ", ".join(colours))


patching = Patching(integration, targets=[Target("paintshop", "Mixer.mix", mix)])
patch, unpatch = patching.patch, patching.unpatch
