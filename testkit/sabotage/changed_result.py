"""Returns a list with one more item."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare, pin_of
from testkit.sabotage.correct import targets

CAUGHT_BY = "INV-28"

integration = declare(__name__)
sync_target, async_target = targets(integration)


def call(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    result = sync_target.wrapper(wrapped, instance, args, kwargs)
    return [*result, None] if pin_of(instance).enabled() else result


patching = Patching(integration, [sync_target._replace(wrapper=call), async_target])
