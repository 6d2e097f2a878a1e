"""Calls itself a few times before it calls the library."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "INV-20"

integration = declare(__name__)
sync_target, async_target = targets(integration)
DEPTH = 5


def call(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    return descend(DEPTH, wrapped, instance, args, kwargs)


def descend(depth: int, *call: Any) -> Any:
    return descend(depth - 1, *call) if depth else sync_target.wrapper(*call)


patching = Patching(integration, [sync_target._replace(wrapper=call), async_target])
