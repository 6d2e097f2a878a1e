"""Passes on the items of a generator only: what is sent to it, or thrown into it, never arrives."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._patching import Patching
from testkit.sabotage import STREAM, declare
from testkit.sabotage.correct import stream_targets, targets

CAUGHT_BY = "INV-07"

integration = declare(__name__, STREAM)
stream_target, async_stream_target = stream_targets(integration)


def stream(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    def items() -> Any:
        yield from [*stream_target.wrapper(wrapped, instance, args, kwargs)]

    return items()


patching = Patching(integration, [*targets(integration), stream_target._replace(wrapper=stream), async_stream_target])
