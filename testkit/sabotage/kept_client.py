"""Keeps every client that it has ever seen."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "INV-16"

integration = declare(__name__)
sync_target, async_target = targets(integration)
_seen: list[Any] = []


def call(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    _seen.append(instance)
    return sync_target.wrapper(wrapped, instance, args, kwargs)


patching = Patching(integration, [sync_target._replace(wrapper=call), async_target])
