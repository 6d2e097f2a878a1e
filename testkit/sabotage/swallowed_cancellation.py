"""Goes on after a task was cancelled."""

from __future__ import annotations

import sys
from typing import Any

from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "INV-26"

integration = declare(__name__)
sync_target, async_target = targets(integration)


async def call(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    try:
        return await async_target.wrapper(wrapped, instance, args, kwargs)
    except sys.modules["asyncio"].CancelledError:
        return None


patching = Patching(integration, [sync_target, async_target._replace(wrapper=call)])
