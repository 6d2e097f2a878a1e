"""Opens a pipe for each call, and never closes it."""

from __future__ import annotations

import os
from typing import Any

from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "INV-17"

integration = declare(__name__)
sync_target, async_target = targets(integration)


def call(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    os.pipe()
    return sync_target.wrapper(wrapped, instance, args, kwargs)


patching = Patching(integration, [sync_target._replace(wrapper=call), async_target])
